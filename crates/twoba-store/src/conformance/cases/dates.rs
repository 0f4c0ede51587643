//! The lists of due sessions, by either of their dates.
use std::time::Duration;

use twoba_core::{Change, SessionKey, Timestamp};

use super::common::*;
use crate::conformance::changes::{self, Login};
use crate::conformance::subject::Subject;
use crate::store::{Due, Store};

/// A time after the dates of all sessions.
fn end_of_time() -> Timestamp {
    changes::NOW.saturating_add(Duration::from_secs(1_000_000_000))
}

/// A login at a given time.
fn login_at(subject: &dyn Subject, name: &str, seconds: u64) -> Change {
    let login = Login {
        at: changes::NOW.saturating_add(Duration::from_secs(seconds)),
        ..Login::default()
    };
    let key = key(name);
    let change = login.change(&key, None);
    store_change(subject, &key, &change);
    change
}

/// Stores a login at a given time that the case does not look at.
fn log_in_at(subject: &dyn Subject, name: &str, seconds: u64) {
    drop(login_at(subject, name, seconds));
}

fn due(store: &dyn Store, which: Due, before: Timestamp, limit: usize) -> String {
    let found = store.due(which, before, limit).unwrap();
    found.iter().map(SessionKey::as_str).collect()
}

pub(crate) fn the_earliest_is_due_first(subject: &dyn Subject) {
    let store = subject.open();
    for (name, day) in [("c", 1), ("a", 4), ("e", 2), ("b", 5), ("d", 3)] {
        log_in_at(subject, name, day * 86_400);
    }
    assert_eq!(due(&*store, Due::Refresh, end_of_time(), 10), "cedab");
}

pub(crate) fn what_is_due_at_that_moment_is_due(subject: &dyn Subject) {
    let store = subject.open();
    log_in_at(subject, "a", 0);
    let at = login_at(subject, "b", 1_000).due_at().unwrap();
    log_in_at(subject, "c", 2_000);
    let earlier = at.saturating_sub(Duration::from_millis(1));
    assert_eq!(due(&*store, Due::Refresh, earlier, 10), "a");
    assert_eq!(due(&*store, Due::Refresh, at, 10), "ab");
    let beginning = Timestamp::from_unix_millis(i64::MIN);
    assert_eq!(due(&*store, Due::Refresh, beginning, 10), "");
    let last = Timestamp::from_unix_millis(i64::MAX);
    assert_eq!(due(&*store, Due::Refresh, last, 10), "abc");
}

pub(crate) fn no_more_are_due_than_were_asked_for(subject: &dyn Subject) {
    let store = subject.open();
    for (name, day) in [("c", 1), ("a", 3), ("b", 2)] {
        log_in_at(subject, name, day * 86_400);
    }
    for (limit, expected) in [(0, ""), (1, "c"), (2, "cb"), (3, "cba"), (4, "cba")] {
        assert_eq!(due(&*store, Due::Refresh, end_of_time(), limit), expected);
    }
}

pub(crate) fn what_was_stored_last_says_when_it_is_due(subject: &dyn Subject) {
    let (store, key) = (subject.open(), key("a"));
    let login = login_at(subject, "a", 0);
    let before = login.due_at().unwrap();
    let mut lease = leased(&*store, &key);
    let refresh = changes::refresh(&key, login.record().clone());
    // An intent leaves the date as it is.
    lease.apply(&refresh.intent).unwrap();
    assert_eq!(due(&*store, Due::Refresh, before, 10), "a");
    lease.finish(&refresh.rotation).unwrap();
    let after = refresh.rotation.due_at().unwrap();
    assert!(after > before);
    let earlier = after.saturating_sub(Duration::from_millis(1));
    assert_eq!(due(&*store, Due::Refresh, earlier, 10), "");
    assert_eq!(due(&*store, Due::Refresh, after, 10), "a");
}

