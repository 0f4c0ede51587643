//! One refresh for all who wait: a flight. Whoever waits for one shares its outcome, and looks at
//! nothing else.
//!
//! A flight's failure is that of callers who were there when it began, before its first look at
//! the store. Who comes later waits for the next flight; a success of the one that is out serves
//! it all the same, unless a login or logout has come between.

use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use twoba_core::{AccessToken, TokenId, Want};
use twoba_store::Error;

use crate::published::Reading;
use crate::sync::{Mutex, Once};

/// A token, and which one it is.
#[derive(Debug, Clone)]
#[allow(clippy::exhaustive_structs, reason = "it is a pair with names")]
pub struct Named {
    /// The token.
    pub token: AccessToken,
    /// Which one it is; for the sake of a session that says no.
    pub id: Option<TokenId>,
}

pub(crate) type Outcome = Result<Named, Error>;

/// Whether a token is what somebody wants.
pub(crate) fn serves(want: Want, named: &Named) -> bool {
    match want {
        Want::Usable => true,
        Want::Other(id) | Want::Rejected(id) => named.id != Some(id),
    }
}

/// The flights of one session.
#[derive(Debug)]
pub(crate) struct Flights(Mutex<Queue>);

#[derive(Debug)]
struct Queue {
    current: Option<Current>,
    /// Those for who came after the current one began: one for each thing that they want.
    next: Vec<Arc<Flight>>,
}

#[derive(Debug)]
struct Current {
    flight: Arc<Flight>,
    /// What its looks at the store are sure to see, if somebody carries it out: if not, the next
    /// caller who looks does.
    begun: Option<Reading>,
}

/// A refresh that callers wait for.
#[derive(Debug)]
pub(crate) struct Flight {
    want: Want,
    boarded: Mutex<Boarded>,
    outcome: Once<Outcome>,
}

/// Who waits for a flight.
#[derive(Debug)]
struct Boarded {
    /// How many. It changes under the lock of the queue only.
    count: usize,
    /// The latest deadline of theirs, by the runtime's time.
    deadline: Duration,
    /// Whether somebody carries it out.
    carried: bool,
    /// Whether the flight has the lease.
    leased: bool,
    /// How often it was passed on.
    passed_on: usize,
    /// A seat for each who has come; in it lies how to wake who waits.
    seats: Vec<Option<Waker>>,
}

impl Flight {
    fn new(want: Want, deadline: Duration) -> Arc<Self> {
        Arc::new(Self {
            want,
            boarded: Mutex::new(Boarded {
                count: 0,
                deadline,
                carried: false,
                leased: false,
                passed_on: 0,
                seats: Vec::new(),
            }),
            outcome: Once::new(),
        })
    }

    pub(crate) fn want(&self) -> Want {
        self.want
    }

    pub(crate) fn outcome(&self) -> Option<Outcome> {
        self.outcome.get()
    }

    pub(crate) fn has_landed(&self) -> bool {
        self.outcome.is_set()
    }

    /// Whether somebody carries it out, or has done so.
    pub(crate) fn is_carried(&self) -> bool {
        self.boarded.lock().carried
    }

    /// When the last of those who wait loses patience.
    pub(crate) fn deadline(&self) -> Duration {
        self.boarded.lock().deadline
    }

    pub(crate) fn is_leased(&self) -> bool {
        self.boarded.lock().leased
    }

    pub(crate) fn leased(&self) {
        self.boarded.lock().leased = true;
    }

    /// How often it was passed on.
    pub(crate) fn passed_on(&self) -> usize {
        self.boarded.lock().passed_on
    }

    /// The number of a new seat.
    fn join(&self, deadline: Duration) -> usize {
        let mut boarded = self.boarded.lock();
        boarded.count += 1;
        boarded.deadline = boarded.deadline.max(deadline);
        boarded.seats.push(None);
        boarded.seats.len() - 1
    }

    /// How many are left.
    fn leave(&self, seat: usize) -> usize {
        let mut boarded = self.boarded.lock();
        if let Some(seat) = boarded.seats.get_mut(seat) {
            *seat = None;
        }
        boarded.count = boarded.count.saturating_sub(1);
        boarded.count
    }

    /// Has who sits there woken by the next change. Whether somebody carries the flight out: to
    /// stop that is a change.
    pub(crate) fn wait(&self, seat: usize, waker: &Waker) -> bool {
        let mut boarded = self.boarded.lock();
        if let Some(seat) = boarded.seats.get_mut(seat) {
            match seat {
                Some(known) => known.clone_from(waker),
                None => *seat = Some(waker.clone()),
            }
        }
        boarded.carried
    }

    fn land(&self, outcome: Outcome) {
        self.outcome.set(outcome);
        self.wake();
    }

    fn wake(&self) {
        let mut boarded = self.boarded.lock();
        let waiting: Vec<Waker> = boarded.seats.iter_mut().filter_map(Option::take).collect();
        drop(boarded);
        for waker in waiting {
            waker.wake();
        }
    }
}

