//! One refresh for all callers that wait: a flight. They share its outcome, and do nothing else.
//!
//! A flight's failure goes to the callers that were there when it began, before its first look at
//! the store. Later callers wait for the next flight. If the current flight succeeds, its token
//! serves them too, unless a login or logout has come between.

use std::mem;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use twoba_core::TokenId;

use crate::aim::{Aim, Outcome};
use crate::published::Reading;
use crate::sync::{Mutex, Once};

/// The flights of one session.
#[derive(Debug)]
pub(crate) struct Flights(Mutex<Queue>);

#[derive(Debug)]
struct Queue {
    current: Option<Current>,
    /// The flights of callers that came after the current one began: one for each distinct aim.
    next: Vec<Arc<Flight>>,
}

#[derive(Debug)]
struct Current {
    flight: Arc<Flight>,
    /// What the flight's looks at the store are sure to see, if a caller carries it out. If not,
    /// the next caller that looks carries it out.
    begun: Option<Reading>,
}

/// A refresh that callers wait for.
#[derive(Debug)]
pub(crate) struct Flight {
    aim: Aim,
    boarded: Mutex<Boarded>,
    outcome: Once<Outcome>,
}

/// The callers that wait for a flight.
#[derive(Debug)]
struct Boarded {
    /// The number of callers. It changes only under the lock of the queue.
    count: usize,
    /// The latest of their deadlines, by the runtime's time.
    deadline: Duration,
    /// Whether it is the current flight and no caller carries it out yet.
    is_free: bool,
    /// Whether the flight has the lease.
    leased: bool,
    /// How often it was passed on.
    passed_on: usize,
    /// One seat for each caller that came. A seat holds the waker of a caller that waits.
    seats: Vec<Option<Waker>>,
}

impl Flight {
    fn new(aim: Aim, deadline: Duration) -> Arc<Self> {
        Arc::new(Self {
            aim,
            boarded: Mutex::new(Boarded {
                count: 0,
                deadline,
                is_free: false,
                leased: false,
                passed_on: 0,
                seats: Vec::new(),
            }),
            outcome: Once::new(),
        })
    }

    pub(crate) fn aim(&self) -> Aim {
        self.aim
    }

    pub(crate) fn outcome(&self) -> Option<Outcome> {
        self.outcome.get()
    }

    pub(crate) fn has_landed(&self) -> bool {
        self.outcome.is_set()
    }

    /// Whether it is the current flight and no caller carries it out yet.
    pub(crate) fn is_free(&self) -> bool {
        self.boarded.lock().is_free
    }

    /// The latest deadline of the callers that wait.
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

    /// How many callers are left.
    fn leave(&self, seat: usize) -> usize {
        let mut boarded = self.boarded.lock();
        if let Some(seat) = boarded.seats.get_mut(seat) {
            *seat = None;
        }
        boarded.count = boarded.count.saturating_sub(1);
        boarded.count
    }

    /// Registers the waker of the caller in this seat for the next change. Returns whether the flight
    /// is free; if it becomes free, it is a change.
    pub(crate) fn wait(&self, seat: usize, waker: &Waker) -> bool {
        let mut boarded = self.boarded.lock();
        if let Some(seat) = boarded.seats.get_mut(seat) {
            match seat {
                Some(known) => known.clone_from(waker),
                None => *seat = Some(waker.clone()),
            }
        }
        boarded.is_free
    }

    fn land(&self, outcome: Outcome) {
        self.outcome.set(outcome);
        // Nobody sits down again.
        let seats = mem::take(&mut self.boarded.lock().seats);
        seats.into_iter().flatten().for_each(Waker::wake);
    }

    fn wake(&self) {
        let mut boarded = self.boarded.lock();
        let waiting: Vec<Waker> = boarded.seats.iter_mut().filter_map(Option::take).collect();
        drop(boarded);
        waiting.into_iter().for_each(Waker::wake);
    }
}

