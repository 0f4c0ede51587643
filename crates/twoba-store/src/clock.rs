//! The one place where a real clock is read.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use twoba_core::Timestamp;

/// What time it is. Any `Fn() -> Timestamp` is a clock too, for tests and simulations.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Whether `end` is still to come.
    #[inline]
    fn is_before(&self, end: End) -> bool {
        self.now() < end.at
    }
}

/// A point in time that is compared with the clock again and again: the machine's clock needs no
/// conversion for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    at: Timestamp,
    /// The same on the machine's clock; the clock's first or last time where it cannot say it.
    system: SystemTime,
}

impl End {
    /// The end at this time.
    #[must_use]
    pub fn at(at: Timestamp) -> Self {
        let span = Duration::from_millis(at.unix_millis().unsigned_abs());
        let system = if at.unix_millis() < 0 {
            UNIX_EPOCH.checked_sub(span).unwrap_or(UNIX_EPOCH)
        } else {
            UNIX_EPOCH.checked_add(span).unwrap_or(UNIX_EPOCH + FAR)
        };
        Self { at, system }
    }
}

/// Beyond every token's life, and within what the clock of each system can say.
const FAR: Duration = Duration::from_secs(1000 * 365 * 24 * 60 * 60);

/// The clock of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let epoch = Timestamp::from_unix_millis(0);
        match since {
            Ok(after) => epoch.saturating_add(after),
            Err(before) => epoch.saturating_sub(before.duration()),
        }
    }

    #[inline]
    fn is_before(&self, end: End) -> bool {
        SystemTime::now() < end.system
    }
}

impl<F: Fn() -> Timestamp + Send + Sync> Clock for F {
    fn now(&self) -> Timestamp {
        self()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_clocks_see_an_end_alike() {
        let now = SystemClock.now();
        let fixed = move || now;
        let minute = Duration::from_secs(60);
        let points = [
            (now.saturating_add(minute), true),
            (now.saturating_sub(minute), false),
            (Timestamp::from_unix_millis(i64::MAX), true),
            (Timestamp::from_unix_millis(-1), false),
            (Timestamp::from_unix_millis(i64::MIN), false),
        ];
        for (at, before) in points {
            assert_eq!(SystemClock.is_before(End::at(at)), before, "{at:?}");
            assert_eq!(fixed.is_before(End::at(at)), before, "{at:?}");
        }
    }
}
