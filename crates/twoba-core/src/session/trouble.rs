//! A failure that says nothing about the grant, and the wait after it.

use alloc::string::String;
use core::fmt;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::answer::ErrorCode;
use crate::text::stored_printable;
use crate::time::Timestamp;
use crate::topic::Topic;

/// A failure that says nothing about the grant, and the wait after it.
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
    /// The server's error text: bounded, without control characters. Without a status, our own words.
    #[serde(default, deserialize_with = "stored_printable")]
    pub description: Option<String>,
    /// When the failure happened.
    pub since: Timestamp,
    /// No request leaves before this time.
    pub until: Timestamp,
    /// The number of failures in a row, including this one.
    pub failures: u32,
    /// A digest of the configuration that the server refused. Another configuration is tried at
    /// once.
    pub(super) configuration: Option<u64>,
}

/// The kind of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TroubleReason {
    /// The server could not be reached, and has not seen the request.
    NotSent,
    /// The request may have arrived, and its answer is lost.
    AnswerLost,
    /// The server, or an intermediary, is out of order or asks to wait.
    ServerFault,
    /// The server objects to the client's configuration.
    Configuration,
    /// The server refreshes a grant only after its token has ended. That is no failure, and is
    /// never stored as one.
    TooEarly,
}

impl Trouble {
    pub(super) fn topic(&self) -> Topic {
        // A token server redirects nobody.
        let redirects = self
            .status
            .is_some_and(|status| (300..=399).contains(&status));
        match self.reason {
            TroubleReason::NotSent => Topic::NotReached,
            TroubleReason::AnswerLost => Topic::AnswerLost,
            TroubleReason::ServerFault if redirects => Topic::WrongAddress,
            TroubleReason::ServerFault => Topic::ServerFault,
            TroubleReason::Configuration => Topic::ClientRefused,
            TroubleReason::TooEarly => Topic::TooEarly,
        }
    }

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

    pub(super) fn too_early(since: Timestamp, until: Timestamp) -> Self {
        Self {
            reason: TroubleReason::TooEarly,
            failures: 0,
            ..Self::lost_answer(since, until, 0)
        }
    }

    /// The remaining wait at `now`.
    #[must_use]
    pub fn wait(&self, now: Timestamp) -> Duration {
        self.until.saturating_since(now)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.reason {
            // There is no answer, so the words are ours.
            TroubleReason::NotSent => match &self.description {
                Some(why) => return write!(f, "the token request was not made: {why}"),
                None => "the token server could not be reached",
            },
            TroubleReason::AnswerLost => "the answer of the token server was lost",
            TroubleReason::ServerFault => "the token server gave no usable answer",
            TroubleReason::Configuration => "the token server refuses this client",
            TroubleReason::TooEarly => "the token server refreshes when the token has ended",
        })?;
        let Some(status) = self.status else {
            if let (TroubleReason::ServerFault, Some(why)) = (self.reason, &self.description) {
                write!(f, ": {why}")?;
            }
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
