//! The protection of a folder is a fact in it, which no program overlooks.

use std::sync::{Arc, Mutex};

use super::*;
use crate::protection::Protector;
use crate::seal::{EncryptionKey, KeysFrom, Sealer};
use crate::sealed::is_sealed;
use crate::store::{ApplyError, KeyId};

const KEPT_SECRET: &str = "refresh_token";

/// The keys of a program, which a test changes.
#[derive(Clone)]
pub(super) struct Keys(Arc<Mutex<Vec<EncryptionKey>>>);

impl Keys {
    pub(super) fn new() -> Self {
        let keys = Self(Arc::default());
        keys.add();
        keys
    }

    pub(super) fn add(&self) -> KeyId {
        let key = EncryptionKey::random().unwrap();
        let id = key.id();
        self.0.lock().unwrap().push(key);
        id
    }

    /// A copy that goes on with the keys of now.
    pub(super) fn frozen(&self) -> Self {
        Self(Arc::new(Mutex::new(self.0.lock().unwrap().clone())))
    }

    pub(super) fn remove_the_first(&self) {
        self.0.lock().unwrap().remove(0);
    }

    /// A program that has not read any key yet.
    pub(super) fn protector(&self) -> Protector {
        let keys = self.clone();
        let source = KeysFrom::new("a test", move || Ok(keys.0.lock().unwrap().clone()));
        Protector::with_keys(Sealer::new(source))
    }
}

pub(super) fn key() -> SessionKey {
    SessionKey::parse("default").unwrap()
}

/// All files in a folder and in those of its sessions, with what is in them.
pub(super) fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else {
            // A file that is being written may be gone by now.
            found.extend(fs::read(&path).map(|bytes| (path, bytes)));
        }
    }
    found.sort();
    found
}

/// Everything that reads or writes a session, and what came of it.
fn everything(store: &FileStore, change: &Change) -> Vec<(&'static str, StoreError)> {
    let key = key();
    let mut errors = Vec::new();
    let mut failed = |what, outcome: Result<(), StoreError>| {
        errors.push((what, outcome.expect_err(what)));
    };
    failed("read", store.read(&key).map(drop));
    failed("lease", store.try_lease(&key).map(drop));
    failed("probe", store.probe(&key));
    failed("rescue", store.rescue(&key, change.record()));
    failed("rescued", store.rescued(&key).map(drop));
    failed("due", store.due(Due::Refresh, changes::NOW, 10).map(drop));
    match store.change(&key, change) {
        Err(ApplyError::Store(error)) => failed("change", Err(error)),
        outcome => panic!("{outcome:?}"),
    }
    errors
}

/// Asserts that a program can do nothing in a folder, always for this reason, and writes nothing.
#[track_caller]
fn assert_refused(store: &FileStore, is_it: fn(&StoreError) -> bool) {
    let before = contents(store.folder());
    for change in [
        changes::login(&key(), None),
        changes::logout(&key(), changes::login(&key(), None).record().clone()),
    ] {
        for (what, error) in everything(store, &change) {
            assert!(is_it(&error), "{what}: {error}");
        }
    }
    assert_eq!(contents(store.folder()), before);
}

fn encrypted(error: &StoreError) -> bool {
    matches!(error, StoreError::Encrypted { .. })
}

fn not_encrypted(error: &StoreError) -> bool {
    matches!(error, StoreError::NotEncrypted { .. })
}

/// A store with a login, a rescued grant and bytes that were kept aside.
pub(super) fn filled(folder: &Path, protector: Protector) -> FileStore {
    let (store, key) = (FileStore::open_with(folder, protector).unwrap(), key());
    store.plant(&key, b"damaged refresh_token").unwrap();
    let login = changes::login(&key, store.read(&key).unwrap());
    assert!(login.keeps_replaced());
    store.change(&key, &login).unwrap();
    let refresh = changes::refresh(&key, login.record().clone());
    store.rescue(&key, refresh.rotation.record()).unwrap();
    store
}

fn fact(folder: &Path) -> PathBuf {
    folder.join(".protection")
}

