//! The sources of time and randomness. A test can replace them.

use std::fmt;
use std::time::{Duration, Instant};

use twoba_core::Timestamp;
use twoba_store::{Clock, Error, ErrorKind, Span, SystemClock};

type Entropy = dyn Fn() -> [u8; 32] + Send + Sync;

/// A clock and a source of randomness: those of the machine, or of a test.
pub struct Origin {
    clock: Option<Box<dyn Clock>>,
    entropy: Option<Box<Entropy>>,
    made: Instant,
}

impl Origin {
    /// The machine's clock and the system's randomness.
    #[must_use]
    pub fn system() -> Self {
        Self {
            clock: None,
            entropy: None,
            made: Instant::now(),
        }
    }

    /// Sets another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Some(Box::new(clock));
        self
    }

    /// Sets another source of randomness.
    #[must_use]
    pub fn with_entropy(mut self, entropy: impl Fn() -> [u8; 32] + Send + Sync + 'static) -> Self {
        self.entropy = Some(Box::new(entropy));
        self
    }

    /// The time since this value was made. It only moves forward.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.made.elapsed()
    }

    /// 32 random bytes.
    ///
    /// # Errors
    ///
    /// - the system has no randomness: [`ErrorKind::Entropy`]
    pub fn entropy(&self) -> Result<[u8; 32], Error> {
        if let Some(entropy) = &self.entropy {
            return Ok(entropy());
        }
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)
            .map_err(|error| Error::new(ErrorKind::Entropy).caused_by(Box::new(error)))?;
        Ok(bytes)
    }
}

impl Clock for Origin {
    fn now(&self) -> Timestamp {
        match &self.clock {
            None => SystemClock.now(),
            Some(clock) => clock.now(),
        }
    }

    #[inline]
    fn is_within(&self, span: Span) -> bool {
        match &self.clock {
            None => SystemClock.is_within(span),
            Some(clock) => clock.is_within(span),
        }
    }
}

impl Default for Origin {
    fn default() -> Self {
        Self::system()
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Origin").finish_non_exhaustive()
    }
}
