//! The lists of all sessions in a store.

use twoba_core::{Change, Schedule, SessionKey, Timestamp};

/// One of the two dates of a session, by which a list selects.
///
/// The enum is exhaustive on purpose: a third date must stop every store from compiling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Due {
    /// The time when a background refresh should look at the session: [`Change::due_at`].
    Refresh,
    /// The time by which the grant should have been used: [`Change::keep_by`].
    KeepBy,
}

impl Due {
    /// This date of the record in a change.
    #[must_use]
    pub fn of(self, change: &Change) -> Option<Timestamp> {
        match self {
            Self::Refresh => change.due_at(),
            Self::KeepBy => change.keep_by(),
        }
    }

    /// This date of a stored record, as [`StoredGrant::schedule`] has read it.
    ///
    /// [`StoredGrant::schedule`]: twoba_core::StoredGrant::schedule
    #[must_use]
    pub fn in_schedule(self, schedule: &Schedule) -> Option<Timestamp> {
        match self {
            Self::Refresh => schedule.due_at,
            Self::KeepBy => schedule.keep_by,
        }
    }
}

/// One entry in the list of a store's content.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Listed {
    /// The session that it belongs to.
    pub key: SessionKey,
    /// The kind of the entry.
    pub kind: ListedKind,
}

impl Listed {
    /// Makes an entry.
    #[must_use]
    pub fn new(key: SessionKey, kind: ListedKind) -> Self {
        Self { key, kind }
    }
}

/// The kind of an entry in a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ListedKind {
    /// The record of a session, even of one that was logged out.
    Session,
    /// Unreadable bytes that a login or logout has replaced.
    KeptAside,
    /// A grant that could not be stored, kept by [`Store::rescue`](crate::Store::rescue).
    Rescue,
}

/// The keys of at most `limit` of the earliest dates that are not after `before`. Keys of the same
/// time are in their own order.
pub(crate) fn earliest(
    dates: impl Iterator<Item = (Timestamp, SessionKey)>,
    before: Timestamp,
    limit: usize,
) -> Vec<SessionKey> {
    let mut due: Vec<_> = dates.filter(|(at, _)| *at <= before).collect();
    due.sort_unstable();
    due.into_iter().take(limit).map(|(_, key)| key).collect()
}
