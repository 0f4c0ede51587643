//! The only place that reads a real clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use twoba_core::Timestamp;

/// A source of the current time. Any `Fn() -> Timestamp` is a clock too, for tests and simulations.
pub trait Clock: Send + Sync {
    /// The current time.
    fn now(&self) -> Timestamp;

    /// Whether the current time lies in this span.
    #[inline]
    fn is_within(&self, span: Span) -> bool {
        let now = self.now();
        span.from <= now && now < span.until
    }
}

/// A span of time that is compared with the clock again and again. The machine's clock compares it
/// without a conversion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    from: Timestamp,
    until: Timestamp,
    /// The same span on the machine's clock, cut to the times that the clock can express.
    system: (SystemTime, SystemTime),
}

impl Span {
    /// The span from one time, inclusive, to the other, exclusive.
    #[must_use]
    pub fn new(from: Timestamp, until: Timestamp) -> Self {
        let system = (system_time(from), system_time(until));
        Self {
            from,
            until,
            system,
        }
    }
}

fn system_time(at: Timestamp) -> SystemTime {
    let span = Duration::from_millis(at.unix_millis().unsigned_abs());
    if at.unix_millis() < 0 {
        UNIX_EPOCH.checked_sub(span).unwrap_or(UNIX_EPOCH)
    } else {
        UNIX_EPOCH.checked_add(span).unwrap_or(UNIX_EPOCH + FAR)
    }
}

/// A time beyond the end of every token, and within the range of every system's clock.
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
    fn is_within(&self, span: Span) -> bool {
        let now = SystemTime::now();
        span.system.0 <= now && now < span.system.1
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
    fn both_clocks_see_a_span_alike() {
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
        let [first, last] = [i64::MIN, i64::MAX].map(Timestamp::from_unix_millis);
        for (at, ahead) in points {
            for (span, inside) in [(Span::new(first, at), ahead), (Span::new(at, last), !ahead)] {
                assert_eq!(SystemClock.is_within(span), inside, "{span:?}");
                assert_eq!(fixed.is_within(span), inside, "{span:?}");
            }
        }
    }
}
