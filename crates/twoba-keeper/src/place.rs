//! A caller's place in a flight, and the duty to carry one out. Each caller waits until its own
//! deadline. A carrier that may not wait for a lease any longer passes the flight on to a caller
//! that may.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use twoba_core::{Timestamp, Want};
use twoba_store::{Error, StoreError};

use crate::aim::{Aim, Named, Outcome};
use crate::entry::Entry;
use crate::flight::Flight;

/// A caller's place in a flight.
#[derive(Debug)]
pub(crate) struct Place {
    entry: Arc<Entry>,
    flight: Arc<Flight>,
    deadline: Duration,
    seat: usize,
}

/// How a caller comes to the token that it wants.
#[derive(Debug)]
pub(crate) enum Boarding {
    /// A flight brings it.
    Waits(Place),
    /// It is at hand.
    Served(Named),
}

impl Place {
    /// The token at hand `now` if it is what a caller wants, or a place in the flight that brings it.
    ///
    /// A flight that refreshes a token early begins when that token is at hand. A caller that looks
    /// first and then takes its place could wait for such a flight with a usable token.
    pub(crate) fn board(
        entry: &Arc<Entry>,
        want: Want,
        deadline: Duration,
        now: Timestamp,
    ) -> Boarding {
        let place = Self::join(entry, want, deadline);
        let at_hand = entry.at_hand(want, now);
        at_hand.map_or(Boarding::Waits(place), Boarding::Served)
    }

    /// A place in the next flight with this aim. The caller waits until `deadline`.
    pub(crate) fn join(entry: &Arc<Entry>, aim: impl Into<Aim>, deadline: Duration) -> Self {
        let (flight, seat) = entry.flights().join(aim.into(), deadline);
        Self {
            entry: Arc::clone(entry),
            flight,
            deadline,
            seat,
        }
    }

    /// A place beside the callers that wait for a request on its way, for a caller that must see
    /// its end.
    pub(crate) fn of_exchange(entry: &Arc<Entry>) -> Option<Self> {
        let (flight, seat) = entry.flights().sit_in_leased()?;
        Some(Self {
            entry: Arc::clone(entry),
            flight,
            deadline: Duration::ZERO,
            seat,
        })
    }

    /// The duty to carry the flight out, if it is free.
    pub(crate) fn claim(&self) -> Option<Landing> {
        if !self.flight.is_free() {
            return None;
        }
        let reading = self.entry.published().begin_reading();
        let begins = self.entry.flights().begin(&self.flight, reading);
        begins.then(|| Landing::new(&self.entry, Arc::clone(&self.flight), self.deadline))
    }

    /// How often the flight was passed on from one carrier to another.
    pub(crate) fn passed_on(&self) -> usize {
        self.flight.passed_on()
    }

    /// Waits for the outcome. `run` carries the flight out if no other caller does. A caller whose
    /// deadline has passed by `now` carries out nothing.
    pub(crate) fn poll(
        &self,
        context: &Context<'_>,
        now: impl Fn() -> Duration,
        run: impl Fn(Landing),
    ) -> Poll<Outcome> {
        loop {
            if let Some(outcome) = self.flight.outcome() {
                return Poll::Ready(outcome);
            }
            let is_free = self.flight.wait(self.seat, context.waker());
            let may_carry = is_free && now() < self.deadline;
            let Some(landing) = may_carry.then(|| self.claim()).flatten() else {
                break;
            };
            run(landing);
        }
        // Before this waker was known it may have landed.
        self.flight.outcome().map_or(Poll::Pending, Poll::Ready)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // Nobody asks any more who sat in a flight that has landed.
        if !self.flight.has_landed() {
            self.entry.flights().leave(&self.flight, self.seat);
        }
    }
}

/// The duty to bring a flight to its end. If it is dropped without an outcome, it was cut off.
#[derive(Debug)]
pub(crate) struct Landing {
    entry: Arc<Entry>,
    flight: Arc<Flight>,
    /// How long its carrier waits for a lease.
    until: Duration,
    /// Whether there is a usable token, and the refresh comes early.
    is_early: bool,
    outcome: Option<Outcome>,
    passes_on: bool,
}

impl Landing {
    fn new(entry: &Arc<Entry>, flight: Arc<Flight>, until: Duration) -> Self {
        Self {
            entry: Arc::clone(entry),
            flight,
            until,
            is_early: false,
            outcome: None,
            passes_on: false,
        }
    }

    /// An early flight, whose caller waits for no other flight and for no lease. `None` if there is
    /// a flight.
    pub(crate) fn start(entry: &Arc<Entry>, now: Duration) -> Option<Self> {
        let mut landing = Self::start_for(entry, Want::Usable.into(), now)?;
        landing.is_early = true;
        Some(landing)
    }

    /// A flight that stores or revokes what the store has not taken. `None` if there is a flight.
    pub(crate) fn settle(entry: &Arc<Entry>, now: Duration) -> Option<Self> {
        Self::start_for(entry, Aim::Settled, now)
    }

    fn start_for(entry: &Arc<Entry>, aim: Aim, now: Duration) -> Option<Self> {
        let reading = entry.published().begin_reading();
        let flight = entry.flights().start(aim, now, reading)?;
        Some(Self::new(entry, flight, now))
    }

    /// The flight that no caller carries out yet, for a carrier that does not wait for it.
    pub(crate) fn next(entry: &Arc<Entry>) -> Option<Self> {
        let reading = entry.published().begin_reading();
        let flight = entry.flights().begin_next(reading)?;
        let until = flight.deadline();
        Some(Self::new(entry, flight, until))
    }

    pub(crate) fn entry(&self) -> &Arc<Entry> {
        &self.entry
    }

    pub(crate) fn aim(&self) -> Aim {
        self.flight.aim()
    }

    /// Whether there is a usable token, and the refresh comes early.
    pub(crate) fn is_early(&self) -> bool {
        self.is_early
    }

    /// How long its carrier waits for a lease.
    pub(crate) fn until(&self) -> Duration {
        self.until
    }

    /// A place in the flight, for its carrier.
    pub(crate) fn place(&self) -> Place {
        Place {
            entry: Arc::clone(&self.entry),
            flight: Arc::clone(&self.flight),
            deadline: Duration::ZERO,
            seat: self.entry.flights().sit(&self.flight),
        }
    }

    /// Notes that the flight has the lease.
    pub(crate) fn leased(&self) {
        self.flight.leased();
    }

    pub(crate) fn is_leased(&self) -> bool {
        self.flight.is_leased()
    }

    /// Hands the outcome to all callers that were there when the flight began.
    pub(crate) fn land(mut self, outcome: Outcome) {
        self.outcome = Some(outcome);
    }

    /// Ends the wait for a lease. Either the flight has failed, or it goes on with callers that may
    /// wait longer than its carrier, whose deadline has passed by `now`.
    pub(crate) fn land_busy(mut self, now: Duration, busy: Error) {
        self.passes_on = now >= self.until && now < self.flight.deadline();
        self.outcome = Some(Err(busy));
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        let flights = self.entry.flights();
        if self.passes_on && flights.pass_on(&self.flight) {
            return;
        }
        let outcome = self.outcome.take();
        let outcome = outcome.unwrap_or_else(|| Err(StoreError::CutOff.into()));
        let at_hand = || self.entry.published().id();
        flights.end(&self.flight, outcome, at_hand);
    }
}

#[cfg(test)]
mod tests;
