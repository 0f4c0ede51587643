//! The suite of every store, in one cluster for all cases: directly and by a pooler, plain and encrypted.

use std::any::Any;
use std::env;
use std::net::{Ipv4Addr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio_postgres::NoTls;
use twoba_core::{SessionKey, StoredGrant};
use twoba_servers::postgres::Postgres;
use twoba_store::conformance::{
    AsyncCase, AsyncSubject, Awaited, Case, MaintainedCase, MaintainedSubject, Subject,
    work_until_killed,
};
use twoba_store::seal::parse_keys;
use twoba_store::{AsyncStore, Label, Maintained, Protection, Protector, Store, block_on};
use twoba_store_postgres::{BlockingPostgresStore, Builder};
use twoba_tests::{Strait, Weather};

use crate::scene::{DATABASE, Tables, USER, cluster, pooler, runtime};

/// An operation in these cases takes no longer. It is shorter than what a program would wait.
const DEADLINE: Duration = Duration::from_secs(3);

/// A store of its own tables.
struct Database<'c> {
    cluster: &'c Postgres,
    tables: Tables,
    /// Where its work runs. A store of a fleet is opened on the runtime of its program.
    runtime: Handle,
    /// Whether the store under test is the blocking one.
    blocks: bool,
    /// The way to the server, on which answers get lost.
    strait: &'c Strait,
}

impl Database<'_> {
    fn session(&self, statement: &str) {
        let statement = statement.replace("{schema}", &self.tables.schema);
        self.cluster.sql(DATABASE, &statement).unwrap();
    }

    fn builder(&self) -> Builder {
        self.tables.builder().deadline(DEADLINE)
    }

    fn protector(&self) -> (Protector, Protection) {
        let protector = match self.tables.sealer() {
            Some(sealer) => Protector::with_keys(sealer),
            None => Protector::without_keys(),
        };
        let protection = protector.of_a_new_store().unwrap();
        (protector, protection)
    }
}

fn hex(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(r"'\x{}'::bytea", digits.concat())
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.strip_prefix(r"\x").unwrap();
    let pairs = (0..digits.len()).step_by(2).map(|at| &digits[at..at + 2]);
    pairs
        .map(|pair| u8::from_str_radix(pair, 16).unwrap())
        .collect()
}

impl Subject for Database<'_> {
    fn open(&self) -> Box<dyn Store> {
        if self.blocks {
            return Box::new(BlockingPostgresStore::open(self.builder()).unwrap());
        }
        let builder = self.builder().runtime(self.runtime.clone());
        Box::new(Awaited::new(block_on(builder.open()).unwrap()))
    }

    fn plant(&self, key: &SessionKey, bytes: &[u8]) {
        self.plant_all(&[(key.clone(), bytes.to_vec())]);
    }

    fn plant_all(&self, planted: &[(SessionKey, Vec<u8>)]) {
        let (protector, protection) = self.protector();
        let rows = planted.iter().map(|(key, bytes)| {
            let record = StoredGrant::from_bytes(bytes.clone());
            let sealed = protector.protect(protection, "here", Label::Record(key), &record);
            let (key, sealed) = (hex(key.as_str().as_bytes()), hex(&sealed.unwrap()));
            let revision = hex(&record.revision().to_bytes());
            format!("({key}, {sealed}, {revision})")
        });
        let rows = rows.collect::<Vec<_>>().join(", ");
        self.session(&format!(
            "INSERT INTO {{schema}}.session AS s (key, record, revision) VALUES {rows} \
             ON CONFLICT (key) DO UPDATE SET record = EXCLUDED.record, revision = EXCLUDED.revision, \
             due_at = NULL, keep_by = NULL;"
        ));
    }

    fn worker(&self) -> Option<Command> {
        let mut command = Command::new(env::current_exe().unwrap());
        let test = "conformance::a_worker_works_until_it_is_killed";
        command.args(["--exact", "--nocapture", test]);
        let (port, schema) = (self.tables.port, &self.tables.schema);
        command.env(
            WORKER,
            format!("{port} {schema} {}", self.tables.key_text()),
        );
        Some(command)
    }

    fn lose_answers(&self, lost: bool) -> bool {
        self.strait.for_all(match lost {
            true => Weather::CutAtAnswer,
            false => Weather::Calm,
        });
        true
    }

    /// Locks its row, as a transaction does that was left open.
    fn hold_back(&self, key: &SessionKey) -> Option<Box<dyn Send>> {
        let address = format!(
            "host=127.0.0.1 port={} user=admin dbname={DATABASE}",
            self.cluster.port()
        );
        let lock = format!(
            "BEGIN; SELECT 1 FROM {}.session WHERE key = {} FOR UPDATE;",
            self.tables.schema,
            hex(key.as_str().as_bytes())
        );
        let client = self.runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&address, NoTls).await.unwrap();
            drop(tokio::spawn(connection));
            client.batch_execute(&lock).await.unwrap();
            client
        });
        Some(Box::new(client))
    }

    fn kept_aside(&self, key: &SessionKey) -> Vec<Vec<u8>> {
        let (protector, protection) = self.protector();
        let (schema, wanted) = (&self.tables.schema, hex(key.as_str().as_bytes()));
        let statement =
            format!("SELECT record FROM {schema}.kept_aside WHERE key = {wanted} ORDER BY number;");
        let found = self.cluster.sql(DATABASE, &statement).unwrap();
        let opened = found.lines().map(|line| {
            let opened = protector.open(protection, "here", Label::Record(key), bytes(line));
            opened.unwrap().expose().to_vec()
        });
        opened.collect()
    }

    /// Takes from the user the right to write records, and leaves it the right to claim.
    fn obstruct(&self, _: &SessionKey, obstructed: bool) -> bool {
        self.session(&if obstructed {
            format!(
                "REVOKE INSERT, UPDATE ON ALL TABLES IN SCHEMA {{schema}} FROM {USER}; \
                 GRANT UPDATE (holder, holder_place, claimed_until, fence) ON {{schema}}.session TO {USER};"
            )
        } else {
            format!("GRANT INSERT, UPDATE ON ALL TABLES IN SCHEMA {{schema}} TO {USER};")
        });
        true
    }

    fn lapse(&self, key: &SessionKey) -> bool {
        let key = hex(key.as_str().as_bytes());
        self.session(&format!(
            "UPDATE {{schema}}.session SET claimed_until = now() - interval '1 second' \
             WHERE key = {key} AND claimed_until IS NOT NULL;"
        ));
        true
    }

    fn many(&self) -> usize {
        300
    }
}

