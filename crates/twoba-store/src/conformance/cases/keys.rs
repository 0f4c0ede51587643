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

/// How many keys are drawn of all of Unicode.
const DRAWN: usize = 120;

/// The longest key, in bytes.
const LONGEST: usize = 128;

/// Keys of every length and of every part of Unicode, the same ones in each run.
fn drawn_keys() -> Vec<SessionKey> {
    let mut lots = Lots::from(2);
    // All of Unicode, its first plane, what European letters take, and one byte.
    let limits = [0x11_0000, 0x1_0000, 0x800, 0x80];
    let mut keys = Vec::new();
    while keys.len() < DRAWN {
        let length = 1 + keys.len() * LONGEST / DRAWN;
        let mut text = String::new();
        while text.len() < length {
            let kind = usize::try_from(lots.below(4)).unwrap();
            let drawn = char::from_u32(lots.below(limits.into_iter().nth(kind).unwrap()));
            let fits = drawn.filter(|drawn| text.len() + drawn.len_utf8() <= LONGEST);
            text.extend(fits.filter(|drawn| !drawn.is_control()));
        }
        keys.push(key(text));
    }
    keys
}

pub(crate) fn any_unicode_is_a_key_of_its_own(subject: &dyn Subject) {
    let mut keys = drawn_keys();
    keys.sort_unstable();
    keys.dedup();
    assert!(keys.len() > DRAWN * 9 / 10);
    assert_apart(subject, &keys);
}

/// As many as a partner of 2BA may have on one machine.
const TEN_THOUSAND: usize = 10_000;

pub(crate) fn ten_thousand_sessions_are_listed_in_full(subject: &dyn Subject) {
    let store = subject.open();
    let planted: Vec<_> = (0..TEN_THOUSAND)
        .map(|number| {
            let key = key(format!("installer-{number:05}"));
            (key, format!("planted {number}").into_bytes())
        })
        .collect();
    subject.plant_all(&planted);
    let keys = planted.iter().map(|(key, _)| key);
    let found = store.list(None, 2 * TEN_THOUSAND).unwrap();
    let count = found.len();
    assert!(found.iter().map(|one| &one.key).eq(keys.clone()), "{count}");
    // Some of them log in.
    let mut dates = Vec::new();
    for (key, bytes) in planted.iter().step_by(TEN_THOUSAND / 20) {
        let stored = store.read(key).unwrap();
        assert!(stored.as_ref().is_some_and(|read| read.expose() == bytes));
        let mut lease = leased(&*store, key);
        let login = changes::login(key, stored);
        lease.finish(&login).unwrap();
        lease.release();
        dates.extend(login.due_at());
        assert_eq!(subject.kept_aside(key), [bytes.as_slice()]);
    }
    let latest = dates.iter().copied().max().unwrap();
    let mut due = store.due(Due::Refresh, latest, TEN_THOUSAND).unwrap();
    due.sort_unstable();
    assert!(due.iter().eq(keys.clone().step_by(TEN_THOUSAND / 20)));
    let mut found = listed(&*store, TEN_THOUSAND / 3);
    found.retain(|(_, kind)| *kind == ListedKind::Session);
    assert!(found.iter().map(|(key, _)| key).eq(keys));
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
