//! What to do about an error: the one question every caller asks.

use crate::time::Timestamp;

/// What the caller of a failed operation should do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Advice {
    /// Try again, but not before this time.
    RetryNotBefore(Timestamp),
    /// Have the person log in again.
    LogIn,
    /// Mend the configuration: client credentials, addresses, the store.
    FixConfiguration,
    /// Report it: one side does not keep to the protocol, and trying again will not help.
    Report,
}
