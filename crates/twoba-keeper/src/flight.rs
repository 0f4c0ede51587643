//! One refresh for all who wait: a flight. Whoever waits for one shares its outcome, and looks at
//! nothing else.
//!
//! A flight's failure is that of callers who were there when it began, which is when it looks at
//! what is stored under the lease. Who comes later waits for the next flight; a success of the
//! one that is out serves it all the same.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use twoba_core::{AccessToken, TokenId, Want};
use twoba_store::{Error, StoreError};

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
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nobody carries it out yet: the next caller who looks does.
    Waiting,
    /// It is carried out, and has not looked at the record yet.
    Boarding,
    /// It goes by what it has read under the lease.
    Begun,
}

/// A refresh that callers wait for.
#[derive(Debug)]
pub(crate) struct Flight {
    want: Want,
    boarded: Mutex<Boarded>,
    outcome: Once<Outcome>,
    waiting: Mutex<Vec<Waker>>,
}

/// Who waits for a flight.
#[derive(Debug)]
struct Boarded {
    /// How many. It changes under the lock of the queue only.
    count: usize,
    /// The latest deadline of theirs, by the runtime's time.
    deadline: Duration,
}

impl Flight {
    fn new(want: Want, deadline: Duration) -> Arc<Self> {
        Arc::new(Self {
            want,
            boarded: Mutex::new(Boarded { count: 0, deadline }),
            outcome: Once::new(),
            waiting: Mutex::new(Vec::new()),
        })
    }

    pub(crate) fn want(&self) -> Want {
        self.want
    }

    /// When the last of those who wait loses patience.
    pub(crate) fn deadline(&self) -> Duration {
        self.boarded.lock().deadline
    }

    fn join(&self, deadline: Duration) {
        let mut boarded = self.boarded.lock();
        boarded.count += 1;
        boarded.deadline = boarded.deadline.max(deadline);
    }

    /// Whether nobody is left.
    fn leave(&self) -> bool {
        let mut boarded = self.boarded.lock();
        boarded.count = boarded.count.saturating_sub(1);
        boarded.count == 0
    }

    fn land(&self, outcome: Outcome) {
        self.outcome.set(outcome);
        self.wake();
    }

    fn wake(&self) {
        let waiting = std::mem::take(&mut *self.waiting.lock());
        for waker in waiting {
            waker.wake();
        }
    }
}

/// Whether a token is what somebody wants.
pub(crate) fn serves(want: Want, named: &Named) -> bool {
    match want {
        Want::Usable => true,
        Want::Other(id) | Want::Rejected(id) => named.id != Some(id),
    }
}

impl Flights {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Queue {
            current: None,
            next: Vec::new(),
        }))
    }

    /// A place in the flight that brings what a caller wants who waits until `deadline`.
    pub(crate) fn join<E: AsRef<Self>>(entry: &Arc<E>, want: Want, deadline: Duration) -> Place<E> {
        let flight = AsRef::<Self>::as_ref(&**entry)
            .0
            .lock()
            .board(want, deadline);
        Place {
            entry: Arc::clone(entry),
            flight,
        }
    }

    /// A flight for who waits for no other one, and need not wait for it; `None` while there is one.
    pub(crate) fn start<E: AsRef<Self>>(
        entry: &Arc<E>,
        want: Want,
        now: Duration,
    ) -> Option<Landing<E>> {
        let mut queue = AsRef::<Self>::as_ref(&**entry).0.lock();
        if queue.current.is_some() {
            return None;
        }
        let flight = Flight::new(want, now);
        queue.current = Some(Current {
            flight: Arc::clone(&flight),
            stage: Stage::Boarding,
        });
        Some(Landing {
            entry: Arc::clone(entry),
            flight,
            outcome: None,
        })
    }

    fn claim(&self, flight: &Arc<Flight>) -> bool {
        let mut queue = self.0.lock();
        let Some(current) = &mut queue.current else {
            return false;
        };
        let claimed = current.stage == Stage::Waiting && Arc::ptr_eq(&current.flight, flight);
        if claimed {
            current.stage = Stage::Boarding;
        }
        claimed
    }

    fn begin(&self) {
        if let Some(current) = &mut self.0.lock().current {
            current.stage = Stage::Begun;
        }
    }

    /// Ends the current flight. Of those that wait behind it the ones that are served by its
    /// token land with it, and the first of the others takes its place.
    fn end(&self, outcome: &Outcome) {
        let mut served = Vec::new();
        let promoted = {
            let mut queue = self.0.lock();
            if let Ok(named) = outcome {
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
    }

    /// A caller waits no longer. A flight that nobody carries out and nobody waits for is none.
    fn leave(&self, flight: &Arc<Flight>) {
        let promoted = {
            let mut queue = self.0.lock();
            if !flight.leave() {
                return;
            }
            queue.next.retain(|next| !Arc::ptr_eq(next, flight));
            let current = queue.current.as_ref();
            let waits = current.is_some_and(|current| {
                current.stage == Stage::Waiting && Arc::ptr_eq(&current.flight, flight)
            });
            waits.then(|| queue.promote()).flatten()
        };
        if let Some(promoted) = promoted {
            promoted.wake();
        }
    }

    /// Whether nothing is under way.
    pub(crate) fn is_idle(&self) -> bool {
        self.0.lock().current.is_none()
    }
}

impl Queue {
    fn board(&mut self, want: Want, deadline: Duration) -> Arc<Flight> {
        let flight = match &self.current {
            Some(current) if current.stage != Stage::Begun && current.flight.want == want => {
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
                    stage: Stage::Waiting,
                });
                flight
            }
        };
        flight.join(deadline);
        flight
    }

    /// Has the next flight take the place of the current one, if there is one.
    fn promote(&mut self) -> Option<Arc<Flight>> {
        let promoted = (!self.next.is_empty()).then(|| self.next.remove(0));
        self.current = promoted.clone().map(|flight| Current {
            flight,
            stage: Stage::Waiting,
        });
        promoted
    }
}

