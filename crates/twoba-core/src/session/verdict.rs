//! The reasons why a person has to log in.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::answer::ErrorCode;
use crate::time::Timestamp;
use crate::topic::Topic;

/// Why a person has to log in, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Verdict {
    /// The reason why the grant ended.
    pub cause: Cause,
    /// The HTTP status of the refusal, where there was one.
    pub status: Option<u16>,
    /// The code of the refusal, where there was one.
    pub code: Option<ErrorCode>,
    /// When the grant ended; `None` if there never was one.
    pub at: Option<Timestamp>,
}

/// The reason why a grant ended.
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

impl Cause {
    pub(super) fn topic(self) -> Topic {
        match self {
            Self::NoLogin | Self::LoggedOut => Topic::NoLogin,
            Self::Refused => Topic::SessionRefused,
            Self::AnswerLost => Topic::SessionLost,
            Self::NoRefreshToken => Topic::NoRefreshToken,
        }
    }
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
