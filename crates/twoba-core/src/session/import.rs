//! How a refresh token from elsewhere becomes a login here.

use alloc::boxed::Box;
use alloc::string::String;
use core::convert::Infallible;

use http::Response;

use super::data::Session;
use super::error::RefreshError;
use super::grant::Grant;
use super::id::TokenId;
use super::known::Known;
use super::step::sealed::Sealed;
use super::step::{Goal, Step};
use super::terms::Plan;
use super::transition::{self, Held, State, StateRef};
use super::written::{Base, Deed};
use crate::limits::CONFLICTS_MAX;
use crate::secret::RefreshToken;
use crate::send::SendFailure;
use crate::stored::StoredGrant;
use crate::time::Timestamp;

/// A refresh token from elsewhere is stored as a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Imported {
    /// The login, and the generation that the first refresh will replace.
    pub id: TokenId,
}

/// A login that is being stored.
#[derive(Debug)]
pub struct Saving {
    held: Box<Held>,
    conflicts: u8,
}

impl Session {
    /// Stores a refresh token that was got elsewhere as a login, over whatever is `stored`
    /// now: for those who move here from another client, which must not use it any more. No
    /// lease is needed. The first caller who wants a token refreshes.
    pub fn import(
        &mut self,
        now: Timestamp,
        token: RefreshToken,
        user: Option<String>,
        stored: Option<StoredGrant>,
    ) -> Step<'_, Imported> {
        let plan = Plan::of(&self.client);
        let held = transition::login(Grant::imported(token, now), user, plan, &mut self.seed);
        let saving = Saving {
            held: Box::new(held),
            conflicts: 0,
        };
        save(self, saving, stored.as_ref())
    }
}

fn save<'s>(
    session: &'s mut Session,
    saving: Saving,
    stored: Option<&StoredGrant>,
) -> Step<'s, Imported> {
    let base = session.base_of(stored);
    let written = session.written(base, StateRef::Held(&saving.held), Deed::LoginOrLogout);
    Step::save(session, written, saving)
}

impl Sealed for Imported {}

impl Goal for Imported {
    type Saving = Saving;
    type Sending = Infallible;

    fn saved(session: &mut Session, saving: Saving, after: Base, _: Timestamp) -> Step<'_, Self> {
        let id = saving.held.id();
        // What an earlier call got is revoked by the next one.
        session.known = Known::written(after, State::Held(saving.held));
        Step::Done(Ok(Self { id }))
    }

    /// A newer login wins over whatever stands there meanwhile.
    fn conflict(
        session: &mut Session,
        saving: Saving,
        _: Timestamp,
        stored: Option<StoredGrant>,
    ) -> Step<'_, Self> {
        let conflicts = saving.conflicts.saturating_add(1);
        if conflicts > CONFLICTS_MAX {
            return Step::Done(Err(RefreshError::Contended));
        }
        let _readable = session.observe(stored.as_ref());
        if session.known.is_of_login(&saving.held) {
            let id = saving.held.id();
            return Step::Done(Ok(Self { id }));
        }
        let saving = Saving {
            conflicts,
            ..saving
        };
        save(session, saving, stored.as_ref())
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
