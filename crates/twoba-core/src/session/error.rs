//! Why a session has no token to hand out, sorted by who has to act.

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
    /// The person has to log in: there is no grant, or it is dead.
    #[error("{0}")]
    LoginRequired(Verdict),
    /// The service rejects a token that is fresh: the user may have no right to it.
    #[error("the service rejects a fresh token: the user may have no right to this service")]
    RejectedByService,
    /// The token endpoint dislikes the client's configuration; the grant is kept.
    #[error("{0}")]
    Misconfigured(Trouble),
    /// The token endpoint is out of reach or out of order; the grant is kept.
    #[error("{0}")]
    Unavailable(Trouble),
    /// The store cannot be written. Of a refresh nothing was spent, or what was got is held
    /// in memory and saved by the next call; a login has to be done again.
    #[error("the session could not be stored")]
    NotStored,
    /// Other writers were faster, [`CONFLICTS_MAX`](crate::limits::CONFLICTS_MAX) times, or before
    /// a refresh: the lease may be lost, so that it takes another one and another look.
    #[error("other writers keep changing the stored session")]
    Contended,
    /// The server refuses the refresh token that was to be imported, or the answer about it was
    /// lost for good. What was stored before stays.
    #[error("the imported refresh token is of no use: {0}")]
    ImportRefused(Verdict),
    /// The store holds an earlier generation than this program has seen: it was restored from a
    /// backup, copied, or asked where it lags. Nothing is presented, because the refresh token
    /// there is spent. A program that still has the later one stores it again.
    #[error(
        "the store went back: it holds generation {stored} of the session, and this program has seen generation {seen}"
    )]
    StoreWentBack {
        /// The generation that is stored.
        stored: u64,
        /// The latest generation that was seen.
        seen: u64,
    },
    /// What is stored cannot be used, and is left as it is.
    #[error("{0}")]
    Record(RecordError),
    /// The proof of storage belongs to another change: a fault of the store.
    #[error("the store proved another change than the one asked for")]
    WrongProof,
}

impl RefreshError {
    /// What to do about it.
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

    /// What it is about.
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

    /// What those are told who have to wait until a trouble is over.
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
