//! A session's knowledge of the store: the stored bytes, and their meaning.

use alloc::boxed::Box;

use super::error::RefreshError;
use super::record::{self, Binding, RecordError};
use super::transition::{Held, State};
use super::verdict::{Cause, Verdict};
use super::written::Base;
use crate::stored::StoredGrant;

/// The known content of the store.
#[derive(Debug)]
pub(super) struct Known {
    /// The stored bytes at the last look.
    base: Base,
    /// Whether `state` was made from these bytes. It was not at first, nor after a verdict that no
    /// store has taken.
    /// store has taken.
    stored: bool,
    state: Result<Option<State>, RecordError>,
}

impl Known {
    /// Nobody has looked yet.
    pub(super) fn nothing() -> Self {
        Self {
            base: Base::nothing(),
            stored: false,
            state: Ok(None),
        }
    }

    /// Reads these bytes.
    pub(super) fn read(stored: Option<&StoredGrant>, owner: &Binding<'_>) -> Self {
        let Some(stored) = stored else {
            return Self {
                stored: true,
                ..Self::nothing()
            };
        };
        let record = record::parse(stored, owner);
        Self {
            base: Base::of(stored, &record),
            stored: true,
            state: record.map(|record| Some(record.state)),
        }
    }

    /// The knowledge after this state has been stored.
    pub(super) fn written(base: Base, state: State) -> Self {
        Self {
            base,
            stored: true,
            state: Ok(Some(state)),
        }
    }

    /// Holds this grant in memory, though no store has taken it.
    pub(super) fn hold(&mut self, held: Box<Held>) {
        self.state = Ok(Some(State::Held(held)));
        self.stored = false;
    }

    /// Whether this knowledge was made from exactly these bytes.
    pub(super) fn is_of(&self, stored: Option<&StoredGrant>) -> bool {
        self.stored && self.base.revision() == stored.map(StoredGrant::revision)
    }

    /// Whether the stored grant comes from the same login as this one. A store that reported a
    /// failure may have written it, and somebody may have refreshed it since.
    pub(super) fn is_of_login(&self, held: &Held) -> bool {
        self.held()
            .is_some_and(|stored| stored.id().login == held.id().login)
    }

    /// The base that a change would replace.
    pub(super) fn base(&self) -> &Base {
        &self.base
    }

    /// The stored state, if it can be read.
    pub(super) fn state(&self) -> Result<Option<&State>, RecordError> {
        match &self.state {
            Ok(state) => Ok(state.as_ref()),
            Err(error) => Err(*error),
        }
    }

    /// The grant that is stored.
    pub(super) fn held(&self) -> Option<&Held> {
        match &self.state {
            Ok(Some(State::Held(held))) => Some(held),
            Ok(Some(State::Nobody { .. } | State::Gone { .. }) | None) | Err(_) => None,
        }
    }

    /// The stored grant, or the reason why there is none.
    pub(super) fn grant(&self) -> Result<&Held, RefreshError> {
        let verdict = match self.state().map_err(RefreshError::Record)? {
            Some(State::Held(held)) => return Ok(held),
            Some(State::Gone { at, .. }) => Verdict::new(Cause::LoggedOut, Some(*at)),
            Some(State::Nobody { .. }) | None => Verdict::new(Cause::NoLogin, None),
        };
        Err(RefreshError::LoginRequired(verdict))
    }
}
