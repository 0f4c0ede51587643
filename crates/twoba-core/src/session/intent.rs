//! A refresh that may be out: what is stored before it leaves, and what is left when its answer
//! is lost.

use serde::{Deserialize, Serialize};

use crate::provider::Replay;
use crate::seed::Seed;
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
    /// Which attempt this is: two programs may decide on one in the same millisecond.
    #[serde(rename = "token_digest")]
    pub(super) name: Name,
}

/// A name of attempts: 32 random bits that the first of them has drawn, and 32 that a repetition
/// has drawn behind them. Earlier releases put a digest of the refresh token in its place, and do
/// nothing with it but compare two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Name(u64);

impl Name {
    const OF_FIRST: u64 = u64::MAX << 32;

    /// Of a first attempt.
    fn draw(seed: &mut Seed) -> Self {
        Self(seed.draw_below(u64::MAX)).first()
    }

    /// Of the first attempt behind this one.
    fn first(self) -> Self {
        Self(self.0 & Self::OF_FIRST)
    }

    /// Of a repetition.
    fn repetition(self, seed: &mut Seed) -> Self {
        let drawn = seed.draw_below(u64::from(u32::MAX)).saturating_add(1);
        Self(self.first().0 | drawn)
    }
}

/// Which presentation of a refresh token is to come next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Attempt {
    /// 1 for the first.
    pub(super) number: u32,
    /// When the first was decided on.
    pub(super) first_at: Timestamp,
    /// Whether a rejected token causes it.
    pub(super) rejection: bool,
    /// The one before it.
    pub(super) repeats: Option<Name>,
}

impl Attempt {
    /// The first.
    pub(super) fn first(now: Timestamp) -> Self {
        Self {
            number: 1,
            first_at: now,
            rejection: false,
            repeats: None,
        }
    }

    /// The one after this, which was lost.
    pub(super) fn after(lost: &Intent) -> Self {
        Self {
            number: lost.attempt.saturating_add(1),
            first_at: lost.first_at,
            rejection: false,
            repeats: Some(lost.name),
        }
    }

    /// The intent of it, decided on at `now`.
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
            name: self.name.first(),
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
