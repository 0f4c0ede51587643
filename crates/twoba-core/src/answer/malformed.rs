//! The ways in which a success can break the protocol.

use crate::jsonp::JsonpError;
use crate::secret::SecretError;

/// How a success broke the protocol. It never repeats a value of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// The status is a success that the provider's rules do not accept.
    #[error("the status {0} is no success that can be taken for an answer")]
    Status(u16),
    /// The body is still encoded.
    /// [`AnswerFacts::content_coding`](crate::AnswerFacts::content_coding) names the coding.
    #[error("the answer is encoded in a way that was not undone")]
    Encoded,
    /// The body is longer than [`RESPONSE_BODY_MAX`](crate::limits::RESPONSE_BODY_MAX), and claims
    /// to be JSON.
    #[error("the answer is too large")]
    TooLarge,
    /// The body is not JSON, or the JSON breaks off.
    #[error("the answer is not JSON at line {line}, column {column}")]
    Json {
        /// Line of the first fault, from 1.
        line: usize,
        /// Column of the first fault, in bytes, from 0.
        column: usize,
    },
    /// The JSON is not one object with each known member at most once, or it is nested deeper than
    /// [`NESTING_MAX`](crate::limits::NESTING_MAX).
    #[error("the answer is not one flat JSON object without repeated members")]
    Shape,
    /// The body is not the requested JSONP.
    #[error("{0}")]
    Jsonp(JsonpError),
    /// A member is missing or of the wrong type.
    #[error("the member {0} is missing or of the wrong type")]
    Member(&'static str),
    /// The client cannot use a token of this type.
    #[error("the token is not a bearer token")]
    TokenType,
    /// The value of `access_token` cannot be an access token.
    #[error("the access token cannot be used: {0}")]
    AccessToken(SecretError),
    /// The value of `refresh_token` cannot be a refresh token.
    #[error("the refresh token cannot be used: {0}")]
    RefreshToken(SecretError),
}
