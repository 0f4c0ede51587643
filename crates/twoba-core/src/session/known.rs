//! What a session knows of the store: which bytes stand there, and what they say.

use alloc::boxed::Box;

use super::error::RefreshError;
use super::record::{self, Binding, RecordError};
use super::transition::{Held, State};
use super::verdict::{Cause, Verdict};
use super::written::Base;
use crate::stored::StoredGrant;

/// What is known of the store.
#[derive(Debug)]
pub(super) struct Known {
    /// What stood there when it was last looked at.
    base: Base,
    /// Whether that is what `state` was made from: not at first, nor after a verdict that no
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

    /// What these bytes say.
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

    /// This state has been stored.
    pub(super) fn written(base: Base, state: State) -> Self {
        Self {
            base,
            stored: true,
            state: Ok(Some(state)),
        }
    }

    /// This holds in here, though no store has taken it.
    pub(super) fn hold(&mut self, held: Box<Held>) {
        self.state = Ok(Some(State::Held(held)));
        self.stored = false;
    }

    /// Whether it was made from just these bytes.
    pub(super) fn is_of(&self, stored: Option<&StoredGrant>) -> bool {
        self.stored && self.base.revision() == stored.map(StoredGrant::revision)
    }

    /// What a change would replace.
    pub(super) fn base(&self) -> &Base {
        &self.base
    }

    /// What is stored, where it can be read.
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

    /// The grant that is stored, or why there is none.
    pub(super) fn grant(&self) -> Result<&Held, RefreshError> {
        let verdict = match self.state().map_err(RefreshError::Record)? {
            Some(State::Held(held)) => return Ok(held),
            Some(State::Gone { at, .. }) => Verdict::new(Cause::LoggedOut, Some(*at)),
            Some(State::Nobody { .. }) | None => Verdict::new(Cause::NoLogin, None),
        };
        Err(RefreshError::LoginRequired(verdict))
    }
}
