//! How sending can fail: the one difference that matters to a refresh token.

/// A request that got no answer.
///
/// `NotSent` only when it is certain: the name did not resolve, the connection was refused,
/// TLS failed before the first byte of the body. Everything else is `MaybeSent`: the server
/// may have acted on the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[allow(
    clippy::exhaustive_enums,
    reason = "a caller must decide between exactly these two"
)]
pub enum SendFailure {
    /// The server has certainly not seen the request.
    #[error("the server could not be reached")]
    NotSent,
    /// The server may have seen the request; its answer is lost.
    #[error("the connection broke before the answer was complete")]
    MaybeSent,
}