#[test]
fn nothing_can_be_read_in_an_encrypted_folder_without_its_key() {
    let (home, keys) = (tempfile::tempdir().unwrap(), Keys::new());
    let folder = home.path().join("store");
    let store = filled(&folder, keys.protector());
    let files = contents(&folder);
    let sealed = files.iter().filter(|(_, bytes)| is_sealed(bytes)).count();
    assert_eq!(sealed, 3, "record, rescued grant, and what was kept aside");
    for (path, bytes) in &files {
        let shown = String::from_utf8_lossy(bytes);
        assert!(!shown.contains(KEPT_SECRET), "{path:?}");
    }
    // Another process has the keys, too.
    let again = FileStore::open_with(&folder, keys.protector()).unwrap();
    assert_eq!(again.read(&key()).unwrap(), store.read(&key()).unwrap());
    assert!(again.rescued(&key()).unwrap().is_some());
    let kept = again.kept_aside(Some(&key())).unwrap();
    assert_eq!(kept[0].record.expose(), b"damaged refresh_token");
    again.restore(&kept[0]).unwrap();
    let restored = again.read(&key()).unwrap().unwrap();
    assert_eq!(restored.expose(), b"damaged refresh_token");
    assert!(is_sealed(&fs::read(again.record_of(&key())).unwrap()));
    assert_eq!(mode(&fact(&folder)), 0o600);
}

#[test]
fn a_program_that_cannot_meet_the_fact_is_refused_when_it_opens_the_folder() {
    let (home, keys) = (tempfile::tempdir().unwrap(), Keys::new());
    let [sealed, plain, old] = ["sealed", "plain", "old"].map(|name| home.path().join(name));
    filled(&sealed, keys.protector());
    filled(&plain, Protector::without_keys());
    filled(&old, Protector::without_keys());
    fs::remove_file(fact(&old)).unwrap();
    let before = [&sealed, &plain, &old].map(|folder| contents(folder));
    let told = |folder: &Path| FileStore::protection_of(folder).unwrap();
    assert!(matches!(told(&sealed), Some(Protection::Encrypted(_))));
    assert_eq!(told(&plain), Some(Protection::Plain));
    assert_eq!(told(&old), Some(Protection::Plain));
    assert_eq!(told(&home.path().join("none")), None);
    let error = FileStore::open(&sealed).unwrap_err();
    assert!(encrypted(&error), "{error}");
    for folder in [&plain, &old] {
        let error = FileStore::open_with(folder, keys.protector()).unwrap_err();
        assert!(not_encrypted(&error), "{error}");
    }
    let error = FileStore::open_with(&sealed, Keys::new().protector()).unwrap_err();
    assert!(matches!(error, StoreError::KeyUnknown { .. }), "{error}");
    let none = KeysFrom::new("a vault", || Err("it is locked".into()));
    let none = Protector::with_keys(Sealer::new(none));
    let error = FileStore::open_with(&sealed, none.clone()).unwrap_err();
    assert!(
        error.to_string().contains("a vault: it is locked"),
        "{error}"
    );
    let error = FileStore::open_with(home.path().join("new"), none).unwrap_err();
    assert!(
        matches!(error, StoreError::KeyUnavailable { .. }),
        "{error}"
    );
    assert_eq!(
        [&sealed, &plain, &old].map(|folder| contents(folder)),
        before
    );
    // What an earlier release has made stays as it is, and says so from the next write on.
    FileStore::open(&old).unwrap().probe(&key()).unwrap();
    assert_eq!(fs::read_to_string(fact(&old)).unwrap(), "plain\n");
}

#[test]
fn the_first_process_decides_and_the_others_write_nothing() {
    let (home, keys) = (tempfile::tempdir().unwrap(), Keys::new());
    let folder = home.path().join("store");
    // It has opened the folder and not written yet.
    let plain = FileStore::open(&folder).unwrap();
    let sealed = FileStore::open_with(&folder, keys.protector()).unwrap();
    assert_refused(&plain, encrypted);
    sealed.probe(&key()).unwrap();

    let folder = home.path().join("other");
    let plain = FileStore::open(&folder).unwrap();
    plain.probe(&key()).unwrap();
    let error = FileStore::open_with(&folder, keys.protector()).unwrap_err();
    assert!(not_encrypted(&error), "{error}");
}

