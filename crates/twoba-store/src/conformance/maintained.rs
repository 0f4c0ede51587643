//! The cases for stores that are looked after as a whole: [`conformance_maintained!`].
//!
//! [`conformance_maintained!`]: crate::conformance_maintained!

use std::time::SystemTime;

use twoba_core::SessionKey;

use super::changes;
use super::subject::Subject;
use crate::store::{ApplyError, Content, KeptAside, Maintained, Mark, StoreError};

/// A subject whose store is looked after as a whole.
pub trait MaintainedSubject: Subject {
    /// Opens the store once more, as another process would open it.
    fn open_maintained(&self) -> Box<dyn Maintained>;
}

/// Makes a `#[test]` of each case for a [`Maintained`](crate::Maintained) store:
/// `conformance_maintained!(SUBJECT)`. The expression makes a
/// [`MaintainedSubject`](crate::conformance::MaintainedSubject) with an empty store. Call the macro
/// in a module of its own.
#[macro_export]
macro_rules! conformance_maintained {
    ($subject:expr) => {
        $crate::conformance_maintained! { @list tests $subject }
    };
    (@list $then:ident $($subject:expr)?) => {
        $crate::conformance_maintained! { @$then $($subject)?;
            a_store_says_what_it_is
            what_was_kept_aside_is_listed_the_latest_first
            a_handful_is_kept_aside_and_no_more
            what_was_kept_aside_is_taken_back
            what_was_discarded_is_gone
            nothing_is_taken_back_while_somebody_has_the_lease
            a_marked_store_is_read_and_not_used
            a_lease_from_before_the_mark_goes_on
            whoever_moves_takes_leases_in_a_marked_store
            an_adopted_store_is_used_again
            what_is_put_is_there_as_a_whole
            what_is_removed_is_gone_as_a_whole
            whoever_comes_back_to_a_move_that_is_over_changes_nothing
        }
    };
    (@cases ; $($case:ident)*) => {
        &[$($crate::conformance::MaintainedCase {
            name: stringify!($case),
            run: $crate::conformance::maintained::$case,
        }),*]
    };
    (@tests $subject:expr; $($case:ident)*) => {
        $(
            #[test]
            fn $case() {
                $crate::conformance::maintained::$case(&$subject);
            }
        )*
    };
}

/// A case for stores that are looked after as a whole.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct MaintainedCase {
    /// The sentence, in the form of a function's name.
    pub name: &'static str,
    run: fn(&dyn MaintainedSubject),
}

impl MaintainedCase {
    /// All cases.
    #[must_use]
    pub fn all() -> &'static [Self] {
        crate::conformance_maintained!(@list cases)
    }

    /// Runs the case on a store.
    ///
    /// # Panics
    ///
    /// - the sentence is not true of this store
    pub fn run(&self, subject: &dyn MaintainedSubject) {
        (self.run)(subject);
    }
}

fn key() -> SessionKey {
    SessionKey::parse("default").unwrap()
}

/// Has a login replace these damaged bytes, which are kept aside.
fn keep_aside(subject: &dyn MaintainedSubject, damaged: &[u8]) {
    let store = subject.open();
    subject.plant(&key(), damaged);
    let stored = store.read(&key()).unwrap();
    store
        .change(&key(), &changes::login(&key(), stored))
        .unwrap();
}

fn kept(subject: &dyn MaintainedSubject) -> Vec<KeptAside> {
    let store = subject.open_maintained();
    let kept = store.kept_aside(Some(&key())).unwrap();
    assert_eq!(kept, store.kept_aside(None).unwrap());
    let other = SessionKey::parse("other").unwrap();
    assert!(store.kept_aside(Some(&other)).unwrap().is_empty());
    kept
}

