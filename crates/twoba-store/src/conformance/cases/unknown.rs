//! Writes whose outcome is unknown or late, for stores that can be made to lose answers and to wait.
use std::time::Instant;

use super::common::*;
use super::failing::{assert_failed, is_obstructed};
use crate::conformance::changes;
use crate::conformance::subject::Subject;

/// A store may say that a change has failed which it has applied. It must not say that it has
/// applied one that is not there, neither at once nor when it is asked again.
pub(crate) fn what_is_said_to_be_stored_is_there_even_after_a_failure(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let login = logged_in(subject, &key);
    if !is_obstructed(subject, &key) {
        return;
    }
    let refresh = changes::refresh(&key, login.record().clone());
    let mut lease = leased(&*store, &key);
    for _ in 0..2 {
        assert_failed(store.change(&key, &refresh.intent));
        assert_failed(lease.apply(&refresh.intent));
        assert_failed(lease.finish(&refresh.intent));
    }
    assert!(subject.obstruct(&key, false));
    assert_there(subject, &key, &refresh.intent, lease.apply(&refresh.intent));
    let finished = lease.finish(&refresh.rotation);
    assert_there(subject, &key, &refresh.rotation, finished);
}

/// Has answers get lost from now on, if the subject can.
fn answers_are_lost(subject: &dyn Subject) -> bool {
    let lost = subject.lose_answers(true);
    if !lost {
        not_applicable("answers to writes of this store cannot be lost");
    }
    lost
}

pub(crate) fn a_change_whose_answer_is_lost_is_found_by_reading(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let login = logged_in(subject, &key);
    if !answers_are_lost(subject) {
        return;
    }
    let next = changes::login(&key, Some(login.record().clone()));
    assert_failed(store.change(&key, &next));
    assert!(subject.lose_answers(false));
    let read = store.read(&key).unwrap();
    assert!(read.as_ref() == Some(next.record()), "{read:?} is read");
    assert_there(subject, &key, &next, store.change(&key, &next));
    let logout = changes::logout(&key, next.record().clone());
    store_change(subject, &key, &logout);
}

pub(crate) fn a_refresh_goes_on_after_a_lost_answer(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let login = logged_in(subject, &key);
    let mut lease = leased(&*store, &key);
    if !answers_are_lost(subject) {
        return;
    }
    let refresh = changes::refresh(&key, login.record().clone());
    assert_failed(lease.apply(&refresh.intent));
    assert!(subject.lose_answers(false));
    assert_leased(subject, &key);
    lease.renew().unwrap();
    let loaded = lease.load().unwrap();
    assert!(loaded.as_ref() == Some(refresh.intent.record()));
    assert_there(subject, &key, &refresh.intent, lease.apply(&refresh.intent));
    assert!(subject.lose_answers(true));
    assert_failed(lease.finish(&refresh.rotation));
    assert!(subject.lose_answers(false));
    let finished = lease.finish(&refresh.rotation);
    assert_there(subject, &key, &refresh.rotation, finished);
}

pub(crate) fn a_write_that_is_held_back_fails_in_time(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let login = logged_in(subject, &key);
    let mut lease = leased(&*store, &key);
    let Some(held) = subject.hold_back(&key) else {
        return not_applicable("writes of this store cannot be held back");
    };
    let started = Instant::now();
    assert_record(subject, &key, Some(login.record()));
    let took = started.elapsed();
    assert!(took < AT_ONCE, "a reader waited: {took:?}");
    let refresh = changes::refresh(&key, login.record().clone());
    let started = Instant::now();
    assert_failed(lease.apply(&refresh.intent));
    let took = started.elapsed();
    assert!(took < subject.patience(), "a writer waited: {took:?}");
    drop(held);
    assert_there(subject, &key, &refresh.intent, lease.apply(&refresh.intent));
    lease.renew().unwrap();
}
