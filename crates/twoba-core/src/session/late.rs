//! What becomes of a rotation that the server has handed out and no store has taken.

use alloc::boxed::Box;

use http::Request;

use super::data::Session;
use super::record;
use super::revocation;
use super::transition::{self, Held, SeenGrant, State};
use super::unsent::Unsent;
use crate::form::Form;
use crate::stored::StoredGrant;
use crate::time::Timestamp;

/// What is to be done with it now.
pub(super) enum LeftOver {
    /// It can be stored.
    Successor(Box<Held>),
    /// Somebody else was first: it is to be revoked.
    Overtaken(Box<Request<Form>>),
}

impl Session {
    /// Takes up a copy that [`rescue`](Self::rescue) made. Call it under the lease, after
    /// [`observe`](Self::observe) and before
    /// [`obtain`](Self::obtain), which stores it: if it is a later generation of the login that
    /// is stored, or says of the intent there that it was never sent. Anything else is nothing;
    /// whether it was something.
    pub fn offer(&mut self, copy: &StoredGrant) -> bool {
        let Ok(record) = record::parse(copy, &self.owner()) else {
            return false;
        };
        let State::Held(held) = record.state else {
            return false;
        };
        let (held, never_sent) = transition::brought_back(*held);
        if let Some(intent) = never_sent {
            let before = Box::new(held);
            self.unsent = Some(Box::new(Unsent {
                before,
                intent,
                replaced: None,
            }));
            return true;
        }
        self.take_up(held)
    }

    /// Takes up a grant that this program has seen, if the store has gone back behind it: if it
    /// is a later generation of the login that is stored. When to call it, and what it says, are
    /// as with [`offer`](Self::offer).
    pub fn offer_seen(&mut self, seen: &SeenGrant) -> bool {
        self.take_up(seen.held())
    }

    fn take_up(&mut self, held: Held) -> bool {
        let later = |unsaved: &Held| unsaved.id().generation >= held.id().generation;
        let useful = self.is_succeeded_by(&held) && !self.unsaved.as_deref().is_some_and(later);
        if useful {
            self.unsaved = Some(Box::new(held));
        }
        useful
    }
}

/// Looks after what an earlier call got and could not store.
pub(super) fn left_over(session: &mut Session, now: Timestamp) -> Option<LeftOver> {
    let unsaved = session.unsaved.take()?;
    if session.is_succeeded_by(&unsaved) {
        return Some(LeftOver::Successor(session.succeeding(unsaved)));
    }
    if session.known.state().is_err() {
        // Whose the bytes are may be known another time.
        session.unsaved = Some(unsaved);
        return None;
    }
    let request = revocation_of_late(session, &unsaved, now)?;
    Some(LeftOver::Overtaken(Box::new(request)))
}

impl Session {
    /// Whether a grant comes after what is stored, in whatever state that is: the next generation
    /// of its login, or a later one where the store went back. The first token of a program itself
    /// comes after nothing.
    pub(super) fn is_succeeded_by(&self, held: &Held) -> bool {
        let (next, stored) = (held.id(), self.known.held().map(Held::id));
        match stored {
            Some(stored) => stored.login == next.login && stored.generation < next.generation,
            None => self.is_of_program() && matches!(self.known.state(), Ok(None)),
        }
    }

    /// A grant that comes after what is stored, as it is to be stored.
    pub(super) fn succeeding(&self, later: Box<Held>) -> Box<Held> {
        match self.known.held() {
            Some(stored) => Box::new(transition::succeeding(*later, stored)),
            None => later,
        }
    }
}

/// The request that ends a grant which a newer login or a logout has overtaken. Of the same
/// login nothing is revoked: that could end what is stored.
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
