//! When a fault is to be played: on which requests, and on which of them.

use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};

use super::kind::Fault;

/// On which requests a fault can be played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FaultPoint {
    /// Every POST to a token endpoint.
    Token,
    /// Those with `grant_type=refresh_token`.
    Refresh,
    /// Those with `grant_type=password`.
    Password,
    /// Those with `grant_type=authorization_code`.
    AuthorizationCode,
    /// Calls of the sample services.
    Service,
    /// POSTs to the revocation endpoint.
    Revocation,
}

/// Which of the matching requests meet a fault, counted from when the fault was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Occurrence {
    /// Only this one; 1 is the next.
    Nth(NonZeroU64),
    /// All of them.
    Every,
}

/// A fault, and when to play it.
///
/// Of several rules that fit one request the first in the list plays; all of them count it.
///
/// ```
/// use twoba_emulator::{Fault, FaultPoint, FaultRule};
///
/// let lost_answer = FaultRule::next(FaultPoint::Refresh, Fault::DropAfterCommit);
/// # assert_eq!(lost_answer.on, FaultPoint::Refresh);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// On which requests.
    pub on: FaultPoint,
    /// On which of them.
    pub nth: Occurrence,
    /// What happens.
    pub then: Fault,
}

impl FaultRule {
    /// Plays once, on the next matching request.
    #[must_use]
    pub const fn next(on: FaultPoint, then: Fault) -> Self {
        Self::nth(on, NonZeroU64::MIN, then)
    }

    /// Plays once, on the `nth` matching request from now; 1 is the next.
    #[must_use]
    pub const fn nth(on: FaultPoint, nth: NonZeroU64, then: Fault) -> Self {
        Self {
            on,
            nth: Occurrence::Nth(nth),
            then,
        }
    }

    /// Plays on every matching request.
    #[must_use]
    pub const fn every(on: FaultPoint, then: Fault) -> Self {
        Self {
            on,
            nth: Occurrence::Every,
            then,
        }
    }
}
