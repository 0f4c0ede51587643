//! What can be asked of all sessions of a store at once.

use twoba_core::{Change, Schedule, SessionKey, Timestamp};

/// Which of its two dates a session is asked for by.
///
/// Exhaustive on purpose: a third date must stop every store from compiling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Due {
    /// When a background refresh should look at it: [`Change::due_at`].
    Refresh,
    /// By when it should have been used: [`Change::keep_by`].
    KeepBy,
}

impl Due {
    /// This date of what a change stores.
    #[must_use]
    pub fn of(self, change: &Change) -> Option<Timestamp> {
        match self {
            Self::Refresh => change.due_at(),
            Self::KeepBy => change.keep_by(),
        }
    }

    /// This date of a stored record, by what [`StoredGrant::schedule`] has read in it.
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

/// One thing that lies in a store.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Listed {
    /// The session that it belongs to.
    pub key: SessionKey,
    /// What it is.
    pub kind: ListedKind,
}

impl Listed {
    /// A thing of this kind.
    #[must_use]
    pub fn new(key: SessionKey, kind: ListedKind) -> Self {
        Self { key, kind }
    }
}

/// What a thing in a store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ListedKind {
    /// The record of a session, whatever it says: that of one that was logged out too.
    Session,
    /// Bytes that a login or logout has replaced although nobody could read them.
    KeptAside,
    /// A grant that could not be stored, kept by [`Store::rescue`](crate::Store::rescue).
    Rescue,
}

/// The keys of the earliest dates that are not behind `before`, at most `limit` of them; those
/// of the same moment in the order of keys.
pub(crate) fn earliest(
    dates: impl Iterator<Item = (Timestamp, SessionKey)>,
    before: Timestamp,
    limit: usize,
) -> Vec<SessionKey> {
    let mut due: Vec<_> = dates.filter(|(at, _)| *at <= before).collect();
    due.sort_unstable();
    due.into_iter().take(limit).map(|(_, key)| key).collect()
}
