//! Writes that fail, for stores that can be made to fail.
use twoba_core::{Durable, SessionKey};

use super::common::*;
use crate::conformance::changes;
use crate::conformance::subject::Subject;
use crate::store::ApplyError;

/// Makes writes of this session fail from now on, if the subject can.
pub(super) fn is_obstructed(subject: &dyn Subject, key: &SessionKey) -> bool {
    let obstructed = subject.obstruct(key, true);
    if !obstructed {
        not_applicable("writes of this store cannot be made to fail");
    }
    obstructed
}

/// Asserts that a write fails and reports it.
#[track_caller]
pub(super) fn assert_failed(outcome: Result<Durable, ApplyError>) {
    match outcome {
        Err(ApplyError::Store(_)) => {}
        Err(ApplyError::Conflict(_)) => panic!("a write that cannot succeed is a conflict"),
        Ok(_) => panic!("a write that cannot succeed is said to be stored"),
    }
}

pub(crate) fn a_write_that_fails_leaves_one_record_or_the_other(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let login = logged_in(subject, &key);
    if !is_obstructed(subject, &key) {
        return;
    }
    let next = changes::login(&key, Some(login.record().clone()));
    assert_failed(store.change(&key, &next));
    let read = store.read(&key).unwrap();
    assert!(
        read.as_ref() == Some(login.record()) || read.as_ref() == Some(next.record()),
        "neither the old record nor the new one is left: {read:?}"
    );
    assert!(subject.obstruct(&key, false));
    assert_there(subject, &key, &next, store.change(&key, &next));
}

pub(crate) fn a_write_that_fails_keeps_the_lease(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let login = logged_in(subject, &key);
    let mut lease = leased(&*store, &key);
    if !is_obstructed(subject, &key) {
        return;
    }
    let refresh = changes::refresh(&key, login.record().clone());
    assert_failed(lease.apply(&refresh.intent));
    assert_failed(lease.finish(&refresh.intent));
    assert!(subject.obstruct(&key, false));
    assert_leased(subject, &key);
    lease.renew().unwrap();
}

pub(crate) fn a_probe_finds_that_nothing_can_be_written(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    if !is_obstructed(subject, &key) {
        return;
    }
    assert!(store.probe(&key).is_err(), "a probe that writes nothing");
    assert!(subject.obstruct(&key, false));
    store.probe(&key).unwrap();
    log_in(subject, &key);
}

pub(crate) fn what_cannot_be_written_can_be_read(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let login = logged_in(subject, &key);
    if !is_obstructed(subject, &key) {
        return;
    }
    assert_record(subject, &key, Some(login.record()));
    let loaded = leased(&*store, &key).load().unwrap();
    assert_eq!(loaded.as_ref(), Some(login.record()));
    assert_eq!(listed(&*store, 10).len(), 1);
    assert!(subject.obstruct(&key, false));
}

pub(crate) fn a_rescue_that_fails_says_so(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let login = logged_in(subject, &key);
    let rescue = changes::refresh(&key, login.record().clone()).rotation;
    if !has_rescue(subject, &key, rescue.record()) || !is_obstructed(subject, &key) {
        return;
    }
    let later = changes::login(&key, None).record().clone();
    assert!(
        store.rescue(&key, &later).is_err(),
        "nothing can be written"
    );
    let kept = store.rescued(&key).unwrap();
    assert!(kept.as_ref() == Some(rescue.record()) || kept == Some(later));
    assert!(subject.obstruct(&key, false));
}
