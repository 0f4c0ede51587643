//! The lease: it has one holder at a time, is granted or refused at once, and is released.
use std::thread;
use std::time::Instant;

use twoba_core::{SessionKey, StoredGrant};

use super::common::*;
use crate::conformance::changes;
use crate::conformance::subject::Subject;
use crate::store::{Due, Lease, Store, StoreError};

pub(crate) fn a_lease_is_one_holders(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let mut lease = leased(&*store, &key);
    for _ in 0..3 {
        assert!(
            store.try_lease(&key).unwrap().is_none(),
            "two have the lease"
        );
    }
    // Who was refused has taken nothing from its holder.
    lease.renew().unwrap();
    assert!(lease.load().unwrap().is_none());
    assert!(store.try_lease(&key).unwrap().is_none());
}

pub(crate) fn what_comes_with_a_lease_is_what_is_stored(subject: &dyn Subject) {
    let key = default_key();
    let look = |record: Option<&StoredGrant>, rescued: Option<&StoredGrant>| {
        let mut lease = lease_that_went_back(subject, &key);
        if let Some(came) = lease.found() {
            assert_eq!(came.record.as_ref(), record);
            assert_eq!(came.rescued.as_ref(), rescued);
            assert_eq!(lease.found(), None, "it came twice");
        }
        // It is there without that too.
        assert_eq!(lease.load().unwrap().as_ref(), record);
        lease.release();
    };
    look(None, None);
    let first = changes::login(&key, None);
    store_change(subject, &key, &first);
    look(Some(first.record()), None);
    let refresh = changes::refresh(&key, first.record().clone());
    if has_rescue(subject, &key, refresh.rotation.record()) {
        look(Some(first.record()), Some(refresh.rotation.record()));
    }
    // Another process has written since.
    let second = changes::login(&key, Some(first.record().clone()));
    store_change(subject, &key, &second);
    look(Some(second.record()), None);
}

pub(crate) fn a_lease_is_refused_at_once(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let _lease = leased(&*store, &key);
    let started = Instant::now();
    assert!(store.try_lease(&key).unwrap().is_none());
    let took = started.elapsed();
    assert!(took < AT_ONCE, "it was waited for: {took:?}");
}

pub(crate) fn a_lease_is_refused_whoever_opened_the_store(subject: &dyn Subject) {
    let key = default_key();
    let store = subject.open();
    let others = [subject.open(), subject.open()];
    let lease = leased(&*store, &key);
    for other in &others {
        assert!(
            other.try_lease(&key).unwrap().is_none(),
            "two have the lease"
        );
    }
    lease.release();
    drop(lease_that_went_back(subject, &key));
}

pub(crate) fn a_lease_that_is_dropped_goes_back(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    for _ in 0..3 {
        drop(lease_that_went_back(subject, &key));
    }
    // As much is true of one that was used.
    let mut lease = lease_that_went_back(subject, &key);
    lease.apply(&changes::login(&key, None)).unwrap();
    drop(lease);
    drop(lease_that_went_back(subject, &key));
    assert!(store.read(&key).unwrap().is_some());
}

pub(crate) fn a_lease_that_is_released_goes_back(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    for _ in 0..3 {
        leased(&*store, &key).release();
    }
    leased(&*subject.open(), &key).release();
}

pub(crate) fn a_lease_ends_with_the_panic_of_its_thread(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let ended = thread::scope(|scope| {
        let holder = scope.spawn(|| {
            let _lease = leased(&*store, &key);
            // Not by `panic!`: nobody has to hear of this one.
            std::panic::resume_unwind(Box::new("the holder dies"));
        });
        holder.join()
    });
    assert!(ended.is_err());
    drop(lease_that_went_back(subject, &key));
}

pub(crate) fn a_lease_goes_from_thread_to_thread(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let lease = leased(&*store, &key);
    let change = changes::login(&key, None);
    let lease = thread::scope(|scope| {
        let (mut lease, change) = (lease, &change);
        let worker = scope.spawn(move || {
            lease.apply(change).unwrap();
            lease
        });
        worker.join().unwrap()
    });
    // It is the lease that is held, not the thread that holds it.
    assert_leased(subject, &key);
    lease.release();
    leased(&*store, &key).release();
    assert_record(subject, &key, Some(change.record()));
}

pub(crate) fn a_change_does_not_give_the_lease_back(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let mut lease = leased(&*store, &key);
    let login = changes::login(&key, None);
    lease.apply(&login).unwrap();
    assert_leased(subject, &key);
    // Not even a change of somebody else.
    let other = changes::login(&key, Some(login.record().clone()));
    store_change(subject, &key, &other);
    assert_leased(subject, &key);
    lease.renew().unwrap();
}

pub(crate) fn a_lease_that_has_finished_goes_back(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let mut lease = leased(&*store, &key);
    let login = changes::login(&key, None);
    lease.finish(&login).unwrap();
    drop(lease);
    let mut lease = lease_that_went_back(subject, &key);
    let next = changes::login(&key, Some(login.record().clone()));
    lease.finish(&next).unwrap();
    lease.release();
    leased(&*store, &key).release();
}

