//! Keys of every kind. Each is a session of its own.
use twoba_core::{Change, SessionKey};

use super::common::*;
use crate::conformance::changes;
use crate::conformance::subject::Subject;
use crate::store::{Due, ListedKind};

/// Keys that could lead out of the store, or be taken for something else.
const ODD: [&str; 40] = [
    ".",
    "..",
    "../..",
    "/",
    "//",
    "/etc/passwd",
    "a/b",
    "a\\b",
    "C:\\a",
    "~",
    "-rf",
    "--",
    "*",
    "?",
    "%",
    "%41",
    "_",
    "=",
    "=00",
    "con",
    "nul",
    "a.grant",
    "a.lease",
    "a.rescue",
    ".hidden",
    "'; drop table session; --",
    "\"",
    "`id`",
    "$HOME",
    "a:b",
    "<a>&amp;",
    "a|b",
    "日本語",
    "\u{1f980}",
    "\u{10ffff}",
    "\u{202e}abc",
    "\u{200d}",
    "\u{feff}",
    "a b",
    "null",
];

/// Pairs of keys that case folding, normalization or trimming would make equal.
const ALIKE: [(&str, &str); 9] = [
    ("a", "A"),
    ("a", "a "),
    ("a", " a"),
    ("ä", "a\u{308}"),
    ("ß", "ss"),
    ("ı", "i"),
    ("K", "\u{212a}"),
    ("ﬁ", "fi"),
    ("1", "01"),
];

/// Stores a login under each key, and finds each of them again.
#[track_caller]
fn assert_apart(subject: &dyn Subject, keys: &[SessionKey]) {
    let store = subject.open();
    let logins: Vec<_> = keys.iter().map(|key| logged_in(subject, key)).collect();
    for (key, login) in keys.iter().zip(&logins) {
        assert_record(subject, key, Some(login.record()));
    }
    let leases: Vec<_> = keys.iter().map(|key| leased(&*store, key)).collect();
    drop(leases);
    let mut sorted: Vec<_> = keys
        .iter()
        .map(|key| (key.clone(), ListedKind::Session))
        .collect();
    sorted.sort_unstable();
    assert_eq!(listed(&*store, 7), sorted);
    let latest = logins.iter().filter_map(Change::due_at).max().unwrap();
    let mut due = store.due(Due::Refresh, latest, usize::MAX).unwrap();
    due.sort_unstable();
    assert!(due.iter().eq(sorted.iter().map(|(key, _)| key)), "{due:?}");
}

pub(crate) fn odd_keys_are_sessions_of_their_own(subject: &dyn Subject) {
    let mut keys = Vec::from(ODD.map(key));
    // Those of programs themselves hold what no key of a person does.
    let scopes = ["", "read:products", "read:products read:stock"];
    keys.extend(scopes.map(|scope| SessionKey::of_program("myApplication", scope)));
    assert_apart(subject, &keys);
}

pub(crate) fn keys_that_look_alike_do_not_meet(subject: &dyn Subject) {
    let mut keys: Vec<_> = ALIKE
        .iter()
        .flat_map(|&(one, other)| [key(one), key(other)])
        .collect();
    keys.sort_unstable();
    keys.dedup();
    assert_apart(subject, &keys);
}

pub(crate) fn long_keys_are_kept_in_full(subject: &dyn Subject) {
    // As many bytes as a key may have, and twins that differ in the last one only.
    let long =
        ["a", "A", "/", ".", "\u{e9}", "\u{1f980}"].map(|text| text.repeat(128 / text.len()));
    let twins = long.clone().map(|text| {
        let shorter: String = text.chars().take(text.chars().count() - 1).collect();
        format!("{shorter}z")
    });
    let keys: Vec<_> = long.into_iter().chain(twins).map(key).collect();
    assert_apart(subject, &keys);
    // All that can lie under a key lies under such a key.
    for key in &keys {
        subject.plant(key, b"damaged");
        let damaged = subject.open().read(key).unwrap();
        store_change(subject, key, &changes::login(key, damaged));
        assert_eq!(subject.kept_aside(key), [b"damaged"]);
        let record = subject.open().read(key).unwrap().unwrap();
        if has_rescue(subject, key, &record) {
            assert_eq!(subject.open().rescued(key).unwrap(), Some(record));
        }
        subject.open().probe(key).unwrap();
    }
}

pub(crate) fn many_keys_are_kept_apart(subject: &dyn Subject) {
    let store = subject.open();
    let many = subject.many();
    let keys: Vec<_> = (0..many)
        .map(|number| key(format!("user-{number}")))
        .collect();
    let logins: Vec<_> = keys.iter().map(|key| changes::login(key, None)).collect();
    for (key, login) in keys.iter().zip(&logins) {
        store.change(key, login).unwrap();
    }
    for (key, login) in keys.iter().zip(&logins) {
        assert_eq!(store.read(key).unwrap().as_ref(), Some(login.record()));
    }
    let mut sorted = keys;
    sorted.sort_unstable();
    let found = listed(&*store, many / 3 + 1);
    assert!(
        found.iter().map(|(key, _)| key).eq(&sorted),
        "{} of {many}",
        found.len()
    );
    let latest = logins.iter().filter_map(Change::due_at).max().unwrap();
    let mut due = store.due(Due::Refresh, latest, usize::MAX).unwrap();
    due.sort_unstable();
    assert_eq!(due, sorted);
}
