//! The mark of a move: who has not seen it has ended when it is set.

use std::thread;
use std::time::{Duration, Instant};

use tokio_postgres::{Client, NoTls};
use twoba_servers::postgres::Postgres;
use twoba_store::conformance::changes::login;
use twoba_store::{ApplyError, Due, Maintained, Mark, Store, StoreError};
use twoba_store_postgres::BlockingPostgresStore;

use crate::scene::{DATABASE, Tables, cluster, key, runtime};

/// No statement of these tests waits longer for another one to come so far.
const LIMIT: Duration = Duration::from_secs(20);

/// Looks at the database until a query has this answer.
fn wait_until(cluster: &Postgres, query: &str, answer: &str) {
    let until = Instant::now() + LIMIT;
    while cluster.sql(DATABASE, query).unwrap() != answer {
        assert!(Instant::now() < until, "{query}");
    }
}

/// A login waits for a row that somebody has locked. It has read that there is no mark.
#[test]
fn a_mark_waits_for_a_login_that_has_not_seen_it() {
    let Some(cluster) = cluster() else { return };
    let tables = Tables::new(&cluster, true);
    let (programs, runtime) = (tables.open(), runtime());
    let admin = BlockingPostgresStore::open(tables.builder_as("admin", DATABASE)).unwrap();
    let first = login(&key("a"), None);
    programs.change(&key("a"), &first).unwrap();
    let address = format!(
        "host=127.0.0.1 port={} user=admin dbname={DATABASE}",
        cluster.port()
    );
    let lock = format!("BEGIN; SELECT 1 FROM {}.session FOR UPDATE;", tables.schema);
    let locked: Client = runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(&address, NoTls).await.unwrap();
        drop(tokio::spawn(connection));
        client.batch_execute(&lock).await.unwrap();
        client
    });
    let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = ";
    let mark = Mark::MovedTo("sqlite:/else where/\"q\'uotes\\.db".to_owned());
    let second = login(&key("a"), Some(first.record().clone()));
    let (logged_in, stored) = thread::scope(|scope| {
        let login = scope.spawn(|| programs.change(&key("a"), &second));
        // It waits for the transaction that has the row.
        wait_until(&cluster, &format!("{waiting}'ShareLock';"), "1\n");
        let marking = scope.spawn(|| {
            admin.set_mark(Some(&mark)).unwrap();
            programs.read(&key("a")).unwrap()
        });
        wait_until(
            &cluster,
            &format!("{waiting}'ShareRowExclusiveLock';"),
            "1\n",
        );
        drop(locked);
        (login.join().unwrap(), marking.join().unwrap())
    });
    logged_in.unwrap();
    assert_eq!(
        stored.as_ref(),
        Some(second.record()),
        "it came after the mark"
    );
    let third = login(&key("a"), stored);
    let late = programs.change(&key("a"), &third);
    let Err(ApplyError::Store(StoreError::Moved { to, .. })) = late else {
        panic!("{late:?}");
    };
    assert_eq!(format!("moved to {to}"), mark.to_string());
    let latest = twoba_core::Timestamp::from_unix_millis(i64::MAX);
    let due = programs.claim_due(Due::Refresh, latest, 5);
    assert!(
        matches!(due, Err(StoreError::Moved { .. })),
        "{:?}",
        due.err()
    );
    // A key that nobody has claimed yet is not claimed either.
    let new = programs.try_lease(&key("new"));
    assert!(matches!(new, Err(StoreError::Moved { .. })));
    let rows = format!("SELECT count(*) FROM {}.session;", tables.schema);
    assert_eq!(cluster.sql(DATABASE, &rows).unwrap(), "1\n");
}

/// The user of the programs may read the mark, and may not set or remove it.
#[test]
fn programs_neither_set_a_mark_nor_remove_one() {
    let Some(cluster) = cluster() else { return };
    let tables = Tables::new(&cluster, false);
    let programs = tables.open();
    let admin = BlockingPostgresStore::open(tables.builder_as("admin", DATABASE)).unwrap();
    let mark = Mark::ArrivingFrom("somewhere".to_owned());
    assert!(programs.set_mark(Some(&mark)).is_err());
    assert_eq!(programs.about().unwrap().mark, None);
    admin.set_mark(Some(&mark)).unwrap();
    assert!(programs.set_mark(None).is_err() && programs.adopt().is_err());
    assert_eq!(programs.about().unwrap().mark, Some(mark));
}

/// A dump reads for a long time. Whoever waits for its end with a lock would hold up all who come
/// behind, and they only read.
#[test]
fn tables_that_are_made_again_hold_up_nobody() {
    let Some(cluster) = cluster() else { return };
    let tables = Tables::new(&cluster, true);
    let (programs, runtime) = (tables.open(), runtime());
    let first = login(&key("a"), None);
    programs.change(&key("a"), &first).unwrap();
    let make = || BlockingPostgresStore::migrate(tables.builder_as("admin", DATABASE)).map(drop);
    let address = format!(
        "host=127.0.0.1 port={} user=admin dbname={DATABASE}",
        cluster.port()
    );
    for is_whole in [true, false] {
        if !is_whole {
            let older = format!("ALTER TABLE {}.session DROP COLUMN rescued;", tables.schema);
            cluster.sql(DATABASE, &older).unwrap();
        }
        let read = format!(
            "BEGIN; SELECT FROM {0}.session; SELECT FROM {0}.meta;",
            tables.schema
        );
        let dump: Client = runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&address, NoTls).await.unwrap();
            drop(tokio::spawn(connection));
            client.batch_execute(&read).await.unwrap();
            client
        });
        thread::scope(|scope| {
            let making = scope.spawn(make);
            if is_whole {
                making.join().unwrap().unwrap();
            } else {
                let waiting = "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted;";
                wait_until(&cluster, waiting, "t\n");
                assert_eq!(
                    programs.read(&key("a")).unwrap().as_ref(),
                    Some(first.record())
                );
                drop(dump);
                making.join().unwrap().unwrap();
            }
        });
    }
    let store = tables.open();
    assert!(store.try_lease(&key("a")).unwrap().is_some());
}