impl AsyncSubject for Database<'_> {
    fn open_async(&self) -> Box<dyn AsyncStore> {
        let builder = self.builder().runtime(self.runtime.clone());
        Box::new(block_on(builder.open()).unwrap())
    }
}

impl MaintainedSubject for Database<'_> {
    /// A store of the person who looks after the database.
    fn open_maintained(&self) -> Box<dyn Maintained> {
        let builder = self.tables.builder_as("admin", DATABASE);
        Box::new(BlockingPostgresStore::open(builder.deadline(DEADLINE)).unwrap())
    }
}

/// Tells a worker its tables: port, schema, and the key if there is one.
const WORKER: &str = "TWOBA_TEST_FLEET_WORKER";

/// Does nothing unless it is a child.
#[test]
fn a_worker_works_until_it_is_killed() {
    let Ok(place) = env::var(WORKER) else { return };
    let mut parts = place.splitn(3, ' ');
    let mut part = || parts.next().unwrap();
    let (port, schema) = (part().parse().unwrap(), part().to_owned());
    let keys = Some(part()).filter(|text| !text.is_empty());
    let keys = keys.map(|text| Arc::new(Mutex::new(parse_keys(text).unwrap())));
    let tables = Tables { schema, keys, port };
    work_until_killed(&tables.open());
}

/// How the store under test is reached.
#[derive(Clone, Copy)]
struct Way {
    blocks: bool,
    pooled: bool,
    encrypted: bool,
}

/// Runs all cases, and says which of them have failed.
fn check(way: Way) {
    let Some(cluster) = cluster() else { return };
    let pooler = way.pooled.then(|| pooler(&cluster).unwrap());
    let runtime = runtime();
    let server = pooler
        .as_ref()
        .map_or(cluster.port(), |pooler| pooler.port());
    let strait = Strait::to(SocketAddr::from((Ipv4Addr::LOCALHOST, server)));
    let subject = || {
        strait.for_all(Weather::Calm);
        Database {
            tables: Tables::new(&cluster, way.encrypted).by(strait.port()),
            cluster: &cluster,
            runtime: runtime.handle().clone(),
            blocks: way.blocks,
            strait: &strait,
        }
    };
    let mut failed = Vec::new();
    let mut run = |name: &'static str, case: &dyn Fn()| {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(case)) {
            failed.push(format!("{name}: {}", told(&*panic)));
        }
    };
    for case in Case::all() {
        run(case.name, &|| case.run(&subject()));
    }
    if way.blocks {
        for case in MaintainedCase::all() {
            run(case.name, &|| case.run(&subject()));
        }
    } else {
        for case in AsyncCase::all() {
            run(case.name, &|| case.run(&subject()));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

fn told(panic: &dyn Any) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or_default()
}

#[test]
fn the_async_store_keeps_the_promises_of_every_store() {
    check(Way {
        blocks: false,
        pooled: false,
        encrypted: true,
    });
}

#[test]
fn the_blocking_store_keeps_them_too() {
    check(Way {
        blocks: true,
        pooled: false,
        encrypted: true,
    });
}

#[test]
fn a_pooler_in_transaction_mode_takes_none_of_them_away() {
    check(Way {
        blocks: false,
        pooled: true,
        encrypted: true,
    });
}

#[test]
fn the_blocking_store_goes_by_a_pooler_too_and_in_plain_text() {
    check(Way {
        blocks: true,
        pooled: true,
        encrypted: false,
    });
}
