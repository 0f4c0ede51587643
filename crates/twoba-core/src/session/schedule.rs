//! When somebody has to look at a session again, for stores that are asked who is due.

use super::record;
use super::transition::StateRef;
use crate::stored::StoredGrant;
use crate::time::Timestamp;

/// When a session has to be looked at, as its stored bytes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Schedule {
    /// As [`Change::due_at`](crate::Change::due_at).
    pub due_at: Option<Timestamp>,
    /// As [`Change::keep_by`](crate::Change::keep_by).
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
    /// What the bytes say of their times, whoever owns them, for a store that has no index;
    /// `None` for bytes that cannot be read.
    #[must_use]
    pub fn schedule(&self) -> Option<Schedule> {
        let record = record::parse_of_anybody(self).ok()?;
        Some(Schedule::of(record.state.by_ref()))
    }
}
