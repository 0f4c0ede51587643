//! How sending can fail. A refresh token needs only one distinction.

/// The failure of a request that got no answer.
///
/// It is `NotSent` only if that is certain: the name did not resolve, the connection was refused,
/// or TLS failed before the first byte of the body. Every other failure is `MaybeSent`, because the
/// server may have acted on the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[allow(
    clippy::exhaustive_enums,
    reason = "a caller must decide between exactly these two"
)]
pub enum SendFailure {
    /// The server has certainly not seen the request.
    #[error("the server could not be reached")]
    NotSent,
    /// The server may have seen the request, and its answer is lost.
    #[error("the connection broke before the answer was complete")]
    MaybeSent,
}
