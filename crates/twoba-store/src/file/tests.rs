//! What a file store leaves on the disk.

mod copied;
#[cfg(feature = "encryption")]
mod encrypted;
#[cfg(target_os = "linux")]
mod faults;
mod killed;
mod odd;
#[cfg(feature = "encryption")]
mod rotated;
mod stopped;
mod watched;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};

use super::*;
use crate::conformance::changes;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

// shows: RF1
#[test]
fn folder_and_files_are_for_their_owner_only() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("a").join("b");
    let store = FileStore::open(&folder).unwrap();
    let key = SessionKey::parse("Default/1").unwrap();
    let login = changes::login(&key, None);
    store.change(&key, &login).unwrap();
    store.rescue(&key, login.record()).unwrap();
    let _lease = store.try_lease(&key).unwrap().unwrap();
    assert_eq!(mode(&folder), 0o700);
    let names: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(
        names.len(),
        8,
        "record, rescued grant, two locks, the mark of a sweep, the home, the fact of the \
         protection and its lock, no left-over: {names:?}"
    );
    for path in &names {
        assert_eq!(mode(path), 0o600, "{path:?}");
    }
}

// shows: RF1
#[test]
fn a_folder_that_others_can_use_is_refused_and_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("shared");
    fs::create_dir(&folder).unwrap();
    // The group alone, everybody, and those who can do no more than pass through.
    for open in [0o750, 0o770, 0o755, 0o777, 0o710, 0o701, 0o720, 0o1777] {
        fs::set_permissions(&folder, fs::Permissions::from_mode(open)).unwrap();
        let error = FileStore::open(&folder).unwrap_err();
        let said = matches!(&error, StoreError::OpenToOthers { path } if *path == folder);
        assert!(said, "{open:o}: {error}");
        assert_eq!(mode(&folder), open & 0o777);
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    // As its owner is told to do.
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    FileStore::open(&folder).unwrap();
}

#[test]
fn a_folder_of_another_user_is_refused_and_left_alone() {
    let home = tempfile::tempdir().unwrap();
    // Root gives one away; who is not root knows one of root's.
    let folder = home.path().join("theirs");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    let (folder, theirs) = match chown(&folder, Some(65_534), None) {
        Ok(()) => (folder, 65_534),
        Err(_) => (PathBuf::from("/"), 0),
    };
    let before = fs::metadata(&folder).unwrap();
    let error = FileStore::open(&folder).unwrap_err();
    let StoreError::OwnedByAnother { path, owner, user } = error else {
        panic!("{error}");
    };
    assert_eq!((&path, owner), (&folder, theirs));
    assert_eq!(user, home.path().metadata().unwrap().uid());
    let after = fs::metadata(&folder).unwrap();
    assert_eq!((after.uid(), after.mode()), (before.uid(), before.mode()));
}

#[test]
fn a_store_in_a_place_that_is_no_folder_says_so() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("file");
    fs::write(&file, "x").unwrap();
    let error = FileStore::open(&file).unwrap_err();
    assert!(
        error.to_string().starts_with("cannot make the folder"),
        "{error}"
    );
}

#[test]
fn replaced_bytes_that_nobody_can_read_are_kept_beside() {
    let home = tempfile::tempdir().unwrap();
    let store = FileStore::open(home.path().join("s")).unwrap();
    let key = SessionKey::parse("default").unwrap();
    let path = store.folder().join("default.grant");
    fs::write(&path, "damaged").unwrap();
    let damaged = store.read(&key).unwrap();
    store.change(&key, &changes::login(&key, damaged)).unwrap();
    let aside = store.folder().join("default.aside");
    assert_eq!(mode(&aside), 0o700);
    let kept = fs::read_dir(aside)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.to_string_lossy().contains("replaced-"))
        .unwrap();
    assert_eq!(fs::read_to_string(kept).unwrap(), "damaged");
}

#[test]
fn what_a_killed_process_has_left_half_written_is_removed_by_the_next_write() {
    let home = tempfile::tempdir().unwrap();
    let store = FileStore::open(home.path().join("s")).unwrap();
    let [key, other] = ["default", "default-2"].map(|key| SessionKey::parse(key).unwrap());
    let left = |key: &SessionKey| {
        let name = format!(".writing-{}", name::file_name(key));
        store.folder().join(name)
    };
    fs::write(left(&key), "half a grant").unwrap();
    fs::write(left(&other), "half a grant").unwrap();
    store.change(&key, &changes::login(&key, None)).unwrap();
    assert!(!left(&key).exists() && left(&other).exists());
    store.probe(&other).unwrap();
    assert!(!left(&other).exists());
}

