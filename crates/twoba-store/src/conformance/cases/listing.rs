//! The list of a store's content, key by key.
use twoba_core::SessionKey;

use super::common::*;
use crate::conformance::changes;
use crate::conformance::subject::Subject;
use crate::store::ListedKind;

pub(crate) fn a_list_is_in_the_order_of_keys(subject: &dyn Subject) {
    let store = subject.open();
    // The order of bytes, whatever a language or a file system thinks of it.
    let ordered = [
        "%",
        "-",
        "10",
        "2",
        "B",
        "_",
        "a",
        "aa",
        "b",
        "z",
        "\u{e9}",
        "\u{1f980}",
    ]
    .map(key);
    for key in ordered.iter().rev() {
        log_in(subject, key);
    }
    let all = store.list(None, usize::MAX).unwrap();
    assert!(all.iter().map(|one| &one.key).eq(&ordered), "{all:?}");
    assert!(all.iter().all(|one| one.kind == ListedKind::Session));
}

pub(crate) fn a_list_goes_on_behind_a_key(subject: &dyn Subject) {
    let store = subject.open();
    let keys = ["a", "b", "c", "d", "e"].map(key);
    for key in &keys {
        log_in(subject, key);
    }
    let page = |after: Option<&str>, limit| {
        let after = after.map(key);
        let found = store.list(after.as_ref(), limit).unwrap();
        let keys = found.iter().map(|one| one.key.as_str());
        keys.collect::<String>()
    };
    assert_eq!(page(None, 2), "ab");
    assert_eq!(page(Some("b"), 2), "cd");
    assert_eq!(page(Some("d"), 2), "e");
    assert_eq!(page(Some("e"), 2), "");
    // Nobody has to have the key that it goes on behind.
    assert_eq!(page(Some("bb"), 10), "cde");
    assert_eq!(page(Some("Z"), 1), "a");
    assert_eq!(page(Some("zzz"), 10), "");
    for limit in 1..=keys.len() + 1 {
        assert!(listed(&*store, limit).iter().map(|(key, _)| key).eq(&keys));
    }
}

pub(crate) fn a_list_of_none_is_empty(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    log_in(subject, &key);
    assert!(store.list(None, 0).unwrap().is_empty());
}

pub(crate) fn a_list_shows_what_lies_there(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    subject.plant(&key, b"damaged");
    assert_eq!(listed(&*store, 10), [(key.clone(), ListedKind::Session)]);
    let damaged = store.read(&key).unwrap();
    let login = changes::login(&key, damaged);
    store_change(subject, &key, &login);
    let mut kinds = vec![ListedKind::Session, ListedKind::KeptAside];
    let rescue = changes::refresh(&key, login.record().clone()).rotation;
    if has_rescue(subject, &key, rescue.record()) {
        kinds.push(ListedKind::Rescue);
    }
    // Neither a lease nor a probe is anything that lies there.
    let _lease = leased(&*store, &key);
    store.probe(&key).unwrap();
    let found = listed(&*store, 10).into_iter().map(|(_, kind)| kind);
    assert_eq!(found.collect::<Vec<_>>(), kinds);
}

pub(crate) fn a_list_tears_no_key_apart(subject: &dyn Subject) {
    let store = subject.open();
    let keys = ["a", "b", "c"].map(key);
    for key in &keys {
        for damage in ["one", "two"] {
            subject.plant(key, damage.as_bytes());
            let damaged = store.read(key).unwrap();
            store_change(subject, key, &changes::login(key, damaged));
        }
    }
    let page = store.list(None, 2).unwrap();
    let of = |key: &SessionKey| page.iter().filter(|one| one.key == *key).count();
    assert_eq!(keys.each_ref().map(of), [3, 3, 0], "a limit is one of keys");
    assert_eq!(listed(&*store, 1), listed(&*store, 10));
    assert_eq!(listed(&*store, 1).len(), 9);
}

pub(crate) fn a_session_that_was_logged_out_is_listed(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let login = logged_in(subject, &key);
    let logout = changes::logout(&key, login.record().clone());
    store_change(subject, &key, &logout);
    assert_eq!(listed(&*store, 10), [(key, ListedKind::Session)]);
}
