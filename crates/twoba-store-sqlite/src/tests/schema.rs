//! What a database says of itself decides whether a program may use it.

use twoba_store::{DatabaseFailure, Store, StoreError};

use super::key;
use super::subject::{Encryption, Subjected};
use crate::SqliteStore;
use crate::schema::KNOWN;

#[test]
fn a_database_that_a_newer_release_has_changed_is_left_alone() {
    let subject = Subjected::new(Encryption::None);
    let running = subject.store();
    let change = "UPDATE meta SET value = ?1 WHERE name = 'needs'";
    let newer = (KNOWN + 1).to_string();
    subject.bypass().execute(change, [&newer]).unwrap();
    for error in [
        SqliteStore::open(&subject.path).unwrap_err(),
        running.read(&key()).unwrap_err(),
        running.probe(&key()).unwrap_err(),
        running.try_lease(&key()).err().unwrap(),
    ] {
        let said = matches!(&error, StoreError::SchemaNewer { found, known, .. }
            if *found == KNOWN + 1 && *known == KNOWN);
        assert!(said, "{error}");
    }
}

#[test]
fn a_newer_schema_that_needs_no_newer_program_is_used() {
    let subject = Subjected::new(Encryption::None);
    drop(subject.store());
    let connection = subject.bypass();
    let newer = (KNOWN + 1).to_string();
    connection
        .execute("UPDATE meta SET value = ?1 WHERE name = 'schema'", [&newer])
        .unwrap();
    connection
        .execute_batch(
            "ALTER TABLE session ADD COLUMN note TEXT; INSERT INTO meta VALUES ('new', 'x')",
        )
        .unwrap();
    let store = SqliteStore::open(&subject.path).unwrap();
    let login = twoba_store::conformance::changes::login(&key(), None);
    store.change(&key(), &login).unwrap();
    assert_eq!(store.read(&key()).unwrap().as_ref(), Some(login.record()));
    let schema: String = connection
        .query_row("SELECT value FROM meta WHERE name = 'schema'", (), |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(schema, newer, "a program of this release has set it back");
}

#[test]
fn a_database_of_another_program_is_left_alone() {
    let subject = Subjected::new(Encryption::None);
    drop(subject.store());
    let path = subject.path.with_file_name("others.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection
        .execute_batch("CREATE TABLE things (name TEXT)")
        .unwrap();
    let error = SqliteStore::open(&path).unwrap_err();
    let said = matches!(&error, StoreError::Database { failure, .. }
        if *failure == DatabaseFailure::NoTables);
    assert!(said, "{error}");
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))
        .unwrap();
    assert_eq!(tables, 1);
    let mode: String = connection
        .query_row("PRAGMA journal_mode", (), |row| row.get(0))
        .unwrap();
    assert_eq!(mode, "delete", "it was given a log");
}

#[cfg(feature = "encryption")]
#[test]
fn an_encrypted_database_without_its_key_is_left_alone() {
    use std::fs;

    use twoba_store::conformance::changes;

    let subject = Subjected::new(Encryption::Sealed);
    let store = subject.store();
    store.change(&key(), &changes::login(&key(), None)).unwrap();
    drop(store);
    let before = fs::read(&subject.path).unwrap();
    let error = SqliteStore::open(&subject.path).unwrap_err();
    assert!(matches!(error, StoreError::Encrypted { .. }), "{error}");
    let other = super::subject::with_new_key();
    let error = SqliteStore::open_with(&subject.path, other).unwrap_err();
    assert!(matches!(error, StoreError::KeyUnknown { .. }), "{error}");
    assert!(fs::read(&subject.path).unwrap() == before);
    // Nor is a plain one used by a program that means it to be encrypted.
    let plain = Subjected::new(Encryption::None);
    drop(plain.store());
    let error = SqliteStore::open_with(&plain.path, super::subject::with_new_key()).unwrap_err();
    assert!(matches!(error, StoreError::NotEncrypted { .. }), "{error}");
}

#[test]
fn eighty_handles_that_open_a_new_database_at_once_all_open_it() {
    let subject = Subjected::new(Encryption::None);
    let opened = std::thread::scope(|scope| {
        let each = || scope.spawn(|| SqliteStore::open(&subject.path).map(drop));
        let threads: Vec<_> = std::iter::repeat_with(each).take(80).collect();
        let outcomes = threads.into_iter().map(|thread| thread.join().unwrap());
        outcomes.collect::<Result<Vec<_>, _>>()
    });
    assert_eq!(opened.unwrap().len(), 80);
}
