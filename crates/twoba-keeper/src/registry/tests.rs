//! Which sessions stay in memory: never one with something to lose is given up.

use twoba_core::{SessionKey, Want};
use twoba_store::StoreError;

use super::*;
use crate::entry::Looking;
use crate::prepared::{NOW, hold};

const IDLE: Duration = Duration::from_secs(600);

/// What a session may be busy with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Busy {
    Nothing,
    /// A flight that is out; its callers have left.
    Flight,
    /// A caller who waits for a flight that nobody carries out yet.
    Wait,
    /// A grant that the store has not taken.
    Unsaved,
    /// The same, which a flight has taken out to store it.
    InHand,
}

fn key(name: &str) -> Whose {
    SessionKey::parse(name).unwrap().into()
}

fn later() -> Timestamp {
    NOW.saturating_add(IDLE)
}

/// A session that nobody holds a handle of.
fn opened(registry: &Registry, busy: Busy) {
    let entry = registry.open(key("one"), NOW);
    let flights = entry.flights();
    match busy {
        Busy::Nothing => {}
        Busy::Unsaved => entry.keep_unsaved(hold()),
        Busy::InHand => {
            entry.keep_unsaved(hold());
            drop(entry.take_unsaved());
        }
        Busy::Wait => drop(flights.join(Want::Usable.into(), Duration::ZERO)),
        Busy::Flight => {
            let reading = entry.published().begin_reading();
            let flight = flights.start(Want::Usable.into(), Duration::ZERO, reading);
            assert!(flight.is_some());
        }
    }
}

/// Ends what it is busy with.
fn finish(entry: &Entry) {
    drop(entry.take_unsaved());
    entry.laid_down();
    let flights = entry.flights();
    while !flights.is_idle() {
        let (flight, _) = flights.join(Want::Usable.into(), Duration::ZERO);
        flights.end(&flight, Err(StoreError::CutOff.into()), || None);
    }
}

#[test]
fn a_session_with_an_unsaved_grant_a_flight_or_a_wait_is_never_given_up() {
    for busy in [
        Busy::Nothing,
        Busy::Flight,
        Busy::Wait,
        Busy::Unsaved,
        Busy::InHand,
    ] {
        let registry = Registry::new(IDLE, 0);
        opened(&registry, busy);
        let stays = usize::from(busy != Busy::Nothing);
        for days in 0..3 {
            let now = later().saturating_add(Duration::from_secs(days * 86_400));
            assert_eq!(registry.clear_up(now), stays, "{busy:?}");
        }
        // Nor where opening others clears up.
        for number in 0..SHARDS * FIRST_SWEEP * 2 {
            drop(registry.open(key(&format!("other-{number}")), later()));
        }
        let found = registry.open(key("one"), NOW);
        assert_eq!(found.is_idle(), busy == Busy::Nothing, "{busy:?}");
        finish(&found);
        drop(found);
        assert_eq!(
            registry.clear_up(later().saturating_add(IDLE)),
            0,
            "{busy:?}"
        );
    }
}

#[test]
fn a_session_that_somebody_holds_or_has_just_opened_stays_the_same() {
    let registry = Registry::new(IDLE, 0);
    let held = registry.open(key("one"), NOW);
    assert_eq!(registry.clear_up(later()), 1);
    assert!(Arc::ptr_eq(&held, &registry.open(key("one"), later())));
    let state = Arc::downgrade(&held);
    drop(held);
    // It was asked for again, so that its time begins anew.
    let lately = later().saturating_add(IDLE - Duration::from_millis(1));
    assert_eq!(registry.clear_up(lately), 1);
    assert_eq!(registry.clear_up(later().saturating_add(IDLE)), 0);
    assert!(state.upgrade().is_none());
}

/// It comes back, and then somebody has to look after it.
#[test]
fn a_grant_that_a_flight_has_in_hand_is_not_given_up() {
    let registry = Registry::new(IDLE, 0);
    let entry = registry.open(key("one"), NOW);
    entry.keep_unsaved(hold());
    let mut looking = Looking::begin(&entry).unwrap();
    let in_hand = entry.take_unsaved().unwrap();
    assert!(!looking.is_given_up());
    assert!(Looking::begin(&entry).is_none());
    entry.keep_unsaved(in_hand);
    assert!(looking.is_given_up());
    assert!(Looking::begin(&entry).is_some());
}
