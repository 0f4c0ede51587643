//! A store in SQLite goes through the suite that every store goes through, and through what only a
//! database can meet.

mod copied;
#[cfg(target_os = "linux")]
mod faults;
mod killed;
mod moving;
#[cfg(feature = "encryption")]
mod rotation;
mod schema;
mod stopped;
mod subject;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use twoba_core::SessionKey;
use twoba_store::conformance::changes;
use twoba_store::{Store, StoreError};

use crate::SqliteStore;
use subject::{Encryption, Subjected};

mod of_a_plain_database {
    twoba_store::conformance!(super::Subjected::new(super::Encryption::None));
}

mod of_a_database_called_in_place {
    twoba_store::conformance_async!(super::subject::InPlace::new());
}

mod of_a_plain_database_as_a_whole {
    twoba_store::conformance_maintained!(super::Subjected::new(super::Encryption::None));
}

#[cfg(feature = "encryption")]
mod of_an_encrypted_database_as_a_whole {
    twoba_store::conformance_maintained!(super::Subjected::new(super::Encryption::Sealed));
}

#[cfg(feature = "encryption")]
mod of_an_encrypted_database {
    twoba_store::conformance!(super::Subjected::new(super::Encryption::Sealed));
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn key() -> SessionKey {
    SessionKey::parse("default").unwrap()
}

/// The names of the files beside the database.
fn files(path: &Path) -> Vec<String> {
    let entries = fs::read_dir(path.parent().unwrap()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

#[test]
fn the_database_and_all_beside_it_are_for_their_owner_only() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("a").join("b").join("sessions.db");
    let store = SqliteStore::open(&path).unwrap();
    let login = changes::login(&key(), None);
    store.change(&key(), &login).unwrap();
    let lease = store.try_lease(&key()).unwrap().unwrap();
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    let names = files(&path);
    assert_eq!(names.len(), 4, "database, log, index, holder: {names:?}");
    for name in &names {
        assert_eq!(mode(&path.with_file_name(name)), 0o600, "{name}");
    }
    // The holder's file goes with the last lease and the last handle.
    drop(store);
    assert_eq!(files(&path).len(), 4);
    drop(lease);
    assert_eq!(
        files(&path),
        ["sessions.db", "sessions.db-shm", "sessions.db-wal"]
    );
    // What a restored file gives to others is taken away.
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    SqliteStore::open(&path).unwrap();
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn a_folder_that_others_can_use_is_refused_and_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("shared");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    let error = SqliteStore::open(folder.join("sessions.db")).unwrap_err();
    let said = matches!(&error, StoreError::OpenToOthers { path } if *path == folder);
    assert!(said, "{error}");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn a_link_into_a_folder_that_others_can_use_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;

    let home = tempfile::tempdir().unwrap();
    let [mine, shared] = ["mine", "shared"].map(|name| home.path().join(name));
    for (folder, mode) in [(&mine, 0o700), (&shared, 0o777)] {
        std::fs::create_dir(folder).unwrap();
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    std::os::unix::fs::symlink("../shared/sessions.db", mine.join("sessions.db")).unwrap();
    std::fs::write(shared.join("sessions.db"), "").unwrap();
    let error = SqliteStore::open(mine.join("sessions.db")).unwrap_err();
    assert!(matches!(&error, StoreError::OpenToOthers { .. }), "{error}");
    assert_eq!(std::fs::read(shared.join("sessions.db")).unwrap(), b"");
}

#[test]
fn a_link_to_the_database_leads_to_the_same_leases() {
    let subject = Subjected::new(Encryption::None);
    let store = subject.store();
    let other = subject.path.with_file_name("elsewhere");
    fs::create_dir(&other).unwrap();
    fs::set_permissions(&other, fs::Permissions::from_mode(0o700)).unwrap();
    let link = other.join("link.db");
    std::os::unix::fs::symlink(&subject.path, &link).unwrap();
    let linked = SqliteStore::open(&link).unwrap();
    let lease = store.try_lease(&key()).unwrap().unwrap();
    assert!(linked.try_lease(&key()).unwrap().is_none(), "two have it");
    drop(lease);
    assert!(linked.try_lease(&key()).unwrap().is_some());
}

#[test]
fn a_spent_token_is_overwritten_and_not_only_forgotten() {
    let subject = Subjected::new(Encryption::None);
    let store = subject.store();
    let login = changes::login(&key(), None);
    store.change(&key(), &login).unwrap();
    let stored = store.read(&key()).unwrap().unwrap();
    let token = String::from_utf8_lossy(stored.expose()).into_owned();
    let token = token
        .split('"')
        .find(|part| part.starts_with("refresh") && part.len() == 32);
    let token = token.unwrap().to_owned();
    let holds = |token: &str| {
        let mut bytes = files(&subject.path).into_iter().map(|name| {
            let bytes = fs::read(subject.path.with_file_name(name)).unwrap();
            String::from_utf8_lossy(&bytes).contains(token)
        });
        bytes.any(|here| here)
    };
    assert!(holds(&token), "{token}");
    store
        .change(&key(), &changes::logout(&key(), stored))
        .unwrap();
    // The last to leave puts the log into the database, and empties the log.
    drop(store);
    assert!(!holds(&token), "{token}");
}
