//! A copy of a store spends nothing until somebody says that it takes the other's place.

use std::fs;
use std::path::Path;

use twoba_core::SessionKey;

use crate::conformance::changes;
use crate::store::StoreError;
use crate::{FileStore, Store};

fn copy(from: &Path, to: &Path) {
    let store = FileStore::open(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let file = entry.unwrap().path();
        fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
    }
    drop(store);
}

fn is_copied(store: &FileStore, key: &SessionKey) -> bool {
    match store.try_lease(key) {
        Ok(lease) => {
            assert!(lease.is_some());
            false
        }
        Err(StoreError::Copied { place }) => {
            assert!(place.ends_with(store.folder().to_str().unwrap()));
            true
        }
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_copy_is_read_and_spends_nothing_until_it_is_adopted() {
    let home = tempfile::tempdir().unwrap();
    let store = FileStore::open(home.path().join("store")).unwrap();
    let key = SessionKey::parse("default").unwrap();
    // Copied right behind the login: no lease has been taken yet.
    store.change(&key, &changes::login(&key, None)).unwrap();
    let copied = home.path().join("copy");
    copy(store.folder(), &copied);
    let other = FileStore::open(&copied).unwrap();
    assert_eq!(other.read(&key).unwrap(), store.read(&key).unwrap());
    assert!(is_copied(&other, &key));
    // A second copy, of the copy.
    let again = home.path().join("again");
    copy(&copied, &again);
    assert!(is_copied(&FileStore::open(&again).unwrap(), &key));

    other.adopt().unwrap();
    assert!(!is_copied(&other, &key));
    assert!(!is_copied(&FileStore::open(&copied).unwrap(), &key));
    // Whose home it was before is the business of whoever adopts.
    assert!(!is_copied(&store, &key));
}

#[test]
fn a_person_logs_in_and_out_in_a_copy() {
    let home = tempfile::tempdir().unwrap();
    let store = FileStore::open(home.path().join("store")).unwrap();
    let key = SessionKey::parse("default").unwrap();
    store.change(&key, &changes::login(&key, None)).unwrap();
    let copied = home.path().join("copy");
    copy(store.folder(), &copied);
    let other = FileStore::open(copied).unwrap();
    let stored = other.read(&key).unwrap().unwrap();
    other.change(&key, &changes::logout(&key, stored)).unwrap();
    assert!(is_copied(&other, &key));
}

#[test]
fn a_folder_that_is_moved_or_of_an_earlier_release_is_at_home() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("store");
    let store = FileStore::open(&folder).unwrap();
    let key = SessionKey::parse("default").unwrap();
    store.change(&key, &changes::login(&key, None)).unwrap();
    let moved = home.path().join("moved");
    fs::rename(&folder, &moved).unwrap();
    assert!(!is_copied(&FileStore::open(&moved).unwrap(), &key));

    // Nothing is said there, or half of it by a process that was killed.
    for left in [None, Some(""), Some("inode 1")] {
        let mark = moved.join(".home");
        fs::remove_file(&mark).unwrap();
        if let Some(left) = left {
            fs::write(&mark, left).unwrap();
        }
        assert!(
            !is_copied(&FileStore::open(&moved).unwrap(), &key),
            "{left:?}"
        );
        let said = fs::read_to_string(&mark).unwrap();
        assert!(said.starts_with("inode ") && said.ends_with('\n'), "{said}");
    }
}
