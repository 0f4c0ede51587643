//! What the file store asks of the disk, in its order, and what becomes of an act that fails.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use twoba_core::SessionKey;

use super::super::disk::{Disk, System};
use crate::conformance::changes;
use crate::protection::Protector;
use crate::store::{ApplyError, StoreError};
use crate::{Due, FileStore, Store};

/// What Linux calls a failed device, and the ways in which it says that a file system has no
/// such act: invalid, not supported, not implemented, not for this file.
const EIO: i32 = 5;
const UNSUPPORTED: [i32; 4] = [22, 95, 38, 9];

/// A disk that tells what it was asked to do, and fails where it is told to.
#[derive(Debug, Default, Clone)]
struct Watched(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    acts: Vec<String>,
    /// How many files were read.
    reads: usize,
    /// How many names were looked at to list folders.
    names: usize,
    /// The next acts of these names fail, each with this error of the system.
    failing: VecDeque<(&'static str, i32)>,
}

impl Seen {
    fn forget(&mut self) {
        (self.reads, self.names) = (0, 0);
        self.acts.clear();
    }
}

impl Watched {
    fn store(&self, folder: &Path) -> FileStore {
        FileStore::on(
            Box::new(self.clone()),
            folder.to_path_buf(),
            Protector::without_keys(),
        )
        .unwrap()
    }

    fn fail(&self, act: &'static str, error: i32) {
        self.0.lock().unwrap().failing.push_back((act, error));
    }

    /// What it was asked to do since this was asked last.
    fn acts(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap().acts)
    }

    fn act(&self, act: &str, path: &Path) -> io::Result<()> {
        let name = path.file_name().unwrap().to_str().unwrap();
        let mut seen = self.0.lock().unwrap();
        seen.acts.push(format!("{act} {name}"));
        match seen.failing.front() {
            Some(&(failing, error)) if failing == act => {
                seen.failing.pop_front();
                Err(io::Error::from_raw_os_error(error))
            }
            _ => Ok(()),
        }
    }
}

impl Disk for Watched {
    fn read(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        self.0.lock().unwrap().reads += 1;
        System.read(path, most)
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        self.act("make", path)?;
        System.make_folder(path)
    }

    fn write(&self, file: &mut File, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.act("write", path)?;
        System.write(file, path, bytes)
    }

