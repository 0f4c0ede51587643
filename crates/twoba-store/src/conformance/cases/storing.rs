//! Stored bytes are read completely, by every handle, and after the store is opened again.
use std::time::Duration;

use super::common::*;
use crate::conformance::changes::{self, Login};
use crate::conformance::subject::Subject;
use crate::store::Due;

pub(crate) fn an_empty_store_has_nothing(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    assert!(store.read(&key).unwrap().is_none());
    assert!(store.rescued(&key).unwrap().is_none());
    assert!(leased(&*store, &key).load().unwrap().is_none());
    assert!(store.list(None, 10).unwrap().is_empty());
    let later = changes::NOW.saturating_add(Duration::from_secs(1_000_000_000));
    for which in [Due::Refresh, Due::KeepBy] {
        assert!(store.due(which, later, 10).unwrap().is_empty());
    }
}

pub(crate) fn what_was_stored_is_read(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let change = changes::login(&key, None);
    let proof = store.change(&key, &change).unwrap();
    assert_stored(subject, &key, &change, proof);
    assert_eq!(store.read(&key).unwrap().as_ref(), Some(change.record()));
    let loaded = leased(&*store, &key).load().unwrap();
    assert_eq!(loaded.as_ref(), Some(change.record()));
}

pub(crate) fn what_a_lease_stored_is_read(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let mut lease = leased(&*store, &key);
    let change = changes::login(&key, None);
    let proof = lease.apply(&change).unwrap();
    assert_stored(subject, &key, &change, proof);
    assert_eq!(lease.load().unwrap().as_ref(), Some(change.record()));
    let next = changes::login(&key, lease.load().unwrap());
    let proof = lease.apply(&next).unwrap();
    assert_stored(subject, &key, &next, proof);
    assert_eq!(lease.load().unwrap().as_ref(), Some(next.record()));
}

pub(crate) fn what_a_lease_finished_with_is_read(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let change = changes::login(&key, None);
    let proof = leased(&*store, &key).finish(&change).unwrap();
    assert_stored(subject, &key, &change, proof);
}

pub(crate) fn a_refresh_is_stored_step_by_step(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let login = logged_in(subject, &key);
    for _ in 0..3 {
        let mut lease = leased(&*store, &key);
        let stored = lease.load().unwrap().unwrap();
        let refresh = changes::refresh(&key, stored);
        let proof = lease.apply(&refresh.intent).unwrap();
        assert_stored(subject, &key, &refresh.intent, proof);
        let proof = lease.finish(&refresh.rotation).unwrap();
        assert_stored(subject, &key, &refresh.rotation, proof);
        lease.release();
    }
    assert_ne!(store.read(&key).unwrap().as_ref(), Some(login.record()));
}

/// Asserts that a login with tokens of this length is read unchanged, and so is its successor.
#[track_caller]
fn assert_whole(subject: &dyn Subject, token_length: usize) {
    let key = default_key();
    let login = Login {
        token_length,
        ..Login::default()
    };
    let change = login.change(&key, None);
    assert!(change.record().expose().len() > 2 * token_length);
    store_change(subject, &key, &change);
    let refresh = changes::refresh(&key, change.record().clone());
    store_change(subject, &key, &refresh.intent);
}

pub(crate) fn refresh_tokens_of_ten_kilobytes_come_back_whole(subject: &dyn Subject) {
    assert_whole(subject, 10_000);
}

pub(crate) fn the_longest_tokens_come_back_whole(subject: &dyn Subject) {
    assert_whole(subject, twoba_core::limits::TOKEN_MAX);
}

pub(crate) fn a_short_record_leaves_nothing_of_a_longer_one(subject: &dyn Subject) {
    let key = default_key();
    let login = Login {
        token_length: 10_000,
        ..Login::default()
    };
    let long = login.change(&key, None);
    store_change(subject, &key, &long);
    let short = changes::logout(&key, long.record().clone());
    assert!(short.record().expose().len() < 1_000);
    store_change(subject, &key, &short);
}

pub(crate) fn any_bytes_are_read_as_they_are(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let all: Vec<u8> = (0..=u8::MAX).rev().chain(0..=u8::MAX).collect();
    for bytes in [
        all.as_slice(),
        b"\0",
        b"\r\n",
        b" ",
        b"{}",
        b"twoba-session 9",
    ] {
        subject.plant(&key, bytes);
        let read = store.read(&key).unwrap();
        assert!(read.is_some_and(|read| read.expose() == bytes), "{bytes:?}");
        let loaded = lease_that_went_back(subject, &key).load().unwrap();
        assert!(
            loaded.is_some_and(|read| read.expose() == bytes),
            "{bytes:?}"
        );
    }
}

pub(crate) fn no_bytes_are_not_nothing(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    subject.plant(&key, b"");
    let read = store.read(&key).unwrap();
    assert!(
        read.is_some(),
        "a record that was emptied is taken for none"
    );
    assert_conflict(
        store.change(&key, &changes::login(&key, None)),
        read.as_ref(),
    );
}

pub(crate) fn what_was_stored_is_there_when_the_store_is_opened_again(subject: &dyn Subject) {
    let keys = ["one", "two", "three"].map(key);
    let mut records = Vec::new();
    for key in &keys {
        let store = subject.open();
        let login = changes::login(key, None);
        store.change(key, &login).unwrap();
        let refresh = changes::refresh(key, login.record().clone());
        let mut lease = leased(&*store, key);
        lease.apply(&refresh.intent).unwrap();
        lease.finish(&refresh.rotation).unwrap();
        records.push(refresh.rotation);
    }
    for (key, change) in keys.iter().zip(&records) {
        assert_record(subject, key, Some(change.record()));
    }
}

pub(crate) fn a_rescued_grant_is_there_when_the_store_is_opened_again(subject: &dyn Subject) {
    let key = default_key();
    let record = logged_in(subject, &key).record().clone();
    let rescue = changes::refresh(&key, record).rotation.record().clone();
    if !has_rescue(subject, &key, &rescue) {
        return;
    }
    assert_eq!(subject.open().rescued(&key).unwrap(), Some(rescue));
}

pub(crate) fn what_was_kept_aside_is_there_when_the_store_is_opened_again(subject: &dyn Subject) {
    let key = default_key();
    subject.plant(&key, b"damaged");
    let damaged = subject.open().read(&key).unwrap();
    store_change(subject, &key, &changes::login(&key, damaged));
    drop(subject.open());
    assert_eq!(subject.kept_aside(&key), [b"damaged"]);
}

pub(crate) fn a_lease_outlives_the_handle_that_gave_it(subject: &dyn Subject) {
    let key = default_key();
    let store = subject.open();
    let mut lease = leased(&*store, &key);
    drop(store);
    assert_leased(subject, &key);
    let change = changes::login(&key, None);
    let proof = lease.apply(&change).unwrap();
    assert_stored(subject, &key, &change, proof);
    assert_eq!(lease.load().unwrap().as_ref(), Some(change.record()));
}
