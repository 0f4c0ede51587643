//! Dumps: restored into the same database, and into another cluster.

use twoba_blocking::Sessions;
use twoba_servers::postgres::Postgres;
use twoba_store::{ErrorKind, Store, StoreError};
use twoba_store_postgres::BlockingPostgresStore;
use twoba_tests::{Adapter, Kind, PASSWORD, USER as PERSON, World};

use crate::scene::{DATABASE, Tables, cluster, key};

/// The documented token lives for 120 s.
const ENDED: u64 = 121;
const DUE: u64 = 100;

/// A process with a store of its own.
struct Process {
    session: twoba_blocking::Session,
    _sessions: Sessions,
}

struct Scene {
    cluster: Postgres,
    tables: Tables,
    world: World,
}

impl Scene {
    fn new() -> Option<Self> {
        let cluster = cluster()?;
        let tables = Tables::new(&cluster, true);
        Some(Self {
            cluster,
            tables,
            world: World::new(Adapter::Blocking, Kind::Memory),
        })
    }

    fn process(&self) -> Process {
        self.process_of(self.tables.open())
    }

    fn process_of(&self, store: BlockingPostgresStore) -> Process {
        let sessions = Sessions::builder(self.world.client())
            .store(store)
            .clock(self.world.clock())
            .http(|http| http.proxy(None))
            .build();
        Process {
            session: sessions.open("a").unwrap(),
            _sessions: sessions,
        }
    }

    fn log_in(&self, process: &Process) {
        let password = twoba_core::Password::parse(PASSWORD).unwrap();
        process.session.login(PERSON, &password).unwrap();
    }

    /// Lets all processes see each generation until there are so many.
    fn rotate_to(&self, generation: u64, processes: &[&Process]) {
        while self.generation() < generation {
            self.world.pass(ENDED);
            for process in processes {
                process.session.token().unwrap();
            }
        }
    }

    fn generation(&self) -> u64 {
        let status = self.process().session.status().unwrap();
        status.generation.unwrap()
    }

    fn dump(&self) -> String {
        let mut dump = self.cluster.client("pg_dump", DATABASE);
        let output = dump
            .args(["--schema", &self.tables.schema])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn restore(&self, dump: &str) {
        let drop = format!("DROP SCHEMA {} CASCADE;\n", self.tables.schema);
        self.cluster.sql(DATABASE, &(drop + dump)).unwrap();
    }
}

#[test]
fn a_dump_that_is_restored_is_healed_by_who_has_seen_more() {
    let Some(scene) = Scene::new() else { return };
    let (one, other) = (scene.process(), scene.process());
    scene.log_in(&one);
    scene.rotate_to(5, &[&one, &other]);
    let dump = scene.dump();
    scene.rotate_to(8, &[&one, &other]);
    scene.restore(&dump);
    assert_eq!(scene.generation(), 5);
    scene.world.pass(DUE);
    for process in [&one, &other, &one] {
        process.session.token().unwrap();
    }
    scene.world.pass(ENDED);
    for process in [&other, &one] {
        process.session.token().unwrap();
    }
    assert!(scene.generation() > 8);
    assert_eq!(scene.world.counts().reuse, 0);
    // Who has started between the restore and the healing cannot know.
    let dump = scene.dump();
    scene.rotate_to(scene.generation() + 2, &[&one, &other]);
    scene.restore(&dump);
    scene.world.pass(ENDED);
    let newcomer = scene.process();
    drop(newcomer.session.token());
    assert!(scene.world.counts().reuse <= 1);
}

#[test]
fn a_dump_in_another_cluster_spends_nothing_until_it_is_adopted() {
    let Some(scene) = Scene::new() else { return };
    let original = scene.process();
    scene.log_in(&original);
    let elsewhere = cluster().unwrap();
    elsewhere.sql(DATABASE, &scene.dump()).unwrap();
    let tables = scene.tables.by(elsewhere.port());
    let store = tables.open();
    assert!(store.is_copy().unwrap());
    assert!(!scene.tables.open().is_copy().unwrap());
    let copy = scene.process_of(store.clone());
    // What is valid is handed out.
    copy.session.token().unwrap();
    scene.world.pass(ENDED);
    let refused = copy.session.token().unwrap_err();
    let is_copied = matches!(refused.kind(), ErrorKind::Store(StoreError::Copied { .. }));
    assert!(is_copied, "{refused}");
    let latest = twoba_core::Timestamp::from_unix_millis(i64::MAX);
    let due = store.claim_due(twoba_store::Due::Refresh, latest, 5);
    assert!(matches!(due, Err(StoreError::Copied { .. })));
    assert_eq!(scene.world.counts().refresh, 0);
    // The program's own user may not adopt: the person who runs the database does.
    assert!(store.adopt().is_err());
    let admin = BlockingPostgresStore::open(tables.builder_as("admin", DATABASE)).unwrap();
    admin.adopt().unwrap();
    copy.session.token().unwrap();
    let counts = scene.world.counts();
    assert_eq!((counts.refresh, counts.reuse), (1, 0));
}

#[test]
fn a_database_of_the_same_cluster_is_another_home() {
    let Some(scene) = Scene::new() else { return };
    scene.log_in(&scene.process());
    scene
        .cluster
        .sql(DATABASE, "CREATE DATABASE staging;")
        .unwrap();
    scene.cluster.sql("staging", &scene.dump()).unwrap();
    let builder = scene.tables.builder_as(crate::scene::USER, "staging");
    let staging = BlockingPostgresStore::open(builder).unwrap();
    let refused = staging.try_lease(&key("a"));
    assert!(matches!(refused, Err(StoreError::Copied { .. })));
    assert!(staging.read(&key("a")).unwrap().is_some());
}
