//! Why a session has no token to hand out, sorted by who has to act.

use alloc::string::String;
use core::fmt;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::record::RecordError;
use crate::advice::Advice;
use crate::answer::ErrorCode;
use crate::text::stored_printable;
use crate::time::Timestamp;

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
    /// Other writers were faster, [`CONFLICTS_MAX`](crate::limits::CONFLICTS_MAX) times.
    #[error("other writers keep changing the stored session")]
    Contended,
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
            Self::LoginRequired(_) => Advice::LogIn,
            Self::Unavailable(trouble) => Advice::RetryNotBefore(trouble.until),
            Self::Misconfigured(_) | Self::NotStored | Self::Record(_) => Advice::FixConfiguration,
            Self::Contended => Advice::RetryNotBefore(Timestamp::from_unix_millis(i64::MIN)),
            Self::RejectedByService | Self::WrongProof => Advice::Report,
        }
    }
}

/// Why a person has to log in, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Verdict {
    /// What ended the grant.
    pub cause: Cause,
    /// The HTTP status of the refusal, where there was one.
    pub status: Option<u16>,
    /// The code of the refusal, where there was one.
    pub code: Option<ErrorCode>,
    /// When it ended; `None` where there never was a grant.
    pub at: Option<Timestamp>,
}

/// What ended a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cause {
    /// Nobody has logged in yet.
    NoLogin,
    /// The person logged out.
    LoggedOut,
    /// The server refused the refresh token.
    Refused,
    /// The answer to a refresh was lost, and the replay rule allows no further attempt.
    AnswerLost,
    /// The access token has ended and there is no refresh token.
    NoRefreshToken,
}

impl Verdict {
    pub(super) fn new(cause: Cause, at: Option<Timestamp>) -> Self {
        Self {
            cause,
            status: None,
            code: None,
            at,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.cause {
            Cause::NoLogin => "nobody has logged in yet",
            Cause::LoggedOut => "the session has been logged out",
            Cause::Refused => "the server no longer accepts the session",
            Cause::AnswerLost => "the answer to a refresh was lost, and with it the session",
            Cause::NoRefreshToken => "the access token has expired and cannot be refreshed",
        })?;
        match (&self.status, &self.code) {
            (Some(status), Some(code)) => write!(f, " (status {status}, {code})"),
            (Some(status), None) => write!(f, " (status {status})"),
            (None, _) => Ok(()),
        }
    }
}

/// A failure that says nothing about the grant, and how long to wait after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Trouble {
    /// What happened.
    pub reason: TroubleReason,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// The OAuth code, where the answer had one.
    pub code: Option<ErrorCode>,
    /// The server's text: bounded, without control characters.
    #[serde(default, deserialize_with = "stored_printable")]
    pub description: Option<String>,
    /// When it happened.
    pub since: Timestamp,
    /// No request leaves before this time.
    pub until: Timestamp,
    /// How many failures there were in a row, this one included.
    pub failures: u32,
    /// Which configuration the server disliked; another one is tried at once.
    pub(super) configuration: Option<u64>,
}

/// What kind of failure it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TroubleReason {
    /// The server could not be reached; it has not seen the request.
    NotSent,
    /// The request may have arrived; its answer is lost.
    AnswerLost,
    /// The server, or something before it, is out of order or asks to wait.
    ServerFault,
    /// The server dislikes the client's configuration.
    Configuration,
}

impl Trouble {
    pub(super) fn lost_answer(since: Timestamp, until: Timestamp, failures: u32) -> Self {
        Self {
            reason: TroubleReason::AnswerLost,
            status: None,
            code: None,
            description: None,
            since,
            until,
            failures,
            configuration: None,
        }
    }

    /// How long to wait from `now`.
    #[must_use]
    pub fn wait(&self, now: Timestamp) -> Duration {
        self.until.saturating_since(now)
    }

    pub(super) fn into_error(self) -> RefreshError {
        match self.reason {
            TroubleReason::Configuration => RefreshError::Misconfigured(self),
            TroubleReason::NotSent | TroubleReason::AnswerLost | TroubleReason::ServerFault => {
                RefreshError::Unavailable(self)
            }
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.reason {
            TroubleReason::NotSent => "the token server could not be reached",
            TroubleReason::AnswerLost => "the answer of the token server was lost",
            TroubleReason::ServerFault => "the token server gave no usable answer",
            TroubleReason::Configuration => "the token server refuses this client",
        })?;
        let Some(status) = self.status else {
            return Ok(());
        };
        write!(f, " (status {status}")?;
        if let Some(code) = &self.code {
            write!(f, ", {code}")?;
        }
        if let Some(description) = &self.description {
            write!(f, ": {description}")?;
        }
        f.write_str(")")
    }
}