    fn sync_file(&self, file: &File, path: &Path) -> io::Result<()> {
        self.act("sync", path)?;
        System.sync_file(file, path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.act("rename to", to)?;
        System.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let there = path.symlink_metadata().is_ok();
        if there {
            self.act("remove", path)?;
        }
        System.remove(path)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.act("sync folder", folder)?;
        System.sync_folder(folder)
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<String>> {
        self.act("list", folder)?;
        let names = System.names(folder)?;
        self.0.lock().unwrap().names += names.len();
        Ok(names)
    }
}

/// A watched store with a login, whose acts are forgotten.
fn logged_in() -> (tempfile::TempDir, Watched, FileStore, SessionKey) {
    let (home, disk) = (tempfile::tempdir().unwrap(), Watched::default());
    let store = disk.store(&home.path().join("store"));
    let key = SessionKey::parse("default").unwrap();
    store.change(&key, &changes::login(&key, None)).unwrap();
    disk.acts();
    (home, disk, store, key)
}

/// The acts of a write that replaces one file.
const REPLACED: [&str; 4] = [
    "write .writing-default",
    "sync .writing-default",
    "rename to default.grant",
    "sync folder store",
];

#[test]
fn a_record_is_on_the_disk_before_its_name_and_its_name_before_the_proof() {
    let (_home, disk, store, key) = logged_in();
    let stored = store.read(&key).unwrap().unwrap();
    let refresh = changes::refresh(&key, stored);
    store.change(&key, &refresh.intent).unwrap();
    assert_eq!(disk.acts(), REPLACED);
    store.rescue(&key, refresh.rotation.record()).unwrap();
    let rescue = REPLACED.map(|act| act.replace("grant", "rescue"));
    assert_eq!(disk.acts(), rescue);
    // A rescued grant goes once the record that it is replaced by is on the disk.
    let mut lease = store.try_lease(&key).unwrap().unwrap();
    lease.finish(&refresh.rotation).unwrap();
    let mut acts = REPLACED.to_vec();
    acts.extend(["remove default.rescue", "sync folder store"]);
    assert_eq!(disk.acts(), acts);
}

#[test]
fn bytes_that_nobody_can_read_are_kept_on_the_disk_before_they_are_replaced() {
    let (_home, disk, store, key) = logged_in();
    std::fs::write(store.record_of(&key), "damaged").unwrap();
    let damaged = store.read(&key).unwrap();
    store.change(&key, &changes::login(&key, damaged)).unwrap();
    let acts = disk.acts();
    let (kept, replaced) = acts.split_at(6);
    assert_eq!(kept[0], "make default.aside");
    assert!(kept[3].contains("replaced-"), "{acts:?}");
    // Its name, and that of the folder in which it is.
    assert_eq!(
        kept[4..],
        ["sync folder store", "sync folder default.aside"]
    );
    // Last it is looked whether too many are kept.
    let (looked, replaced) = replaced.split_last().unwrap();
    assert_eq!(looked, "list default.aside");
    assert_eq!(replaced, REPLACED);
}

#[test]
fn nobody_lists_a_folder_to_use_one_session_of_it() {
    let (home, disk) = (tempfile::tempdir().unwrap(), Watched::default());
    let folder = home.path().join("store");
    let key = SessionKey::parse("default").unwrap();
    let lists = || {
        disk.acts()
            .iter()
            .filter(|act| *act == "list store")
            .count()
    };
    // The first write looks for what an earlier release has left, and no other process does.
    let first = disk.store(&folder);
    first.change(&key, &changes::login(&key, None)).unwrap();
    assert_eq!(lists(), 1);
    let opened_again = disk.store(&folder);
    for store in [&first, &first.clone(), &opened_again] {
        store.probe(&key).unwrap();
        let login = changes::login(&key, store.read(&key).unwrap());
        store.change(&key, &login).unwrap();
        let mut lease = store.try_lease(&key).unwrap().unwrap();
        assert!(store.try_lease(&key).unwrap().is_none());
        let refresh = changes::refresh(&key, lease.load().unwrap().unwrap());
        lease.renew().unwrap();
        lease.apply(&refresh.intent).unwrap();
        store.rescue(&key, refresh.rotation.record()).unwrap();
        assert!(store.rescued(&key).unwrap().is_some());
        lease.finish(&refresh.rotation).unwrap();
        lease.release();
        assert_eq!(lists(), 0);
        // What is older of what was kept aside is looked for in a folder of the session.
        std::fs::write(store.record_of(&key), "damaged").unwrap();
        let login = changes::login(&key, store.read(&key).unwrap());
        store.change(&key, &login).unwrap();
        assert_eq!(lists(), 0);
    }
    // Who asks for all sessions lists it once.
    opened_again.list(None, 10).unwrap();
    assert_eq!(lists(), 1);
    opened_again.due(Due::Refresh, changes::NOW, 10).unwrap();
    assert_eq!(lists(), 1);
}

/// What the operations on one session ask of the disk, in a folder with so many others.
fn asked_among(sessions: usize) -> (Vec<String>, usize, usize) {
    let (home, disk) = (tempfile::tempdir().unwrap(), Watched::default());
    let folder = home.path().join("store");
    let key = SessionKey::parse("default").unwrap();
    let prepared = disk.store(&folder);
    prepared.change(&key, &changes::login(&key, None)).unwrap();
    for number in 0..sessions {
        let other = SessionKey::parse(format!("installer-{number}")).unwrap();
        std::fs::write(prepared.record_of(&other), "").unwrap();
    }
    disk.0.lock().unwrap().forget();
    // As another process opens it.
    let store = disk.store(&folder);
    store.probe(&key).unwrap();
    let login = changes::login(&key, store.read(&key).unwrap());
    store.change(&key, &login).unwrap();
    let mut lease = store.try_lease(&key).unwrap().unwrap();
    assert!(store.try_lease(&key).unwrap().is_none());
    let refresh = changes::refresh(&key, lease.load().unwrap().unwrap());
    lease.apply(&refresh.intent).unwrap();
    store.rescue(&key, refresh.rotation.record()).unwrap();
    assert!(store.rescued(&key).unwrap().is_some());
    lease.finish(&refresh.rotation).unwrap();
    lease.release();
    // More often than so many are kept aside.
    for damage in 0..6 {
        let damage = format!("damaged {damage}");
        std::fs::write(store.record_of(&key), damage).unwrap();
        let login = changes::login(&key, store.read(&key).unwrap());
        assert!(login.keeps_replaced());
        store.change(&key, &login).unwrap();
    }
    let mut seen = disk.0.lock().unwrap();
    // Of bytes that were kept aside within a tick of the clock, either may be the older one.
    let acts = std::mem::take(&mut seen.acts).into_iter();
    let acts = acts.map(|act| match act.split_once("replaced-") {
        Some((act, _)) => format!("{act}replaced-"),
        None => act,
    });
    (acts.collect(), seen.reads, seen.names)
}

#[test]
fn among_a_hundred_thousand_sessions_one_costs_as_much_as_among_ten() {
    let few = asked_among(10);
    let (acts, reads, names) = &few;
    assert!(acts.len() > 60 && *reads > 40 && *names > 10, "{few:?}");
    assert!(!acts.contains(&"list store".to_owned()));
    assert!(acts.iter().any(|act| act == "remove default.replaced-"));
    assert_eq!(asked_among(100_000), few);
}

/// On Linux neither a device nor a folder of processes can be synced, and the kernel says so.
#[cfg(target_os = "linux")]
#[test]
fn a_sync_is_one_of_the_operating_system() {
    let null = Path::new("/dev/null");
    let file = File::open(null).unwrap();
    assert!(System.sync_file(&file, null).is_err());
    let error = System.sync_folder(Path::new("/proc/self")).unwrap_err();
    assert!(super::super::disk::is_unsupported(&error), "{error}");
    System.sync_folder(Path::new("/")).unwrap();
}

#[test]
fn a_folder_sync_that_the_system_does_not_know_is_asked_for_once() {
    for error in UNSUPPORTED {
        let (_home, disk, store, key) = logged_in();
        disk.fail("sync folder", error);
        store.probe(&key).unwrap();
        let login = changes::login(&key, store.read(&key).unwrap());
        disk.acts();
        store.clone().change(&key, &login).unwrap();
        let (_, without_the_folder) = REPLACED.split_last().unwrap();
        assert_eq!(disk.acts(), without_the_folder, "{error}");
        assert_eq!(store.read(&key).unwrap().as_ref(), Some(login.record()));
    }
}

#[test]
fn a_folder_sync_that_fails_is_a_change_of_unknown_outcome() {
    let (_home, disk, store, key) = logged_in();
    let login = changes::login(&key, store.read(&key).unwrap());
    let unknown = |outcome: Result<_, ApplyError>| match outcome {
        Err(ApplyError::Store(error @ StoreError::OutcomeUnknown { .. })) => error.to_string(),
        outcome => panic!("{outcome:?}"),
    };
    disk.fail("sync folder", EIO);
    let said = unknown(store.change(&key, &login));
    assert!(said.starts_with("it is not known whether"), "{said}");
    // It stands there. Asked again, the store says so only once it is on the disk.
    disk.fail("sync folder", EIO);
    unknown(store.change(&key, &login));
    disk.acts();
    match store.change(&key, &login) {
        Err(ApplyError::Conflict(Some(stored))) => assert_eq!(stored, *login.record()),
        outcome => panic!("{outcome:?}"),
    }
    assert_eq!(disk.acts(), ["sync folder store"]);
    // A failure is no lack of support: the next change asks for it again.
    let next = changes::login(&key, Some(login.record().clone()));
    store.change(&key, &next).unwrap();
    assert_eq!(disk.acts(), REPLACED);
}

#[test]
fn a_probe_says_that_the_folder_cannot_be_synced() {
    let (_home, disk, store, key) = logged_in();
    disk.fail("sync folder", EIO);
    let error = store.probe(&key).unwrap_err();
    assert!(error.to_string().starts_with("cannot sync"), "{error}");
}

#[test]
fn a_write_that_fails_before_its_name_is_there_leaves_the_record_and_no_copy() {
    for act in ["write", "sync", "rename to"] {
        let (_home, disk, store, key) = logged_in();
        let before = store.read(&key).unwrap();
        disk.fail(act, EIO);
        let login = changes::login(&key, before.clone());
        let error = store.change(&key, &login).unwrap_err();
        assert!(
            matches!(error, ApplyError::Store(StoreError::Io { .. })),
            "{act}: {error}"
        );
        assert_eq!(store.read(&key).unwrap(), before, "{act}");
        assert!(!store.temporary_of(&key).exists(), "{act}: it holds tokens");
    }
}

#[test]
fn a_rescued_grant_that_cannot_be_removed_is_said_and_the_change_stands() {
    let (_home, disk, store, key) = logged_in();
    let stored = store.read(&key).unwrap();
    let login = changes::login(&key, stored);
    store.rescue(&key, login.record()).unwrap();
    disk.fail("remove", EIO);
    let error = store.change(&key, &login).unwrap_err();
    assert!(error.to_string().starts_with("cannot remove"), "{error}");
    assert_eq!(store.read(&key).unwrap().as_ref(), Some(login.record()));
    let next = changes::login(&key, Some(login.record().clone()));
    store.change(&key, &next).unwrap();
    assert_eq!(store.rescued(&key).unwrap(), None);
}
