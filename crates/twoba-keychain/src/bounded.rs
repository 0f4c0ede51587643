//! Work on a thread of its own that ends in time, or is left behind.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{HOLD_OFF_SECONDS, KeychainError};

/// The service of this process's keychain.
static SERVICE: HoldOff = HoldOff::new();

/// Runs work that may hang.
pub(crate) fn bounded<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> Result<T, KeychainError> + Send + 'static,
) -> Result<T, KeychainError> {
    SERVICE.bounded(limit, work)
}

/// A service that is left alone for some time after it did not answer.
struct HoldOff {
    until: Mutex<Option<Instant>>,
}

impl HoldOff {
    const fn new() -> Self {
        Self {
            until: Mutex::new(None),
        }
    }

    fn is_left_alone(&self, now: Instant) -> bool {
        let until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| now < until)
    }

    fn leave_alone(&self, now: Instant) {
        let until = now.checked_add(Duration::from_secs(HOLD_OFF_SECONDS));
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }

    fn bounded<T: Send + 'static>(
        &self,
        limit: Duration,
        work: impl FnOnce() -> Result<T, KeychainError> + Send + 'static,
    ) -> Result<T, KeychainError> {
        if self.is_left_alone(Instant::now()) {
            return Err(KeychainError::Hanging);
        }
        let (send, done) = mpsc::channel();
        let thread = thread::Builder::new().name("twoba-keychain".to_owned());
        let started = thread.spawn(move || {
            // Nobody may wait any more.
            drop(send.send(work()));
        });
        if let Err(error) = started {
            return Err(KeychainError::Failed {
                why: format!("no thread can be started: {error}"),
            });
        }
        match done.recv_timeout(limit) {
            Ok(outcome) => outcome,
            Err(RecvTimeoutError::Timeout) => {
                self.leave_alone(Instant::now());
                Err(KeychainError::Hanging)
            }
            Err(RecvTimeoutError::Disconnected) => Err(KeychainError::Failed {
                why: "the library that speaks to it has panicked".to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn who_does_not_answer_is_left_alone_for_a_while() {
        let service = HoldOff::new();
        let (hang, hung) = mpsc::channel::<()>();
        let outcome = service.bounded(Duration::from_millis(20), move || {
            // Until the other end is gone.
            assert!(hung.recv().is_err());
            Ok(())
        });
        assert!(matches!(outcome, Err(KeychainError::Hanging)));
        drop(hang);
        static ASKED: AtomicUsize = AtomicUsize::new(0);
        let ask = || {
            ASKED.fetch_add(1, Ordering::SeqCst);
            Ok(7)
        };
        let outcome = service.bounded(Duration::from_secs(60), ask);
        assert!(matches!(outcome, Err(KeychainError::Hanging)));
        assert_eq!(ASKED.load(Ordering::SeqCst), 0);
        let now = Instant::now();
        assert!(service.is_left_alone(now));
        assert!(!service.is_left_alone(now + Duration::from_secs(HOLD_OFF_SECONDS)));
    }

    #[test]
    fn who_answers_or_panics_is_asked_again() {
        let service = HoldOff::new();
        let limit = Duration::from_secs(60);
        assert_eq!(service.bounded(limit, || Ok(7)).unwrap(), 7);
        let panics = || -> Result<(), _> { std::panic::resume_unwind(Box::new("it dies")) };
        let error = service.bounded(limit, panics).unwrap_err();
        assert!(matches!(error, KeychainError::Failed { .. }));
        assert_eq!(service.bounded(limit, || Ok(8)).unwrap(), 8);
    }
}
