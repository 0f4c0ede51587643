//! A process that uses a file store is killed (`kill -9`, no handler, no goodbye), again and
//! again in the same folder: what it was told is stored is there, whole, and the next one goes
//! on at once.
//!
//! The killed process is this test once more, as a child that writes without end and tells
//! what it is about to do and what it has done.

use std::env;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::time::Duration;

use crate::conformance::child::{CHILD, Told, key, refresh_for_ever};
use crate::{FileStore, Store};
use twoba_testkit::Running;

/// Tells the child its folder.
const FOLDER: &str = "TWOBA_TEST_FOLDER";

/// How long the child may take to its next line: long, as the machine may be busy.
const LIMIT: Duration = Duration::from_secs(60);

/// How often it is killed, each time a little later than the time before.
const KILLS: usize = 24;

/// Kills the child after so many lines; `told` hears all that it said.
fn kill_after(lines: usize, folder: &Path, told: &mut Told) {
    let name =
        "file::tests::killed::a_process_that_is_killed_leaves_all_that_it_was_told_is_stored";
    let mut child = Running::this_test(name, FOLDER, folder).unwrap();
    let mut heard = 0;
    while heard < lines {
        let line = child.stdout_line(LIMIT).unwrap();
        let line = line.unwrap_or_else(|| panic!("the child has ended by itself"));
        if let Some(line) = line.strip_prefix(CHILD) {
            told.hear(line);
            heard += 1;
        }
    }
    let ended = child.kill().unwrap();
    assert_eq!(ended.status.signal(), Some(9), "{ended:?}");
    // A line that was cut off says nothing.
    let rest = ended
        .stdout
        .rsplit_once('\n')
        .map_or("", |(whole, _)| whole);
    for line in rest.lines() {
        told.hear(line.strip_prefix(CHILD).unwrap());
    }
}

#[test]
fn a_process_that_is_killed_leaves_all_that_it_was_told_is_stored() {
    if let Some(folder) = env::var_os(FOLDER) {
        return refresh_for_ever(&FileStore::open(folder).unwrap());
    }
    let home = tempfile::tempdir().unwrap();
    let (folder, key) = (home.path().join("store"), key());
    let mut told = Told::nothing();
    for kill in 0..KILLS {
        kill_after(1 + kill, &folder, &mut told);
        let store = FileStore::open(&folder).unwrap();
        told.check(&store);
        assert_nothing_else(&folder, &[".writing-default"]);
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
        let is_ours = ours.contains(&file) || [".swept", ".home"].contains(&&*file);
        assert!(is_ours || others.contains(&&*file), "{file}");
    }
}
