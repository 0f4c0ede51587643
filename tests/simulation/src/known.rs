//! Faults that the product is known to have, each with what has to change. A world that meets
//! one ends there and is counted apart, so that it hides no other fault. When the product is
//! mended its row is deleted here, and the simulation holds the promise from then on.

/// A fault of the product that waits to be mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Known {
    /// A login whose write failed is kept in memory and stored by the next refresh, over
    /// whatever stands there by then: a newer login, a tombstone, its own rotations.
    LoginComesBack,
    /// A caller whose refresh fails gets the token from before it, under the name of what the
    /// session has by then: the 401 to it is held against a token that no service has seen.
    TokenMisnamed,
    /// A lease that has lapsed while its holder was paused or cut off is still taken for one:
    /// its holder begins a refresh with it, after a conflict or to store what it has kept.
    LapsedLease,
    /// A lease is kept for a rotation that could not be stored, and nobody comes back to it: a
    /// client that refreshes inline gets by with the old token, or a login has made the
    /// rotation void. Others wait for ever.
    LeaseKeptIdle,
    /// An attempt whose end nobody has seen is waited for from when it was decided on, not from
    /// when its request left at the latest: five seconds too short.
    WaitTooShort,
    /// A replay that is answered with "not now" takes the intent back, and with it the loss
    /// that it was the replay of.
    LossForgotten,
    /// Between a logout and the end of the next look at the store, other callers of the same
    /// client get the old token: it counts as current again when the look begins.
    ShownAfterLogout,
    /// With a window that is shorter than a request may take, a replay leaves at once, and the
    /// request before it can arrive when the window is over.
    ShortWindow,
    /// An intent or a wait that was written under a clock ahead of the reader's counts for
    /// nothing, be it ahead by an hour or by a millisecond.
    StampAheadIsVoid,
}

impl Known {
    /// What it is called in the summary.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::LoginComesBack => "a login that could not be stored comes back later",
            Self::TokenMisnamed => "an old token is handed out under the name of a newer one",
            Self::LapsedLease => "a refresh begins under a lease that has lapsed",
            Self::LeaseKeptIdle => {
                "a lease is kept for an unsaved rotation that nobody comes back to"
            }
            Self::WaitTooShort => "a replay leaves while the request before may still arrive",
            Self::LossForgotten => "a 5xx after a lost answer makes the loss forgotten",
            Self::ShownAfterLogout => "a token is handed out after its client was logged out",
            Self::ShortWindow => "a replay in a short window does not wait for the request before",
            Self::StampAheadIsVoid => "an intent or a wait from a clock ahead is void",
        }
    }
}
