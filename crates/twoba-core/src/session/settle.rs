//! Stores what an earlier call got from the server and could not store, and asks for nothing new.

use alloc::boxed::Box;

use http::Response;

use super::data::Session;
use super::error::RefreshError;
use super::known::Known;
use super::late::{self, LeftOver};
use super::step::sealed::Sealed;
use super::step::{Goal, Step};
use super::transition::{Held, State, StateRef};
use super::written::{Base, Deed};
use crate::limits::CONFLICTS_MAX;
use crate::send::SendFailure;
use crate::stored::StoredGrant;
use crate::time::Timestamp;

/// The result of settling: the session has no grant that is not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settled;

/// How often another writer was first.
#[derive(Debug, Clone, Copy)]
pub struct Saving {
    conflicts: u8,
}

impl Session {
    /// Stores what an earlier call got and could not store, if there is something
    /// ([`has_unsaved`](Self::has_unsaved)). If a login or a logout has come between, it is revoked.
    /// Nothing is refreshed, even if the token has ended by now, so this is the step for a program
    /// that ends. Read `stored` under the store's lease.
    pub fn settle(&mut self, now: Timestamp, stored: Option<StoredGrant>) -> Step<'_, Settled> {
        // What is wrong with it is said by `go_on`.
        let _readable = self.observe(stored.as_ref());
        go_on(self, Saving { conflicts: 0 }, now)
    }
}

/// Goes on from the stored state.
fn go_on(session: &mut Session, saving: Saving, now: Timestamp) -> Step<'_, Settled> {
    session.look_past_unsent();
    match late::left_over(session, now) {
        Some(LeftOver::Successor(held)) => save(session, held, saving),
        Some(LeftOver::Overtaken(request)) => Step::send(session, *request, ()),
        None => Step::Done(match session.known.state() {
            Ok(_) => Ok(Settled),
            Err(error) => Err(RefreshError::Record(error)),
        }),
    }
}

fn save(session: &mut Session, held: Box<Held>, saving: Saving) -> Step<'_, Settled> {
    let base = session.known.base().clone();
    let written = session.written(base, StateRef::Held(&held), Deed::Rotation);
    session.unsaved = Some(held);
    Step::save(session, written.last(true), saving)
}

impl Sealed for Settled {}

impl Goal for Settled {
    type Saving = Saving;
    type Sending = ();

    fn saved(session: &mut Session, _: Saving, after: Base, _: Timestamp) -> Step<'_, Self> {
        let Some(held) = session.unsaved.take() else {
            return Step::Done(Err(RefreshError::NotStored));
        };
        // Whatever stood there is replaced.
        session.unsent = None;
        session.known = Known::written(after, State::Held(held));
        Step::Done(Ok(Self))
    }

    fn conflict(
        session: &mut Session,
        saving: Saving,
        now: Timestamp,
        stored: Option<StoredGrant>,
    ) -> Step<'_, Self> {
        let conflicts = saving.conflicts.saturating_add(1);
        if conflicts > CONFLICTS_MAX {
            return Self::not_saved(session, saving, now);
        }
        let _readable = session.observe(stored.as_ref());
        go_on(session, Saving { conflicts }, now)
    }

    fn not_saved(_: &mut Session, _: Saving, _: Timestamp) -> Step<'_, Self> {
        Step::Done(Err(RefreshError::NotStored))
    }

    /// Whatever came of a revocation, nothing is left to do.
    fn received<'s, B: AsRef<[u8]>>(
        _: &'s mut Session,
        (): (),
        _: Timestamp,
        _: &Response<B>,
    ) -> Step<'s, Self> {
        Step::Done(Ok(Self))
    }

    fn not_received(_: &mut Session, (): (), _: Timestamp, _: SendFailure) -> Step<'_, Self> {
        Step::Done(Ok(Self))
    }
}
