//! The token that a caller wants from a session.

use super::id::TokenId;

/// The token that a caller wants: a usable one, or another than the one that it knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(
    clippy::exhaustive_enums,
    reason = "whoever serves callers has to treat each of them in its own way"
)]
pub enum Want {
    /// A usable token. It is refreshed if a refresh is due.
    Usable,
    /// Another token than this one, whatever its remaining lifetime. It is refreshed, unless a
    /// newer one is stored.
    Other(TokenId),
    /// Another token than this one, because a service has answered 401 to it. That causes a refresh
    /// only if three conditions hold: it is the current token, it was not itself obtained after a
    /// 401, and no 401 has caused a refresh in the last minute. A 401 may also mean that the person
    /// has no right to the service.
    Rejected(TokenId),
}
