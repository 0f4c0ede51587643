//! The errors of a login, sorted by who has to act.

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
    /// The authorization server sent the browser back with an error. The person canceled, or the
    /// client may not do this.
    #[error("the login page says no: {code}{}", described(description.as_deref()))]
    Denied {
        /// The server's error code.
        code: ErrorCode,
        /// The server's error text: bounded, without control characters.
        description: Option<String>,
    },
    /// The token endpoint refused the request, was out of order, or broke the protocol.
    #[error("{0}")]
    Token(TokenError),
    /// The browser came back with something that does not answer this login.
    #[error("{0}")]
    Callback(CallbackError),
    /// The browser came back later than
    /// [`LOGIN_MAX_AGE`](crate::limits::LOGIN_MAX_AGE) after the start.
    #[error("the login took too long")]
    Expired,
    /// Another client, or a client of another provider, started the login.
    #[error("the login was started by another client")]
    AnotherClient,
    /// The token request got no answer. The code may be spent now, so log in again.
    #[error("{0}")]
    NotDelivered(SendFailure),
}

fn described(description: Option<&str>) -> String {
    description.map_or_else(String::new, |text| alloc::format!(" ({text})"))
}

impl LoginError {
    /// What to do about this error.
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

    /// The topic of this error.
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
    /// The state is missing. The answer is incomplete or forged.
    #[error("the answer has no state, so it cannot be told to which login it belongs")]
    StateMissing,
    /// The state is wrong. The answer belongs to another login, or is forged.
    #[error("the answer belongs to another login: its state is different")]
    State,
    /// The pasted address is not the login's redirect URI (RFC 9700 section 4.4.2.2).
    #[error("the address is another than the one that the login comes back to")]
    Redirect,
    /// A parameter is repeated.
    #[error("the answer has the parameter {0} twice")]
    Repeated(&'static str),
    /// The answer names no server, although this server has announced that it names itself.
    /// Somebody may have mixed up two servers.
    #[error("the answer does not name the server that the login was started at")]
    IssuerMissing,
    /// The answer names another server than the one where the login started. Somebody may have
    /// mixed up two servers.
    #[error("the answer names another server than the login was started at")]
    Issuer,
    /// The answer has neither a usable code nor an error.
    #[error("the answer has no usable code")]
    Code,
    /// The query is longer than
    /// [`CALLBACK_QUERY_MAX`].
    #[error("the answer is longer than {CALLBACK_QUERY_MAX} bytes")]
    TooLong,
}
