//! Why a login brought no grant, sorted by who has to act.

use alloc::string::String;

use crate::advice::Advice;
use crate::answer::{ErrorCode, TokenError};
use crate::limits::CALLBACK_QUERY_MAX;
use crate::send::SendFailure;
use crate::topic::Topic;

/// Why a login brought no grant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// The authorization server sent the browser back with an error: the person canceled,
    /// or the client may not do this.
    #[error("the login page says no: {code}{}", described(description.as_deref()))]
    Denied {
        /// The code it gave.
        code: ErrorCode,
        /// Its text, bounded and without control characters.
        description: Option<String>,
    },
    /// The token endpoint refused, was out of order, or broke the protocol.
    #[error("{0}")]
    Token(TokenError),
    /// The browser came back with something that does not answer this login.
    #[error("{0}")]
    Callback(CallbackError),
    /// The browser came back later than
    /// [`LOGIN_MAX_AGE`](crate::limits::LOGIN_MAX_AGE) after the start.
    #[error("the login took too long")]
    Expired,
    /// The login was started by a client of another provider, or by another client.
    #[error("the login was started by another client")]
    AnotherClient,
    /// The token request did not come through. A code may be spent now: log in anew.
    #[error("{0}")]
    NotDelivered(SendFailure),
}

fn described(description: Option<&str>) -> String {
    description.map_or_else(String::new, |text| alloc::format!(" ({text})"))
}

impl LoginError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Denied { code, .. } if code.is_configuration() => Advice::FixConfiguration,
            // There was nothing that trying again could bring back.
            Self::Token(TokenError::Malformed(..)) => Advice::Report,
            Self::Token(error) => error.advice(),
            Self::AnotherClient => Advice::FixConfiguration,
            Self::Denied { .. } | Self::Callback(_) | Self::Expired | Self::NotDelivered(_) => {
                Advice::LogIn
            }
        }
    }

    /// What it is about.
    #[must_use]
    pub fn topic(&self) -> Topic {
        match self {
            Self::Denied {
                code: ErrorCode::AccessDenied,
                ..
            } => Topic::Canceled,
            Self::Denied { code, .. } if code.is_configuration() => Topic::ClientRefused,
            Self::Token(error) => error.topic(),
            Self::Denied { .. } | Self::Callback(_) | Self::Expired => Topic::LoginAnswer,
            Self::NotDelivered(SendFailure::NotSent) => Topic::NotReached,
            Self::NotDelivered(SendFailure::MaybeSent) => Topic::AnswerLost,
            Self::AnotherClient => Topic::Internal,
        }
    }
}

/// Why a redirect does not answer the login that waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallbackError {
    /// The state is missing: half an answer, or a forged one.
    #[error("the answer has no state, so it cannot be told to which login it belongs")]
    StateMissing,
    /// The state is another: the answer to another login, or a forged one.
    #[error("the answer belongs to another login: its state is different")]
    State,
    /// What was pasted is the address of another page than the login was to come back to
    /// (RFC 9700 section 4.4.2.2).
    #[error("the address is another than the one that the login comes back to")]
    Redirect,
    /// A parameter stands there twice.
    #[error("the answer has the parameter {0} twice")]
    Repeated(&'static str),
    /// The answer names no server, although the one that the login was started at has announced
    /// that it does: somebody may have mixed up two servers.
    #[error("the answer does not name the server that the login was started at")]
    IssuerMissing,
    /// The answer names another server than the login was started at: somebody may have mixed
    /// up two servers.
    #[error("the answer names another server than the login was started at")]
    Issuer,
    /// There is neither a usable code nor an error.
    #[error("the answer has no usable code")]
    Code,
    /// The query is longer than
    /// [`CALLBACK_QUERY_MAX`].
    #[error("the answer is longer than {CALLBACK_QUERY_MAX} bytes")]
    TooLong,
}
