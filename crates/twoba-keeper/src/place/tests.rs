//! Who flies with whom, whose failure a failure is, and that nobody is left waiting.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Wake, Waker};

use twoba_core::{RefreshError, TokenId};
use twoba_store::{Error, ErrorKind};

use super::*;
use crate::aim::Named;
use crate::prepared::{NOW, entry, logged_in};

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The name of a token: each number is another login.
fn id(number: u8) -> TokenId {
    logged_in(number).token_id().unwrap()
}

/// The outcome of a flight whose token is the one at hand from now on.
fn brings(entry: &Entry, number: u8) -> Outcome {
    let session = logged_in(number);
    let published = entry.published();
    published.replace(published.begin_reading(), &session, NOW);
    Ok(Named {
        token: session.token(NOW).unwrap().clone(),
        id: session.token_id(),
    })
}

fn fails() -> Outcome {
    Err(Error::from(RefreshError::Contended))
}

/// A caller, and how often it was woken.
struct Caller {
    place: Place,
    woken: Arc<Woken>,
}

#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Caller {
    /// One who comes at the start and waits for ten seconds.
    fn new(entry: &Arc<Entry>, want: Want) -> Self {
        Self::until(entry, want, at(10))
    }

    fn until(entry: &Arc<Entry>, want: Want, deadline: Duration) -> Self {
        Self {
            place: Place::join(entry, want, deadline),
            woken: Arc::default(),
        }
    }

    /// Looks as who is polled, and carries nothing out.
    fn look(&self) -> Option<Outcome> {
        let waker = Waker::from(Arc::clone(&self.woken));
        let context = Context::from_waker(&waker);
        // Past its deadline nobody is asked to carry anything out.
        match self.place.poll(&context, || at(10_000), drop) {
            Poll::Ready(outcome) => Some(outcome),
            Poll::Pending => None,
        }
    }

    fn is_served(&self) -> bool {
        self.look().is_some_and(|outcome| outcome.is_ok())
    }

    fn has_failed(&self) -> bool {
        let refused =
            |error: &Error| matches!(error.kind(), ErrorKind::Refresh(RefreshError::Contended));
        self.look()
            .is_some_and(|outcome| outcome.is_err_and(|error| refused(&error)))
    }

    fn is_told(&self, kind: fn(&StoreError) -> bool) -> bool {
        let told = |error: &Error| matches!(error.kind(), ErrorKind::Store(error) if kind(error));
        self.look()
            .is_some_and(|outcome| outcome.is_err_and(|error| told(&error)))
    }

    fn waits(&self) -> bool {
        self.look().is_none()
    }

    fn woken(&self) -> usize {
        self.woken.0.load(Ordering::SeqCst)
    }
}

fn is_busy(error: &StoreError) -> bool {
    matches!(error, StoreError::Busy)
}

fn is_cut_off(error: &StoreError) -> bool {
    matches!(error, StoreError::CutOff)
}

#[test]
fn callers_who_are_there_when_a_flight_begins_share_its_outcome() {
    for succeeds in [true, false] {
        let entry = entry();
        let callers: Vec<Caller> = (0..3).map(|_| Caller::new(&entry, Want::Usable)).collect();
        let landing = callers[1].place.claim().unwrap();
        assert!(callers.iter().all(|caller| caller.place.claim().is_none()));
        assert!(callers.iter().all(Caller::waits));
        landing.land(if succeeds { brings(&entry, 1) } else { fails() });
        for caller in &callers {
            assert_eq!(caller.look().unwrap().is_ok(), succeeds);
            assert_eq!(caller.woken(), 1);
        }
        drop(callers);
        assert!(entry.flights().is_idle());
    }
}

#[test]
fn a_failure_is_not_that_of_who_came_after_the_flight_began() {
    let entry = entry();
    let first = Caller::new(&entry, Want::Usable);
    let landing = first.place.claim().unwrap();
    let late = Caller::new(&entry, Want::Usable);
    assert!(late.waits());
    landing.land(fails());
    assert!(first.has_failed());
    assert!(late.waits());
    assert_eq!(late.woken(), 1, "it has to carry out its own");
    late.place.claim().unwrap().land(brings(&entry, 1));
    assert!(late.is_served());
    assert!(entry.flights().is_idle());
}

#[test]
fn a_wait_for_a_lease_that_was_in_vain_is_not_that_of_who_came_later() {
    let entry = entry();
    let first = Caller::until(&entry, Want::Usable, at(1));
    let landing = first.place.claim().unwrap();
    assert_eq!(landing.until(), at(1));
    let late = Caller::until(&entry, Want::Usable, at(2));
    landing.land_busy(at(1), StoreError::Busy.into());
    assert!(first.is_told(is_busy));
    assert!(late.waits());
    assert_eq!(late.place.claim().unwrap().until(), at(2));
}

