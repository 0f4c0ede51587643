//! The key of a store changes while threads and processes write, and whoever changes it is killed.

use std::collections::BTreeMap;
use std::env;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::encrypted::{Keys, contents, filled, key};
use super::*;
use crate::conformance::worker::Killed;
use crate::protection::{Protection, Protector};
use crate::seal::tests::write_keys;
use crate::seal::{EncryptionKey, KeyFile, Sealer};
use crate::sealed::key_of;
use crate::store::{ApplyError, KeyId};

/// Tells a child its folder. The keys are beside it.
const FOLDER: &str = "TWOBA_TEST_FOLDER";

/// Tells a child the key to change to, or that it writes.
const CHANGE_TO: &str = "TWOBA_TEST_CHANGE_TO";

/// How many files are sealed with each key.
fn sealed(folder: &Path) -> BTreeMap<String, usize> {
    let mut sealed = BTreeMap::new();
    for (_, bytes) in contents(folder) {
        if let Some(key) = key_of(&bytes) {
            *sealed.entry(key.to_string()).or_default() += 1;
        }
    }
    sealed
}

#[test]
fn everything_is_sealed_again_and_the_old_key_is_not_needed_any_more() {
    let (home, keys) = (tempfile::tempdir().unwrap(), Keys::new());
    let store = filled(&home.path().join("store"), keys.protector());
    let before = store.kept_aside(None).unwrap();
    let record = store.read(&key()).unwrap();
    let new = keys.add();
    assert_eq!(store.seal_again(new).unwrap(), 3);
    assert_eq!(store.protection().unwrap(), Protection::Encrypted(new));
    assert_eq!(
        sealed(store.folder()),
        BTreeMap::from([(new.to_string(), 3)])
    );
    keys.remove_the_first();
    let again = FileStore::open_with(store.folder(), keys.protector()).unwrap();
    assert_eq!(again.read(&key()).unwrap(), record);
    assert!(again.rescued(&key()).unwrap().is_some());
    // With the time when it was kept aside.
    assert_eq!(again.kept_aside(None).unwrap(), before);
    // A second time there is nothing to do.
    assert_eq!(again.seal_again(new).unwrap(), 0);
}

#[test]
fn a_key_that_the_program_does_not_have_is_refused_and_nothing_changes() {
    let (home, keys) = (tempfile::tempdir().unwrap(), Keys::new());
    let store = filled(&home.path().join("store"), keys.protector());
    let before = contents(store.folder());
    let error = store.seal_again(KeyId::from_bytes([7; 8])).unwrap_err();
    assert!(matches!(error, StoreError::KeyUnknown { .. }), "{error}");
    assert_eq!(contents(store.folder()), before);
    let plain = filled(&home.path().join("plain"), Protector::without_keys());
    let error = plain.seal_again(KeyId::from_bytes([7; 8])).unwrap_err();
    assert!(matches!(error, StoreError::NotEncrypted { .. }), "{error}");
}

#[test]
fn a_program_without_the_new_key_says_so_and_writes_nothing() {
    let (home, keys) = (tempfile::tempdir().unwrap(), Keys::new());
    let store = filled(&home.path().join("store"), keys.protector());
    // A program whose file of keys nobody has amended.
    let old = keys.frozen();
    let left = FileStore::open_with(store.folder(), old.protector()).unwrap();
    left.read(&key()).unwrap();
    store.seal_again(keys.add()).unwrap();
    let before = contents(store.folder());
    let error = left.probe(&key()).unwrap_err();
    assert!(matches!(error, StoreError::KeyUnknown { .. }), "{error}");
    assert!(left.read(&key()).is_err());
    assert_eq!(contents(store.folder()), before);
}

#[test]
fn damage_stays_as_it_is() {
    let (home, keys) = (tempfile::tempdir().unwrap(), Keys::new());
    let store = filled(&home.path().join("store"), keys.protector());
    let path = store.record_of(&key());
    let mut damaged = fs::read(&path).unwrap();
    *damaged.last_mut().unwrap() ^= 1;
    fs::write(&path, &damaged).unwrap();
    assert_eq!(store.seal_again(keys.add()).unwrap(), 2);
    assert_eq!(fs::read(&path).unwrap(), damaged);
}

/// Writes sessions of its own until it is told to stop: some again and again, some for the first
/// time.
fn write_until(store: &FileStore, name: &str, stop: impl Fn() -> bool) -> usize {
    let mut written = 0;
    while !stop() {
        let turn = written % 40;
        let key = SessionKey::parse(format!("{name}-{turn}-{}", (turn / 20) * written)).unwrap();
        let login = changes::login(&key, store.read(&key).unwrap());
        match store.change(&key, &login) {
            Ok(_) => written += 1,
            Err(ApplyError::Store(StoreError::Busy)) => {}
            Err(error) => panic!("{error}"),
        }
        assert_eq!(store.read(&key).unwrap().as_ref(), Some(login.record()));
    }
    written
}

