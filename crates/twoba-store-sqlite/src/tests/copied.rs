//! A copy of a database spends nothing until somebody says that it takes the other's place.

use std::fs;
use std::path::{Path, PathBuf};

use twoba_store::conformance::changes;
use twoba_store::{Store, StoreError};

use super::key;
use super::subject::{Encryption, Subjected};
use crate::SqliteStore;

fn is_copied(store: &SqliteStore) -> bool {
    match store.try_lease(&key()) {
        Ok(lease) => {
            assert!(lease.is_some());
            false
        }
        Err(StoreError::Copied { place }) => {
            assert!(place.ends_with(store.path().to_str().unwrap()));
            true
        }
        Err(other) => panic!("{other}"),
    }
}

/// Copies a database as a person does, once no program uses it.
fn copy(from: &Path, name: &str) -> PathBuf {
    let to = from.with_file_name(name);
    fs::copy(from, &to).unwrap();
    to
}

#[test]
fn a_copy_is_read_and_spends_nothing_until_it_is_adopted() {
    let subject = Subjected::new(Encryption::None);
    let store = subject.store();
    store.change(&key(), &changes::login(&key(), None)).unwrap();
    drop(store);
    let copied = copy(&subject.path, "copy.db");
    let (store, other) = (subject.store(), SqliteStore::open(&copied).unwrap());
    assert_eq!(other.read(&key()).unwrap(), store.read(&key()).unwrap());
    assert!(is_copied(&other));
    // A person logs in and out in it.
    let stored = other.read(&key()).unwrap();
    other
        .change(&key(), &changes::login(&key(), stored))
        .unwrap();
    assert!(is_copied(&other));
    other.adopt().unwrap();
    assert!(!is_copied(&other));
    assert!(!is_copied(&SqliteStore::open(&copied).unwrap()));
    // Whose home it was before is the business of whoever adopts.
    assert!(!is_copied(&store));
}

#[test]
fn a_backup_by_sqlite_itself_is_a_copy_too() {
    let subject = Subjected::new(Encryption::None);
    let store = subject.store();
    store.change(&key(), &changes::login(&key(), None)).unwrap();
    let backup = subject.path.with_file_name("backup.db");
    let backed_up = subject
        .bypass()
        .execute("VACUUM INTO ?1", [backup.to_str().unwrap()]);
    backed_up.unwrap();
    assert!(is_copied(&SqliteStore::open(&backup).unwrap()));
    assert!(!is_copied(&store));
}

#[test]
fn a_database_that_is_moved_is_at_home() {
    let subject = Subjected::new(Encryption::None);
    drop(subject.store());
    let moved = subject.path.with_file_name("moved.db");
    for ending in ["", "-wal", "-shm"] {
        let name = |path: &Path| format!("{}{ending}", path.display());
        fs::rename(name(&subject.path), name(&moved)).unwrap();
    }
    assert!(!is_copied(&SqliteStore::open(&moved).unwrap()));
}

#[test]
fn a_backup_that_takes_the_place_of_the_database_is_seen_by_programs_that_run() {
    let subject = Subjected::new(Encryption::None);
    let store = subject.store();
    let first = changes::login(&key(), None);
    store.change(&key(), &first).unwrap();
    let backup = subject.path.with_file_name("backup.db");
    let backed_up = subject
        .bypass()
        .execute("VACUUM INTO ?1", [backup.to_str().unwrap()]);
    backed_up.unwrap();
    let second = changes::login(&key(), store.read(&key()).unwrap());
    store.change(&key(), &second).unwrap();
    for ending in ["-wal", "-shm"] {
        fs::remove_file(format!("{}{ending}", subject.path.display())).unwrap();
    }
    fs::rename(&backup, &subject.path).unwrap();
    // The running program reads and writes what is there now, and spends nothing from it.
    assert_eq!(store.read(&key()).unwrap().as_ref(), Some(first.record()));
    assert!(is_copied(&store));
    store.adopt().unwrap();
    assert!(!is_copied(&store));
    drop(store);
    let stored = subject.store().read(&key()).unwrap();
    assert_eq!(stored.as_ref(), Some(first.record()));
}

#[test]
fn a_database_that_is_gone_is_not_an_empty_one() {
    let subject = Subjected::new(Encryption::None);
    let store = subject.store();
    store.change(&key(), &changes::login(&key(), None)).unwrap();
    fs::remove_file(&subject.path).unwrap();
    let error = store.read(&key()).unwrap_err();
    assert!(matches!(error, StoreError::Database { .. }), "{error}");
    assert!(!subject.path.exists());
}
