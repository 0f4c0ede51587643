//! A token that can be handed out while its session is busy, or not in memory.

use super::id::TokenId;
use crate::secret::AccessToken;
use crate::time::Timestamp;

/// A durably stored token, as a session last saw it.
#[derive(Debug, Clone)]
pub struct Current {
    pub(super) token: AccessToken,
    pub(super) id: TokenId,
    pub(super) usable_until: Option<Timestamp>,
    pub(super) refresh_due: Option<Timestamp>,
    pub(super) doubted_before: Option<Timestamp>,
}

impl Current {
    /// The token, if it is usable at `now`.
    #[must_use]
    pub fn token(&self, now: Timestamp) -> Option<&AccessToken> {
        self.usable_until
            .is_none_or(|end| now < end)
            .then_some(&self.token)
    }

    /// The id of the token.
    #[must_use]
    pub fn id(&self) -> TokenId {
        self.id
    }

    /// The time when the token is to be refreshed, like
    /// [`Session::refresh_due`](crate::Session::refresh_due).
    #[must_use]
    pub fn refresh_due(&self) -> Option<Timestamp> {
        self.refresh_due
    }

    /// The time before which the token is usable and not due, so that it can be handed out without
    /// another check. It is the earlier of the token's end and [`refresh_due`](Self::refresh_due),
    /// exclusive. `None` if the token has neither.
    #[must_use]
    pub fn fresh_until(&self) -> Option<Timestamp> {
        match (self.usable_until, self.refresh_due) {
            (Some(end), Some(due)) => Some(end.min(due)),
            (one, other) => one.or(other),
        }
    }

    /// The time before which the clock contradicts the token's time of issue. Before it, the token's
    /// end cannot be trusted, and the token is due. `None` if that does not matter.
    #[must_use]
    pub fn doubted_before(&self) -> Option<Timestamp> {
        self.doubted_before
    }

    /// Whether the token is to be refreshed at `now`.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.refresh_due.is_some_and(|due| now >= due)
            || self.doubted_before.is_some_and(|start| now < start)
    }

    /// This token, due no earlier than `at`. Use it after an early refresh that brought nothing.
    #[must_use]
    pub fn postponed(mut self, at: Timestamp) -> Self {
        self.refresh_due = self.refresh_due.map(|due| due.max(at));
        self.doubted_before = None;
        self
    }
}