/// A caller's place in a flight.
#[derive(Debug)]
pub(crate) struct Place<E: AsRef<Flights>> {
    /// The session's state, which holds its flights.
    entry: Arc<E>,
    flight: Arc<Flight>,
}

impl<E: AsRef<Flights>> Place<E> {
    fn flights(&self) -> &Flights {
        (*self.entry).as_ref()
    }

    /// The duty to carry the flight out, if nobody has it yet.
    pub(crate) fn claim(&self) -> Option<Landing<E>> {
        let claimed = self.flights().claim(&self.flight);
        claimed.then(|| Landing {
            entry: Arc::clone(&self.entry),
            flight: Arc::clone(&self.flight),
            outcome: None,
        })
    }

    /// Waits for the outcome; `run` carries the flight out if nobody else does.
    pub(crate) fn poll(&self, context: &Context<'_>, run: impl Fn(Landing<E>)) -> Poll<Outcome> {
        // Looked at twice: before this waker is known a change may have passed by.
        let mut known = false;
        loop {
            if let Some(outcome) = self.flight.outcome.get() {
                return Poll::Ready(outcome);
            }
            if let Some(landing) = self.claim() {
                run(landing);
            } else if known {
                return Poll::Pending;
            } else {
                let waker = context.waker().clone();
                self.flight.waiting.lock().push(waker);
                known = true;
            }
        }
    }
}

impl<E: AsRef<Flights>> Drop for Place<E> {
    fn drop(&mut self) {
        self.flights().leave(&self.flight);
    }
}

/// The duty to bring a flight to its end. Dropped without an outcome, it was cut off.
#[derive(Debug)]
pub(crate) struct Landing<E: AsRef<Flights>> {
    entry: Arc<E>,
    flight: Arc<Flight>,
    outcome: Option<Outcome>,
}

impl<E: AsRef<Flights>> Landing<E> {
    fn flights(&self) -> &Flights {
        (*self.entry).as_ref()
    }

    pub(crate) fn entry(&self) -> &Arc<E> {
        &self.entry
    }

    pub(crate) fn flight(&self) -> &Flight {
        &self.flight
    }

    /// A place in it.
    pub(crate) fn place(&self) -> Place<E> {
        let _queue = self.flights().0.lock();
        self.flight.join(Duration::ZERO);
        Place {
            entry: Arc::clone(&self.entry),
            flight: Arc::clone(&self.flight),
        }
    }

    /// Says that the flight goes by what it reads from now on: who comes later does not share its
    /// failure.
    pub(crate) fn begin(&self) {
        self.flights().begin();
    }

    /// Hands the outcome to everybody who waits.
    pub(crate) fn land(mut self, outcome: Outcome) {
        self.outcome = Some(outcome);
    }
}

impl<E: AsRef<Flights>> Drop for Landing<E> {
    fn drop(&mut self) {
        let outcome = self.outcome.take();
        let outcome = outcome.unwrap_or_else(|| Err(StoreError::CutOff.into()));
        self.flights().end(&outcome);
        self.flight.land(outcome);
    }
}
