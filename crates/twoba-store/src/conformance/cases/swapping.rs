//! A change replaces exactly the bytes that it expects.
use twoba_core::{Change, SessionKey, StoredGrant};

use super::common::*;
use crate::conformance::changes::{self, Login};
use crate::conformance::subject::Subject;
use crate::store::{Due, Store};

pub(crate) fn a_first_change_needs_an_empty_place(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let login = logged_in(subject, &key);
    let late = changes::login(&key, None);
    assert_conflict(store.change(&key, &late), Some(login.record()));
    assert_record(subject, &key, Some(login.record()));
}

pub(crate) fn a_change_needs_what_it_expects(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let elsewhere = changes::login(&key, None).record().clone();
    let change = changes::login(&key, Some(elsewhere));
    // Nothing is stored, and it expects something.
    assert_conflict(store.change(&key, &change), None);
    assert_record(subject, &key, None);
    // Something else is stored.
    let login = logged_in(subject, &key);
    assert_conflict(store.change(&key, &change), Some(login.record()));
    assert_record(subject, &key, Some(login.record()));
}

pub(crate) fn a_change_over_an_older_record_is_a_conflict(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let first = logged_in(subject, &key).record().clone();
    let second = changes::login(&key, Some(first.clone()));
    let rival = changes::login(&key, Some(first));
    store_change(subject, &key, &second);
    assert_conflict(store.change(&key, &rival), Some(second.record()));
    assert_record(subject, &key, Some(second.record()));
}

pub(crate) fn a_conflict_changes_nothing(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let login = logged_in(subject, &key);
    let due = |store: &dyn Store| {
        let at = login.due_at().unwrap();
        store.due(Due::Refresh, at, 10).unwrap()
    };
    let before = (listed(&*store, 10), due(&*store));
    // Its token would be due much later.
    let rival = Login {
        lifetime: Some(1_000_000),
        ..Login::default()
    };
    let rival = rival.change(&key, None);
    assert_conflict(store.change(&key, &rival), Some(login.record()));
    assert_record(subject, &key, Some(login.record()));
    assert_eq!((listed(&*store, 10), due(&*store)), before);
}

pub(crate) fn a_lease_overrules_no_conflict(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let login = logged_in(subject, &key);
    let rival = changes::login(&key, None);
    let mut lease = leased(&*store, &key);
    assert_conflict(lease.apply(&rival), Some(login.record()));
    assert_conflict(lease.finish(&rival), Some(login.record()));
    assert_record(subject, &key, Some(login.record()));
}

/// A store may apply a change and fail to report it. A second attempt finds the change applied, and
/// goes on from it.
pub(crate) fn a_change_whose_answer_was_lost_finds_itself(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let login = logged_in(subject, &key);
    assert_conflict(store.change(&key, &login), Some(login.record()));
    let refresh = changes::refresh(&key, login.record().clone());
    for change in [&refresh.intent, &refresh.rotation] {
        store_change(subject, &key, change);
        assert_conflict(store.change(&key, change), Some(change.record()));
        assert_record(subject, &key, Some(change.record()));
    }
}

pub(crate) fn a_change_whose_answer_was_lost_finds_itself_under_the_lease(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let login = logged_in(subject, &key);
    let mut lease = leased(&*store, &key);
    let refresh = changes::refresh(&key, login.record().clone());
    for change in [&refresh.intent, &refresh.rotation] {
        lease.apply(change).unwrap();
        assert_conflict(lease.apply(change), Some(change.record()));
        assert_conflict(lease.finish(change), Some(change.record()));
        assert_eq!(lease.load().unwrap().as_ref(), Some(change.record()));
    }
    assert_leased(subject, &key);
}

/// A revision depends on the bytes alone. Equal bytes have equal revisions, whatever came between.
pub(crate) fn a_record_that_came_back_is_as_good_as_the_first(subject: &dyn Subject) {
    let key = default_key();
    let login = Login::default();
    let first = login.change(&key, None);
    store_change(subject, &key, &first);
    let next = changes::login(&key, Some(first.record().clone()));
    let other = changes::login(&key, Some(first.record().clone()));
    store_change(subject, &key, &other);
    let again = login.change(&key, Some(other.record().clone()));
    assert_eq!(again.record(), first.record());
    store_change(subject, &key, &again);
    store_change(subject, &key, &next);
}

/// A refresh under its lease, with another writer's change in between.
#[track_caller]
fn overtaken(subject: &dyn Subject, overtake: impl FnOnce(&SessionKey, StoredGrant) -> Change) {
    let (store, key) = (subject.open(), default_key());
    let login = logged_in(subject, &key);
    let mut lease = leased(&*store, &key);
    let refresh = changes::refresh(&key, login.record().clone());
    lease.apply(&refresh.intent).unwrap();
    let change = overtake(&key, refresh.intent.record().clone());
    store_change(subject, &key, &change);
    assert_conflict(lease.apply(&refresh.rotation), Some(change.record()));
    assert_conflict(lease.finish(&refresh.rotation), Some(change.record()));
    assert_record(subject, &key, Some(change.record()));
}

pub(crate) fn a_login_wins_over_a_refresh_that_is_out(subject: &dyn Subject) {
    overtaken(subject, |key, stored| changes::login(key, Some(stored)));
}

pub(crate) fn a_logout_wins_over_a_refresh_that_is_out(subject: &dyn Subject) {
    overtaken(subject, changes::logout);
}

pub(crate) fn of_a_login_and_a_logout_the_second_is_told(subject: &dyn Subject) {
    let store = subject.open();
    for (name, login_first) in [("login-first", true), ("logout-first", false)] {
        let key = key(name);
        let before = logged_in(subject, &key).record().clone();
        let login = changes::login(&key, Some(before.clone()));
        let logout = changes::logout(&key, before);
        let (first, second) = if login_first {
            (login, logout)
        } else {
            (logout, login)
        };
        store_change(subject, &key, &first);
        assert_conflict(store.change(&key, &second), Some(first.record()));
        assert_record(subject, &key, Some(first.record()));
        // Told of it, the second can still have its way.
        let stored = first.record().clone();
        let second = if login_first {
            changes::logout(&key, stored)
        } else {
            changes::login(&key, Some(stored))
        };
        store_change(subject, &key, &second);
    }
}

pub(crate) fn a_late_logout_ends_no_fresh_login(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let before = logged_in(subject, &key).record().clone();
    let logout = changes::logout(&key, before.clone());
    let login = changes::login(&key, Some(before));
    store_change(subject, &key, &login);
    // The logout of the session before comes late, and again, with and without the lease.
    let mut lease = leased(&*store, &key);
    for outcome in [
        store.change(&key, &logout),
        lease.apply(&logout),
        store.change(&key, &logout),
        lease.finish(&logout),
    ] {
        assert_conflict(outcome, Some(login.record()));
    }
    assert_record(subject, &key, Some(login.record()));
    let at = login.due_at().unwrap();
    assert_eq!(store.due(Due::Refresh, at, 10).unwrap(), [key]);
}

pub(crate) fn a_login_follows_a_logout(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let login = logged_in(subject, &key);
    let logout = changes::logout(&key, login.record().clone());
    store_change(subject, &key, &logout);
    // A place that somebody has logged out of is not empty.
    let late = changes::login(&key, None);
    assert_conflict(store.change(&key, &late), Some(logout.record()));
    let again = changes::login(&key, Some(logout.record().clone()));
    store_change(subject, &key, &again);
}
