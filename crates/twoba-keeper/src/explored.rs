//! Lets loom explore every order in which threads can meet in a flight and in the published token.
//! It runs the shipped code with at most three threads, and trusts arc-swap itself.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use loom::future::block_on;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use twoba_core::{AccessToken, RefreshError, Want};

use crate::aim::{Named, Outcome};
use crate::entry::Entry;
use crate::place::{Boarding, Landing, Place};
use crate::prepared::{NOW, entry, logged_in};
use crate::published::AtHand;

/// The deadline of the callers. Nobody reaches it.
const UNTIL: Duration = Duration::from_secs(60);

fn good() -> Outcome {
    Ok(Named {
        token: AccessToken::parse("good").unwrap(),
        id: None,
    })
}

fn bad() -> Outcome {
    Err(RefreshError::Contended.into())
}

/// The outcome for a caller that carries flights out by `carry` if nobody else does.
fn call(entry: &Arc<Entry>, carry: impl Fn(Landing)) -> Outcome {
    let place = Place::join(entry, Want::Usable, UNTIL);
    block_on(poll_fn(|context| {
        place.poll(context, || Duration::ZERO, &carry)
    }))
}

#[test]
fn whoever_waits_is_served_by_one_flight_and_nobody_is_forgotten() {
    loom::model(|| {
        let entry = entry();
        let carried = Arc::new(AtomicUsize::new(0));
        let caller = || {
            let (entry, carried) = (Arc::clone(&entry), Arc::clone(&carried));
            move || {
                let outcome = call(&entry, |landing| {
                    carried.fetch_add(1, Ordering::SeqCst);
                    landing.land(good());
                });
                assert!(outcome.is_ok());
            }
        };
        let others = [thread::spawn(caller()), thread::spawn(caller())];
        for other in others {
            other.join().unwrap();
        }
        // Both at once make one flight; one after the other two.
        assert!((1..=2).contains(&carried.load(Ordering::SeqCst)));
        assert!(entry.is_idle());
    });
}

#[test]
fn a_failure_is_nobodys_who_came_after_the_flight_had_begun() {
    loom::model(|| {
        let entry = entry();
        let landing = Landing::start(&entry, Duration::ZERO).unwrap();
        let first = thread::spawn(move || landing.land(bad()));
        let outcome = call(&entry, |landing| landing.land(good()));
        assert!(outcome.is_ok());
        first.join().unwrap();
        assert!(entry.is_idle());
    });
}

#[test]
fn a_flight_that_is_cut_off_leaves_nobody_waiting() {
    loom::model(|| {
        let entry = entry();
        let first = {
            let entry = Arc::clone(&entry);
            thread::spawn(move || {
                let landing = Landing::start(&entry, Duration::ZERO);
                drop(landing);
            })
        };
        // It may meet the cut-off, or carry out a flight of its own.
        drop(call(&entry, |landing| landing.land(good())));
        first.join().unwrap();
        assert!(entry.is_idle());
    });
}

#[test]
fn a_caller_who_gives_up_leaves_nobody_waiting() {
    loom::model(|| {
        let entry = entry();
        let landing = Landing::start(&entry, Duration::ZERO).unwrap();
        // Both wait behind the flight that is out; one of them gives up, whenever that is.
        let gives_up = Place::join(&entry, Want::Usable, UNTIL);
        let waiting = {
            let entry = Arc::clone(&entry);
            thread::spawn(move || {
                let outcome = call(&entry, |landing| landing.land(good()));
                assert!(outcome.is_ok());
            })
        };
        let giving_up = thread::spawn(move || drop(gives_up));
        landing.land(bad());
        waiting.join().unwrap();
        giving_up.join().unwrap();
        assert!(entry.is_idle());
    });
}

#[test]
fn a_logout_while_the_store_is_read_is_not_forgotten() {
    loom::model(|| {
        let entry = entry();
        let reader = {
            let entry = Arc::clone(&entry);
            thread::spawn(move || {
                let reading = entry.published().begin_reading();
                let read = logged_in(1);
                entry.published().show(reading, &read, NOW);
            })
        };
        entry.published().outdate();
        let after = entry.published().look(NOW, |_, _| ());
        reader.join().unwrap();
        let at_last = entry.published().look(NOW, |_, _| ());
        // What was read before the logout is shown to nobody behind it; what was read after it
        // may be a new login.
        assert!(matches!(after, AtHand::Nothing) || matches!(at_last, AtHand::Fresh(())));
    });
}

#[test]
fn a_look_that_began_before_a_logout_shows_nothing() {
    loom::model(|| {
        let entry = entry();
        let reading = entry.published().begin_reading();
        let logout = {
            let entry = Arc::clone(&entry);
            thread::spawn(move || entry.published().outdate())
        };
        entry.published().show(reading, &logged_in(1), NOW);
        logout.join().unwrap();
        let at_last = entry.published().look(NOW, |_, _| ());
        assert!(matches!(at_last, AtHand::Nothing));
    });
}

#[test]
fn nobody_waits_behind_the_early_refresh_of_a_token_that_serves() {
    loom::model(|| {
        let entry = entry();
        let other = {
            let entry = Arc::clone(&entry);
            thread::spawn(move || {
                let reading = entry.published().begin_reading();
                entry.published().show(reading, &logged_in(1), NOW);
                // It is out until the end.
                Landing::start(&entry, Duration::ZERO)
            })
        };
        if entry.at_hand(Want::Usable, NOW).is_none() {
            match Place::board(&entry, Want::Usable, UNTIL, NOW) {
                Boarding::Waits(place) => assert!(place.claim().is_some()),
                Boarding::Served(_) => {}
            }
        }
        drop(other.join().unwrap());
        assert!(entry.is_idle());
    });
}
