//! A probe leaves no trace.
use super::common::*;
use crate::conformance::changes;
use crate::conformance::subject::Subject;

pub(crate) fn a_probe_leaves_nothing(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    store.probe(&key).unwrap();
    assert_record(subject, &key, None);
    assert!(store.rescued(&key).unwrap().is_none());
    assert!(listed(&*store, 10).is_empty());
    leased(&*store, &key).release();
    // The place is as empty as before.
    log_in(subject, &key);
}

pub(crate) fn a_probe_changes_nothing(subject: &dyn Subject) {
    let (store, key) = (subject.open(), default_key());
    let login = logged_in(subject, &key);
    let refresh = changes::refresh(&key, login.record().clone());
    let rescue = refresh.rotation.record();
    let rescued = has_rescue(subject, &key, rescue);
    let before = listed(&*store, 10);
    let lease = leased(&*store, &key);
    store.probe(&key).unwrap();
    assert_leased(subject, &key);
    lease.release();
    assert_record(subject, &key, Some(login.record()));
    assert_eq!(
        store.rescued(&key).unwrap().as_ref(),
        rescued.then_some(rescue)
    );
    assert_eq!(listed(&*store, 10), before);
    store_change(subject, &key, &refresh.intent);
}
