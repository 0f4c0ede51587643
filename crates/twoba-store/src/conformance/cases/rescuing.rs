//! A grant that could not be stored is kept beside the record, until a change replaces it.
use twoba_core::{Change, Durable, SessionKey, StoredGrant};

use super::common::*;
use crate::conformance::changes;
use crate::conformance::subject::Subject;
use crate::store::{ApplyError, ListedKind, Store};

#[track_caller]
fn assert_rescued(subject: &dyn Subject, key: &SessionKey, record: Option<&StoredGrant>) {
    let kept = subject.open().rescued(key).unwrap();
    assert!(
        kept.as_ref() == record,
        "{key:?}: {kept:?} is kept instead of {record:?}"
    );
    let kinds = listed(&*subject.open(), 100);
    let listed = kinds.contains(&(key.clone(), ListedKind::Rescue));
    assert_eq!(listed, record.is_some(), "{key:?}: {kinds:?}");
}

/// A session whose rotation could not be stored and is kept; `None` if that is not possible.
struct Rescued {
    key: SessionKey,
    login: Change,
    refresh: changes::Refresh,
}

impl Rescued {
    #[track_caller]
    fn new(subject: &dyn Subject) -> Option<Self> {
        let key = default_key();
        let login = logged_in(subject, &key);
        let refresh = changes::refresh(&key, login.record().clone());
        store_change(subject, &key, &refresh.intent);
        let rescued = Self {
            key,
            login,
            refresh,
        };
        let kept = has_rescue(subject, &rescued.key, rescued.grant());
        kept.then_some(rescued)
    }

    fn grant(&self) -> &StoredGrant {
        self.refresh.rotation.record()
    }
}

pub(crate) fn a_rescued_grant_is_read_back(subject: &dyn Subject) {
    if let Some(rescued) = Rescued::new(subject) {
        assert_rescued(subject, &rescued.key, Some(rescued.grant()));
        // A key can have a rescued grant and no record.
        let other = key("other");
        assert!(has_rescue(subject, &other, rescued.login.record()));
        assert_rescued(subject, &other, Some(rescued.login.record()));
        assert_record(subject, &other, None);
    }
}

pub(crate) fn a_rescue_changes_no_record(subject: &dyn Subject) {
    let Some(Rescued { key, refresh, .. }) = Rescued::new(subject) else {
        return;
    };
    assert_record(subject, &key, Some(refresh.intent.record()));
    assert!(subject.kept_aside(&key).is_empty());
    let listed = listed(&*subject.open(), 10);
    assert!(listed.contains(&(key.clone(), ListedKind::Session)));
    // Nor does it stand in the way of a change.
    store_change(subject, &key, &refresh.rotation);
}

pub(crate) fn a_later_rescue_takes_the_place_of_an_earlier_one(subject: &dyn Subject) {
    let Some(rescued) = Rescued::new(subject) else {
        return;
    };
    for _ in 0..2 {
        let later = changes::login(&rescued.key, None);
        assert!(has_rescue(subject, &rescued.key, later.record()));
        assert_rescued(subject, &rescued.key, Some(later.record()));
    }
    let listed = listed(&*subject.open(), 10);
    assert_eq!(listed.len(), 2, "{listed:?}");
}

pub(crate) fn a_rescue_is_of_one_session(subject: &dyn Subject) {
    let Some(rescued) = Rescued::new(subject) else {
        return;
    };
    let others = ["Default", "default.", "default.rescue", "a"].map(key);
    for other in &others {
        assert_rescued(subject, other, None);
        let login = logged_in(subject, other);
        assert!(login.ends_rescue());
    }
    assert_rescued(subject, &rescued.key, Some(rescued.grant()));
}

/// Asserts that a change ends a rescued grant, in each way of applying it.
#[track_caller]
fn assert_ended(subject: &dyn Subject, change: impl Fn(&Rescued, &SessionKey) -> Change) {
    let Some(rescued) = Rescued::new(subject) else {
        return;
    };
    let change = change(&rescued, &rescued.key);
    assert!(change.ends_rescue());
    let stored = rescued.refresh.intent.record();
    let (store, key) = (subject.open(), &rescued.key);
    type Way = fn(&dyn Store, &SessionKey, &Change) -> Result<Durable, ApplyError>;
    let ways: [Way; 3] = [
        |store, key, change| store.change(key, change),
        |store, key, change| leased(store, key).apply(change),
        |store, key, change| {
            let mut lease = leased(store, key);
            let proof = lease.finish(change)?;
            lease.release();
            Ok(proof)
        },
    ];
    for way in ways {
        subject.plant(key, stored.expose());
        assert!(has_rescue(subject, key, rescued.grant()));
        let proof = way(&*store, key, &change).unwrap();
        assert_stored(subject, key, &change, proof);
        assert_rescued(subject, key, None);
        lease_that_went_back(subject, key).release();
    }
}

pub(crate) fn a_login_ends_a_rescue(subject: &dyn Subject) {
    assert_ended(subject, |rescued, key| {
        changes::login(key, Some(rescued.refresh.intent.record().clone()))
    });
}

pub(crate) fn a_logout_ends_a_rescue(subject: &dyn Subject) {
    assert_ended(subject, |rescued, key| {
        changes::logout(key, rescued.refresh.intent.record().clone())
    });
}

pub(crate) fn a_rotation_ends_a_rescue(subject: &dyn Subject) {
    assert_ended(subject, |rescued, _| rescued.refresh.rotation.clone());
}

pub(crate) fn an_intent_ends_no_rescue(subject: &dyn Subject) {
    let Some(rescued) = Rescued::new(subject) else {
        return;
    };
    let (store, key) = (subject.open(), &rescued.key);
    subject.plant(key, rescued.login.record().expose());
    let intent = &rescued.refresh.intent;
    assert!(!intent.ends_rescue());
    let mut lease = leased(&*store, key);
    let proof = lease.apply(intent).unwrap();
    assert_stored(subject, key, intent, proof);
    assert_rescued(subject, key, Some(rescued.grant()));
}

pub(crate) fn a_conflict_ends_no_rescue(subject: &dyn Subject) {
    let Some(rescued) = Rescued::new(subject) else {
        return;
    };
    let (store, key) = (subject.open(), &rescued.key);
    let stored = rescued.refresh.intent.record();
    let late = changes::login(key, None);
    assert!(late.ends_rescue());
    assert_conflict(store.change(key, &late), Some(stored));
    let mut lease = leased(&*store, key);
    assert_conflict(lease.apply(&late), Some(stored));
    assert_conflict(lease.finish(&late), Some(stored));
    assert_rescued(subject, key, Some(rescued.grant()));
}

pub(crate) fn a_rescue_is_as_protected_as_the_record(subject: &dyn Subject) {
    let Some(rescued) = Rescued::new(subject) else {
        return;
    };
    let of = |kind| subject.protection(&rescued.key, kind);
    assert_eq!(of(ListedKind::Rescue), of(ListedKind::Session));
    // One that takes the place of another is no more open.
    assert!(has_rescue(subject, &rescued.key, rescued.login.record()));
    assert_eq!(of(ListedKind::Rescue), of(ListedKind::Session));
}
