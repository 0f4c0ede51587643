//! Unreadable records: they do not count as empty, and a login or logout keeps them aside.
use twoba_core::limits::RECORD_MAX;
use twoba_core::{Change, SessionKey, StoredGrant};

use super::common::*;
use crate::conformance::changes::{self, Login};
use crate::conformance::subject::Subject;
use crate::store::{Due, ListedKind};

pub(crate) fn torn_bytes_are_no_empty_place(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let whole = logged_in(subject, &key).record().clone();
    let (torn, _) = whole.expose().split_at(whole.expose().len() / 2);
    subject.plant(&key, torn);
    let read = store.read(&key).unwrap();
    assert!(read.as_ref().is_some_and(|read| read.expose() == torn));
    for change in [
        changes::login(&key, None),
        changes::login(&key, Some(whole)),
    ] {
        assert_conflict(store.change(&key, &change), read.as_ref());
        assert_conflict(
            lease_that_went_back(subject, &key).apply(&change),
            read.as_ref(),
        );
    }
    assert_record(subject, &key, read.as_ref());
}

/// Asserts that a change keeps the unreadable bytes that it replaces.
#[track_caller]
fn assert_kept(
    subject: &dyn Subject,
    bytes: &[u8],
    replace: impl FnOnce(&SessionKey, StoredGrant) -> Change,
) {
    let (store, key) = (subject.open(), default_key());
    subject.plant(&key, bytes);
    let damaged = store.read(&key).unwrap().unwrap();
    let change = replace(&key, damaged);
    assert!(change.keeps_replaced());
    store_change(subject, &key, &change);
    assert_eq!(subject.kept_aside(&key), [bytes]);
    let kinds = [ListedKind::Session, ListedKind::KeptAside];
    assert_eq!(listed(&*store, 10), kinds.map(|kind| (key.clone(), kind)));
}

pub(crate) fn a_login_replaces_torn_bytes_and_keeps_them(subject: &dyn Subject) {
    assert_kept(subject, b"\xff\0 torn", |key, damaged| {
        changes::login(key, Some(damaged))
    });
}

pub(crate) fn a_logout_replaces_torn_bytes_and_keeps_them(subject: &dyn Subject) {
    assert_kept(subject, b"torn\n\n", changes::logout);
}

pub(crate) fn a_foreign_record_is_kept_aside(subject: &dyn Subject) {
    let key = default_key();
    let foreign = Login {
        client_id: "anotherApplication",
        ..Login::default()
    };
    let foreign = foreign.change(&key, None);
    store_change(subject, &key, &foreign);
    let login = changes::login(&key, Some(foreign.record().clone()));
    assert!(login.keeps_replaced());
    store_change(subject, &key, &login);
    assert_eq!(subject.kept_aside(&key), [foreign.record().expose()]);
}

pub(crate) fn every_damage_is_kept(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let damages: [&[u8]; 3] = [b"first", b"second", b"third"];
    for bytes in damages {
        subject.plant(&key, bytes);
        let damaged = store.read(&key).unwrap();
        store_change(subject, &key, &changes::login(&key, damaged));
    }
    let mut kept = subject.kept_aside(&key);
    kept.sort_unstable();
    assert_eq!(kept, damages);
    assert_eq!(listed(&*store, 10).len(), 1 + damages.len());
}

pub(crate) fn what_is_too_large_for_a_session_is_replaced_and_kept(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    // Alike in as many bytes as a record may have.
    let mut planted = [b'1', b'2'].map(|last| {
        let mut bytes = vec![b'x'; RECORD_MAX + 1];
        bytes.push(last);
        bytes
    });
    for (bytes, is_login) in planted.iter().zip([true, false]) {
        subject.plant(&key, bytes);
        store.probe(&key).unwrap();
        let found = store.read(&key).unwrap().unwrap();
        let change = if is_login {
            changes::login(&key, Some(found))
        } else {
            changes::logout(&key, found)
        };
        assert!(change.keeps_replaced(), "a session can read it");
        store_change(subject, &key, &change);
    }
    let mut kept = subject.kept_aside(&key);
    kept.sort_unstable();
    planted.sort_unstable();
    assert!(kept == planted, "{} are kept", kept.len());
}

pub(crate) fn what_can_be_read_is_not_kept_aside(subject: &dyn Subject) {
    let key = default_key();
    let login = logged_in(subject, &key);
    let refresh = changes::refresh(&key, login.record().clone());
    store_change(subject, &key, &refresh.intent);
    store_change(subject, &key, &refresh.rotation);
    let logout = changes::logout(&key, refresh.rotation.record().clone());
    store_change(subject, &key, &logout);
    assert!(subject.kept_aside(&key).is_empty());
}

pub(crate) fn a_conflict_keeps_nothing_aside(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let damaged = StoredGrant::from_bytes(b"damaged".to_vec());
    let login = changes::login(&key, Some(damaged));
    assert!(login.keeps_replaced());
    // Somebody else was first.
    subject.plant(&key, b"something else");
    let stored = store.read(&key).unwrap();
    assert_conflict(store.change(&key, &login), stored.as_ref());
    assert!(subject.kept_aside(&key).is_empty());
}

pub(crate) fn a_damaged_session_hides_no_other(subject: &dyn Subject) {
    let store = subject.open();
    let keys = ["a", "b", "c"].map(key);
    let [first, damaged, last] = &keys;
    let due: Vec<_> = [first, last]
        .iter()
        .map(|key| logged_in(subject, key).due_at().unwrap())
        .collect();
    subject.plant(damaged, b"damaged");
    let sessions = keys.clone().map(|key| (key, ListedKind::Session));
    assert_eq!(listed(&*store, 2), sessions);
    let before = due.into_iter().max().unwrap();
    let mut due = store.due(Due::Refresh, before, 10).unwrap();
    due.sort_unstable();
    assert_eq!(due, [first.clone(), last.clone()]);
}
