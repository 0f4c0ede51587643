//! The errors of a session without a token, sorted by who has to act.

use super::record::RecordError;
use super::trouble::{Trouble, TroubleReason};
use super::verdict::Verdict;
use crate::advice::Advice;
use crate::time::Timestamp;
use crate::topic::Topic;

/// Why a session hands out no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RefreshError {
    /// The person has to log in. There is no grant, or the grant has ended.
    #[error("{0}")]
    LoginRequired(Verdict),
    /// The service rejects a fresh token. The person may have no right to the service.
    #[error("the service rejects a fresh token: the user may have no right to this service")]
    RejectedByService,
    /// The token endpoint objects to the client's configuration. The grant is kept.
    #[error("{0}")]
    Misconfigured(Trouble),
    /// The token endpoint is out of reach or out of order. The grant is kept.
    #[error("{0}")]
    Unavailable(Trouble),
    /// The store cannot be written. A refresh has either spent nothing, or its result is held in
    /// memory and the next call saves it. A login has to be repeated.
    #[error("the session could not be stored")]
    NotStored,
    /// Other writers were faster, [`CONFLICTS_MAX`](crate::limits::CONFLICTS_MAX) times. Or a
    /// single writer was faster than a refresh. The lease may be lost, so take a new lease and read
    /// the record again.
    #[error("other writers keep changing the stored session")]
    Contended,
    /// The server refuses the imported refresh token, or its answer was lost for good. The session
    /// that was stored before stays.
    #[error("the imported refresh token is of no use: {0}")]
    ImportRefused(Verdict),
    /// The store holds an earlier generation than this program has seen. The store was restored
    /// from a backup, was copied, or lags behind. Its refresh token is spent, so nothing is
    /// presented. A program that still has the later generation stores it again.
    #[error(
        "the store went back: it holds generation {stored} of the session, and this program has seen generation {seen}"
    )]
    StoreWentBack {
        /// The generation that is stored.
        stored: u64,
        /// The latest generation that this program has seen.
        seen: u64,
    },
    /// The stored bytes cannot be used, and stay as they are.
    #[error("{0}")]
    Record(RecordError),
    /// The proof of storage belongs to another change. The store has a fault.
    #[error("the store proved another change than the one asked for")]
    WrongProof,
}

impl RefreshError {
    /// What to do about this error.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::LoginRequired(_) | Self::ImportRefused(_) => Advice::LogIn,
            Self::Unavailable(trouble) => Advice::RetryNotBefore(trouble.until),
            Self::Misconfigured(_)
            | Self::NotStored
            | Self::StoreWentBack { .. }
            | Self::Record(_) => Advice::FixConfiguration,
            Self::Contended => Advice::RetryNotBefore(Timestamp::from_unix_millis(i64::MIN)),
            Self::RejectedByService | Self::WrongProof => Advice::Report,
        }
    }

    /// The topic of this error.
    #[must_use]
    pub fn topic(&self) -> Topic {
        match self {
            Self::LoginRequired(verdict) => verdict.cause.topic(),
            Self::ImportRefused(_) => Topic::ImportRefused,
            Self::Misconfigured(_) => Topic::ClientRefused,
            Self::Unavailable(trouble) => trouble.topic(),
            Self::RejectedByService => Topic::ServiceRefused,
            Self::NotStored | Self::WrongProof => Topic::StoreUnusable,
            Self::Contended => Topic::StoreBusy,
            Self::StoreWentBack { .. } => Topic::StoreWentBack,
            Self::Record(_) => Topic::Record,
        }
    }

    /// The error for callers that have to wait until a trouble is over.
    pub(super) fn waiting(trouble: Trouble) -> Self {
        match trouble.reason {
            TroubleReason::Configuration => Self::Misconfigured(trouble),
            TroubleReason::NotSent
            | TroubleReason::AnswerLost
            | TroubleReason::ServerFault
            | TroubleReason::TooEarly => Self::Unavailable(trouble),
        }
    }
}
