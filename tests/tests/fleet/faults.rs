//! What databases do to their clients: each is a typed error, and the record stays as it is.

use std::time::{Duration, Instant};

use twoba_core::StoredGrant;
use twoba_servers::postgres::{Postgres, Stop};
use twoba_store::conformance::changes::{login, refresh};
use twoba_store::{ApplyError, DatabaseFailure, Due, Store, StoreError};
use twoba_store_postgres::BlockingPostgresStore;

use crate::scene::{DATABASE, SOON, Tables, USER, cluster, cluster_with, key};

/// A store with one login in it.
struct Scene {
    cluster: Postgres,
    tables: Tables,
    store: BlockingPostgresStore,
    stored: StoredGrant,
}

impl Scene {
    fn new() -> Option<Self> {
        let cluster = cluster()?;
        let tables = Tables::new(&cluster, true);
        let store = tables.open_hasty();
        let change = login(&key("a"), None);
        store.change(&key("a"), &change).unwrap();
        Some(Self {
            cluster,
            tables,
            store,
            stored: change.record().clone(),
        })
    }

    fn sql(&self, text: &str) {
        let text = text.replace("{schema}", &self.tables.schema);
        self.cluster.sql(DATABASE, &text).unwrap();
    }

    /// What a login and a claim meet now.
    #[track_caller]
    fn assert_fails(&self, failure: DatabaseFailure) {
        let change = login(&key("a"), Some(self.stored.clone()));
        let changed = match self.store.change(&key("a"), &change) {
            Err(ApplyError::Store(error)) => error,
            outcome => panic!("{outcome:?}"),
        };
        assert_failure(&changed, failure);
        let Err(claimed) = self.store.try_lease(&key("a")) else {
            panic!("it is claimed");
        };
        assert_failure(&claimed, failure);
        assert_failure(&self.store.probe(&key("a")).unwrap_err(), failure);
        let rescued = self.store.rescue(&key("a"), change.record());
        assert_failure(&rescued.unwrap_err(), failure);
    }

    /// The record is as it was, and can be changed again.
    #[track_caller]
    fn assert_goes_on(&self) {
        let until = Instant::now() + Duration::from_secs(10);
        while self.store.read(&key("a")).is_err() && Instant::now() < until {}
        assert_eq!(
            self.store.read(&key("a")).unwrap().as_ref(),
            Some(&self.stored)
        );
        self.store.probe(&key("a")).unwrap();
        let mut lease = self.store.try_lease(&key("a")).unwrap().unwrap();
        let steps = refresh(&key("a"), self.stored.clone());
        lease.apply(&steps.intent).unwrap();
        lease.finish(&steps.rotation).unwrap();
    }
}

#[track_caller]
fn assert_failure(error: &StoreError, expected: DatabaseFailure) {
    let is_it = matches!(error, StoreError::Database { failure, .. } if *failure == expected);
    assert!(is_it, "instead of {expected:?}: {error}: {error:?}");
    assert!(!error.to_string().contains("db error"), "{error}");
}

#[test]
fn a_database_that_is_away_is_unreachable_and_goes_on_after_its_restart() {
    let Some(mut scene) = Scene::new() else {
        return;
    };
    for how in [Stop::Fast, Stop::Immediate] {
        scene.cluster.stop(how).unwrap();
        scene.assert_fails(DatabaseFailure::Unreachable);
        scene.cluster.go_on().unwrap();
    }
    scene.assert_goes_on();
}

#[test]
fn a_frozen_database_costs_its_time_and_no_more() {
    let Some(scene) = Scene::new() else { return };
    scene.cluster.freeze(true).unwrap();
    let started = Instant::now();
    let failed = scene.store.read(&key("a")).unwrap_err();
    assert_failure(&failed, DatabaseFailure::TimedOut);
    assert!(started.elapsed() < SOON);
    scene.assert_fails(DatabaseFailure::TimedOut);
    scene.cluster.freeze(false).unwrap();
    let until = Instant::now() + Duration::from_secs(10);
    while scene.store.read(&key("a")).is_err() && Instant::now() < until {}
    // A login may have been carried out late: whoever writes is told of it.
    let stored = scene.store.read(&key("a")).unwrap();
    scene
        .store
        .change(&key("a"), &login(&key("a"), stored))
        .unwrap();
}