impl Flights {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Queue {
            current: None,
            next: Vec::new(),
        }))
    }

    /// The next flight with this aim, and a seat in it. The caller waits until `deadline`.
    pub(crate) fn join(&self, aim: Aim, deadline: Duration) -> (Arc<Flight>, usize) {
        let mut queue = self.0.lock();
        let flight = queue.board(aim, deadline);
        let seat = flight.join(deadline);
        (flight, seat)
    }

    /// A seat in the current flight, for its carrier.
    pub(crate) fn sit(&self, flight: &Flight) -> usize {
        let _queue = self.0.lock();
        flight.join(Duration::ZERO)
    }

    /// Whether the current flight has the lease.
    pub(crate) fn has_leased(&self) -> bool {
        let queue = self.0.lock();
        let current = queue.current.as_ref();
        current.is_some_and(|current| current.flight.is_leased())
    }

    /// A seat in the current flight, if that has the lease.
    pub(crate) fn sit_in_leased(&self) -> Option<(Arc<Flight>, usize)> {
        let queue = self.0.lock();
        let flight = &queue.current.as_ref()?.flight;
        if !flight.is_leased() {
            return None;
        }
        let seat = flight.join(Duration::ZERO);
        Some((Arc::clone(flight), seat))
    }

    /// A flight that begins at once. Its caller waits for no other flight. `None` if there is one
    /// already.
    pub(crate) fn start(&self, aim: Aim, now: Duration, reading: Reading) -> Option<Arc<Flight>> {
        let mut queue = self.0.lock();
        if queue.current.is_some() {
            return None;
        }
        let flight = Flight::new(aim, now);
        let current = queue.current.insert(Current::free(Arc::clone(&flight)));
        current.begin(reading);
        Some(flight)
    }

    /// Begins the flight that no caller carries out yet.
    pub(crate) fn begin_next(&self, reading: Reading) -> Option<Arc<Flight>> {
        let mut queue = self.0.lock();
        let current = queue.current.as_mut();
        let current = current.filter(|current| current.begun.is_none())?;
        current.begin(reading);
        Some(Arc::clone(&current.flight))
    }

    /// Begins this flight if no caller carries it out yet. Returns whether it did.
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

    /// Passes the current flight on to another caller, as if it had not begun. Returns whether
    /// there is one.
    pub(crate) fn pass_on(&self, flight: &Flight) -> bool {
        {
            let mut queue = self.0.lock();
            let mut boarded = flight.boarded.lock();
            if boarded.count == 0 {
                return false;
            }
            boarded.passed_on += 1;
            boarded.is_free = true;
            drop(boarded);
            if let Some(current) = &mut queue.current {
                current.begun = None;
            }
        }
        flight.wake();
        true
    }

    /// Ends the current flight. A waiting flight that its token serves lands with it, if that token
    /// is the current one. The first of the other flights takes its place.
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
                let is_met = |flight: &mut Arc<Flight>| flight.aim.is_met_by(named);
                served.extend(queue.next.extract_if(.., is_met));
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

    /// Removes a caller that waits no longer. A flight without carrier and callers is removed too.
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

    /// Whether the current flight's looks at the store are older than this one.
    pub(crate) fn is_out_since_before(&self, reading: Reading) -> bool {
        let queue = self.0.lock();
        let begun = queue.current.as_ref().and_then(|current| current.begun);
        begun.is_some_and(|begun| begun.is_before_a_change(reading))
    }

    /// Whether nothing is under way.
    pub(crate) fn is_idle(&self) -> bool {
        self.0.lock().current.is_none()
    }
}

impl Current {
    fn free(flight: Arc<Flight>) -> Self {
        flight.boarded.lock().is_free = true;
        let begun = None;
        Self { flight, begun }
    }

    /// Marks the flight as carried out from now on.
    fn begin(&mut self, reading: Reading) {
        self.begun = Some(reading);
        self.flight.boarded.lock().is_free = false;
    }
}

impl Queue {
    fn board(&mut self, aim: Aim, deadline: Duration) -> Arc<Flight> {
        match &self.current {
            Some(current) if current.begun.is_none() && current.flight.aim == aim => {
                Arc::clone(&current.flight)
            }
            Some(_) => {
                let found = self.next.iter().find(|flight| flight.aim == aim);
                let found = found.map(Arc::clone);
                found.unwrap_or_else(|| {
                    let flight = Flight::new(aim, deadline);
                    self.next.push(Arc::clone(&flight));
                    flight
                })
            }
            None => {
                let flight = Flight::new(aim, deadline);
                self.current = Some(Current::free(Arc::clone(&flight)));
                flight
            }
        }
    }

    /// Moves the next flight to the place of the current one, if there is one.
    fn promote(&mut self) -> Option<Arc<Flight>> {
        let promoted = (!self.next.is_empty()).then(|| self.next.remove(0));
        self.current = promoted.clone().map(Current::free);
        promoted
    }
}