/// A real session that stands aside of another one.
fn rivals(subject: &dyn MaintainedSubject) -> KeptAside {
    let store = subject.open();
    let first = changes::login(&key(), None);
    store.change(&key(), &first).unwrap();
    let content = Content {
        record: Some(changes::login(&key(), None).record().clone()),
        rescued: None,
        kept_aside: vec![KeptAside::new(
            key(),
            "any",
            SystemTime::now(),
            first.record().clone(),
        )],
    };
    let store = subject.open_maintained();
    store.put(&key(), &content, None).unwrap();
    let kept = only_kept(subject);
    assert_eq!(&kept.record, first.record());
    kept
}

/// The only bytes that are kept aside.
fn only_kept(subject: &dyn MaintainedSubject) -> KeptAside {
    let kept = kept(subject);
    let [only] = kept.as_slice() else {
        panic!("{kept:?}");
    };
    only.clone()
}

/// The case: a store says what it is.
pub fn a_store_says_what_it_is(subject: &dyn MaintainedSubject) {
    let about = subject.open_maintained().about().unwrap();
    assert!(!about.kind.is_empty() && !about.address.is_empty());
    assert!(!about.is_copy && about.mark.is_none(), "{about:?}");
    assert_eq!(about, subject.open_maintained().about().unwrap());
}

/// The case: what was kept aside is listed the latest first.
pub fn what_was_kept_aside_is_listed_the_latest_first(subject: &dyn MaintainedSubject) {
    let before = SystemTime::now();
    for damaged in ["one", "two", "three"] {
        keep_aside(subject, damaged.as_bytes());
    }
    let kept = kept(subject);
    let texts = kept.iter().map(|one| one.record.expose().to_vec());
    let planted = ["three", "two", "one"].map(|text| {
        // As an encrypted store returns bytes that were never sealed, if it does so.
        text.as_bytes().to_vec()
    });
    assert_eq!(texts.collect::<Vec<_>>(), planted);
    let names: std::collections::BTreeSet<_> = kept.iter().map(|one| &one.name).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    let second = std::time::Duration::from_secs(2);
    assert!(kept.iter().all(|one| one.since + second > before));
}

/// The case: a handful is kept aside and no more.
pub fn a_handful_is_kept_aside_and_no_more(subject: &dyn MaintainedSubject) {
    for number in 0..6 {
        keep_aside(subject, format!("damaged {number}").as_bytes());
    }
    let kept = kept(subject);
    assert_eq!(kept.len(), 4);
    let latest = kept.first().unwrap();
    assert_eq!(latest.record.expose(), b"damaged 5");
    // The same once more takes no other's place.
    keep_aside(subject, b"damaged 5");
    assert_eq!(self::kept(subject).len(), 4);
}

/// The case: what was kept aside is taken back.
pub fn what_was_kept_aside_is_taken_back(subject: &dyn MaintainedSubject) {
    let kept = rivals(subject);
    let store = subject.open_maintained();
    let replaced = store.read(&key()).unwrap().unwrap();
    store.restore(&kept).unwrap();
    assert_eq!(store.read(&key()).unwrap().unwrap(), kept.record);
    // It is due as it was, and what stood there is aside in its turn.
    let due = store.due(
        crate::store::Due::Refresh,
        changes::NOW.saturating_add(std::time::Duration::from_secs(86_400)),
        10,
    );
    assert_eq!(due.unwrap(), [key()]);
    assert_eq!(only_kept(subject).record, replaced);
    // Nobody has its lease.
    assert!(store.try_lease(&key()).unwrap().is_some());
    // It is not there any more.
    assert!(store.restore(&kept).is_err(), "it was there twice");
}

/// The case: what was discarded is gone.
pub fn what_was_discarded_is_gone(subject: &dyn MaintainedSubject) {
    let kept = rivals(subject);
    let store = subject.open_maintained();
    let record = store.read(&key()).unwrap();
    store.discard(&kept).unwrap();
    store.discard(&kept).unwrap();
    assert!(self::kept(subject).is_empty());
    assert_eq!(store.read(&key()).unwrap(), record);
}

