//! Decides what surrounds a store here: a cluster, a pooler, and a schema for each test.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::runtime::Runtime;
use twoba_core::SessionKey;
use twoba_servers::postgres::{PgBouncer, Postgres};
use twoba_store::seal::{EncryptionKey, KeysFrom, Sealer};
use twoba_store::{Protection, StoreError};
use twoba_store_postgres::{Address, BlockingPostgresStore, Builder, PostgresStore};
use twoba_tests::prepared;

/// How long a store waits that has to fail in a test.
pub(crate) const HASTY: Duration = Duration::from_secs(2);

/// Any machine has seen it fail in this time.
pub(crate) const SOON: Duration = Duration::from_secs(30);

/// The database of the tests. Each test has a schema of its own in it.
pub(crate) const DATABASE: &str = "postgres";

/// Who the programs are: a user who owns nothing.
pub(crate) const USER: &str = "app";

/// A cluster with its user; `None` where `cargo xtask test` has not prepared for it.
pub(crate) fn cluster() -> Option<Postgres> {
    cluster_with(&[])
}

/// The same with these settings.
pub(crate) fn cluster_with(settings: &[&str]) -> Option<Postgres> {
    let programs = prepared("TWOBA_POSTGRES")?;
    let cluster = Postgres::start(&programs, settings).unwrap();
    cluster.sql(DATABASE, &manual("CREATE ROLE")).unwrap();
    Some(cluster)
}

/// The statements of the manual that begin like this.
pub(crate) fn manual(beginning: &str) -> String {
    let text = include_str!("../../../docs/fleet.md");
    let blocks = text.split("```sql\n").skip(1);
    let blocks = blocks.filter_map(|block| Some(block.split_once("```")?.0));
    let mut found = blocks.filter(|block| block.trim_start().starts_with(beginning));
    found.next().unwrap().to_owned()
}

/// A pooler before a cluster.
pub(crate) fn pooler(cluster: &Postgres) -> Option<PgBouncer> {
    let program = prepared("TWOBA_PGBOUNCER")?;
    Some(PgBouncer::start(&program, cluster, &[USER, "admin"]).unwrap())
}

pub(crate) fn key(text: &str) -> SessionKey {
    SessionKey::parse(text).unwrap()
}

/// A schema with the tables of a store, made as a person would make it, and a way to it.
#[derive(Clone)]
pub(crate) struct Tables {
    pub(crate) schema: String,
    pub(crate) keys: Option<Arc<Mutex<Vec<EncryptionKey>>>>,
    pub(crate) port: u16,
}

impl Tables {
    /// Makes the tables in a schema of their own. The store is encrypted if `encrypted`.
    pub(crate) fn new(cluster: &Postgres, encrypted: bool) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let keys = encrypted.then(|| Arc::new(Mutex::new(vec![EncryptionKey::random().unwrap()])));
        let tables = Self {
            schema: format!("store_{number}"),
            keys,
            port: cluster.port(),
        };
        tables.make(cluster, DATABASE);
        tables
    }

    /// Makes the tables in a database, as the manual says.
    pub(crate) fn make(&self, cluster: &Postgres, database: &str) {
        let sql = PostgresStore::migrations(&self.schema, self.protection()).unwrap();
        let grants = manual("GRANT").replace("twoba", &self.schema);
        cluster.sql(database, &(sql + &grants)).unwrap();
    }

    fn protection(&self) -> Protection {
        match &self.keys {
            Some(keys) => Protection::Encrypted(keys.lock().unwrap().first().unwrap().id()),
            None => Protection::Plain,
        }
    }

    /// The same tables by another port, such as that of a pooler.
    pub(crate) fn by(&self, port: u16) -> Self {
        Self {
            port,
            ..self.clone()
        }
    }

    /// The keys as a file has them.
    pub(crate) fn key_text(&self) -> String {
        let keys = self.keys.as_ref().map(|keys| keys.lock().unwrap());
        let texts = keys.iter().flat_map(|keys| keys.iter());
        let texts: Vec<String> = texts.map(|key| key.to_base64().to_string()).collect();
        texts.join("\n")
    }

    pub(crate) fn sealer(&self) -> Option<Sealer> {
        let keys = Arc::clone(self.keys.as_ref()?);
        Some(Sealer::new(KeysFrom::new("a test", move || {
            Ok(keys.lock().unwrap().clone())
        })))
    }

    /// The settings of a store of these tables, for a user and a database.
    pub(crate) fn builder_as(&self, user: &str, database: &str) -> Builder {
        let address = format!("postgres://{user}@127.0.0.1:{}/{database}", self.port);
        let address = Address::parse_in(&address, &|_| None).unwrap();
        let builder = PostgresStore::builder(address).schema(&self.schema);
        match self.sealer() {
            Some(sealer) => builder.keys(sealer),
            None => builder.plain_text_that_every_log_can_hold(),
        }
    }

    /// The settings of a store of these tables.
    pub(crate) fn builder(&self) -> Builder {
        self.builder_as(USER, DATABASE)
    }

    /// A store as another process would open it.
    pub(crate) fn open(&self) -> BlockingPostgresStore {
        self.try_open().unwrap()
    }

    pub(crate) fn try_open(&self) -> Result<BlockingPostgresStore, StoreError> {
        BlockingPostgresStore::open(self.builder())
    }

    /// A store that does not wait for long.
    pub(crate) fn open_hasty(&self) -> BlockingPostgresStore {
        let builder = self.builder().deadline(HASTY);
        BlockingPostgresStore::open(builder).unwrap()
    }
}

/// A runtime for async stores.
pub(crate) fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().unwrap()
}

/// Asks how many connections of a user are in a transaction, and how many locks they have.
pub(crate) fn held_by(user: &str) -> String {
    format!(
        "SELECT count(*) FROM pg_stat_activity WHERE usename = '{user}' \
         AND (xact_start IS NOT NULL OR state <> 'idle'); \
         SELECT count(*) FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid) WHERE a.usename = '{user}';"
    )
}

/// The statements of the store in this log that write.
pub(crate) fn writes(log: &str) -> Vec<&str> {
    let statements = log
        .lines()
        .filter(|line| line.contains("execute <unnamed>"));
    let words = ["UPDATE ", "INSERT ", "DELETE "];
    let is_write = |line: &&str| words.iter().any(|word| line.contains(word));
    statements.filter(is_write).collect()
}