#[test]
fn who_came_after_a_flight_began_is_served_by_its_success() {
    let entry = entry();
    let first = Caller::new(&entry, Want::Usable);
    let landing = first.place.claim().unwrap();
    let old = id(1);
    let late = [Want::Usable, Want::Other(old), Want::Rejected(old)];
    let late = late.map(|want| Caller::new(&entry, want));
    landing.land(brings(&entry, 2));
    assert!(late.iter().all(Caller::is_served));
    assert!(entry.flights().is_idle());
}

#[test]
fn who_came_after_a_login_or_logout_is_not_served_by_a_flight_from_before_it() {
    for logs_in in [true, false] {
        let entry = entry();
        let first = Caller::new(&entry, Want::Usable);
        let landing = first.place.claim().unwrap();
        let outcome = brings(&entry, 1);
        if logs_in {
            let published = entry.published();
            published.replace(published.begin_reading(), &logged_in(2), NOW);
        } else {
            entry.published().outdate();
        }
        let late = Caller::new(&entry, Want::Usable);
        landing.land(outcome);
        assert!(first.is_served());
        assert!(late.waits());
        assert!(late.place.claim().is_some());
    }
}

#[test]
fn who_wants_another_token_than_the_one_that_came_flies_next_and_in_its_turn() {
    let entry = entry();
    let current = id(1);
    let first = Caller::new(&entry, Want::Usable);
    let landing = first.place.claim().unwrap();
    let other = Caller::new(&entry, Want::Other(current));
    let rejected = Caller::new(&entry, Want::Rejected(current));
    let usable = Caller::new(&entry, Want::Usable);
    landing.land(brings(&entry, 1));
    assert!(usable.is_served());
    assert!(other.waits() && rejected.waits());
    assert!(rejected.place.claim().is_none(), "it is not its turn");
    let landing = other.place.claim().unwrap();
    assert_eq!(landing.aim(), Want::Other(current).into());
    landing.land(fails());
    assert!(other.has_failed());
    assert!(rejected.waits());
    rejected.place.claim().unwrap().land(brings(&entry, 2));
    assert!(rejected.is_served());
    assert!(entry.flights().is_idle());
}

#[test]
fn callers_who_want_different_things_share_no_flight() {
    let entry = entry();
    let usable = Caller::new(&entry, Want::Usable);
    let other = Caller::new(&entry, Want::Other(id(1)));
    assert!(other.place.claim().is_none());
    usable.place.claim().unwrap().land(fails());
    assert!(usable.has_failed());
    assert!(other.waits());
    assert!(other.place.claim().is_some());
}

#[test]
fn callers_who_leave_before_their_flight_is_carried_out_hold_up_nobody() {
    let entry = entry();
    let first = Caller::new(&entry, Want::Usable);
    let landing = first.place.claim().unwrap();
    let gone = Caller::new(&entry, Want::Other(id(1)));
    let last = Caller::new(&entry, Want::Rejected(id(1)));
    assert!(gone.waits() && last.waits());
    drop(gone);
    landing.land(fails());
    assert_eq!(last.woken(), 1);
    assert!(last.place.claim().is_some());
}

#[test]
fn a_flight_that_nobody_has_begun_ends_with_the_last_who_waits_for_it() {
    let entry = entry();
    let gone = [Want::Usable, Want::Usable].map(|want| Caller::new(&entry, want));
    let next = Caller::new(&entry, Want::Other(id(1)));
    assert!(next.waits());
    for caller in gone {
        assert!(next.place.claim().is_none());
        drop(caller);
    }
    assert_eq!(next.woken(), 1);
    drop(next.place.claim().unwrap());
    drop(next);
    assert!(entry.flights().is_idle());
}

#[test]
fn a_flight_whose_callers_have_all_left_goes_on() {
    let entry = entry();
    let gone = Caller::new(&entry, Want::Usable);
    let landing = gone.place.claim().unwrap();
    drop(gone);
    assert!(!entry.flights().is_idle());
    let late = Caller::new(&entry, Want::Usable);
    assert!(late.place.claim().is_none());
    landing.land(brings(&entry, 1));
    assert!(late.is_served());
}