/// The case: nothing is taken back while somebody has the lease.
pub fn nothing_is_taken_back_while_somebody_has_the_lease(subject: &dyn MaintainedSubject) {
    let kept = rivals(subject);
    let other = subject.open();
    let lease = other.try_lease(&key()).unwrap().unwrap();
    let store = subject.open_maintained();
    let outcome = store.restore(&kept);
    assert!(matches!(outcome, Err(StoreError::Busy)), "{outcome:?}");
    assert_eq!(self::kept(subject), std::slice::from_ref(&kept));
    lease.release();
    store.restore(&kept).unwrap();
}

fn marks() -> [Mark; 2] {
    let place = "sqlite:/some where/else.db".to_owned();
    [Mark::MovedTo(place.clone()), Mark::ArrivingFrom(place)]
}

#[track_caller]
fn assert_refused<T>(outcome: Result<T, StoreError>, mark: &Mark) {
    let told = match (outcome.err(), mark) {
        (Some(StoreError::Moved { to, .. }), Mark::MovedTo(place)) => to == *place,
        (Some(StoreError::Arriving { from, .. }), Mark::ArrivingFrom(place)) => from == *place,
        (other, _) => panic!("{other:?}"),
    };
    assert!(told);
}

/// The case: a marked store is read and not used.
pub fn a_marked_store_is_read_and_not_used(subject: &dyn MaintainedSubject) {
    let (running, maintained) = (subject.open(), subject.open_maintained());
    let login = changes::login(&key(), None);
    running.change(&key(), &login).unwrap();
    for mark in marks() {
        maintained.set_mark(Some(&mark)).unwrap();
        assert_eq!(maintained.about().unwrap().mark.as_ref(), Some(&mark));
        for store in [&*running, &*subject.open()] {
            assert_eq!(store.read(&key()).unwrap().as_ref(), Some(login.record()));
            assert_refused(store.try_lease(&key()), &mark);
            assert_refused(store.probe(&key()), &mark);
            let again = changes::login(&key(), Some(login.record().clone()));
            match store.change(&key(), &again) {
                Err(ApplyError::Store(error)) => assert_refused::<()>(Err(error), &mark),
                outcome => panic!("{outcome:?}"),
            }
            assert_eq!(store.read(&key()).unwrap().as_ref(), Some(login.record()));
        }
    }
    maintained.set_mark(None).unwrap();
    maintained.set_mark(None).unwrap();
    assert_eq!(maintained.about().unwrap().mark, None);
    assert!(running.try_lease(&key()).unwrap().is_some());
    running.probe(&key()).unwrap();
}

/// The case: a lease from before the mark goes on.
pub fn a_lease_from_before_the_mark_goes_on(subject: &dyn MaintainedSubject) {
    let (running, maintained) = (subject.open(), subject.open_maintained());
    let login = changes::login(&key(), None);
    running.change(&key(), &login).unwrap();
    let mut lease = running.try_lease(&key()).unwrap().unwrap();
    maintained.set_mark(Some(&marks()[0])).unwrap();
    assert!(maintained.hold(&key()).unwrap().is_none());
    // Its request is out: what comes of it is stored.
    let refresh = changes::refresh(&key(), login.record().clone());
    lease.apply(&refresh.intent).unwrap();
    lease.renew().unwrap();
    running.rescue(&key(), refresh.rotation.record()).unwrap();
    lease.finish(&refresh.rotation).unwrap();
    lease.release();
    assert!(maintained.hold(&key()).unwrap().is_some());
    let stored = maintained.read(&key()).unwrap();
    assert_eq!(stored.as_ref(), Some(refresh.rotation.record()));
}

/// The case: whoever moves takes leases in a marked store.
pub fn whoever_moves_takes_leases_in_a_marked_store(subject: &dyn MaintainedSubject) {
    let (one, other) = (subject.open_maintained(), subject.open_maintained());
    one.set_mark(Some(&marks()[0])).unwrap();
    let lease = one.hold(&key()).unwrap().unwrap();
    assert!(other.hold(&key()).unwrap().is_none(), "two have it");
    lease.release();
    drop(other.hold(&key()).unwrap().unwrap());
}