#[test]
fn a_database_that_became_read_only_is_read_and_not_written() {
    let Some(scene) = Scene::new() else { return };
    let connections = || {
        let count = "SELECT string_agg(pid::text, ',') FROM pg_stat_activity WHERE usename = 'app'";
        scene.cluster.sql(DATABASE, count).unwrap()
    };
    let before = connections();
    scene.sql("ALTER SYSTEM SET default_transaction_read_only = on; SELECT pg_reload_conf();");
    let until = Instant::now() + Duration::from_secs(10);
    while scene.store.probe(&key("a")).is_ok() && Instant::now() < until {}
    scene.assert_fails(DatabaseFailure::ReadOnly);
    assert_eq!(
        scene.store.read(&key("a")).unwrap().as_ref(),
        Some(&scene.stored)
    );
    assert_ne!(
        connections(),
        before,
        "it still uses connections to a replica"
    );
    assert_failure(
        &scene.tables.try_open().unwrap_err(),
        DatabaseFailure::ReadOnly,
    );
    scene.sql("SET default_transaction_read_only = off; ALTER SYSTEM RESET default_transaction_read_only; SELECT pg_reload_conf();");
    let until = Instant::now() + Duration::from_secs(10);
    while scene.store.probe(&key("a")).is_err() && Instant::now() < until {}
    scene.assert_goes_on();
}

#[test]
fn missing_tables_and_foreign_tables_are_said_to_be_none_of_a_store() {
    let Some(scene) = Scene::new() else { return };
    scene.sql("ALTER SCHEMA {schema} RENAME TO elsewhere;");
    scene.assert_fails(DatabaseFailure::NoTables);
    assert_failure(
        &scene.tables.try_open().unwrap_err(),
        DatabaseFailure::NoTables,
    );
    scene.sql("ALTER SCHEMA elsewhere RENAME TO {schema};");
    scene.sql("ALTER TABLE {schema}.meta RENAME TO meta_2; CREATE TABLE {schema}.meta (a integer); GRANT ALL ON {schema}.meta TO app;");
    scene.assert_fails(DatabaseFailure::NoTables);
    scene.sql("DROP TABLE {schema}.meta; ALTER TABLE {schema}.meta_2 RENAME TO meta;");
    scene.assert_goes_on();
}

#[test]
fn a_user_without_rights_is_refused() {
    let Some(scene) = Scene::new() else { return };
    scene.sql(&format!(
        "REVOKE ALL ON ALL TABLES IN SCHEMA {{schema}} FROM {USER};"
    ));
    scene.assert_fails(DatabaseFailure::Denied);
    assert_failure(
        &scene.tables.try_open().unwrap_err(),
        DatabaseFailure::Denied,
    );
    let nobody = scene.tables.builder_as("nobody", DATABASE);
    let refused = BlockingPostgresStore::open(nobody).unwrap_err();
    assert_failure(&refused, DatabaseFailure::Denied);
    let nowhere = scene.tables.builder_as(USER, "nowhere");
    let refused = BlockingPostgresStore::open(nowhere).unwrap_err();
    assert_failure(&refused, DatabaseFailure::Misconfigured);
    scene.sql(&format!(
        "GRANT ALL ON ALL TABLES IN SCHEMA {{schema}} TO {USER};"
    ));
    scene.assert_goes_on();
}

#[test]
fn a_row_that_somebody_locks_is_waited_for_and_no_longer() {
    let Some(scene) = Scene::new() else { return };
    let mut psql = scene.cluster.client("psql", DATABASE);
    psql.args(["-XAtq"]);
    let mut locking = twoba_testkit::Running::start(&mut psql).unwrap();
    let schema = &scene.tables.schema;
    locking
        .write_line(&format!(
            "BEGIN; SELECT 1 FROM {schema}.session FOR UPDATE;"
        ))
        .unwrap();
    assert_eq!(
        locking
            .stdout_line(Duration::from_secs(10))
            .unwrap()
            .as_deref(),
        Some("1")
    );
    let change = login(&key("a"), Some(scene.stored.clone()));
    let failed = scene.store.change(&key("a"), &change).unwrap_err();
    assert!(matches!(failed, ApplyError::Store(_)), "{failed}");
    // With the time-outs of the role that the manual sets, the server gives up too.
    scene.sql("ALTER ROLE app SET lock_timeout = '200ms';");
    let store = scene.tables.open();
    match store.change(&key("a"), &change) {
        Err(ApplyError::Store(error)) => assert_failure(&error, DatabaseFailure::Busy),
        outcome => panic!("{outcome:?}"),
    }
    drop(locking);
}