impl Flights {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Queue {
            current: None,
            next: Vec::new(),
        }))
    }

    /// The flight that brings what a caller wants who waits until `deadline`, and a seat in it.
    pub(crate) fn join(&self, want: Want, deadline: Duration) -> (Arc<Flight>, usize) {
        let mut queue = self.0.lock();
        let flight = queue.board(want, deadline);
        let seat = flight.join(deadline);
        (flight, seat)
    }

    /// A seat in a flight that is out, for who carries it out.
    pub(crate) fn sit(&self, flight: &Flight) -> usize {
        let _queue = self.0.lock();
        flight.join(Duration::ZERO)
    }

    /// Whether the flight that is out has the lease.
    pub(crate) fn has_leased(&self) -> bool {
        let queue = self.0.lock();
        let current = queue.current.as_ref();
        current.is_some_and(|current| current.flight.is_leased())
    }

    /// A seat in the flight that is out, if that has the lease.
    pub(crate) fn sit_in_leased(&self) -> Option<(Arc<Flight>, usize)> {
        let queue = self.0.lock();
        let flight = &queue.current.as_ref()?.flight;
        if !flight.is_leased() {
            return None;
        }
        let seat = flight.join(Duration::ZERO);
        Some((Arc::clone(flight), seat))
    }

    /// A flight that has begun, for who waits for no other one; `None` while there is one.
    pub(crate) fn start(&self, want: Want, now: Duration, reading: Reading) -> Option<Arc<Flight>> {
        let mut queue = self.0.lock();
        if queue.current.is_some() {
            return None;
        }
        let flight = Flight::new(want, now);
        let current = queue.current.insert(Current {
            flight: Arc::clone(&flight),
            begun: None,
        });
        current.begin(reading);
        Some(flight)
    }

    /// Has the flight begin that nobody carries out yet.
    pub(crate) fn begin_next(&self, reading: Reading) -> Option<Arc<Flight>> {
        let mut queue = self.0.lock();
        let current = queue.current.as_mut();
        let current = current.filter(|current| current.begun.is_none())?;
        current.begin(reading);
        Some(Arc::clone(&current.flight))
    }

    /// Whether this flight has just begun, because nobody carries it out yet.
    pub(crate) fn begin(&self, flight: &Arc<Flight>, reading: Reading) -> bool {
        let mut queue = self.0.lock();
        let Some(current) = &mut queue.current else {
            return false;
        };
        let begins = current.begun.is_none() && Arc::ptr_eq(&current.flight, flight);
        if begins {
            current.begin(reading);
        }
        begins
    }

    /// Has the current flight carried out by somebody else, as if it had not begun; whether there
    /// is anybody.
    pub(crate) fn pass_on(&self, flight: &Flight) -> bool {
        {
            let mut queue = self.0.lock();
            let mut boarded = flight.boarded.lock();
            if boarded.count == 0 {
                return false;
            }
            boarded.passed_on += 1;
            boarded.carried = false;
            drop(boarded);
            if let Some(current) = &mut queue.current {
                current.begun = None;
            }
        }
        flight.wake();
        true
    }

    /// Ends the current flight. Of those that wait behind it the ones that are served by its
    /// token land with it, if it is the one at hand; the first of the others takes its place.
    pub(crate) fn end(
        &self,
        flight: &Flight,
        outcome: Outcome,
        at_hand: impl FnOnce() -> Option<TokenId>,
    ) {
        let mut served = Vec::new();
        let promoted = {
            let mut queue = self.0.lock();
            if let Ok(named) = &outcome
                && at_hand() == named.id
            {
                served.extend(
                    queue
                        .next
                        .extract_if(.., |flight| serves(flight.want, named)),
                );
            }
            queue.promote()
        };
        for flight in served {
            flight.land(outcome.clone());
        }
        if let Some(promoted) = promoted {
            promoted.wake();
        }
        flight.land(outcome);
    }

    /// A caller waits no longer. A flight that nobody carries out and nobody waits for is none.
    pub(crate) fn leave(&self, flight: &Arc<Flight>, seat: usize) {
        let promoted = {
            let mut queue = self.0.lock();
            if flight.leave(seat) > 0 {
                return;
            }
            queue.next.retain(|next| !Arc::ptr_eq(next, flight));
            let current = queue.current.as_ref();
            let waits = current.is_some_and(|current| {
                current.begun.is_none() && Arc::ptr_eq(&current.flight, flight)
            });
            waits.then(|| queue.promote()).flatten()
        };
        if let Some(promoted) = promoted {
            promoted.wake();
        }
    }

    /// Whether a flight is out whose looks at the store are older than this one.
    pub(crate) fn is_out_since_before(&self, reading: Reading) -> bool {
        let queue = self.0.lock();
        let begun = queue.current.as_ref().and_then(|current| current.begun);
        begun.is_some_and(|begun| begun != reading)
    }

    /// Whether nothing is under way.
    pub(crate) fn is_idle(&self) -> bool {
        self.0.lock().current.is_none()
    }
}

impl Current {
    /// Somebody carries it out from now on.
    fn begin(&mut self, reading: Reading) {
        self.begun = Some(reading);
        self.flight.boarded.lock().carried = true;
    }
}

impl Queue {
    fn board(&mut self, want: Want, deadline: Duration) -> Arc<Flight> {
        match &self.current {
            Some(current) if current.begun.is_none() && current.flight.want == want => {
                Arc::clone(&current.flight)
            }
            Some(_) => {
                let found = self.next.iter().find(|flight| flight.want == want);
                let found = found.map(Arc::clone);
                found.unwrap_or_else(|| {
                    let flight = Flight::new(want, deadline);
                    self.next.push(Arc::clone(&flight));
                    flight
                })
            }
            None => {
                let flight = Flight::new(want, deadline);
                self.current = Some(Current {
                    flight: Arc::clone(&flight),
                    begun: None,
                });
                flight
            }
        }
    }

    /// Has the next flight take the place of the current one, if there is one.
    fn promote(&mut self) -> Option<Arc<Flight>> {
        let promoted = (!self.next.is_empty()).then(|| self.next.remove(0));
        self.current = promoted.clone().map(|flight| Current {
            flight,
            begun: None,
        });
        promoted
    }
}
