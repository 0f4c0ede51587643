//! The codes of OAuth errors.

use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::text::marked;

/// The code of an OAuth error. Registered codes have a variant; others are kept as text.
///
/// Source: RFC 6749 sections 4.1.2.1 and 5.2, RFC 7009 section 2.2.1.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorCode {
    /// A parameter is missing, repeated or wrong.
    InvalidRequest,
    /// The client is unknown or did not prove who it is.
    InvalidClient,
    /// The code, the password or the refresh token is not valid, or no longer valid.
    InvalidGrant,
    /// This client may not use this grant.
    UnauthorizedClient,
    /// The server does not know this grant.
    UnsupportedGrantType,
    /// The scope is unknown or more than was granted.
    InvalidScope,
    /// The person or the server denied the request.
    AccessDenied,
    /// The server does not support this kind of answer.
    UnsupportedResponseType,
    /// The server has a fault, and could not use an HTTP status to say so.
    ServerError,
    /// The server is overloaded or in maintenance.
    TemporarilyUnavailable,
    /// The server cannot revoke this kind of token.
    UnsupportedTokenType,
    /// Any other text, cut to [`ERROR_TEXT_MAX`](crate::limits::ERROR_TEXT_MAX) characters. U+FFFD
    /// replaces each control character. It never equals one of the codes above.
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

    /// The code in a server's answer. A text with control characters is no code: without them it
    /// could become a different code.
    pub(super) fn of_server(text: &str) -> Option<Self> {
        (!text.contains(char::is_control)).then(|| Self::from_text(text))
    }

    /// Reads a code as a server writes it.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        Self::KNOWN
            .into_iter()
            .find(|(name, _)| *name == text)
            .map_or_else(|| Self::Other(marked(text)), |(_, code)| code)
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

    /// Whether the server objects to the client's own configuration.
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

// Only records of sessions hold these.
impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ErrorCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from_text(&String::deserialize(deserializer)?))
    }
}
