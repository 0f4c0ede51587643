//! Disks that are full, folders that are read-only, files that are no database: a typed error, and
//! what was stored stays.
//!
//! Each case runs in a child of this test, because limits and users are a process's own.

use std::env;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use twoba_store::conformance::changes;
use twoba_store::{ApplyError, DatabaseFailure, Store, StoreError};

use super::key;
use super::subject::{Encryption, Subjected};
use crate::SqliteStore;

/// Tells the child its database.
const DATABASE: &str = "TWOBA_TEST_DATABASE";

/// The user that owns nothing else.
const NOBODY: u32 = 65_534;

fn is_root(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    path.metadata().unwrap().uid() == 0
}

/// The test of this file with that name once more, as a child that `wrap` may change.
fn run(name: &str, path: &Path, wrap: impl FnOnce(Command) -> Command) {
    let test = format!("tests::faults::{name}");
    let mut command = wrap(Command::new(env::current_exe().unwrap()));
    command
        .args(["--exact", "--nocapture", &test])
        .env(DATABASE, path);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{output:?}"
    );
}

#[track_caller]
fn failure<T: std::fmt::Debug>(outcome: Result<T, StoreError>) -> DatabaseFailure {
    match outcome {
        Err(StoreError::Database { failure, .. }) => failure,
        other => panic!("{other:?}"),
    }
}

/// What the child finds: a store that is read, and that nothing can be written to.
#[track_caller]
fn assert_read_only(store: &SqliteStore, expected: &[DatabaseFailure]) {
    let before = store.read(&key()).unwrap();
    assert!(before.is_some());
    let probed = failure(store.probe(&key()));
    assert!(expected.contains(&probed), "{probed:?}");
    let change = changes::login(&key(), before.clone());
    match store.change(&key(), &change) {
        Err(ApplyError::Store(error)) => {
            let failed = failure::<()>(Err(error));
            assert!(expected.contains(&failed), "{failed:?}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(store.read(&key()).unwrap(), before);
}

/// In the child: the store that it was given.
fn given() -> Option<SqliteStore> {
    Some(SqliteStore::open(env::var_os(DATABASE)?).unwrap())
}

fn stored() -> Subjected {
    let subject = Subjected::new(Encryption::None);
    let store = subject.store();
    store.change(&key(), &changes::login(&key(), None)).unwrap();
    drop(store);
    subject
}

#[test]
fn a_read_only_folder_is_said_and_left_alone() {
    if let Some(store) = given() {
        return assert_read_only(&store, &[DatabaseFailure::ReadOnly]);
    }
    let subject = stored();
    let before = subject.store().read(&key()).unwrap();
    let folder = subject.path.parent().unwrap().to_path_buf();
    let home = folder.parent().unwrap();
    let was_root = is_root(&folder);
    for name in super::files(&subject.path) {
        let path = subject.path.with_file_name(name);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        if was_root {
            // Nothing is read-only for root: the child is somebody else, and owns it all.
            chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }
    if was_root {
        chown(&folder, Some(NOBODY), Some(NOBODY)).unwrap();
        fs::set_permissions(home, fs::Permissions::from_mode(0o755)).unwrap();
    }
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o500)).unwrap();
    run(
        "a_read_only_folder_is_said_and_left_alone",
        &subject.path,
        |command| {
            if !was_root {
                return command;
            }
            // Where this test lies nobody else may be let in.
            let copy = home.join("test");
            fs::copy(command.get_program(), &copy).unwrap();
            let mut command = Command::new(copy);
            command.uid(NOBODY).gid(NOBODY).current_dir(home);
            command
        },
    );
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    if was_root {
        chown(&folder, Some(0), Some(0)).unwrap();
    }
    for name in super::files(&subject.path) {
        let path = subject.path.with_file_name(name);
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    assert_eq!(subject.store().read(&key()).unwrap(), before);
}

/// The longest file that a child may write, in bytes. The index of the log needs 32 kB.
const LIMIT: u64 = 33_000;

#[test]
fn a_disk_that_is_full_is_said_and_tears_nothing() {
    if let Some(store) = given() {
        // A limit of the process is told otherwise than the end of the disk.
        return assert_read_only(&store, &[DatabaseFailure::Full, DatabaseFailure::Other]);
    }
    let subject = stored();
    // As long as this is open, the log begins anew for nobody. It gets longer than the limit.
    let store = subject.store();
    let log = subject.path.with_file_name("sessions.db-wal");
    while log.metadata().unwrap().len() <= LIMIT {
        let stored = store.read(&key()).unwrap();
        store
            .change(&key(), &changes::login(&key(), stored))
            .unwrap();
    }
    let before = store.read(&key()).unwrap();
    run(
        "a_disk_that_is_full_is_said_and_tears_nothing",
        &subject.path,
        |command| {
            // The limit makes writes fail, once the signal that comes with it is ignored.
            let script = format!(r#"trap "" XFSZ; exec prlimit --fsize={LIMIT} "$0" "$@""#);
            let mut shell = Command::new("sh");
            shell.arg("-c").arg(script).arg(command.get_program());
            shell
        },
    );
    assert_eq!(subject.store().read(&key()).unwrap(), before);
}

/// A small disk in memory that goes with this value. `None` where only root could make one.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=400k,mode=700", "twoba-test"]);
        let mounted = mount.arg(folder.path()).output();
        mounted
            .is_ok_and(|output| output.status.success())
            .then(|| Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(self.0.path()).status());
    }
}

#[test]
fn the_end_of_a_small_disk_is_said_and_tears_nothing() {
    let Some(disk) = SmallDisk::new() else {
        println!("not applicable: only root makes a disk");
        return;
    };
    let path = disk.0.path().join("sessions.db");
    let store = SqliteStore::open(&path).unwrap();
    let login = changes::login(&key(), None);
    store.change(&key(), &login).unwrap();
    let filler = disk.0.path().join("filler");
    assert!(fs::write(&filler, vec![1; 1024 * 1024]).is_err());
    assert_eq!(failure(store.probe(&key())), DatabaseFailure::Full);
    assert_eq!(store.read(&key()).unwrap().as_ref(), Some(login.record()));
    // With room again, the same handle goes on.
    fs::remove_file(&filler).unwrap();
    store.probe(&key()).unwrap();
    let logout = changes::logout(&key(), login.record().clone());
    store.change(&key(), &logout).unwrap();
}

#[test]
fn a_file_that_is_no_database_is_said_and_left_alone() {
    let subject = stored();
    let path = subject.path.with_file_name("text.db");
    let text = "no database, and longer than the head of one would be. ".repeat(40);
    fs::write(&path, &text).unwrap();
    assert_eq!(failure(SqliteStore::open(&path)), DatabaseFailure::Damaged);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    // A folder in its place.
    let folder = subject.path.with_file_name("folder");
    fs::create_dir(&folder).unwrap();
    let failed = failure(SqliteStore::open(&folder));
    assert_eq!(failed, DatabaseFailure::Unreachable);
    // A file in the place of its folder.
    let error = SqliteStore::open(path.join("sessions.db")).unwrap_err();
    assert!(matches!(error, StoreError::Io { .. }), "{error}");
}

#[test]
fn a_database_that_was_damaged_is_said() {
    let subject = stored();
    let mut bytes = fs::read(&subject.path).unwrap();
    assert!(bytes.len() > 4096);
    for byte in bytes.iter_mut().skip(100) {
        *byte = 0x55;
    }
    fs::write(&subject.path, bytes).unwrap();
    let failed = failure(SqliteStore::open(&subject.path));
    assert_eq!(failed, DatabaseFailure::Damaged);
}