/// The case: an adopted store is used again.
pub fn an_adopted_store_is_used_again(subject: &dyn MaintainedSubject) {
    let store = subject.open_maintained();
    store.change(&key(), &changes::login(&key(), None)).unwrap();
    store.set_mark(Some(&marks()[1])).unwrap();
    store.adopt().unwrap();
    assert!(store.try_lease(&key()).unwrap().is_some());
    assert_eq!(store.about().unwrap().mark, None);
}

/// Everything that a session can have.
fn content() -> Content {
    let login = changes::login(&key(), None);
    let record = changes::login(&key(), None).record().clone();
    let long_ago = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
    let aside = |number: u32, record| {
        let name = format!("any {number}");
        KeptAside::new(
            key(),
            name,
            long_ago - number * std::time::Duration::from_secs(60),
            record,
        )
    };
    Content {
        rescued: Some(
            changes::refresh(&key(), record.clone())
                .rotation
                .record()
                .clone(),
        ),
        record: Some(record),
        kept_aside: vec![
            aside(0, login.record().clone()),
            aside(1, twoba_core::StoredGrant::from_bytes(b"damaged".to_vec())),
        ],
    }
}

/// The case: what is put is there as a whole.
pub fn what_is_put_is_there_as_a_whole(subject: &dyn MaintainedSubject) {
    let store = subject.open_maintained();
    keep_aside(subject, b"older");
    for content in [content(), Content::default(), content()] {
        store.put(&key(), &content, None).unwrap();
        let found = Content::of(&*subject.open_maintained(), &key()).unwrap();
        assert!(found.is_same(&content), "{found:?}");
        let since = |content: &Content| {
            let aside = content.kept_aside.iter();
            aside.map(|one| one.since).collect::<Vec<_>>()
        };
        assert_eq!(since(&found), since(&content));
    }
}

/// The case: what is removed is gone as a whole.
pub fn what_is_removed_is_gone_as_a_whole(subject: &dyn MaintainedSubject) {
    let store = subject.open_maintained();
    let other = SessionKey::parse("other").unwrap();
    let login = changes::login(&other, None);
    store.change(&other, &login).unwrap();
    store.put(&key(), &content(), None).unwrap();
    store.remove(&key(), None).unwrap();
    store.remove(&key(), None).unwrap();
    assert!(
        Content::of(&*store, &key())
            .unwrap()
            .is_same(&Content::default())
    );
    assert_eq!(store.list(None, 10).unwrap().len(), 1);
    assert_eq!(store.read(&other).unwrap().as_ref(), Some(login.record()));
}

/// The case: whoever comes back to a move that is over changes nothing.
pub fn whoever_comes_back_to_a_move_that_is_over_changes_nothing(subject: &dyn MaintainedSubject) {
    let store = subject.open_maintained();
    let (had, empty) = (content(), Content::default());
    for during in marks() {
        store.set_mark(Some(&during)).unwrap();
        store.put(&key(), &had, Some(&during)).unwrap();
        let other = marks().into_iter().find(|mark| *mark != during);
        for found in [None, other.as_ref()] {
            store.set_mark(found).unwrap();
            for outcome in [
                store.put(&key(), &empty, Some(&during)),
                store.remove(&key(), Some(&during)),
            ] {
                assert!(
                    matches!(outcome, Err(StoreError::MoveOver { .. })),
                    "{outcome:?}"
                );
            }
            assert!(Content::of(&*store, &key()).unwrap().is_same(&had));
        }
        store.set_mark(Some(&during)).unwrap();
        store.remove(&key(), Some(&during)).unwrap();
        assert!(Content::of(&*store, &key()).unwrap().is_empty());
    }
}
