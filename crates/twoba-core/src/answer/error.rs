//! What can be wrong with a token answer, sorted by who has to act.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use super::facts::AnswerFacts;
use crate::advice::Advice;
use crate::jsonp::JsonpError;
use crate::secret::SecretError;
use crate::text::printable;

/// Why a token request brought no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The server refused the request. [`AnswerFacts::code`] says why, where it said so.
    #[error("the server refused{0}")]
    Refused(Box<AnswerFacts>),
    /// The answer says nothing about the request: a sick server, a proxy, a limit.
    #[error("{0}{1}")]
    Unavailable(Unavailable, Box<AnswerFacts>),
    /// The server meant a success and broke the protocol.
    #[error("{0}{1}")]
    Malformed(Malformed, Box<AnswerFacts>),
}

impl TokenError {
    /// What is known of the answer.
    #[must_use]
    pub fn facts(&self) -> &AnswerFacts {
        match self {
            Self::Refused(facts) | Self::Unavailable(_, facts) | Self::Malformed(_, facts) => facts,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Refused(facts) => match &facts.code {
                Some(code) if code.is_configuration() => Advice::FixConfiguration,
                _ => Advice::LogIn,
            },
            Self::Unavailable(_, facts) => {
                Advice::RetryNotBefore(facts.retry_at.unwrap_or(facts.received_at))
            }
            Self::Malformed(..) => Advice::Report,
        }
    }
}

/// Why an answer says nothing about the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unavailable {
    /// Status 429, 408 or 425.
    #[error("the server asks to wait")]
    Busy,
    /// Status 500 and above.
    #[error("the server has a fault")]
    ServerError,
    /// Status 300 to 399: a token request never follows, for it carries secrets.
    #[error("the server redirects, which a token request does not follow")]
    Redirect,
    /// A success that is not JSON: the page of a proxy, most likely.
    #[error("the answer is not JSON")]
    NotJson,
    /// The body is longer than [`RESPONSE_BODY_MAX`](crate::limits::RESPONSE_BODY_MAX).
    #[error("the answer is too large")]
    TooLarge,
}

/// How a success broke the protocol. Values are never repeated here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// The JSON breaks off or is none.
    #[error("the answer is not JSON at line {line}, column {column}")]
    Json {
        /// Line of the first fault, from 1.
        line: usize,
        /// Column of it, in bytes, from 0.
        column: usize,
    },
    /// It is not one object with each known member at most once, nested no deeper than
    /// [`NESTING_MAX`](crate::limits::NESTING_MAX).
    #[error("the answer is not one flat JSON object without repeated members")]
    Shape,
    /// The body is not the JSONP that was asked for.
    #[error("{0}")]
    Jsonp(JsonpError),
    /// A member is missing or of the wrong type.
    #[error("the member {0} is missing or of the wrong type")]
    Member(&'static str),
    /// The token is of a type that cannot be used.
    #[error("the token is not a bearer token")]
    TokenType,
    /// The access token cannot be one.
    #[error("the access token cannot be used: {0}")]
    AccessToken(SecretError),
    /// The refresh token cannot be one.
    #[error("the refresh token cannot be used: {0}")]
    RefreshToken(SecretError),
}

/// The code of an OAuth error: the registered ones by name, others as text.
///
/// Source: RFC 6749 sections 4.1.2.1 and 5.2, RFC 7009 section 2.2.1.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorCode {
    /// A parameter is missing, repeated or wrong.
    InvalidRequest,
    /// The client is unknown or did not prove who it is.
    InvalidClient,
    /// The code, the password or the refresh token is not, or no longer, good.
    InvalidGrant,
    /// This client may not use this grant.
    UnauthorizedClient,
    /// The server does not know this grant.
    UnsupportedGrantType,
    /// The scope is unknown or more than was granted.
    InvalidScope,
    /// The person, or the server, said no.
    AccessDenied,
    /// The server does not hand out this kind of answer.
    UnsupportedResponseType,
    /// The server has a fault that it could not say by a status.
    ServerError,
    /// The server is overloaded or in maintenance.
    TemporarilyUnavailable,
    /// The server cannot revoke this kind of token.
    UnsupportedTokenType,
    /// Any other text, cut to [`ERROR_TEXT_MAX`](crate::limits::ERROR_TEXT_MAX) printable
    /// characters.
    Other(String),
}

impl ErrorCode {
    const KNOWN: [(&'static str, Self); 11] = [
        ("invalid_request", Self::InvalidRequest),
        ("invalid_client", Self::InvalidClient),
        ("invalid_grant", Self::InvalidGrant),
        ("unauthorized_client", Self::UnauthorizedClient),
        ("unsupported_grant_type", Self::UnsupportedGrantType),
        ("invalid_scope", Self::InvalidScope),
        ("access_denied", Self::AccessDenied),
        ("unsupported_response_type", Self::UnsupportedResponseType),
        ("server_error", Self::ServerError),
        ("temporarily_unavailable", Self::TemporarilyUnavailable),
        ("unsupported_token_type", Self::UnsupportedTokenType),
    ];

    /// The code that a server wrote.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        Self::KNOWN
            .into_iter()
            .find(|(name, _)| *name == text)
            .map_or_else(|| Self::Other(printable(text)), |(_, code)| code)
    }

    /// The code as servers write it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        if let Self::Other(text) = self {
            return text;
        }
        Self::KNOWN
            .iter()
            .find(|(_, code)| code == self)
            .map_or("", |(name, _)| name)
    }

    /// Whether the client's own configuration is what the server dislikes.
    #[must_use]
    pub fn is_configuration(&self) -> bool {
        matches!(
            self,
            Self::InvalidClient
                | Self::UnauthorizedClient
                | Self::UnsupportedGrantType
                | Self::InvalidScope
                | Self::UnsupportedResponseType
        )
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
