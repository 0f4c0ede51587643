//! What remains of a process that was killed, for stores that other processes can use.
use super::common::*;
use crate::conformance::subject::Subject;
use crate::conformance::worker::{Told, key_of_the_worker, kill_after, revision_of};

/// How often a process is killed, each time a little later than the time before.
const KILLS: usize = 8;

pub(crate) fn what_a_killed_process_had_stored_is_there(subject: &dyn Subject) {
    let key = key_of_the_worker();
    let mut told = Told::nothing();
    for kill in 0..KILLS {
        let Some(command) = subject.worker() else {
            return not_applicable("no other process can use this store");
        };
        kill_after(2 + kill, command, &mut told);
        let store = subject.open();
        told.settle(
            revision_of(store.read(&key).unwrap()),
            revision_of(store.rescued(&key).unwrap()),
        );
        // The next process does not have to wait for the end of the lease.
        subject.lapse(&key);
    }
}

pub(crate) fn a_lease_ends_with_its_process(subject: &dyn Subject) {
    let key = key_of_the_worker();
    for kill in 0..3 {
        let Some(command) = subject.worker() else {
            return not_applicable("no other process can use this store");
        };
        // The login takes two lines. What comes then is stored under the lease.
        kill_after(4 + kill, command, &mut Told::nothing());
        lease_that_went_back(subject, &key).release();
    }
}