pub(crate) fn what_has_no_date_is_not_due(subject: &dyn Subject) {
    let store = subject.open();
    let login = login_at(subject, "a", 0);
    log_in_at(subject, "b", 1_000);
    assert_eq!(due(&*store, Due::Refresh, end_of_time(), 10), "ab");
    let gone = key("a");
    let logout = changes::logout(&gone, login.record().clone());
    store_change(subject, &gone, &logout);
    let unknown = Login {
        lifetime: None,
        ..Login::default()
    };
    let unknown = unknown.change(&key("c"), None);
    assert_eq!(unknown.due_at(), None);
    store_change(subject, &key("c"), &unknown);
    let rescue = login.record();
    let _rescued = has_rescue(subject, &key("d"), rescue);
    assert_eq!(due(&*store, Due::Refresh, end_of_time(), 10), "b");
}

pub(crate) fn sessions_of_one_moment_are_due_in_the_order_of_keys(subject: &dyn Subject) {
    let store = subject.open();
    // The same randomness, hence the same moment.
    let login = Login::default();
    for name in ["c", "a", "B", "b"] {
        let key = key(name);
        store_change(subject, &key, &login.change(&key, None));
    }
    assert_eq!(due(&*store, Due::Refresh, end_of_time(), 10), "Babc");
    assert_eq!(due(&*store, Due::Refresh, end_of_time(), 2), "Ba");
}

/// A session with both dates, which a note about it keeps.
fn keep_until(subject: &dyn Subject, name: &str, seconds: u64) -> Change {
    let key = key(name);
    let span = Duration::from_secs(seconds);
    let login = Login {
        keep_alive: Some(span),
        ..Login::default()
    };
    let login = login.change(&key, None);
    store_change(subject, &key, &login);
    let refresh = changes::refresh(&key, login.record().clone());
    store_change(subject, &key, &refresh.intent);
    assert_eq!(
        refresh.intent.keep_by(),
        Some(changes::NOW.saturating_add(span))
    );
    refresh.intent
}

pub(crate) fn each_date_is_asked_for_by_itself(subject: &dyn Subject) {
    let store = subject.open();
    log_in_at(subject, "a", 1_000_000);
    let one = keep_until(subject, "b", 9_000_000).keep_by().unwrap();
    let other = keep_until(subject, "c", 8_000_000).keep_by().unwrap();
    assert_eq!(due(&*store, Due::KeepBy, end_of_time(), 10), "cb");
    assert_eq!(due(&*store, Due::KeepBy, end_of_time(), 1), "c");
    assert_eq!(due(&*store, Due::KeepBy, one, 10), "cb");
    assert_eq!(due(&*store, Due::KeepBy, other, 10), "c");
    let earlier = other.saturating_sub(Duration::from_millis(1));
    assert_eq!(due(&*store, Due::KeepBy, earlier, 10), "");
    let mut all: Vec<char> = due(&*store, Due::Refresh, end_of_time(), 10)
        .chars()
        .collect();
    all.sort_unstable();
    assert_eq!(all, ['a', 'b', 'c']);
}

pub(crate) fn a_login_forgets_by_when_its_session_had_to_be_used(subject: &dyn Subject) {
    let store = subject.open();
    for (name, person) in [("a", Person::LogsIn), ("b", Person::LogsOut)] {
        let key = key(name);
        let stored = keep_until(subject, name, 5_000_000).record().clone();
        assert_eq!(due(&*store, Due::KeepBy, end_of_time(), 10), name);
        let change = match person {
            Person::LogsIn => changes::login(&key, Some(stored)),
            Person::LogsOut => changes::logout(&key, stored),
        };
        assert_eq!(change.keep_by(), None);
        store_change(subject, &key, &change);
        assert_eq!(due(&*store, Due::KeepBy, end_of_time(), 10), "");
    }
}

enum Person {
    LogsIn,
    LogsOut,
}
