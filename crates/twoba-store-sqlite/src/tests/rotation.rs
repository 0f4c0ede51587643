//! A database gets a new key while programs use it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use twoba_core::SessionKey;
use twoba_store::conformance::changes;
use twoba_store::seal::{EncryptionKey, KeysFrom, Sealer};
use twoba_store::{KeyId, Maintained, Protection, Protector, Store, StoreError, key_of};

use super::subject::{Encryption, Subjected};
use crate::SqliteStore;

/// A source of keys that a person changes.
#[derive(Clone, Default)]
struct Keys(Arc<Mutex<Vec<EncryptionKey>>>);

impl Keys {
    fn add(&self) -> KeyId {
        let key = EncryptionKey::random().unwrap();
        let id = key.id();
        self.0.lock().unwrap().push(key);
        id
    }

    fn protector(&self) -> Protector {
        let keys = Arc::clone(&self.0);
        let source = KeysFrom::new("the test", move || Ok(keys.lock().unwrap().clone()));
        Protector::with_keys(Sealer::new(source))
    }
}

fn keys_in_use(subject: &Subjected) -> Vec<KeyId> {
    let connection = subject.bypass();
    let mut found = Vec::new();
    for table in ["session", "rescue", "aside"] {
        let mut statement = connection
            .prepare(&format!("SELECT record FROM {table}"))
            .unwrap();
        let rows = statement
            .query_map((), |row| row.get::<_, Vec<u8>>(0))
            .unwrap();
        found.extend(rows.map(|row| key_of(&row.unwrap()).unwrap()));
    }
    found
}

#[test]
fn all_records_are_sealed_again_while_programs_write() {
    let keys = Keys::default();
    let old = keys.add();
    let subject = Subjected::with(keys.protector());
    let store = subject.store();
    let key_of_session = |number: usize| SessionKey::parse(format!("session {number}")).unwrap();
    for number in 0..250 {
        let key = key_of_session(number);
        let login = changes::login(&key, None);
        store.change(&key, &login).unwrap();
        if number % 10 == 0 {
            store.rescue(&key, login.record()).unwrap();
        }
    }
    assert!(keys_in_use(&subject).iter().all(|id| *id == old));
    // A program that knows the old key only, when it began.
    let running = SqliteStore::open_with(&subject.path, keys.protector()).unwrap();
    let done = AtomicBool::new(false);
    let new = keys.add();
    let written = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut written = 0;
            while !done.load(Ordering::SeqCst) {
                let key = key_of_session(written % 250);
                let stored = running.read(&key).unwrap();
                running.change(&key, &changes::login(&key, stored)).unwrap();
                written += 1;
            }
            written
        });
        store.seal_again(new).unwrap();
        done.store(true, Ordering::SeqCst);
        writer.join().unwrap()
    });
    assert!(
        keys_in_use(&subject).iter().all(|id| *id == new),
        "after {written} logins"
    );
    assert_eq!(
        store.about().unwrap().protection,
        Protection::Encrypted(new)
    );
    assert_eq!(store.seal_again(new).unwrap(), 0);
    // The old key is not needed any more.
    keys.0.lock().unwrap().remove(0);
    let later = SqliteStore::open_with(&subject.path, keys.protector()).unwrap();
    for number in 0..250 {
        let stored = later.read(&key_of_session(number)).unwrap().unwrap();
        assert!(stored.schedule().is_some());
    }
}

#[test]
fn a_key_that_is_missing_changes_nothing() {
    let keys = Keys::default();
    let old = keys.add();
    let subject = Subjected::with(keys.protector());
    let store = subject.store();
    let other = EncryptionKey::random().unwrap().id();
    let error = store.seal_again(other).unwrap_err();
    assert!(matches!(error, StoreError::KeyUnknown { .. }), "{error}");
    assert_eq!(
        store.about().unwrap().protection,
        Protection::Encrypted(old)
    );
    let plain = Subjected::new(Encryption::None);
    let error = plain.store().seal_again(other).unwrap_err();
    assert!(matches!(error, StoreError::Encrypted { .. }), "{error}");
}
