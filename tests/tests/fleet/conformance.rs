//! The suite of every store, in one cluster for all cases: directly and by a pooler, plain and encrypted.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::runtime::Handle;
use twoba_core::{SessionKey, StoredGrant};
use twoba_servers::postgres::Postgres;
use twoba_store::conformance::{AsyncCase, AsyncSubject, Awaited, Case, Subject};
use twoba_store::{AsyncStore, Label, Protection, Protector, Store, block_on};

use crate::scene::{DATABASE, Tables, USER, cluster, pooler, runtime};

/// A store of its own tables.
struct Database<'c> {
    cluster: &'c Postgres,
    tables: Tables,
    /// Where its work runs. A store of a fleet is opened on the runtime of its program.
    runtime: Handle,
    /// Whether the store under test is the blocking one.
    blocks: bool,
}

impl Database<'_> {
    fn session(&self, statement: &str) {
        let statement = statement.replace("{schema}", &self.tables.schema);
        self.cluster.sql(DATABASE, &statement).unwrap();
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
            return Box::new(self.tables.open());
        }
        let builder = self.tables.builder().runtime(self.runtime.clone());
        Box::new(Awaited::new(block_on(builder.open()).unwrap()))
    }

    fn plant(&self, key: &SessionKey, bytes: &[u8]) {
        let (protector, protection) = self.protector();
        let record = StoredGrant::from_bytes(bytes.to_vec());
        let sealed = protector.protect(protection, "here", Label::Record(key), &record);
        let (key, sealed) = (hex(key.as_str().as_bytes()), hex(&sealed.unwrap()));
        let revision = hex(&record.revision().to_bytes());
        self.session(&format!(
            "INSERT INTO {{schema}}.session AS s (key, record, revision) VALUES ({key}, {sealed}, {revision}) \
             ON CONFLICT (key) DO UPDATE SET record = EXCLUDED.record, revision = EXCLUDED.revision, \
             due_at = NULL, keep_by = NULL;"
        ));
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
        let builder = self.tables.builder().runtime(self.runtime.clone());
        Box::new(block_on(builder.open()).unwrap())
    }
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
    let subject = || {
        let tables = Tables::new(&cluster, way.encrypted);
        Database {
            tables: match &pooler {
                Some(pooler) => tables.by(pooler.port()),
                None => tables,
            },
            cluster: &cluster,
            runtime: runtime.handle().clone(),
            blocks: way.blocks,
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
    if !way.blocks {
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
