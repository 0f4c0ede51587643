//! What the caller should do about an error.

use crate::time::Timestamp;

/// The next action for the caller of a failed operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Advice {
    /// Try again, but not before this time.
    RetryNotBefore(Timestamp),
    /// Have the person log in again.
    LogIn,
    /// Correct the configuration: the client's credentials, the addresses, or the store.
    FixConfiguration,
    /// Report it. One side breaks the protocol, and another attempt will not help.
    Report,
}