#[test]
fn what_earlier_releases_have_left_half_written_is_removed() {
    let home = tempfile::tempdir().unwrap();
    let store = FileStore::open(home.path().join("s")).unwrap();
    let key = SessionKey::parse("default").unwrap();
    let left = |name: &str| store.folder().join(format!(".writing-{name}.aBc123"));
    for name in ["default", "other", "busy"] {
        fs::write(left(name), "half a grant").unwrap();
    }
    // Somebody writes this very moment.
    let busy = File::create(store.folder().join("busy.write")).unwrap();
    busy.lock().unwrap();
    store.probe(&key).unwrap();
    assert!(!left("default").exists() && !left("other").exists());
    assert!(left("busy").exists());
    // If he is killed, the next process that opens the store removes it.
    drop(busy);
    FileStore::open(store.folder())
        .unwrap()
        .probe(&key)
        .unwrap();
    assert!(!left("busy").exists());
}

/// A store in which as many records of a session as there are texts have been replaced that nobody
/// could read.
fn with_aside(texts: &[&str]) -> (tempfile::TempDir, FileStore, SessionKey) {
    let home = tempfile::tempdir().unwrap();
    let store = FileStore::open(home.path().join("s")).unwrap();
    let key = SessionKey::parse("default").unwrap();
    for text in texts {
        fs::write(store.folder().join("default.grant"), text).unwrap();
        let damaged = store.read(&key).unwrap();
        store.change(&key, &changes::login(&key, damaged)).unwrap();
    }
    (home, store, key)
}

#[test]
fn the_last_few_are_kept_aside() {
    let (_home, store, key) = with_aside(&["1", "2", "3", "4", "5", "6"]);
    let other = SessionKey::parse("default-2").unwrap();
    let kept = store.kept_aside(Some(&key)).unwrap();
    assert_eq!(kept.len(), 4);
    assert!(kept.is_sorted_by(|one, next| one.since >= next.since));
    let texts: Vec<_> = kept.iter().map(|kept| kept.record.expose()).collect();
    assert!(texts.contains(&b"6".as_slice()) && !texts.contains(&b"1".as_slice()));
    assert_eq!(store.kept_aside(None).unwrap(), kept);
    assert_eq!(store.kept_aside(Some(&other)).unwrap(), []);
}

#[test]
fn what_was_kept_aside_changes_places_with_what_stands_there() {
    let (_home, store, key) = with_aside(&["first"]);
    let stood = store.read(&key).unwrap().unwrap();
    let kept = store.kept_aside(Some(&key)).unwrap().remove(0);
    let lease = store.try_lease(&key).unwrap().unwrap();
    assert!(matches!(store.restore(&kept), Err(StoreError::Busy)));
    lease.release();
    store.restore(&kept).unwrap();
    assert_eq!(store.read(&key).unwrap().unwrap().expose(), b"first");
    let aside = store.kept_aside(Some(&key)).unwrap();
    assert_eq!(aside.len(), 1);
    assert_eq!(aside[0].record, stood);
    let path = store.folder().join("default.aside").join(&aside[0].name);
    assert_eq!(mode(&path), 0o600);
    // It is not there any more.
    assert!(matches!(store.restore(&kept), Err(StoreError::Io { .. })));
    assert_eq!(store.read(&key).unwrap().unwrap().expose(), b"first");
}

#[test]
fn what_an_earlier_release_has_kept_aside_is_listed_restored_and_discarded() {
    let (_home, store, key) = with_aside(&["1", "2", "3", "4", "5"]);
    let beside = |digit: &str| {
        let name = format!("default.replaced-{}", digit.repeat(32));
        fs::write(store.folder().join(&name), digit).unwrap();
        name
    };
    let names = [beside("8"), beside("9")];
    let find = |name: &String| {
        let kept = store.kept_aside(Some(&key)).unwrap();
        kept.into_iter().find(|kept| kept.name == *name)
    };
    assert_eq!(store.kept_aside(None).unwrap().len(), 4 + 2);
    let listed = store.list(None, 10).unwrap().into_iter();
    let aside = listed.filter(|one| one.kind == ListedKind::KeptAside);
    assert_eq!(aside.count(), 4 + 2);
    store.restore(&find(&names[0]).unwrap()).unwrap();
    assert_eq!(store.read(&key).unwrap().unwrap().expose(), b"8");
    store.discard(&find(&names[1]).unwrap()).unwrap();
    assert!(names.iter().all(|name| find(name).is_none()));
}

#[test]
fn what_is_discarded_is_gone_and_gone_already_is_no_error() {
    let (_home, store, key) = with_aside(&["first"]);
    let kept = store.kept_aside(Some(&key)).unwrap().remove(0);
    store.discard(&kept).unwrap();
    store.discard(&kept).unwrap();
    assert_eq!(store.kept_aside(None).unwrap(), []);
    assert!(store.read(&key).unwrap().is_some());
}