#[test]
fn of_many_processes_that_make_a_folder_at_once_one_decides() {
    let (home, keys) = (tempfile::tempdir().unwrap(), Keys::new());
    for round in 0..20 {
        let folder = home.path().join(format!("{round}"));
        std::thread::scope(|scope| {
            for racer in 0..8 {
                let (folder, keys) = (&folder, &keys);
                scope.spawn(move || {
                    let protector = match racer % 2 {
                        0 => Protector::without_keys(),
                        _ => keys.protector(),
                    };
                    let key = SessionKey::parse(format!("racer-{racer}")).unwrap();
                    let stored = FileStore::open_with(folder, protector)
                        .map_err(ApplyError::from)
                        .and_then(|store| store.change(&key, &changes::login(&key, None)));
                    match stored {
                        Ok(_) => {}
                        Err(ApplyError::Store(error)) => {
                            assert!(encrypted(&error) || not_encrypted(&error), "{error}");
                        }
                        Err(conflict) => panic!("{conflict}"),
                    }
                });
            }
        });
        let records = contents(&folder).into_iter();
        let records = records.filter(|(path, _)| path.extension().is_some_and(|it| it == "grant"));
        let sealed: Vec<_> = records.map(|(_, bytes)| is_sealed(&bytes)).collect();
        let all = sealed.iter().all(|sealed| *sealed == sealed_by(&folder));
        assert!(all && sealed.len() == 4, "{sealed:?}");
    }
}

fn sealed_by(folder: &Path) -> bool {
    fs::read_to_string(fact(folder))
        .unwrap()
        .starts_with("encrypted ")
}

#[test]
fn a_fact_that_is_torn_or_gone_lets_nobody_write() {
    let (home, keys) = (tempfile::tempdir().unwrap(), Keys::new());
    let folder = home.path().join("store");
    let (plain, plainly) = (home.path().join("plain"), Protector::without_keys());
    let unencrypted = filled(&plain, plainly);
    let store = filled(&folder, keys.protector());
    let whole = fs::read_to_string(fact(&folder)).unwrap();
    for torn in ["", "plain", "encrypted \n", whole.trim_end(), "\u{0}\u{0}"] {
        for (store, folder) in [(&store, &folder), (&unencrypted, &plain)] {
            fs::write(fact(folder), torn).unwrap();
            assert_refused(store, |error| {
                let said = error.to_string();
                matches!(error, StoreError::Io { .. }) && said.contains(".protection")
            });
            let opened = FileStore::open(folder).unwrap_err();
            assert!(matches!(opened, StoreError::Io { .. }), "{opened}");
        }
    }
    // Removed, and nobody takes what is sealed for damaged.
    fs::remove_file(fact(&folder)).unwrap();
    assert_refused(&store, not_encrypted);
    let without = FileStore::open(&folder).unwrap();
    assert_refused_but_for_lists(&without);
    let error = FileStore::open_with(&folder, keys.protector()).unwrap_err();
    assert!(error.to_string().contains("it is gone"), "{error}");
    // Put back, it is as before.
    fs::write(fact(&folder), whole).unwrap();
    store.probe(&key()).unwrap();
    assert!(store.read(&key()).unwrap().unwrap().schedule().is_some());
}

/// What is due is asked of all sessions, and an unreadable one hides no other.
#[track_caller]
fn assert_refused_but_for_lists(store: &FileStore) {
    let before = contents(store.folder());
    let (key, login) = (key(), changes::login(&key(), None));
    for outcome in [
        store.read(&key).map(drop),
        store.rescued(&key).map(drop),
        store.try_lease(&key).map(drop),
        store.probe(&key),
        store.rescue(&key, login.record()),
    ] {
        let error = outcome.unwrap_err();
        assert!(encrypted(&error), "{error}");
    }
    let error = store.change(&key, &login).unwrap_err();
    assert!(matches!(&error, ApplyError::Store(error) if encrypted(error)));
    assert_eq!(store.due(Due::Refresh, changes::NOW, 10).unwrap(), []);
    assert_eq!(contents(store.folder()), before);
}

#[test]
fn a_record_that_was_moved_to_another_session_is_no_record_there() {
    let (home, keys) = (tempfile::tempdir().unwrap(), Keys::new());
    let store = filled(&home.path().join("store"), keys.protector());
    let other = SessionKey::parse("other").unwrap();
    fs::copy(store.record_of(&key()), store.record_of(&other)).unwrap();
    let moved = store.read(&other).unwrap().unwrap();
    assert!(moved.schedule().is_none());
    // Nor is one that somebody wrote who has no key.
    let login = changes::login(&other, None);
    fs::write(store.record_of(&other), login.record().expose()).unwrap();
    let unsealed = store.read(&other).unwrap().unwrap();
    assert!(unsealed.schedule().is_none());
    store
        .change(&other, &changes::login(&other, Some(unsealed)))
        .unwrap();
    assert!(store.read(&other).unwrap().unwrap().schedule().is_some());
    for (path, bytes) in contents(store.folder()) {
        assert!(
            !String::from_utf8_lossy(&bytes).contains(KEPT_SECRET),
            "{path:?}"
        );
    }
}
