//! The times when somebody has to look at a session again, for stores that list due sessions.

use super::record;
use super::transition::StateRef;
use crate::stored::StoredGrant;
use crate::time::Timestamp;

/// The times in stored bytes when somebody has to look at the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Schedule {
    /// When a background refresh should look at the session, like
    /// [`Change::due_at`](crate::Change::due_at).
    pub due_at: Option<Timestamp>,
    /// By when the grant has to be refreshed, like [`Change::keep_by`](crate::Change::keep_by).
    pub keep_by: Option<Timestamp>,
}

impl Schedule {
    pub(super) fn of(state: StateRef<'_>) -> Self {
        match state {
            StateRef::Held(held) if held.verdict().is_none() => Self {
                due_at: held.grant().refresh_due_at,
                keep_by: held.beside().keep_by,
            },
            StateRef::Held(_) | StateRef::Nobody { .. } | StateRef::Gone { .. } => Self::default(),
        }
    }
}

impl StoredGrant {
    /// Reads the times from the bytes, whoever owns them. It is for stores without an index. `None`
    /// if the bytes cannot be read.
    #[must_use]
    pub fn schedule(&self) -> Option<Schedule> {
        let record = record::parse_of_anybody(self).ok()?;
        Some(Schedule::of(record.state.by_ref()))
    }
}
