//! Takes back an intent whose request never left, which does not count as an attempt, or puts the end
//! of its request in its place.

use alloc::boxed::Box;
use core::convert::Infallible;

use http::Response;

use super::data::Session;
use super::error::RefreshError;
use super::intent::Intent;
use super::known::Known;
use super::step::sealed::Sealed;
use super::step::{Goal, Step};
use super::transition::{Held, State, StateRef};
use super::unsent::Unsent;
use super::written::{Base, Deed};
use crate::send::SendFailure;
use crate::stored::StoredGrant;
use crate::time::Timestamp;

/// The result of a take-back: the store holds no intent of this session whose end is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TakenBack;

impl Session {
    /// Whether an intent may stand in the store although its end is known. Either its request never
    /// left, because the store reported a failure while writing it, or the store has not taken what
    /// came of the request. [`take_back`](Self::take_back) removes it. Call that before anybody
    /// counts the intent as an attempt whose answer was lost.
    #[must_use]
    pub fn has_unsent(&self) -> bool {
        self.unsent.is_some()
    }

    /// Moves out an intent that [`take_back`](Self::take_back) could not remove. A later session of
    /// the same key [takes it over](Self::give_unsent).
    pub fn take_unsent(&mut self) -> Option<Unsent> {
        self.unsent.take().map(|unsent| *unsent)
    }

    /// Takes over an intent that an earlier session of the same key could not take back. Of two
    /// intents, the one that is known to be stored counts.
    pub fn give_unsent(&mut self, unsent: Unsent) {
        if self.unsent.is_none() || unsent.stands_in(&self.known) {
            self.unsent = Some(Box::new(unsent));
        }
    }

    /// Removes an intent whose end is known, if it stands in `stored`. What came of its request is
    /// stored in its place. Read `stored` under the store's lease.
    pub fn take_back(&mut self, stored: Option<StoredGrant>) -> Step<'_, TakenBack> {
        if let Err(error) = self.observe(stored.as_ref()) {
            return Step::Done(Err(RefreshError::Record(error)));
        }
        self.forget_unless_it_stands();
        let Some(unsent) = &self.unsent else {
            return Step::Done(Ok(TakenBack));
        };
        let base = self.known.base().clone();
        let written = self.written(base, StateRef::Held(&unsent.instead), Deed::Note);
        // The intent stays known meanwhile: a receipt that is dropped does not take it along.
        Step::save(self, written, ())
    }

    /// Forgets an intent that stands there no more. If the store went back behind it, what belongs in
    /// its place is to be stored again.
    fn forget_unless_it_stands(&mut self) {
        let known = &self.known;
        let gone = self.unsent.take_if(|unsent| !unsent.stands_in(known));
        if let Some(unsent) = gone {
            self.take_up(*unsent.instead);
        }
    }

    /// Notes that the store has reported a failure while writing the intent of this grant. It may
    /// stand there all the same, or what it was to replace does; neither has left.
    pub(super) fn note_unsent(&mut self, asking: &Held, replaced: Option<Intent>) {
        let stood = self.unsent.take().map(|unsent| unsent.intent);
        let before = self.known.held().cloned().zip(asking.intent().cloned());
        let unsent = before.map(|(before, intent)| Unsent::new(before, intent, replaced.or(stood)));
        self.unsent = unsent.map(Box::new);
    }

    /// Notes that another writer was faster than an intent that was to replace one which had waited
    /// too long. That one may still stand there, over the grant `before`, and has not left either.
    pub(super) fn note_overtaken(&mut self, before: Option<Held>, anew: &Held, waited: &Intent) {
        let (Some(before), Some(intent)) = (before, anew.intent()) else {
            return;
        };
        let unsent = Unsent::new(before, intent.clone(), Some(waited.clone()));
        if unsent.stands_in(&self.known) {
            self.unsent = Some(Box::new(unsent));
        }
    }

    /// Notes what came of the request of this intent, which the store has not taken. Of a lost answer
    /// the intent that stands there says enough.
    pub(super) fn note_ended(&mut self, end: Box<Held>, intent: Option<Intent>) {
        let stood = self.unsent.take().map(|unsent| unsent.intent);
        let left = end.intent();
        let is_known = |intent: &Intent| !left.is_some_and(|left| left.is_attempt_of(intent));
        let ended = |intent| Box::new(Unsent::ended(end.clone(), intent));
        self.unsent = stood.or(intent).filter(is_known).map(ended);
        self.known.hold(end);
    }

    /// Goes on as if the store held what belongs in the place of an intent whose end is known. The
    /// intent stays known until a change replaces it.
    pub(super) fn look_past_unsent(&mut self) {
        let Some(mut unsent) = self.unsent.take() else {
            return;
        };
        if let Some(standing) = unsent.standing(&self.known) {
            self.known.hold(unsent.instead.clone());
            unsent.intent = standing;
            unsent.replaced = None;
            self.unsent = Some(unsent);
        }
    }
}

impl Sealed for TakenBack {}

impl Goal for TakenBack {
    type Saving = ();
    type Sending = Infallible;

    fn saved(session: &mut Session, (): (), after: Base, _: Timestamp) -> Step<'_, Self> {
        if let Some(unsent) = session.unsent.take() {
            session.known = Known::written(after, State::Held(unsent.instead));
        }
        Step::Done(Ok(Self))
    }

    /// Another writer has counted the intent, or has seen something else.
    fn conflict(
        session: &mut Session,
        (): (),
        _: Timestamp,
        stored: Option<StoredGrant>,
    ) -> Step<'_, Self> {
        let _readable = session.observe(stored.as_ref());
        session.forget_unless_it_stands();
        match session.unsent {
            Some(_) => Step::Done(Err(RefreshError::Contended)),
            None => Step::Done(Ok(Self)),
        }
    }

    fn not_saved(_: &mut Session, (): (), _: Timestamp) -> Step<'_, Self> {
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
