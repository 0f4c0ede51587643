//! A process that uses a database is killed (`kill -9`, no handler, no goodbye), again and again:
//! what it was told is stored is there, whole, and the next one goes on at once.

use std::env;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::time::Duration;

use twoba_store::Store;
use twoba_store::conformance::child::{CHILD, Told, refresh_for_ever};
use twoba_testkit::Running;

use super::files;
use super::subject::{Encryption, Subjected};
use crate::SqliteStore;

/// Tells the child its database.
const DATABASE: &str = "TWOBA_TEST_DATABASE";

/// How long the child may take to its next line: long, as the machine may be busy.
const LIMIT: Duration = Duration::from_secs(60);

/// How often it is killed, each time a little later than the time before.
const KILLS: usize = 24;

/// Does nothing unless it is the child.
#[test]
fn a_child_refreshes_for_ever() {
    if let Some(path) = env::var_os(DATABASE) {
        refresh_for_ever(&SqliteStore::open(path).unwrap());
    }
}

/// Kills the child after so many lines; `told` hears all that it said.
fn kill_after(lines: usize, path: &Path, told: &mut Told) {
    let name = "tests::killed::a_child_refreshes_for_ever";
    let mut child = Running::this_test(name, DATABASE, path).unwrap();
    for _ in 0..lines {
        told.hear(&child.stdout_behind(CHILD, LIMIT).unwrap());
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
    let subject = Subjected::new(Encryption::None);
    let mut told = Told::nothing();
    for kill in 0..KILLS {
        kill_after(1 + kill, &subject.path, &mut told);
        let store = subject.store();
        told.check(&store);
        store.probe(&super::key()).unwrap();
        let check: String = subject
            .bypass()
            .query_row("PRAGMA integrity_check", (), |row| row.get(0))
            .unwrap();
        assert_eq!(check, "ok");
        drop(store);
        // Of the killed process nothing is left, not even its holder's file.
        assert_eq!(
            files(&subject.path),
            ["sessions.db", "sessions.db-shm", "sessions.db-wal"]
        );
    }
}
