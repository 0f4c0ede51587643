//! How a program may log in by itself: at most once for each end of a grant.

use alloc::boxed::Box;
use core::convert::Infallible;

use http::Response;

use super::error::{Cause, RefreshError, Verdict};
use super::record::{Held, State};
use super::step::{Goal, Step};
use super::{Session, record};
use crate::limits::CONFLICTS_MAX;
use crate::send::SendFailure;
use crate::stored::StoredGrant;
use crate::time::Timestamp;

/// What has become of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignIn {
    /// It is yours: log in now, once.
    Claimed(Verdict),
    /// There is a grant that can be used or refreshed: somebody else has logged in.
    NotNeeded,
    /// It is given back.
    Released,
}

/// A claim that is being stored or given back.
#[derive(Debug)]
pub struct Saving {
    done: SignIn,
    conflicts: u8,
}

/// What a stored session allows.
enum Found {
    /// Nobody is logged in, and nobody has tried to be.
    Open(Verdict),
    /// The same, and somebody has tried.
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
        Some(State::Held(held)) => match (end(held, now), held.sign_in_at) {
            (None, _) => Found::Alive,
            (Some(verdict), None) => Found::Open(verdict),
            (Some(verdict), Some(_)) => Found::Taken(verdict),
        },
    }
}

/// Why a grant leads to no token any more, if so.
fn end(held: &Held, now: Timestamp) -> Option<Verdict> {
    let over = held.grant.usable(now).is_none() && held.grant.refresh_token.is_none();
    let verdict = || Verdict::new(Cause::NoRefreshToken, held.grant.expires_at());
    held.verdict.clone().or_else(|| over.then(verdict))
}

pub(super) fn claim<'s>(
    session: &'s mut Session,
    now: Timestamp,
    stored: Option<&StoredGrant>,
) -> Step<'s, SignIn> {
    attempt(session, now, stored, 0)
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
    let state = match read(session, stored) {
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
    let claimed = match state {
        Some(State::Held(held)) => State::Held(Box::new(Held {
            sign_in_at: Some(now),
            ..*held
        })),
        Some(State::Nobody { .. } | State::Gone { .. }) | None => State::Nobody {
            sign_in_at: Some(now),
        },
    };
    let saving = Saving {
        done: SignIn::Claimed(verdict),
        conflicts,
    };
    session.save(&claimed, stored, false, saving)
}

/// No conflict is fought over: who has written meanwhile knows better.
pub(super) fn release<'s>(
    session: &'s mut Session,
    stored: Option<&StoredGrant>,
) -> Step<'s, SignIn> {
    let state = match read(session, stored) {
        Ok(state) => state,
        Err(error) => return Step::Done(Err(error)),
    };
    let released = match state {
        Some(State::Held(held)) if held.sign_in_at.is_some() => State::Held(Box::new(Held {
            sign_in_at: None,
            ..*held
        })),
        Some(State::Nobody { .. }) => State::Nobody { sign_in_at: None },
        Some(State::Held(_) | State::Gone { .. }) | None => {
            return Step::Done(Ok(SignIn::Released));
        }
    };
    let saving = Saving {
        done: SignIn::Released,
        conflicts: 0,
    };
    session.save(&released, stored, false, saving)
}

fn read(
    session: &mut Session,
    stored: Option<&StoredGrant>,
) -> Result<Option<State>, RefreshError> {
    session.observe(stored).map_err(RefreshError::Record)?;
    let state = stored.map(|stored| record::parse(stored, &session.binding));
    state.transpose().map_err(RefreshError::Record)
}

impl Goal for SignIn {
    type Saving = Saving;
    type Sending = Infallible;

    fn saved(_: &mut Session, saving: Saving, _: Timestamp) -> Step<'_, Self> {
        Step::Done(Ok(saving.done))
    }

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
