//! The kinds of failures.

/// What kind of failure it was: the exit code of the contract, and its word in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Other,
    Configuration,
    Canceled,
    LoginRequired,
    TryLater,
    Refused,
    Store,
    Interrupted,
    /// Nobody reads the output any more, as with `| head`.
    Unread,
}
