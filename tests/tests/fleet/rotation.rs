//! A new key while programs use the store.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use twoba_core::StoredGrant;
use twoba_store::conformance::changes::{login, logout, refresh};
use twoba_store::seal::EncryptionKey;
use twoba_store::{Protection, Store, StoreError};
use twoba_store_postgres::BlockingPostgresStore;

use crate::scene::{DATABASE, Tables, cluster, key};

/// Refreshes one session again and again.
fn refresh_until(store: &BlockingPostgresStore, name: &str, done: &AtomicBool) -> StoredGrant {
    let key = key(name);
    let mut stored = store.read(&key).unwrap().unwrap();
    while !done.load(Ordering::SeqCst) {
        let mut lease = store.try_lease(&key).unwrap().unwrap();
        let steps = refresh(&key, stored);
        lease.apply(&steps.intent).unwrap();
        store.rescue(&key, steps.rotation.record()).unwrap();
        lease.finish(&steps.rotation).unwrap();
        stored = steps.rotation.record().clone();
    }
    stored
}

#[test]
fn a_store_gets_a_new_key_while_programs_write() {
    let Some(cluster) = cluster() else { return };
    let tables = Tables::new(&cluster, true);
    let store = tables.open();
    for number in 0..120 {
        let key = key(&format!("idle-{number}"));
        store.change(&key, &login(&key, None)).unwrap();
    }
    let rescued = login(&key("rescued"), None);
    store.rescue(&key("rescued"), rescued.record()).unwrap();
    for name in ["a", "b"] {
        store.change(&key(name), &login(&key(name), None)).unwrap();
    }
    let new = EncryptionKey::random().unwrap();
    let keys = tables.keys.clone().unwrap();
    let admin = BlockingPostgresStore::open(tables.builder_as("admin", DATABASE)).unwrap();
    // A key that this program does not have is refused.
    let unknown = admin.use_key(new.id()).unwrap_err();
    assert!(
        matches!(unknown, StoreError::KeyUnknown { .. }),
        "{unknown}"
    );
    keys.lock().unwrap().push(new.clone());
    let done = AtomicBool::new(false);
    let last = thread::scope(|scope| {
        let writer = |name| {
            let (tables, done) = (&tables, &done);
            scope.spawn(move || refresh_until(&tables.open(), name, done))
        };
        let writers = ["a", "b"].map(writer);
        admin.use_key(new.id()).unwrap();
        assert!(admin.encrypt_again().unwrap() >= 121);
        done.store(true, Ordering::SeqCst);
        writers.map(|writer| writer.join().unwrap())
    });
    assert_eq!(admin.encrypt_again().unwrap(), 0);
    assert_eq!(admin.protection().unwrap(), Protection::Encrypted(new.id()));
    // Who has only the new key reads everything.
    *keys.lock().unwrap() = vec![new.clone()];
    let store = tables.open();
    for (name, record) in ["a", "b"].iter().zip(&last) {
        assert_eq!(store.read(&key(name)).unwrap().as_ref(), Some(record));
    }
    assert!(store.read(&key("idle-7")).unwrap().is_some());
    assert_eq!(
        store.rescued(&key("rescued")).unwrap().as_ref(),
        Some(rescued.record())
    );
    let old = format!(
        "SELECT count(*) FROM {}.session WHERE substring(record FROM 9 FOR 8) <> '\\x{}'::bytea;",
        tables.schema,
        new.id()
    );
    assert_eq!(cluster.sql(DATABASE, &old).unwrap(), "0\n");
}

/// A program that has not looked at the store since does not write with the old key.
#[test]
fn a_program_that_knows_the_old_key_only_writes_nothing() {
    let Some(cluster) = cluster() else { return };
    let tables = Tables::new(&cluster, true);
    let mut other = tables.clone();
    let first = tables.keys.as_ref().unwrap().lock().unwrap().clone();
    other.keys = Some(std::sync::Arc::new(std::sync::Mutex::new(first)));
    let behind = other.open();
    let change = login(&key("a"), None);
    behind.change(&key("a"), &change).unwrap();
    let new = EncryptionKey::random().unwrap();
    tables
        .keys
        .as_ref()
        .unwrap()
        .lock()
        .unwrap()
        .push(new.clone());
    let admin = BlockingPostgresStore::open(tables.builder_as("admin", DATABASE)).unwrap();
    admin.use_key(new.id()).unwrap();
    let next = logout(&key("a"), change.record().clone());
    let refused = behind.change(&key("a"), &next).unwrap_err();
    let named = format!("the key {}", new.id());
    assert!(refused.to_string().contains(&named), "{refused}");
    assert!(matches!(
        behind.try_lease(&key("a")),
        Err(StoreError::KeyUnknown { .. })
    ));
    assert!(tables.open().try_lease(&key("a")).unwrap().is_some());
    let record = tables.open().read(&key("a")).unwrap();
    assert_eq!(record.as_ref(), Some(change.record()));
}