/// The rows of an earlier release's programs are those of a later one's: migrations only add.
#[test]
fn programs_of_two_releases_share_a_store_until_the_newer_one_says_no() {
    let Some(scene) = Scene::new() else { return };
    scene.sql("ALTER TABLE {schema}.session ADD COLUMN later text; UPDATE {schema}.meta SET schema_version = 9;");
    let mut lease = scene.store.try_lease(&key("a")).unwrap().unwrap();
    let steps = refresh(&key("a"), scene.stored.clone());
    lease.apply(&steps.intent).unwrap();
    scene.sql("UPDATE {schema}.meta SET least_program = 9;");
    // What is under way is stored, and nothing is begun.
    lease.finish(&steps.rotation).unwrap();
    let is_newer = |error: &StoreError| {
        matches!(
            error,
            StoreError::SchemaNewer {
                found: 9,
                known: 2,
                ..
            }
        )
    };
    let Err(refused) = scene.store.try_lease(&key("a")) else {
        panic!("it is claimed");
    };
    assert!(is_newer(&refused), "{refused}");
    let due = scene.store.claim_due(
        Due::Refresh,
        twoba_core::Timestamp::from_unix_millis(i64::MAX),
        9,
    );
    assert!(is_newer(&due.err().unwrap()));
    assert!(is_newer(&scene.store.probe(&key("a")).unwrap_err()));
    assert!(is_newer(&scene.tables.try_open().unwrap_err()));
    assert_eq!(
        scene.store.read(&key("a")).unwrap().as_ref(),
        Some(steps.rotation.record())
    );
}

#[test]
fn a_database_that_may_forget_what_it_committed_is_refused() {
    for setting in [
        "fsync=off",
        "full_page_writes=off",
        "synchronous_commit=off",
    ] {
        let Some(cluster) = cluster_with(&[setting]) else {
            return;
        };
        // The role has its own setting, as the manual says.
        let reset = "ALTER ROLE app RESET synchronous_commit;";
        cluster.sql(DATABASE, reset).unwrap();
        let tables = Tables::new(&cluster, true);
        let refused = tables.try_open().unwrap_err();
        assert_failure(&refused, DatabaseFailure::NotDurable);
        let name = setting.split('=').next().unwrap();
        assert!(refused.to_string().contains(name), "{refused}");
    }
}

#[test]
fn a_replica_is_refused_and_its_lag_is_said() {
    let Some(scene) = Scene::new() else { return };
    let replica = scene.cluster.replica().unwrap();
    let tables = scene.tables.by(replica.port());
    let mut stored = scene.stored.clone();
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        // It knows how far it is behind once it has followed a transaction.
        let change = login(&key("a"), Some(stored));
        scene.store.change(&key("a"), &change).unwrap();
        stored = change.record().clone();
        let refused = tables.try_open().unwrap_err();
        assert_failure(&refused, DatabaseFailure::ReadOnly);
        let told = refused.to_string();
        assert!(told.contains("it is a replica"), "{told}");
        if told.contains(" that is ") && told.contains(" seconds behind") {
            break;
        }
        assert!(Instant::now() < until, "{told}");
    }
}

#[test]
fn a_store_is_opened_with_its_own_protection_only() {
    let Some(cluster) = cluster() else { return };
    let sealed = Tables::new(&cluster, true);
    let plain = Tables::new(&cluster, false);
    let without_keys = Tables {
        keys: None,
        ..sealed.clone()
    };
    let refused = without_keys.try_open().unwrap_err();
    assert!(matches!(refused, StoreError::Encrypted { .. }), "{refused}");
    let with_keys = Tables {
        keys: sealed.keys.clone(),
        ..plain.clone()
    };
    let refused = with_keys.try_open().unwrap_err();
    assert!(
        matches!(refused, StoreError::NotEncrypted { .. }),
        "{refused}"
    );
    let other = Tables::new(&cluster, true);
    let other_keys = Tables {
        keys: other.keys,
        ..sealed
    };
    let refused = other_keys.try_open().unwrap_err();
    assert!(
        matches!(refused, StoreError::KeyUnknown { .. }),
        "{refused}"
    );
    plain
        .open()
        .change(&key("a"), &login(&key("a"), None))
        .unwrap();
}
