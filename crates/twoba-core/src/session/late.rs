//! Handles a rotation that the server has handed out and no store has taken.

use alloc::boxed::Box;

use http::Request;

use super::data::Session;
use super::intent::Intent;
use super::record;
use super::revocation;
use super::transition::{self, Held, SeenGrant, State};
use super::unsent::Unsent;
use crate::form::Form;
use crate::stored::StoredGrant;
use crate::time::Timestamp;

/// What to do with such a rotation now.
pub(super) enum LeftOver {
    /// It can be stored.
    Successor(Box<Held>),
    /// Another writer was first. The rotation is to be revoked.
    Overtaken(Box<Request<Form>>),
}

impl Session {
    /// Takes up a copy that [`rescue`](Self::rescue) made, and returns whether it was of use. Call
    /// it under the lease, after [`observe`](Self::observe) and before [`obtain`](Self::obtain),
    /// which stores the copy.
    ///
    /// A copy is of use if it is a later generation of the stored login, or if it says that the
    /// stored intent was never sent or what came of its request. Any other copy is ignored.
    pub fn offer(&mut self, copy: &StoredGrant) -> bool {
        let Ok(record) = record::parse(copy, &self.owner()) else {
            return false;
        };
        let State::Held(held) = record.state else {
            return false;
        };
        let (held, instead_of) = transition::brought_back(*held);
        if let Some(intent) = instead_of {
            let unsent = Unsent::ended(Box::new(held), intent);
            self.unsent = Some(Box::new(unsent));
            return true;
        }
        self.take_up(held)
    }

    /// Takes up a grant that this program has seen, and returns whether it was of use. It is of use
    /// if the store has gone back and the grant is a later generation of the stored login. Call it
    /// at the same point as [`offer`](Self::offer).
    pub fn offer_seen(&mut self, seen: &SeenGrant) -> bool {
        self.take_up(seen.held())
    }

    pub(super) fn take_up(&mut self, held: Held) -> bool {
        let later = |unsaved: &Held| unsaved.id().generation >= held.id().generation;
        let useful = self.is_succeeded_by(&held) && !self.unsaved.as_deref().is_some_and(later);
        if useful {
            self.unsaved = Some(Box::new(held));
        }
        useful
    }
}

/// Handles what an earlier call got and could not store.
pub(super) fn left_over(session: &mut Session, now: Timestamp) -> Option<LeftOver> {
    if let Some(successor) = session.take_successor() {
        return Some(LeftOver::Successor(successor));
    }
    let unsaved = session.unsaved.take()?;
    if session.known.state().is_err() {
        // Whose the bytes are may be known another time.
        session.unsaved = Some(unsaved);
        return None;
    }
    let request = revocation_of_late(session, &unsaved, now)?;
    Some(LeftOver::Overtaken(Box::new(request)))
}

impl Session {
    /// Whether a grant follows the stored state, whatever that is. It is the next generation of the
    /// same login, or a later one if the store went back. The first token of a program itself
    /// follows an empty store.
    pub(super) fn is_succeeded_by(&self, held: &Held) -> bool {
        let (next, stored) = (held.id(), self.known.held().map(Held::id));
        match stored {
            Some(stored) => stored.login == next.login && stored.generation < next.generation,
            None => self.is_of_program() && matches!(self.known.state(), Ok(None)),
        }
    }

    /// Takes what is unsaved, in the form in which it is stored, if it follows the stored state.
    pub(super) fn take_successor(&mut self) -> Option<Box<Held>> {
        let unsaved = self.unsaved.take()?;
        if self.is_succeeded_by(&unsaved) {
            return Some(self.succeeding(unsaved));
        }
        self.unsaved = Some(unsaved);
        None
    }

    /// What came of the request of this intent, in the form in which it is stored over what another
    /// writer has stored. If the store went back, it is stored again with its generation.
    pub(super) fn late_end(&mut self, end: Held, intent: Option<&Intent>) -> Option<Box<Held>> {
        let stored = self.known.held()?;
        let late = transition::late_setback(&end, intent, stored).map(Box::new);
        if late.is_none() {
            self.take_up(end);
        }
        late
    }

    /// A grant that follows the stored one, in the form in which it is stored.
    pub(super) fn succeeding(&self, later: Box<Held>) -> Box<Held> {
        match self.known.held() {
            Some(stored) => Box::new(transition::succeeding(*later, stored)),
            None => later,
        }
    }
}

/// The request that revokes a grant which a newer login or a logout has overtaken. A grant of the
/// same login is not revoked, because that could end the stored one.
fn revocation_of_late(session: &mut Session, late: &Held, now: Timestamp) -> Option<Request<Form>> {
    let overtaken = match session.known.state() {
        Ok(Some(State::Held(stored))) => stored.id().login != late.id().login,
        Ok(Some(State::Gone { .. })) => true,
        Ok(Some(State::Nobody { .. }) | None) | Err(_) => false,
    };
    overtaken
        .then(|| revocation::request(&session.client, late.grant(), now, &mut session.seed))
        .flatten()
}
