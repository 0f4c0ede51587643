//! Points in time as the core counts them. The caller reads the clock.

use core::fmt;
use core::time::Duration;

use serde::{Deserialize, Serialize};

/// A point in time: whole milliseconds since 1970-01-01T00:00:00Z, leap seconds ignored.
///
/// The core never reads a clock. It takes `now` as an argument wherever time matters, so that the
/// same code runs under a real clock, a manual one and a simulated one. All arithmetic saturates.
/// No value from a server makes it panic or wrap.
///
/// ```
/// use core::time::Duration;
/// use twoba_core::Timestamp;
///
/// let issued = Timestamp::from_unix_seconds(1_700_000_000);
/// let end = issued.saturating_add(Duration::from_secs(120));
/// assert_eq!(end.saturating_since(issued), Duration::from_secs(120));
/// assert_eq!(issued.saturating_since(end), Duration::ZERO);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The point this many milliseconds after the Unix epoch; negative before it.
    #[must_use]
    pub const fn from_unix_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// The point this many seconds after the Unix epoch, kept inside the type's range.
    #[must_use]
    pub const fn from_unix_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Milliseconds since the Unix epoch; negative before it.
    #[must_use]
    pub const fn unix_millis(self) -> i64 {
        self.0
    }

    /// This point moved later by `span`, rounded down to a millisecond.
    #[must_use]
    pub fn saturating_add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(millis(span)))
    }

    /// This point moved earlier by `span`, rounded down to a millisecond.
    #[must_use]
    pub fn saturating_sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(millis(span)))
    }

    /// The span from `earlier` to this point, or zero if this point is before `earlier`.
    #[must_use]
    pub fn saturating_since(self, earlier: Self) -> Duration {
        let span = self.0.saturating_sub(earlier.0);
        Duration::from_millis(u64::try_from(span).unwrap_or(0))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({} ms)", self.0)
    }
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_saturates_at_both_ends() {
        let last = Timestamp::from_unix_millis(i64::MAX);
        let first = Timestamp::from_unix_millis(i64::MIN);
        assert_eq!(last.saturating_add(Duration::MAX), last);
        assert_eq!(first.saturating_sub(Duration::MAX), first);
        assert_eq!(first.saturating_since(last), Duration::ZERO);
        assert_eq!(
            last.saturating_since(first),
            Duration::from_millis(i64::MAX.unsigned_abs())
        );
        assert_eq!(Timestamp::from_unix_seconds(i64::MAX), last);
    }
}
