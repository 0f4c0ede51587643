//! The kinds of failures.

use twoba_core::Topic;

/// The kind of a failure: the documented exit code, and its name in JSON.
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
    /// The topic of a failure of this kind, if nothing more is known.
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
