//! A process that uses a database is killed (`kill -9`, no handler, no goodbye), again and again:
//! what it was told is stored is there, whole, and the next one goes on at once.

use twoba_store::Store;
use twoba_store::conformance::worker::{Told, kill_after, revision_of};

use super::files;
use super::subject::{Encryption, Subjected, worker};

/// How often it is killed, each time a little later than the time before.
const KILLS: usize = 24;

#[test]
fn a_process_that_is_killed_leaves_all_that_it_was_told_is_stored() {
    let subject = Subjected::new(Encryption::None);
    let (mut told, key) = (Told::nothing(), super::key());
    for kill in 0..KILLS {
        kill_after(1 + kill, worker(&subject.path), &mut told);
        let store = subject.store();
        // Nobody waits for a lease of the dead.
        store.try_lease(&key).unwrap().unwrap().release();
        told.settle(
            revision_of(store.read(&key).unwrap()),
            revision_of(store.rescued(&key).unwrap()),
        );
        store.probe(&key).unwrap();
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
