//! Disks that are full and folders that are read-only: a typed error, and what was stored stays.
//!
//! Each case runs in a child of this test, because limits and users are a process's own.

use std::env;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::process::Command;

use super::*;
use crate::store::ApplyError;

/// Tells the child its folder.
const FOLDER: &str = "TWOBA_TEST_FOLDER";

/// The user that owns nothing else.
const NOBODY: u32 = 65_534;

fn is_root() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("Uid:"));
    line.is_some_and(|line| line.split_whitespace().nth(1) == Some("0"))
}

/// A store with a login, and its folder.
fn stored() -> (tempfile::TempDir, FileStore, SessionKey) {
    let home = tempfile::tempdir().unwrap();
    let store = FileStore::open(home.path().join("store")).unwrap();
    let key = SessionKey::parse("default").unwrap();
    store.change(&key, &changes::login(&key, None)).unwrap();
    (home, store, key)
}

/// The test of this file with that name once more, as a child that `wrap` may change.
fn run(name: &str, folder: &Path, wrap: impl FnOnce(Command) -> Command) {
    let program = env::current_exe().unwrap();
    let test = format!("file::tests::faults::{name}");
    let mut command = wrap(Command::new(program));
    command
        .args(["--exact", "--nocapture", &test])
        .env(FOLDER, folder);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{output:?}"
    );
}

/// What the child finds: a store that is read, and that nothing can be written to.
#[track_caller]
fn assert_read_only(store: &FileStore, key: &SessionKey) {
    let before = store.read(key).unwrap();
    assert!(before.is_some());
    assert!(matches!(store.probe(key), Err(StoreError::Io { .. })));
    let change = changes::login(key, before.clone());
    let error = store.change(key, &change).unwrap_err();
    assert!(
        matches!(error, ApplyError::Store(StoreError::Io { .. })),
        "{error}"
    );
    assert_eq!(store.read(key).unwrap(), before);
}

/// In the child: the store that it was given.
fn given() -> Option<(FileStore, SessionKey)> {
    let store = FileStore::open(env::var_os(FOLDER)?).unwrap();
    Some((store, SessionKey::parse("default").unwrap()))
}

#[test]
fn a_read_only_folder_is_said_and_left_alone() {
    if let Some((store, key)) = given() {
        return assert_read_only(&store, &key);
    }
    let (home, store, key) = stored();
    let before = store.read(&key).unwrap();
    let folder = store.folder().to_path_buf();
    if is_root() {
        // Nothing is read-only for root: the child is somebody else, and owns it all.
        let found = fs::read_dir(&folder).unwrap();
        for path in found.map(|entry| entry.unwrap().path()) {
            fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
            chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        chown(&folder, Some(NOBODY), Some(NOBODY)).unwrap();
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).unwrap();
    }
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o500)).unwrap();
    run(
        "a_read_only_folder_is_said_and_left_alone",
        &folder,
        |command| {
            if !is_root() {
                return command;
            }
            // Where this test lies nobody else may be let in.
            let copy = home.path().join("test");
            fs::copy(command.get_program(), &copy).unwrap();
            let mut command = Command::new(copy);
            command.uid(NOBODY).gid(NOBODY).current_dir(home.path());
            command
        },
    );
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(store.read(&key).unwrap(), before);
}

#[test]
fn a_disk_that_is_full_is_said_and_tears_nothing() {
    if let Some((store, key)) = given() {
        assert_read_only(&store, &key);
        // A lease writes nothing, so that who reads under it can still be served.
        assert!(store.try_lease(&key).unwrap().is_some());
        return;
    }
    // No room at all, and room for a part of a record.
    for room in [0, 100] {
        let (_home, store, key) = stored();
        let before = store.read(&key).unwrap();
        let names = || fs::read_dir(store.folder()).unwrap().count();
        let files = names();
        run(
            "a_disk_that_is_full_is_said_and_tears_nothing",
            store.folder(),
            |command| {
                // The limit makes writes fail, once the signal that comes with it is ignored.
                let script = format!(r#"trap "" XFSZ; exec prlimit --fsize={room} "$0" "$@""#);
                let mut shell = Command::new("sh");
                shell.arg("-c").arg(script).arg(command.get_program());
                shell
            },
        );
        assert_eq!(store.read(&key).unwrap(), before);
        // The lock of the lease may be new; nothing half written is left.
        assert!(names() <= files + 1);
    }
}
