//! The stored intent of a refresh. It is saved before its request leaves, and remains if the answer
//! is lost.

use serde::{Deserialize, Serialize};

use crate::provider::Replay;
use crate::seed::Seed;
use crate::time::Timestamp;

/// A refresh that was decided on. It is saved before its request leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Intent {
    /// 1 for the first presentation of this refresh token.
    pub(super) attempt: u32,
    /// The time of the decision on the first attempt.
    pub(super) first_at: Timestamp,
    /// The time of the decision on this attempt.
    pub(super) at: Timestamp,
    /// Whether its sender saw it end without an answer.
    pub(super) over: bool,
    /// Whether a rejected token caused it.
    pub(super) rejection: bool,
    /// The name of this attempt. Two programs may decide in the same millisecond.
    #[serde(rename = "token_digest")]
    pub(super) name: Name,
}

/// The name of an attempt: 32 random bits of the first attempt, followed by 32 bits of a
/// repetition. Earlier releases store a digest of the refresh token here. They only compare two
/// names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Name(u64);

impl Name {
    const OF_FIRST: u64 = u64::MAX << 32;

    /// Draws the name of a first attempt.
    fn draw(seed: &mut Seed) -> Self {
        Self(seed.draw_below(u64::MAX)).first()
    }

    /// The name of the first attempt that this one repeats.
    fn first(self) -> Self {
        Self(self.0 & Self::OF_FIRST)
    }

    /// Draws the name of a repetition.
    fn repetition(self, seed: &mut Seed) -> Self {
        let drawn = seed.draw_below(u64::from(u32::MAX)).saturating_add(1);
        Self(self.first().0 | drawn)
    }
}

/// The next presentation of a refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Attempt {
    /// 1 for the first.
    pub(super) number: u32,
    /// The time of the decision on the first attempt.
    pub(super) first_at: Timestamp,
    /// Whether a rejected token caused it.
    pub(super) rejection: bool,
    /// The name of the attempt that this one repeats.
    pub(super) repeats: Option<Name>,
}

impl Attempt {
    /// The first attempt.
    pub(super) fn first(now: Timestamp) -> Self {
        Self {
            number: 1,
            first_at: now,
            rejection: false,
            repeats: None,
        }
    }

    /// The attempt after this one, which was lost.
    pub(super) fn after(lost: &Intent) -> Self {
        Self {
            number: lost.attempt.saturating_add(1),
            first_at: lost.first_at,
            rejection: false,
            repeats: Some(lost.name),
        }
    }

    /// Its intent, decided on at `now`.
    pub(super) fn intent(self, now: Timestamp, seed: &mut Seed) -> Intent {
        Intent {
            attempt: self.number,
            first_at: self.first_at,
            at: now,
            over: false,
            rejection: self.rejection,
            name: match self.repeats {
                None => Name::draw(seed),
                Some(before) => before.repetition(seed),
            },
        }
    }
}

impl Intent {
    /// Whether both are the same attempt. The start of its wait may differ, and so may the note
    /// that its sender was given up.
    pub(super) fn is_attempt_of(&self, sent: &Self) -> bool {
        let alike = Self {
            at: self.at,
            first_at: self.first_at,
            over: self.over,
            ..sent.clone()
        };
        alike == *self
    }

    /// The attempts before a repetition that does not count. Each of them began inside the
    /// provider's replay window, or there would be no repetition.
    pub(super) fn without_the_last(self) -> Option<Self> {
        let attempt = self.attempt.checked_sub(1).filter(|left| *left > 0)?;
        Some(Self {
            attempt,
            at: self.first_at,
            over: true,
            name: self.name.first(),
            ..self
        })
    }

    /// Whether this request, whose answer was lost, may be repeated now or later. The last
    /// repetition that a window allows may come after the window. If the server never saw a
    /// request, that saves the session. If it did, nobody holds a valid token any more.
    pub(super) fn may_be_repeated(&self, now: Timestamp, replay: Replay) -> bool {
        match replay {
            Replay::Never => false,
            Replay::Once => self.attempt < 2,
            Replay::Within(window) => {
                self.at.saturating_since(self.first_at) < window || self.is_in_window(now, replay)
            }
        }
    }

    /// Whether the server repeats its first answer at `now`, so that no wait is needed. The sooner
    /// the client asks, the better.
    pub(super) fn is_in_window(&self, now: Timestamp, replay: Replay) -> bool {
        match replay {
            Replay::Never | Replay::Once => false,
            Replay::Within(_) => self.first_at <= now && self.is_before_its_end(now, replay),
        }
    }

    /// Whether the window is still open, or will be once a clock that was set back has caught up.
    pub(super) fn is_before_its_end(&self, now: Timestamp, replay: Replay) -> bool {
        match replay {
            Replay::Never | Replay::Once => false,
            Replay::Within(window) => now.saturating_since(self.first_at) < window,
        }
    }
}
