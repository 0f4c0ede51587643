//! The kinds of failures.

use twoba_core::Topic;

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

impl Kind {
    /// What a failure of this kind is about, where nothing more is known of it.
    pub(super) fn topic(self) -> Topic {
        match self {
            Self::Other => Topic::Internal,
            Self::Configuration => Topic::Settings,
            Self::Canceled | Self::Interrupted | Self::Unread => Topic::Canceled,
            Self::LoginRequired => Topic::NoLogin,
            Self::TryLater => Topic::NotReached,
            Self::Refused => Topic::LoginRefused,
            Self::Store => Topic::StoreUnusable,
        }
    }
}