#[test]
fn a_flight_whose_carrier_is_dropped_is_cut_off_and_the_next_one_flies() {
    let entry = entry();
    let callers = [(); 2].map(|()| Caller::new(&entry, Want::Usable));
    let landing = callers[0].place.claim().unwrap();
    let late = Caller::new(&entry, Want::Usable);
    assert!(late.waits());
    drop(landing);
    assert!(callers.iter().all(|caller| caller.is_told(is_cut_off)));
    assert!(late.waits());
    assert_eq!(late.woken(), 1);
    late.place.claim().unwrap().land(brings(&entry, 1));
    assert!(late.is_served());
    assert!(entry.flights().is_idle());
}

#[test]
fn a_carrier_that_has_lost_patience_passes_the_flight_on_to_who_waits_for_longer() {
    let entry = entry();
    let short = Caller::until(&entry, Want::Usable, at(1));
    let long = Caller::until(&entry, Want::Usable, at(3));
    let landing = short.place.claim().unwrap();
    assert!(long.waits());
    landing.land_busy(at(1), StoreError::Busy.into());
    assert!(short.waits() && long.waits());
    assert_eq!(long.woken(), 1);
    drop(short);
    let landing = long.place.claim().unwrap();
    assert_eq!(landing.until(), at(3));
    landing.land_busy(at(3), StoreError::Busy.into());
    assert!(long.is_told(is_busy));
    assert!(entry.flights().is_idle());
}

#[test]
fn a_carrier_whose_companions_have_left_has_nobody_to_pass_the_flight_on_to() {
    let entry = entry();
    let short = Caller::until(&entry, Want::Usable, at(1));
    let long = Caller::until(&entry, Want::Usable, at(3));
    let landing = short.place.claim().unwrap();
    drop((short, long));
    let late = Caller::new(&entry, Want::Other(id(1)));
    landing.land_busy(at(1), StoreError::Busy.into());
    assert!(late.place.claim().is_some());
}

#[test]
fn a_caller_that_is_polled_often_has_one_seat_and_its_latest_waker_counts() {
    let entry = entry();
    let mut caller = Caller::new(&entry, Want::Usable);
    let landing = caller.place.claim().unwrap();
    for _ in 0..1000 {
        assert!(caller.waits());
    }
    let before = std::mem::take(&mut caller.woken);
    assert!(caller.waits());
    landing.land(brings(&entry, 1));
    assert_eq!(before.0.load(Ordering::SeqCst), 0);
    assert_eq!(caller.woken(), 1);
}

#[test]
fn who_carries_flights_out_beside_the_callers_begins_the_one_that_nobody_is_polled_for() {
    let entry = entry();
    let first = Caller::new(&entry, Want::Usable);
    let landing = first.place.claim().unwrap();
    let unpolled = Caller::until(&entry, Want::Other(id(1)), at(7));
    let behind = Caller::new(&entry, Want::Usable);
    assert!(Landing::next(&entry).is_none(), "one is out");
    landing.land(fails());
    let landing = Landing::next(&entry).unwrap();
    assert_eq!(landing.aim(), Want::Other(id(1)).into());
    assert_eq!(landing.until(), at(7));
    landing.land(brings(&entry, 2));
    assert!(unpolled.is_served() && behind.is_served());
    assert!(Landing::next(&entry).is_none());
}

#[test]
fn an_early_flight_waits_for_nobody_and_its_success_serves_who_came_meanwhile() {
    let entry = entry();
    let early = Landing::start(&entry, at(5)).unwrap();
    assert_eq!(early.until(), at(5));
    assert!(Landing::start(&entry, at(5)).is_none());
    let carrier = early.place();
    let caller = Caller::new(&entry, Want::Usable);
    assert!(caller.waits());
    early.land(brings(&entry, 1));
    assert!(caller.is_served());
    drop(carrier);
    assert!(entry.flights().is_idle());
}

#[test]
fn a_caller_is_served_by_a_token_at_hand_that_is_what_it_wants_and_waits_for_nothing() {
    let entry = entry();
    let board = |want| Place::board(&entry, want, at(10), NOW);
    assert!(matches!(board(Want::Usable), Boarding::Waits(_)));
    assert!(brings(&entry, 1).is_ok());
    for _out in [None, Landing::start(&entry, at(0))] {
        for want in [Want::Usable, Want::Other(id(2)), Want::Rejected(id(2))] {
            let boarding = board(want);
            assert!(matches!(boarding, Boarding::Served(named) if named.id == Some(id(1))));
        }
        for want in [Want::Other(id(1)), Want::Rejected(id(1))] {
            assert!(matches!(board(want), Boarding::Waits(_)));
        }
    }
}
