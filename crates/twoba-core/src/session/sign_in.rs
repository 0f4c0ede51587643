//! How a program may log in by itself: at most once for each end of a grant.

use core::convert::Infallible;
use core::num::NonZeroU64;

use http::Response;

use super::data::Session;
use super::error::RefreshError;
use super::known::Known;
use super::step::sealed::Sealed;
use super::step::{Goal, Step};
use super::transition::{self, Held, State};
use super::verdict::{Cause, Verdict};
use super::written::{Base, Deed};
use crate::limits::CONFLICTS_MAX;
use crate::send::SendFailure;
use crate::stored::StoredGrant;
use crate::time::Timestamp;

/// The result of a claim to log in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignIn {
    /// The claim is yours. Log in now, once.
    Claimed(Verdict),
    /// A grant exists that can be used or refreshed. Somebody else has logged in.
    NotNeeded,
    /// The claim has been given back.
    Released,
}

/// A claim that is being stored or given back.
#[derive(Debug)]
pub struct Saving {
    state: State,
    done: SignIn,
    conflicts: u8,
}

/// What a stored session allows.
enum Found {
    /// Nobody is logged in, and nobody has tried to be.
    Open(Verdict),
    /// Nobody is logged in, and somebody has tried.
    Taken(Verdict),
    LoggedOut(Verdict),
    Alive,
}

fn look(state: Option<&State>, now: Timestamp) -> Found {
    match state {
        None | Some(State::Nobody { sign_in_at: None }) => {
            Found::Open(Verdict::new(Cause::NoLogin, None))
        }
        Some(State::Nobody { .. }) => Found::Taken(Verdict::new(Cause::NoLogin, None)),
        Some(State::Gone { at, .. }) => Found::LoggedOut(Verdict::new(Cause::LoggedOut, Some(*at))),
        Some(State::Held(held)) => match (end(held, now), held.sign_in_at()) {
            (None, _) => Found::Alive,
            (Some(verdict), None) => Found::Open(verdict),
            (Some(verdict), Some(_)) => Found::Taken(verdict),
        },
    }
}

/// Why a grant leads to no further token, if it does not.
fn end(held: &Held, now: Timestamp) -> Option<Verdict> {
    let grant = held.grant();
    let over = grant.usable(now).is_none() && grant.refresh_token.is_none();
    let verdict = || Verdict::new(Cause::NoRefreshToken, grant.expires_at());
    held.verdict().cloned().or_else(|| over.then(verdict))
}

impl Session {
    /// Claims the one login that a program may do by itself after
    /// [`LoginRequired`](RefreshError::LoginRequired), for example with a password from a vault.
    ///
    /// The claim is stored before a password leaves. The end of a grant therefore leads to one such
    /// login, over all callers, processes and restarts. A wrong password in the vault locks no
    /// account. A login removes the claim, and after a logout nothing can be claimed. No lease is
    /// needed.
    pub fn claim_sign_in(
        &mut self,
        now: Timestamp,
        stored: Option<StoredGrant>,
    ) -> Step<'_, SignIn> {
        match self.is_for(false) {
            Ok(()) => attempt(self, now, stored.as_ref(), 0),
            Err(error) => Step::Done(Err(error)),
        }
    }

    /// Gives a claim back because no password has left. A later claim by somebody else stays.
    pub fn release_sign_in(&mut self, stored: Option<StoredGrant>) -> Step<'_, SignIn> {
        let own = self.known.base().claim();
        let state = match look_at(self, stored.as_ref()) {
            Ok(state) => state,
            Err(error) => return Step::Done(Err(error)),
        };
        let standing = self.known.base().claim();
        let others = own.is_some() && standing.is_some() && own != standing;
        match state.filter(|_| !others).and_then(transition::released) {
            Some(released) => save(self, released, None, SignIn::Released, 0),
            None => Step::Done(Ok(SignIn::Released)),
        }
    }
}

fn attempt<'s>(
    session: &'s mut Session,
    now: Timestamp,
    stored: Option<&StoredGrant>,
    conflicts: u8,
) -> Step<'s, SignIn> {
    if conflicts > CONFLICTS_MAX {
        return Step::Done(Err(RefreshError::Contended));
    }
    let state = match look_at(session, stored) {
        Ok(state) => state,
        Err(error) => return Step::Done(Err(error)),
    };
    let verdict = match look(state.as_ref(), now) {
        Found::Open(verdict) => verdict,
        Found::Taken(verdict) | Found::LoggedOut(verdict) => {
            return Step::Done(Err(RefreshError::LoginRequired(verdict)));
        }
        Found::Alive => return Step::Done(Ok(SignIn::NotNeeded)),
    };
    let claimed = transition::claimed(state, now);
    // Two programs that claim in the same millisecond would write the same bytes, and one that the
    // store has failed could take the other's claim for its own.
    let claim = NonZeroU64::new(session.seed.draw_below(u64::MAX));
    let done = SignIn::Claimed(verdict);
    save(session, claimed, claim, done, conflicts)
}

fn look_at(
    session: &mut Session,
    stored: Option<&StoredGrant>,
) -> Result<Option<State>, RefreshError> {
    session.observe(stored).map_err(RefreshError::Record)?;
    let state = session.known.state().map_err(RefreshError::Record)?;
    Ok(state.cloned())
}

/// Stores the state over the known record.
fn save(
    session: &mut Session,
    state: State,
    claim: Option<NonZeroU64>,
    done: SignIn,
    conflicts: u8,
) -> Step<'_, SignIn> {
    let base = session.known.base().clone().with_claim(claim);
    let written = session.written(base, state.by_ref(), Deed::Note);
    let saving = Saving {
        state,
        done,
        conflicts,
    };
    Step::save(session, written, saving)
}

impl Sealed for SignIn {}

impl Goal for SignIn {
    type Saving = Saving;
    type Sending = Infallible;

    fn saved(session: &mut Session, saving: Saving, after: Base, _: Timestamp) -> Step<'_, Self> {
        session.known = Known::written(after, saving.state);
        Step::Done(Ok(saving.done))
    }

    /// If another writer was first, the claim is not given back: that writer knows more.
    fn conflict(
        session: &mut Session,
        saving: Saving,
        now: Timestamp,
        stored: Option<StoredGrant>,
    ) -> Step<'_, Self> {
        match saving.done {
            Self::Claimed(_) => {
                let conflicts = saving.conflicts.saturating_add(1);
                attempt(session, now, stored.as_ref(), conflicts)
            }
            done @ (Self::NotNeeded | Self::Released) => Step::Done(Ok(done)),
        }
    }

    fn not_saved(_: &mut Session, _: Saving, _: Timestamp) -> Step<'_, Self> {
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
