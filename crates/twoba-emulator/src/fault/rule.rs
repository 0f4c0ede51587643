//! The rules for faults: the kind of requests, and which of them.

use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};

use super::kind::Fault;

/// The kind of requests on which a fault can be played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FaultPoint {
    /// Every POST to a token endpoint.
    Token,
    /// Token requests with `grant_type=refresh_token`.
    Refresh,
    /// Token requests with `grant_type=password`.
    Password,
    /// Token requests with `grant_type=authorization_code`.
    AuthorizationCode,
    /// Calls of the sample services.
    Service,
    /// POSTs to the revocation endpoint.
    Revocation,
}

/// Which of the matching requests meet a fault, counted from when the fault was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Occurrence {
    /// Only this request; 1 is the next.
    Nth(NonZeroU64),
    /// All requests.
    Every,
}

/// A fault, and the requests on which it is played.
///
/// If several rules match a request, the first one in the list plays, and all of them count the
/// request.
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
    /// The kind of requests.
    pub on: FaultPoint,
    /// Which of these requests.
    pub nth: Occurrence,
    /// The fault.
    pub then: Fault,
}

impl FaultRule {
    /// A rule that plays once, on the next matching request.
    #[must_use]
    pub const fn next(on: FaultPoint, then: Fault) -> Self {
        Self::nth(on, NonZeroU64::MIN, then)
    }

    /// A rule that plays once, on the `nth` matching request from now; 1 is the next.
    #[must_use]
    pub const fn nth(on: FaultPoint, nth: NonZeroU64, then: Fault) -> Self {
        Self {
            on,
            nth: Occurrence::Nth(nth),
            then,
        }
    }

    /// A rule that plays on every matching request.
    #[must_use]
    pub const fn every(on: FaultPoint, then: Fault) -> Self {
        Self {
            on,
            nth: Occurrence::Every,
            then,
        }
    }
}
