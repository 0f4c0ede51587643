//! What a caller wants of a session.

use super::id::TokenId;

/// What a caller wants: a usable token, or another than the one it knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(
    clippy::exhaustive_enums,
    reason = "whoever serves callers has to treat each of them in its own way"
)]
pub enum Want {
    /// A usable token; a refresh where one is due.
    Usable,
    /// Another token than this one, whatever lifetime that has left: refreshed, unless a newer
    /// one is stored.
    Other(TokenId),
    /// The same, because a service has answered 401 to this one. That causes a refresh only if
    /// it is the current one, was not itself got after a 401, and no 401 has caused a refresh
    /// in the last minute; a service may also mean that the user has no right to it.
    Rejected(TokenId),
}
