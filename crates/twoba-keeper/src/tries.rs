//! When to repeat an attempt that a store has failed, and until when.

use std::time::Duration;

use crate::settings::{SAVE_PAUSE_MAX, SAVE_PAUSE_MIN};

/// Attempts to store something for some time, with growing pauses.
pub(crate) struct Tries {
    limit: Duration,
    since: Duration,
    pause: Duration,
}

impl Tries {
    pub(crate) fn new(limit: Duration, since: Duration) -> Self {
        Self {
            limit,
            since,
            pause: SAVE_PAUSE_MIN,
        }
    }

    /// How long the attempts go on.
    pub(crate) fn limit(&self) -> Duration {
        self.limit
    }

    /// How long to wait for the next attempt. `None` if the time is over at `now`.
    pub(crate) fn pause(&mut self, now: Duration) -> Option<Duration> {
        let left = self.limit.saturating_sub(now.saturating_sub(self.since));
        let pause = self.pause.min(left);
        self.pause = self.pause.saturating_mul(2).min(SAVE_PAUSE_MAX);
        (!left.is_zero()).then_some(pause)
    }
}
