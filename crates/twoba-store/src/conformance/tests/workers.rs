//! The workers of this crate's own stores: this test program once more, as a child.

use std::env;
use std::path::Path;
use std::process::Command;

use crate::conformance::work_until_killed;
use crate::conformance::worker::{Told, kill_after};
use crate::{FileStore, MemoryStore, Store};

/// Tells the child the folder of its store.
const FOLDER: &str = "TWOBA_TEST_FOLDER";

/// Tells the child to keep everything in memory, and to say that it is stored.
const FORGETFUL: &str = "TWOBA_TEST_FORGETFUL";

/// A worker with the file store of this folder, or with one that writes nothing.
pub(super) fn in_folder(folder: &Path, forgetful: bool) -> Command {
    let test = "conformance::tests::workers::a_worker_works_until_it_is_killed";
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "--nocapture", test]);
    command.env(FOLDER, folder);
    if forgetful {
        command.env(FORGETFUL, "1");
    }
    command
}

#[test]
fn a_worker_works_until_it_is_killed() {
    if let Some(folder) = env::var_os(FOLDER) {
        let store: Box<dyn Store> = match env::var_os(FORGETFUL) {
            None => Box::new(FileStore::open(folder).unwrap()),
            Some(_) => Box::new(MemoryStore::default()),
        };
        return work_until_killed(&*store);
    }
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("store");
    kill_after(20, in_folder(&folder, false), &mut Told::nothing());
    assert!(folder.join("default.grant").exists());
}
