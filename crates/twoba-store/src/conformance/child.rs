//! A process that does with a lease what its test says, and can be stopped meanwhile.
//!
//! The test of a store starts itself once more as a child, which calls [`obey`] and tells each step
//! in a line that begins with [`CHILD`].

use super::changes;
use super::worker::key_of_the_worker;
use crate::store::{ApplyError, Lease, Store, StoreError};

/// The beginning of a child's lines.
pub const CHILD: &str = "child: ";

#[expect(clippy::print_stdout, reason = "the child tells its test what it does")]
fn tell(what: &str) {
    println!("{CHILD}{what}");
}

fn outcome<T>(outcome: Result<T, StoreError>) -> &'static str {
    match outcome {
        Ok(_) => "done",
        Err(StoreError::LeaseLost) => "lost",
        Err(_) => "failed",
    }
}

/// In the child: takes the lease, and does with it what each line of its standard input says.
pub fn obey(store: &dyn Store) {
    let key = key_of_the_worker();
    let mut lease: Option<Box<dyn Lease>> = None;
    for line in std::io::stdin().lines() {
        let said = match (&*line.unwrap(), &mut lease) {
            ("take", lease) => {
                *lease = store.try_lease(&key).unwrap();
                if lease.is_some() { "taken" } else { "refused" }
            }
            ("renew", Some(lease)) => outcome(lease.renew()),
            ("write", Some(lease)) => {
                let stale = changes::login(&key, None);
                match lease.apply(&stale) {
                    Err(ApplyError::Conflict(Some(_))) => "conflict",
                    outcome => panic!("{outcome:?}"),
                }
            }
            (line, _) => panic!("{line}"),
        };
        tell(said);
    }
}
