//! Politeness towards services: how many calls are out at once, how often a call is sent, and how
//! long everybody waits when a service asks for it.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::Duration;

use http::{Request, Response, StatusCode};
use twoba_core::{SendFailure, retry_after};
use twoba_store::{Error, ErrorKind};

use crate::entry::Entry;
use crate::keeper::Keeper;
use crate::pauses::Pauses;
use crate::runtime::{Pause, Runtime};
use crate::sync::Mutex;

/// How many calls are out at once, if nothing is said.
const AT_ONCE: usize = 8;

/// How often a call is sent at most, if nothing is said.
const ATTEMPTS: u32 = 4;

/// The longest wait for a service that asks for one. After a longer one the answer goes to the
/// caller, which can do better than to wait.
pub const WAIT_MAX: Duration = Duration::from_secs(60);

/// The first and the longest pause after an answer that asks for no time.
const PAUSE_MIN: Duration = Duration::from_millis(250);
const PAUSE_MAX: Duration = Duration::from_secs(8);

/// The pace of calls to services, shared by all who call through it.
#[derive(Debug)]
pub struct Pace {
    at_once: usize,
    attempts: u32,
    turns: Mutex<Turns>,
}

#[derive(Debug, Default)]
struct Turns {
    /// How many calls are out.
    out: usize,
    /// Who waits for a turn, in order of arrival.
    waiting: BTreeMap<u64, Waker>,
    last: u64,
    /// No call leaves before this time of the runtime.
    opens_at: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self::new(AT_ONCE, ATTEMPTS)
    }
}

impl Pace {
    /// Makes a pace of at most `at_once` calls at once, each sent at most `attempts` times. Zero
    /// counts as one.
    #[must_use]
    pub fn new(at_once: usize, attempts: u32) -> Self {
        Self {
            at_once: at_once.max(1),
            attempts: attempts.max(1),
            turns: Mutex::new(Turns::default()),
        }
    }

    /// The same pace with another number of calls at once.
    #[must_use]
    pub fn with_at_once(&self, at_once: usize) -> Self {
        Self::new(at_once, self.attempts)
    }

    /// The same pace with another number of attempts.
    #[must_use]
    pub fn with_attempts(&self, attempts: u32) -> Self {
        Self::new(self.at_once, attempts)
    }

    /// Waits until fewer calls are out than may be. Who came first goes first.
    async fn turn(&self) -> Turn<'_> {
        let mut waiting = Waiting {
            pace: self,
            number: None,
        };
        poll_fn(|context| waiting.poll(context.waker())).await;
        Turn(self)
    }

    /// How long it is until calls may leave.
    fn opens_in(&self, now: Duration) -> Duration {
        self.turns.lock().opens_at.saturating_sub(now)
    }

    /// Has nobody call before `opens_at`.
    fn close(&self, opens_at: Duration) {
        let mut turns = self.turns.lock();
        turns.opens_at = turns.opens_at.max(opens_at);
    }

    fn wake_next(&self) {
        let turns = self.turns.lock();
        let next = turns.waiting.values().next().cloned();
        drop(turns);
        if let Some(waker) = next {
            waker.wake();
        }
    }
}

/// One of the calls that may be out.
struct Turn<'p>(&'p Pace);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.turns.lock().out -= 1;
        self.0.wake_next();
    }
}

/// A place in the queue. Dropped, it lets the next one go.
struct Waiting<'p> {
    pace: &'p Pace,
    number: Option<u64>,
}

impl Waiting<'_> {
    fn poll(&mut self, waker: &Waker) -> Poll<()> {
        let mut turns = self.pace.turns.lock();
        let first = turns.waiting.keys().next().copied();
        let may_go = turns.out < self.pace.at_once && (first.is_none() || first == self.number);
        if !may_go {
            let number = *self.number.get_or_insert_with(|| {
                turns.last += 1;
                turns.last
            });
            turns.waiting.insert(number, waker.clone());
            return Poll::Pending;
        }
        turns.out += 1;
        drop(turns);
        self.leave();
        Poll::Ready(())
    }

    /// Leaves the queue.
    fn leave(&mut self) {
        if let Some(number) = self.number.take() {
            self.pace.turns.lock().waiting.remove(&number);
            self.pace.wake_next();
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.leave();
    }
}

/// What is known of an attempt that may be made again.
enum Again {
    /// The service asks everybody to wait for so long.
    Asked(Duration),
    /// It says nothing of time.
    Soon,
}

impl<R: Runtime> Keeper<R> {
    /// As [`call`](Self::call), in the pace of all who share it. A call that may be repeated is sent
    /// again if its answer is lost, or if the service asks to wait or cannot answer now; any call
    /// is if it was not sent, or if the service has too many requests. The last answer counts.
    ///
    /// # Errors
    ///
    /// - as for [`call`](Self::call)
    pub async fn paced_call(
        self: &Arc<Self>,
        entry: &Arc<Entry>,
        request: &Request<Vec<u8>>,
        pace: &Pace,
        may_be_repeated: bool,
    ) -> Result<Response<Vec<u8>>, Error> {
        let mut pauses = Pauses::between(PAUSE_MIN, PAUSE_MAX);
        let mut attempt = 1;
        loop {
            let turn = pace.turn().await;
            while let Some(left) = non_zero(pace.opens_in(self.runtime.elapsed())) {
                // A program that ends sends at once, or not at all.
                if self.runtime.pause(left).await == Pause::Ending {
                    break;
                }
            }
            let outcome = self.call(entry, request).await;
            drop(turn);
            let again = self.again(&outcome, may_be_repeated);
            let Some(again) = again.filter(|_| attempt < pace.attempts) else {
                return outcome;
            };
            attempt += 1;
            let pause = match again {
                Again::Asked(span) if span > WAIT_MAX => return outcome,
                Again::Asked(span) => {
                    pace.close(self.runtime.elapsed().saturating_add(span));
                    continue;
                }
                Again::Soon => pauses.next(|| self.runtime.entropy())?,
            };
            if self.runtime.pause(pause).await == Pause::Ending {
                return outcome;
            }
        }
    }

    /// Whether a call is worth another attempt.
    fn again(
        &self,
        outcome: &Result<Response<Vec<u8>>, Error>,
        may_be_repeated: bool,
    ) -> Option<Again> {
        let response = match outcome {
            Ok(response) => response,
            Err(error) => {
                let ErrorKind::Service(failure) = error.kind() else {
                    return None;
                };
                let repeats = may_be_repeated || *failure == SendFailure::NotSent;
                return repeats.then_some(Again::Soon);
            }
        };
        let is_passing = match response.status() {
            // RFC 6585 section 4: it was not carried out.
            StatusCode::TOO_MANY_REQUESTS => true,
            StatusCode::REQUEST_TIMEOUT
            | StatusCode::TOO_EARLY
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => may_be_repeated,
            _ => false,
        };
        let now = self.runtime.now();
        let asked = retry_after(response.headers(), now);
        is_passing.then(|| match asked {
            Some(at) => Again::Asked(at.saturating_since(now)),
            None => Again::Soon,
        })
    }
}

fn non_zero(span: Duration) -> Option<Duration> {
    (!span.is_zero()).then_some(span)
}

#[cfg(test)]
mod tests;
