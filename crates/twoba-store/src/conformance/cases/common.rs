//! The helpers that the cases share.

use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use twoba_core::{Change, Durable, SessionKey, StoredGrant};

use crate::conformance::changes;
use crate::conformance::subject::Subject;
use crate::store::{ApplyError, Lease, ListedKind, Store, StoreError};

/// How long a busy machine may take for an operation of milliseconds.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// How long a dropped lease may take to be released, if that is an operation of its own.
pub(super) const GOING_BACK: Duration = Duration::from_secs(8);

/// A busy machine has done in this time what waits for nobody. Who waits for another writer takes
/// longer.
pub(super) const AT_ONCE: Duration = Duration::from_secs(8);

/// The pause between two looks at the same thing.
pub(super) const BETWEEN: Duration = Duration::from_millis(2);

/// Where threads wait for each other before they race. If one of them has failed before, the others
/// fail too, and do not wait for ever.
pub(super) struct Start {
    of: usize,
    there: Mutex<usize>,
    all: Condvar,
}

impl Start {
    /// How long the others may take until they are there.
    const LIMIT: Duration = Duration::from_secs(60);

    pub(super) fn of(threads: usize) -> Self {
        Self {
            of: threads,
            there: Mutex::new(0),
            all: Condvar::new(),
        }
    }

    /// Waits until all are there.
    #[track_caller]
    pub(super) fn wait(&self) {
        let mut there = self.there.lock().unwrap_or_else(PoisonError::into_inner);
        *there += 1;
        self.all.notify_all();
        let waited = self
            .all
            .wait_timeout_while(there, Self::LIMIT, |there| *there < self.of);
        let (there, _) = waited.unwrap_or_else(PoisonError::into_inner);
        assert_eq!(*there, self.of, "another thread has failed before the race");
    }
}

pub(super) fn key(text: impl Into<String>) -> SessionKey {
    SessionKey::parse(text).unwrap()
}

/// The session of the cases that need only one.
pub(super) fn default_key() -> SessionKey {
    key("default")
}

/// Reports that a case does not apply to this store.
#[expect(clippy::print_stdout, reason = "a test says what it has not looked at")]
pub(super) fn not_applicable(why: &str) {
    println!("not applicable: {why}");
}

/// Stores a change that must be applied, and checks that another handle sees it.
#[track_caller]
pub(super) fn store_change(subject: &dyn Subject, key: &SessionKey, change: &Change) {
    let proof = subject.open().change(key, change).unwrap();
    assert_stored(subject, key, change, proof);
}

/// Asserts that a stored change is there for any handle, and that the proof belongs to it.
#[track_caller]
pub(super) fn assert_stored(
    subject: &dyn Subject,
    key: &SessionKey,
    change: &Change,
    proof: Durable,
) {
    assert_eq!(
        proof,
        Durable::assertion(change),
        "a proof of something else"
    );
    assert_record(subject, key, Some(change.record()));
}

/// Asserts the record that any handle of the store sees.
#[track_caller]
pub(super) fn assert_record(subject: &dyn Subject, key: &SessionKey, record: Option<&StoredGrant>) {
    let read = subject.open().read(key).unwrap();
    assert!(
        read.as_ref() == record,
        "{key:?}: {read:?} is read, but {record:?} is stored"
    );
}

/// Asserts that a change finds another record and reports it.
#[track_caller]
pub(super) fn assert_conflict(outcome: Result<Durable, ApplyError>, stored: Option<&StoredGrant>) {
    match outcome {
        Err(ApplyError::Conflict(told)) => {
            assert!(
                told.as_ref() == stored,
                "the conflict tells something else: {told:?}"
            );
        }
        Err(ApplyError::Store(error)) => panic!("instead of a conflict: {error}"),
        Ok(_) => panic!("it was applied over something else than it expects"),
    }
}

/// Asserts that a change which was tried before is there now: it was applied, or found itself.
#[track_caller]
pub(super) fn assert_there(
    subject: &dyn Subject,
    key: &SessionKey,
    change: &Change,
    outcome: Result<Durable, ApplyError>,
) {
    match outcome {
        Ok(proof) => assert_stored(subject, key, change, proof),
        Err(_) => assert_conflict(outcome, Some(change.record())),
    }
    assert_record(subject, key, Some(change.record()));
}

/// Stores a login.
#[track_caller]
pub(super) fn logged_in(subject: &dyn Subject, key: &SessionKey) -> Change {
    let change = changes::login(key, None);
    store_change(subject, key, &change);
    change
}

/// Stores a login that the case does not look at.
#[track_caller]
pub(super) fn log_in(subject: &dyn Subject, key: &SessionKey) {
    drop(logged_in(subject, key));
}

/// Takes the lease, which nobody has.
#[track_caller]
pub(super) fn leased(store: &dyn Store, key: &SessionKey) -> Box<dyn Lease> {
    let lease = store.try_lease(key).unwrap();
    lease.unwrap_or_else(|| panic!("{key:?}: nobody has the lease, and it is refused"))
}

/// Asserts that somebody has the lease.
#[track_caller]
pub(super) fn assert_leased(subject: &dyn Subject, key: &SessionKey) {
    let lease = subject.open().try_lease(key).unwrap();
    assert!(lease.is_none(), "{key:?}: two have the lease");
}

/// Takes the lease after it was released, at once or when it has expired.
#[track_caller]
pub(super) fn lease_that_went_back(subject: &dyn Subject, key: &SessionKey) -> Box<dyn Lease> {
    let store = subject.open();
    if let Some(lease) = within(GOING_BACK, || store.try_lease(key).unwrap()) {
        return lease;
    }
    assert!(subject.lapse(key), "{key:?}: the lease does not go back");
    leased(&*store, key)
}

/// Numbers that are the same in each run. They need to be odd, not random: the generator is that of
/// Knuth's MMIX.
pub(super) struct Lots(u64);

impl Lots {
    pub(super) fn from(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn below(&mut self, limit: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(limit)).unwrap()
    }
}

/// Looks again and again for a result, within a time.
pub(super) fn within<T>(limit: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return Some(found);
        }
        if started.elapsed() > limit {
            return None;
        }
        thread::sleep(BETWEEN);
    }
}

/// The whole list, read page by page.
pub(super) fn listed(store: &dyn Store, page: usize) -> Vec<(SessionKey, ListedKind)> {
    let mut all = Vec::new();
    let mut after: Option<SessionKey> = None;
    loop {
        let found = store.list(after.as_ref(), page).unwrap();
        let Some(last) = found.last() else {
            return all;
        };
        assert!(
            after.as_ref() < Some(&last.key),
            "a page that leads nowhere"
        );
        after = Some(last.key.clone());
        all.extend(found.into_iter().map(|one| (one.key, one.kind)));
    }
}

/// Keeps a grant. Returns false, and says so, if this store has no place for it.
#[track_caller]
pub(super) fn has_rescue(subject: &dyn Subject, key: &SessionKey, record: &StoredGrant) -> bool {
    match subject.open().rescue(key, record) {
        Ok(()) => true,
        Err(StoreError::NoRescue) => {
            let kept = subject.open().rescued(key).unwrap();
            assert!(kept.is_none(), "there is no place for it, and there it is");
            not_applicable("this store has no place for rescued grants");
            false
        }
        Err(error) => panic!("{error}"),
    }
}
