//! What stands in a record's place and cannot be one: it is kept as it is, and stands in nobody's
//! way.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;

use twoba_core::SessionKey;
use twoba_core::limits::RECORD_MAX;

use crate::conformance::changes;
use crate::store::StoreError;
use crate::{FileStore, ListedKind, Store};

fn empty() -> (tempfile::TempDir, FileStore, SessionKey) {
    let home = tempfile::tempdir().unwrap();
    let store = FileStore::open(home.path().join("store")).unwrap();
    (home, store, SessionKey::parse("default").unwrap())
}

/// A login and a logout, one after the other, keep what `put` puts in the record's place, and
/// `look` finds it whole.
#[track_caller]
fn assert_kept(put: impl Fn(&Path), look: impl Fn(&Path)) {
    let (_home, store, key) = empty();
    for round in [1, 2] {
        put(&store.record_of(&key));
        store.probe(&key).unwrap();
        let found = store.read(&key).unwrap().unwrap();
        assert!(found.schedule().is_none(), "a session can read it");
        let change = match round {
            1 => changes::login(&key, Some(found)),
            _ => changes::logout(&key, found),
        };
        store.change(&key, &change).unwrap();
        assert_eq!(store.read(&key).unwrap().as_ref(), Some(change.record()));
        let listed = store.list(None, 10).unwrap().into_iter();
        let aside = listed.filter(|one| one.kind == ListedKind::KeptAside);
        assert_eq!(aside.count(), round);
        fs::remove_file(store.record_of(&key)).unwrap();
    }
    for path in store.files_of(&key, ListedKind::KeptAside) {
        look(&path);
    }
}

#[test]
fn a_file_too_large_to_be_a_session_is_neither_read_in_full_nor_copied() {
    // Larger than any memory; and twins, as far as they are read.
    let length = 1 << 40;
    assert_kept(
        |path| File::create(path).unwrap().set_len(length).unwrap(),
        |path| assert_eq!(path.metadata().unwrap().len(), length),
    );
}

#[test]
fn a_record_of_one_byte_too_many_is_kept_as_it_is() {
    let whole = vec![b'x'; RECORD_MAX + 1];
    assert_kept(
        |path| fs::write(path, &whole).unwrap(),
        |path| assert_eq!(fs::read(path).unwrap(), whole),
    );
}

#[test]
fn a_folder_in_a_records_place_is_kept_with_all_that_is_in_it() {
    assert_kept(
        |path| {
            fs::create_dir(path).unwrap();
            fs::write(path.join("notes"), "mine").unwrap();
        },
        |path| assert_eq!(fs::read_to_string(path.join("notes")).unwrap(), "mine"),
    );
}

#[test]
fn a_folder_in_the_place_of_a_rescued_grant_stands_in_nobodys_way() {
    let (_home, store, key) = empty();
    let in_the_way = store.folder().join("default.rescue");
    fs::create_dir(&in_the_way).unwrap();
    let login = changes::login(&key, None);
    store.change(&key, &login).unwrap();
    assert_eq!(store.rescued(&key).unwrap(), None);
    fs::create_dir(&in_the_way).unwrap();
    store.rescue(&key, login.record()).unwrap();
    assert_eq!(store.rescued(&key).unwrap().as_ref(), Some(login.record()));
    assert_eq!(store.files_of(&key, ListedKind::KeptAside).len(), 2);
}

#[test]
fn a_probe_says_that_a_record_cannot_be_read() {
    let (_home, store, key) = empty();
    // Not even root can follow this one.
    let record = store.record_of(&key);
    symlink(&record, &record).unwrap();
    let error = store.probe(&key).unwrap_err();
    assert!(matches!(&error, StoreError::Io { path, .. } if *path == record));
    assert!(error.to_string().starts_with("cannot read"), "{error}");
}
