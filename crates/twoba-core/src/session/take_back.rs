//! Takes back an intent whose request never left. Such an intent does not count as an attempt.

use alloc::boxed::Box;
use core::convert::Infallible;

use http::Response;

use super::data::Session;
use super::error::RefreshError;
use super::known::Known;
use super::step::sealed::Sealed;
use super::step::{Goal, Step};
use super::transition::{State, StateRef};
use super::unsent::Unsent;
use super::written::{Base, Deed};
use crate::send::SendFailure;
use crate::stored::StoredGrant;
use crate::time::Timestamp;

/// The result of a take-back: the store holds no intent whose request never left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TakenBack;

impl Session {
    /// Whether an intent may stand in the store although its request never left, because the store
    /// reported a failure while writing it. [`take_back`](Self::take_back) removes it. Call that
    /// before anybody counts the intent as an attempt.
    #[must_use]
    pub fn has_unsent(&self) -> bool {
        self.unsent.is_some()
    }

    /// Moves out an intent that [`take_back`](Self::take_back) could not remove. A later session of
    /// the same key [takes it over](Self::give_unsent).
    pub fn take_unsent(&mut self) -> Option<Unsent> {
        self.unsent.take().map(|unsent| *unsent)
    }

    /// Takes over an intent that an earlier session of the same key could not take back.
    pub fn give_unsent(&mut self, unsent: Unsent) {
        self.unsent = Some(Box::new(unsent));
    }

    /// Removes an intent whose request never left, if it stands in `stored`. Read `stored` under
    /// the store's lease.
    pub fn take_back(&mut self, stored: Option<StoredGrant>) -> Step<'_, TakenBack> {
        if let Err(error) = self.observe(stored.as_ref()) {
            return Step::Done(Err(RefreshError::Record(error)));
        }
        let Some(unsent) = self.unsent.take_if(|unsent| unsent.stands_in(&self.known)) else {
            self.unsent = None;
            return Step::Done(Ok(TakenBack));
        };
        let base = self.known.base().clone();
        let written = self.written(base, StateRef::Held(&unsent.before), Deed::Note);
        Step::save(self, written, unsent)
    }

    /// Goes on as if the store did not hold an intent whose request never left.
    pub(super) fn look_past_unsent(&mut self) {
        if let Some(unsent) = self.unsent.take()
            && unsent.stands_in(&self.known)
        {
            self.known.hold(unsent.before);
        }
    }
}

impl Sealed for TakenBack {}

impl Goal for TakenBack {
    type Saving = Box<Unsent>;
    type Sending = Infallible;

    fn saved(
        session: &mut Session,
        unsent: Box<Unsent>,
        after: Base,
        _: Timestamp,
    ) -> Step<'_, Self> {
        session.known = Known::written(after, State::Held(unsent.before));
        Step::Done(Ok(Self))
    }

    /// Another writer has counted the intent, or has seen something else.
    fn conflict(
        session: &mut Session,
        unsent: Box<Unsent>,
        _: Timestamp,
        stored: Option<StoredGrant>,
    ) -> Step<'_, Self> {
        let _readable = session.observe(stored.as_ref());
        session.unsent = Some(unsent).filter(|unsent| unsent.stands_in(&session.known));
        match session.unsent {
            Some(_) => Step::Done(Err(RefreshError::Contended)),
            None => Step::Done(Ok(Self)),
        }
    }

    fn not_saved(session: &mut Session, unsent: Box<Unsent>, _: Timestamp) -> Step<'_, Self> {
        session.unsent = Some(unsent);
        Step::Done(Err(RefreshError::NotStored))
    }

    fn received<'s, B: AsRef<[u8]>>(
        _: &'s mut Session,
        sending: Infallible,
        _: Timestamp,
        _: &Response<B>,
    ) -> Step<'s, Self> {
        match sending {}
    }

    fn not_received(
        _: &mut Session,
        sending: Infallible,
        _: Timestamp,
        _: SendFailure,
    ) -> Step<'_, Self> {
        match sending {}
    }
}
