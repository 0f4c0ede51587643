//! What every store has to do, checked on each of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::thread;

use http::Response;
use twoba_core::{
    Change, Client, Password, Provider, Seed, Session, SessionKey, Step, StoredGrant, Timestamp,
};

use crate::memory::MemoryStore;
use crate::store::{ApplyError, Store};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_000_000);

/// The change that stores a new login over `stored`.
pub(crate) fn login(key: &SessionKey, stored: Option<StoredGrant>) -> Change {
    static COUNT: AtomicU8 = AtomicU8::new(0);
    let client = Client::public(Provider::two_ba(), "myApplication").unwrap();
    let answer = Response::builder()
        .header("content-type", "application/json")
        .body(r#"{"access_token":"a","token_type":"bearer","refresh_token":"r"}"#)
        .unwrap();
    let password = Password::parse("p").unwrap();
    let (_, reply) = client.password("u", &password, NOW);
    let fresh = reply.received(NOW, &answer).unwrap();
    let seed = Seed::from_bytes([COUNT.fetch_add(1, Ordering::Relaxed); 32]);
    let mut session = Session::new(Arc::new(client), key, seed);
    match session.adopt(fresh, stored) {
        Step::Save(change, _) => change,
        Step::Send(..) | Step::Done(_) => panic!("a login is saved first"),
    }
}

/// Runs every case on a new store each.
pub(crate) fn check<S: Store + Clone + 'static>(new: &mut dyn FnMut() -> S) {
    let key = SessionKey::parse("default").unwrap();
    for case in [
        what_was_written_is_read::<S>,
        a_change_applies_only_to_what_it_expects,
        keys_do_not_touch_each_other,
        a_lease_is_exclusive_and_given_back,
        a_lease_ends_with_its_thread,
        a_login_does_not_wait_for_a_lease,
        of_many_writers_one_is_first,
        a_probe_leaves_nothing,
    ] {
        case(&new(), &key);
    }
}

fn what_was_written_is_read<S: Store>(store: &S, key: &SessionKey) {
    assert!(store.read(key).unwrap().is_none());
    let change = login(key, None);
    assert!(store.change(key, &change).is_ok());
    assert_eq!(store.read(key).unwrap().as_ref(), Some(change.record()));
    let mut lease = store.try_lease(key).unwrap().unwrap();
    assert_eq!(lease.load().unwrap().as_ref(), Some(change.record()));
    let next = login(key, lease.load().unwrap());
    assert!(lease.apply(&next).is_ok());
    assert_eq!(store.read(key).unwrap().as_ref(), Some(next.record()));
}

fn a_change_applies_only_to_what_it_expects<S: Store>(store: &S, key: &SessionKey) {
    let first = login(key, None);
    let rival = login(key, None);
    assert!(store.change(key, &first).is_ok());
    let Err(ApplyError::Conflict(stored)) = store.change(key, &rival) else {
        panic!("nothing was expected there, and something is");
    };
    assert_eq!(stored.as_ref(), Some(first.record()));
    let mut lease = store.try_lease(key).unwrap().unwrap();
    assert!(matches!(lease.apply(&rival), Err(ApplyError::Conflict(_))));
    let absent = login(key, Some(rival.record().clone()));
    assert!(matches!(
        store.change(key, &absent),
        Err(ApplyError::Conflict(_))
    ));
    assert_eq!(store.read(key).unwrap().as_ref(), Some(first.record()));
}

fn keys_do_not_touch_each_other<S: Store>(store: &S, key: &SessionKey) {
    let other = SessionKey::parse("other").unwrap();
    let change = login(key, None);
    assert!(store.change(key, &change).is_ok());
    assert!(store.read(&other).unwrap().is_none());
    let _one = store.try_lease(key).unwrap().unwrap();
    let _two = store.try_lease(&other).unwrap().unwrap();
}

fn a_lease_is_exclusive_and_given_back<S: Store>(store: &S, key: &SessionKey) {
    let held = store.try_lease(key).unwrap().unwrap();
    assert!(store.try_lease(key).unwrap().is_none());
    drop(held);
    assert!(store.try_lease(key).unwrap().is_some());
}

fn a_lease_ends_with_its_thread<S: Store + Clone + 'static>(store: &S, key: &SessionKey) {
    let (theirs, their_key) = (store.clone(), key.clone());
    let outcome = thread::spawn(move || {
        let _lease = theirs.try_lease(&their_key).unwrap().unwrap();
        panic!("the holder dies");
    })
    .join();
    assert!(outcome.is_err());
    assert!(store.try_lease(key).unwrap().is_some());
}

fn a_login_does_not_wait_for_a_lease<S: Store>(store: &S, key: &SessionKey) {
    let mut held = store.try_lease(key).unwrap().unwrap();
    let change = login(key, None);
    assert!(store.change(key, &change).is_ok());
    let late = login(key, None);
    assert!(
        matches!(held.apply(&late), Err(ApplyError::Conflict(_))),
        "the holder learns of it"
    );
}

fn of_many_writers_one_is_first<S: Store + Clone + 'static>(store: &S, key: &SessionKey) {
    let applied = Arc::new(AtomicUsize::new(0));
    let changes: Vec<_> = (0..8).map(|_| login(key, None)).collect();
    thread::scope(|scope| {
        for change in &changes {
            let applied = Arc::clone(&applied);
            scope.spawn(move || match store.change(key, change) {
                Ok(_) => {
                    applied.fetch_add(1, Ordering::Relaxed);
                }
                Err(ApplyError::Conflict(stored)) => assert!(stored.is_some()),
                Err(ApplyError::Store(error)) => panic!("{error}"),
            });
        }
    });
    assert_eq!(applied.load(Ordering::Relaxed), 1);
}

fn a_probe_leaves_nothing<S: Store>(store: &S, key: &SessionKey) {
    store.probe(key).unwrap();
    assert!(store.read(key).unwrap().is_none());
}

#[test]
fn a_memory_store_keeps_the_contract() {
    check(&mut MemoryStore::new);
}
