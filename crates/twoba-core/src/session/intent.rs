//! A refresh that may be out: what is stored before it leaves, and what is left when its answer
//! is lost.

use serde::{Deserialize, Serialize};

use crate::provider::Replay;
use crate::time::Timestamp;

/// A refresh that was decided on, saved before it leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Intent {
    /// 1 for the first presentation of this refresh token.
    pub(super) attempt: u32,
    /// When the first attempt was decided on.
    pub(super) first_at: Timestamp,
    /// When this attempt was decided on.
    pub(super) at: Timestamp,
    /// Whether its sender has seen it end without an answer.
    pub(super) over: bool,
    /// Whether a rejected token caused it.
    pub(super) rejection: bool,
    /// A digest of the refresh token that it presents.
    pub(super) token_digest: u64,
}

impl Intent {
    /// Whether both are one attempt, at whatever time the wait for it began, and whether or
    /// not somebody has given its sender up.
    pub(super) fn is_attempt_of(&self, sent: &Self) -> bool {
        let alike = Self {
            at: self.at,
            first_at: self.first_at,
            over: self.over,
            ..sent.clone()
        };
        alike == *self
    }

    /// What is left of a repetition that does not count: the attempts before it. Each of them
    /// began inside the window that a provider may have, else there were no repetition.
    pub(super) fn without_the_last(self) -> Option<Self> {
        let attempt = self.attempt.checked_sub(1).filter(|left| *left > 0)?;
        Some(Self {
            attempt,
            at: self.first_at,
            over: true,
            ..self
        })
    }

    /// Whether this request, whose answer was lost, may be repeated, sooner or later. Of those
    /// that a window allows the last may come after it: where the server never saw a request
    /// that keeps the session, and where it did nobody holds it any more.
    pub(super) fn may_be_repeated(&self, now: Timestamp, replay: Replay) -> bool {
        match replay {
            Replay::Never => false,
            Replay::Once => self.attempt < 2,
            Replay::Within(window) => {
                self.at.saturating_since(self.first_at) < window || self.is_in_window(now, replay)
            }
        }
    }

    /// Whether the server answers a repetition as it did the first time, so that nothing is to
    /// be waited for: the sooner the better.
    pub(super) fn is_in_window(&self, now: Timestamp, replay: Replay) -> bool {
        match replay {
            Replay::Never | Replay::Once => false,
            Replay::Within(_) => self.first_at <= now && self.is_before_its_end(now, replay),
        }
    }

    /// Whether that is so, or will be once a clock that was set back has come there again.
    pub(super) fn is_before_its_end(&self, now: Timestamp, replay: Replay) -> bool {
        match replay {
            Replay::Never | Replay::Once => false,
            Replay::Within(window) => now.saturating_since(self.first_at) < window,
        }
    }
}