pub(crate) fn a_finish_that_conflicts_keeps_the_lease(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let login = logged_in(subject, &key);
    let mut lease = leased(&*store, &key);
    let late = changes::login(&key, None);
    assert_conflict(lease.finish(&late), Some(login.record()));
    assert_leased(subject, &key);
    lease.renew().unwrap();
    let next = changes::login(&key, Some(login.record().clone()));
    lease.finish(&next).unwrap();
    assert_record(subject, &key, Some(next.record()));
}

pub(crate) fn a_finished_lease_takes_nothing_from_the_next_holder(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let mut finished = leased(&*store, &key);
    finished.finish(&changes::login(&key, None)).unwrap();
    // A store may give it back in that act or when it is dropped, and not twice.
    let Some(_next) = store.try_lease(&key).unwrap() else {
        drop(finished);
        let _next = lease_that_went_back(subject, &key);
        return assert_leased(subject, &key);
    };
    let lost = matches!(finished.renew(), Err(StoreError::LeaseLost));
    assert!(lost, "somebody else has it");
    drop(finished);
    assert_leased(subject, &key);
}

pub(crate) fn a_lease_is_renewed_while_it_is_held(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let mut lease = leased(&*store, &key);
    for _ in 0..3 {
        lease.renew().unwrap();
        assert_leased(subject, &key);
    }
    lease.apply(&changes::login(&key, None)).unwrap();
    lease.renew().unwrap();
    lease.release();
    leased(&*store, &key).release();
}

pub(crate) fn a_lease_is_of_one_session(subject: &dyn Subject) {
    let store = subject.open();
    let keys = ["a", "A", "b", "a.", "a "].map(key);
    let _leases: Vec<_> = keys.iter().map(|key| leased(&*store, key)).collect();
    for key in &keys {
        assert_leased(subject, key);
    }
}

pub(crate) fn a_lease_keeps_nobody_from_reading(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let login = logged_in(subject, &key);
    let _lease = leased(&*store, &key);
    let started = Instant::now();
    assert_record(subject, &key, Some(login.record()));
    assert!(store.rescued(&key).unwrap().is_none());
    assert_eq!(listed(&*store, 10).len(), 1);
    let due = store.due(Due::Refresh, login.due_at().unwrap(), 10);
    assert_eq!(due.unwrap(), [key]);
    let took = started.elapsed();
    assert!(took < AT_ONCE, "somebody waited: {took:?}");
}

pub(crate) fn a_login_does_not_wait_for_a_lease(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let _lease = leased(&*store, &key);
    let started = Instant::now();
    store.probe(&key).unwrap();
    let login = logged_in(subject, &key);
    let logout = changes::logout(&key, login.record().clone());
    store_change(subject, &key, &logout);
    let took = started.elapsed();
    assert!(took < AT_ONCE, "somebody waited: {took:?}");
}

pub(crate) fn of_a_lease_its_own_holder_is_told_or_nobody(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let nobody_yet = store.holder(&key).unwrap();
    assert_eq!(nobody_yet, None, "nobody has ever had the lease");
    let _lease = leased(&*store, &key);
    let told = subject.open().holder(&key).unwrap();
    let ours = std::process::id();
    assert!(told.is_none_or(|told| told == ours), "{told:?} is told");
}

/// A lease that has expired, if leases of this store do.
fn lapsed(subject: &dyn Subject, store: &dyn Store, key: &SessionKey) -> Option<Box<dyn Lease>> {
    let lease = leased(store, key);
    let lapsed = subject.lapse(key);
    if !lapsed {
        not_applicable("leases of this store do not run out");
    }
    lapsed.then_some(lease)
}

pub(crate) fn a_lease_that_ran_out_says_so(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let Some(mut lost) = lapsed(subject, &*store, &key) else {
        return;
    };
    let _next = leased(&*subject.open(), &key);
    for _ in 0..2 {
        let loaded = lost.load();
        let said = matches!(loaded, Err(StoreError::LeaseLost));
        assert!(said, "somebody else has it: {loaded:?}");
        let renewed = lost.renew();
        let said = matches!(renewed, Err(StoreError::LeaseLost));
        assert!(said, "somebody else has it: {renewed:?}");
    }
    assert_leased(subject, &key);
}

pub(crate) fn who_lost_the_lease_overwrites_nothing(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let login = logged_in(subject, &key);
    let Some(mut lost) = lapsed(subject, &*store, &key) else {
        return;
    };
    let mine = changes::refresh(&key, login.record().clone());
    let theirs = changes::refresh(&key, login.record().clone());
    let mut next = leased(&*subject.open(), &key);
    next.apply(&theirs.intent).unwrap();
    assert_conflict(lost.apply(&mine.intent), Some(theirs.intent.record()));
    assert_conflict(lost.finish(&mine.intent), Some(theirs.intent.record()));
    next.finish(&theirs.rotation).unwrap();
    assert_record(subject, &key, Some(theirs.rotation.record()));
}

pub(crate) fn who_lost_the_lease_takes_nothing_from_the_next_holder(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    for give_back in [
        |lease: Box<dyn Lease>| drop(lease),
        |lease: Box<dyn Lease>| lease.release(),
    ] {
        let Some(lost) = lapsed(subject, &*store, &key) else {
            return;
        };
        let mut next = leased(&*subject.open(), &key);
        give_back(lost);
        next.renew().unwrap();
        assert_leased(subject, &key);
        next.release();
    }
}
