//! A process that uses a file store is killed (`kill -9`, no handler, no goodbye), again and
//! again in the same folder: what it was told is stored is there, whole, and the next one goes
//! on at once.
//!
//! The killed process is this test once more, as a child that writes without end and tells
//! what it is about to do and what it has done.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::conformance::work_until_killed;
use crate::conformance::worker::{Told, key_of_the_worker, kill_after, revision_of};
use crate::{FileStore, Store};

/// Tells the child its folder.
const FOLDER: &str = "TWOBA_TEST_FOLDER";

/// How often it is killed, each time a little later than the time before.
const KILLS: usize = 24;

/// What lies in a folder whoever's sessions are in it.
const FILES_OF_THE_STORE: [&str; 4] = [".swept", ".home", ".protection", ".protection.lock"];

/// This test once more, as a child.
fn worker(folder: &Path) -> Command {
    let name =
        "file::tests::killed::a_process_that_is_killed_leaves_all_that_it_was_told_is_stored";
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "--nocapture", name]);
    command.env(FOLDER, folder);
    command
}

#[test]
fn a_process_that_is_killed_leaves_all_that_it_was_told_is_stored() {
    if let Some(folder) = env::var_os(FOLDER) {
        return work_until_killed(&FileStore::open(folder).unwrap());
    }
    let home = tempfile::tempdir().unwrap();
    let (folder, key) = (home.path().join("store"), key_of_the_worker());
    let mut told = Told::nothing();
    for kill in 0..KILLS {
        kill_after(1 + kill, worker(&folder), &mut told);
        let store = FileStore::open(&folder).unwrap();
        // Nobody waits for a lease of the dead.
        store.try_lease(&key).unwrap().unwrap().release();
        told.settle(
            revision_of(store.read(&key).unwrap()),
            revision_of(store.rescued(&key).unwrap()),
        );
        assert_nothing_else(&folder, &[".writing-default", ".protection.new"]);
        // Whoever writes next removes what was cut.
        store.probe(&key).unwrap();
        assert_nothing_else(&folder, &[]);
    }
}

/// Nothing lies there but what belongs to the session, and at most these.
#[track_caller]
fn assert_nothing_else(folder: &Path, others: &[&str]) {
    let entries = fs::read_dir(folder).unwrap();
    for file in entries.map(|entry| entry.unwrap().file_name()) {
        let file = file.into_string().unwrap();
        let ours = ["grant", "lease", "write", "rescue"].map(|end| format!("default.{end}"));
        let is_ours = ours.contains(&file) || FILES_OF_THE_STORE.contains(&&*file);
        assert!(is_ours || others.contains(&&*file), "{file}");
    }
}
