//! A change of the store, and what its writer has to know of the record that it replaces.

use alloc::boxed::Box;
use core::num::NonZeroU64;

use super::candidate::Candidate;
use super::record::{self, Aside, Binding, Extra, Record, RecordError};
use super::schedule::Schedule;
use super::transition::StateRef;
use crate::stored::{Change, Revision, StoredGrant};

/// What a change does to the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    /// Another login begins, or the session ends: nothing is kept of what stood there.
    LoginOrLogout,
    /// The next generation begins.
    Rotation,
    /// Something is noted about the generation that stands there.
    Note,
}

/// What stands in the store, as far as the next change has to know it. It travels with the
/// step, so that no record is read or written twice.
#[derive(Debug, Clone)]
pub struct Base {
    /// Which bytes; `None` where there are none.
    revision: Option<Revision>,
    readable: bool,
    extra: Extra,
    /// A refresh token that is to replace the grant once the server has taken it.
    candidate: Option<Box<Candidate>>,
    /// Which claim of a program to log in by itself stands there.
    claim: Option<NonZeroU64>,
}

/// A change, and what stands in the store once it is applied.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) change: Change,
    pub(super) after: Base,
}

impl Base {
    /// Nothing is stored.
    pub(super) fn nothing() -> Self {
        Self {
            revision: None,
            readable: true,
            extra: Extra::default(),
            candidate: None,
            claim: None,
        }
    }

    /// These bytes are stored, which are such a record.
    pub(super) fn of(stored: &StoredGrant, record: &Result<Record, RecordError>) -> Self {
        let record = record.as_ref().ok();
        Self {
            revision: Some(stored.revision()),
            readable: record.is_some(),
            extra: record.map_or_else(Extra::default, |record| record.extra.clone()),
            candidate: record.and_then(|record| record.candidate.clone()),
            claim: record.and_then(|record| record.claim),
        }
    }

    /// Which bytes stand there.
    pub(super) fn revision(&self) -> Option<Revision> {
        self.revision
    }

    /// What the record holds beside its state.
    pub(super) fn aside(&self) -> Aside<'_> {
        Aside {
            candidate: self.candidate(),
            claim: self.claim,
            extra: &self.extra,
        }
    }

    /// The refresh token that is being exchanged.
    pub(super) fn candidate(&self) -> Option<&Candidate> {
        self.candidate.as_deref()
    }

    /// The same with this candidate in the next change.
    pub(super) fn with_candidate(self, candidate: Option<Candidate>) -> Self {
        let candidate = candidate.map(Box::new);
        Self { candidate, ..self }
    }

    /// Which claim of a program to log in by itself stands there.
    pub(super) fn claim(&self) -> Option<NonZeroU64> {
        self.claim
    }

    /// The same with this claim, or none, in the next change.
    pub(super) fn with_claim(self, claim: Option<NonZeroU64>) -> Self {
        Self { claim, ..self }
    }

    /// The change that puts this state in its place.
    pub(super) fn replaced(self, owner: &Binding<'_>, state: StateRef<'_>, deed: Deed) -> Written {
        let expected = self.revision();
        let keeps_replaced = !self.readable;
        let kept = match deed {
            Deed::LoginOrLogout => Self::nothing(),
            // It was of the generation before.
            Deed::Rotation => self.with_claim(None),
            Deed::Note => self,
        };
        let record = record::write(owner, state, kept.aside());
        let schedule = Schedule::of(state);
        Written {
            after: Self {
                revision: Some(record.revision()),
                readable: true,
                ..kept
            },
            change: Change {
                expected,
                record,
                due_at: schedule.due_at,
                keep_by: schedule.keep_by,
                keeps_replaced,
                ends_rescue: deed != Deed::Note,
            },
        }
    }
}
