//! How a success can break the protocol.

use crate::jsonp::JsonpError;
use crate::secret::SecretError;

/// How a success broke the protocol. Values are never repeated here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// The status is a success, but none that the provider's rules take for an answer.
    #[error("the status {0} is no success that can be taken for an answer")]
    Status(u16),
    /// The body is encoded, as [`AnswerFacts::content_coding`](crate::AnswerFacts::content_coding)
    /// says, and nobody has undone that.
    #[error("the answer is encoded in a way that was not undone")]
    Encoded,
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
