//! The emulator's time: the machine's clock, or a clock that only moves when told.

use std::time::{Duration, SystemTime};

use crate::timestamp::Timestamp;

/// The source of the emulator's time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    Real,
    /// A clock that stands still at the time of the start, until it is advanced.
    Manual,
    /// A clock that stands still at the given time, until it is advanced.
    ManualFrom(SystemTime),
}

/// A running clock.
#[derive(Debug)]
pub(crate) enum Timekeeper {
    Real,
    Manual { start: Timestamp, now: Timestamp },
}

impl Timekeeper {
    /// Starts the clock. `machine` is the machine's time.
    pub(crate) fn start(clock: Clock, machine: SystemTime) -> Self {
        let start = match clock {
            Clock::Real => return Self::Real,
            Clock::Manual => Timestamp::from(machine),
            Clock::ManualFrom(start) => Timestamp::from(start),
        };
        Self::Manual { start, now: start }
    }

    /// The emulator's time.
    pub(crate) fn now(&self) -> Timestamp {
        match self {
            Self::Real => Timestamp::from(SystemTime::now()),
            Self::Manual { now, .. } => *now,
        }
    }

    /// Moves a manual clock and returns the new time; `None` for a real one.
    pub(crate) fn advance(&mut self, by: Duration) -> Option<Timestamp> {
        match self {
            Self::Real => None,
            Self::Manual { now, .. } => {
                *now = now.plus(by);
                Some(*now)
            }
        }
    }

    /// Puts a manual clock back to its start.
    pub(crate) fn reset(&mut self) {
        match self {
            Self::Real => {}
            Self::Manual { start, now } => *now = *start,
        }
    }

    /// Whether this clock can be advanced.
    pub(crate) const fn is_manual(&self) -> bool {
        match self {
            Self::Real => false,
            Self::Manual { .. } => true,
        }
    }

    /// `real` or `manual`.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Manual { .. } => "manual",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
        let mut clock = Timekeeper::start(Clock::ManualFrom(start), SystemTime::now());
        assert_eq!(clock.now(), Timestamp::from(start));
        assert_eq!(
            clock.advance(Duration::from_secs(90)),
            Some(Timestamp::from_millis(1_090_000))
        );
        assert_eq!(clock.now(), Timestamp::from_millis(1_090_000));
        clock.reset();
        assert_eq!(clock.now(), Timestamp::from(start));
    }

    #[test]
    fn a_real_clock_cannot_be_advanced() {
        let mut clock = Timekeeper::start(Clock::Real, SystemTime::now());
        assert_eq!(clock.advance(Duration::from_secs(1)), None);
    }
}
