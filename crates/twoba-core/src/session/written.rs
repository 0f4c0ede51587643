//! A change of the store, and the facts about the replaced record that its writer needs.

use alloc::boxed::Box;
use core::num::NonZeroU64;

use super::candidate::Candidate;
use super::record::{self, Aside, Binding, Extra, Record, RecordError};
use super::schedule::Schedule;
use super::transition::StateRef;
use crate::stored::{Change, Revision, StoredGrant};

/// The effect of a change on the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    /// A login or the end of the session. Nothing of the replaced record is kept.
    LoginOrLogout,
    /// The next generation begins.
    Rotation,
    /// A note about the stored generation.
    Note,
}

/// The facts about the stored record that the next change needs. They travel with the step, so that
/// no record is read or written twice.
#[derive(Debug, Clone)]
pub struct Base {
    /// The revision of the stored bytes; `None` if there are none.
    revision: Option<Revision>,
    readable: bool,
    extra: Extra,
    /// A refresh token that will replace the grant after the server has accepted it.
    candidate: Option<Box<Candidate>>,
    /// The stored claim of a program to log in by itself.
    claim: Option<NonZeroU64>,
}

/// A change, and the stored record after it is applied.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) change: Change,
    pub(super) after: Base,
}

impl Written {
    /// The same change as one after which the sequence of steps ends, or goes on.
    pub(super) fn last(mut self, is_last: bool) -> Self {
        self.change.is_last = is_last;
        self
    }
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

    /// The facts about these stored bytes, which hold this record.
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

    /// The revision of the stored bytes.
    pub(super) fn revision(&self) -> Option<Revision> {
        self.revision
    }

    /// The members of the record beside its state.
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

    /// The same facts with this candidate in the next change.
    pub(super) fn with_candidate(self, candidate: Option<Candidate>) -> Self {
        let candidate = candidate.map(Box::new);
        Self { candidate, ..self }
    }

    /// The stored claim of a program to log in by itself.
    pub(super) fn claim(&self) -> Option<NonZeroU64> {
        self.claim
    }

    /// The same facts with this claim, or none, in the next change.
    pub(super) fn with_claim(self, claim: Option<NonZeroU64>) -> Self {
        Self { claim, ..self }
    }

    /// The change that puts this state in the place of the record.
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
                is_last: false,
            },
        }
    }
}