/// Sets a flag when it is dropped.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn threads_that_write_meanwhile_write_with_the_new_key_and_lose_nothing() {
    let (home, keys) = (tempfile::tempdir().unwrap(), Keys::new());
    let store = filled(&home.path().join("store"), keys.protector());
    let (stop, written) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        // The writers end whatever comes.
        let _stop = Stop(&stop);
        for writer in 0..3 {
            let (keys, store, stop, written) = (&keys, &store, &stop, &written);
            scope.spawn(move || {
                let store = FileStore::open_with(store.folder(), keys.protector()).unwrap();
                let name = format!("writer-{writer}");
                write_until(&store, &name, || {
                    written.fetch_add(1, Ordering::SeqCst);
                    stop.load(Ordering::SeqCst)
                })
            });
        }
        for _ in 0..4 {
            let (begun, new) = (written.load(Ordering::SeqCst), keys.add());
            store.seal_again(new).unwrap();
            assert_eq!(
                sealed(store.folder()).into_keys().collect::<Vec<_>>(),
                [new.to_string()]
            );
            keys.remove_the_first();
            wait_for("nobody writes any more", || {
                written.load(Ordering::SeqCst) > begun + 30
            });
        }
    });
    let again = FileStore::open_with(store.folder(), keys.protector()).unwrap();
    for one in again.list(None, usize::MAX).unwrap() {
        assert!(again.read(&one.key).unwrap().unwrap().schedule().is_some());
    }
}

fn in_folder(folder: &Path) -> FileStore {
    let keys = KeyFile::new(folder.parent().unwrap().join("keys"));
    FileStore::open_with(folder, Protector::with_keys(Sealer::new(keys))).unwrap()
}

/// This file's test of processes once more, as a child.
fn child(folder: &Path, change_to: &str) -> Killed {
    let test =
        "file::tests::rotated::processes_that_write_meanwhile_and_one_that_is_killed_lose_nothing";
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "--nocapture", test]);
    command.stdout(std::process::Stdio::null());
    command.env(FOLDER, folder).env(CHANGE_TO, change_to);
    Killed(command.spawn().unwrap())
}

/// Waits for something that another process does.
#[track_caller]
fn wait_for(what: &str, mut look: impl FnMut() -> bool) {
    let started = Instant::now();
    while !look() {
        assert!(started.elapsed() < Duration::from_secs(60), "{what}");
        thread::sleep(Duration::from_millis(1));
    }
}

fn run_the_child(folder: &Path, change_to: &str) {
    let store = in_folder(folder);
    match KeyId::parse(change_to) {
        Some(key) => drop(store.seal_again(key).unwrap()),
        None => {
            let name = format!("process-{}", std::process::id());
            write_until(&store, &name, || folder.join("stop").exists());
        }
    }
}

#[test]
fn processes_that_write_meanwhile_and_one_that_is_killed_lose_nothing() {
    if let Some(folder) = env::var_os(FOLDER) {
        let change_to = env::var(CHANGE_TO).unwrap();
        return run_the_child(Path::new(&folder), &change_to);
    }
    let home = tempfile::tempdir().unwrap();
    let (folder, path) = (home.path().join("store"), home.path().join("keys"));
    let old = EncryptionKey::random().unwrap();
    write_keys(&path, std::slice::from_ref(&old));
    let store = in_folder(&folder);
    let planted: Vec<_> = (0..800)
        .map(|number| SessionKey::parse(format!("{number}")).unwrap())
        .collect();
    for key in &planted {
        store
            .plant(key, changes::login(key, None).record().expose())
            .unwrap();
        // As every session has that was ever written.
        fs::write(folder.join(format!("{}.write", key.as_str())), "").unwrap();
    }
    let mut writers = [child(&folder, "writes"), child(&folder, "writes")];
    let new = EncryptionKey::random().unwrap();
    write_keys(&path, &[old.clone(), new.clone()]);
    let count = |key: &EncryptionKey| sealed(&folder).get(&key.id().to_string()).copied();
    let killed = child(&folder, &new.id().to_string());
    wait_for("nothing is sealed again", || count(&new) > Some(60));
    drop(killed);
    assert!(count(&old) > Some(20), "it was not killed in the middle");
    // The fact is the new one already, and whoever begins again does the rest.
    assert_eq!(store.protection().unwrap(), Protection::Encrypted(new.id()));
    assert!(
        child(&folder, &new.id().to_string())
            .0
            .wait()
            .unwrap()
            .success()
    );
    assert_eq!(count(&old), None);
    write_keys(&path, std::slice::from_ref(&new));
    let begun = fs::read_dir(&folder).unwrap().count();
    wait_for("nobody writes any more", || {
        fs::read_dir(&folder).unwrap().count() > begun + 20
    });
    fs::write(folder.join("stop"), "").unwrap();
    for writer in &mut writers {
        assert!(writer.0.wait().unwrap().success());
    }
    assert_eq!(count(&old), None);
    let again = in_folder(&folder);
    let listed = again.list(None, usize::MAX).unwrap();
    assert!(
        planted
            .iter()
            .all(|key| listed.iter().any(|one| one.key == *key))
    );
    for one in listed {
        assert!(again.read(&one.key).unwrap().unwrap().schedule().is_some());
    }
}
