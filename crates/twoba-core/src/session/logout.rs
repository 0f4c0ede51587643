//! How a session ends by its owner's will: revoked where the server can, then gone here.

use http::Response;

use super::data::Session;
use super::error::RefreshError;
use super::id::LoginId;
use super::known::Known;
use super::revocation;
use super::step::sealed::Sealed;
use super::step::{Goal, Step};
use super::transition::{self, Held, State};
use super::written::{Base, Deed};
use crate::answer::{TokenError, judge_revocation};
use crate::limits::CONFLICTS_MAX;
use crate::secret::{AccessToken, ClientSecret, RefreshToken};
use crate::send::SendFailure;
use crate::stored::StoredGrant;
use crate::time::Timestamp;

/// The session is gone from the store.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoggedOut {
    /// What became of the tokens at the server.
    pub revocation: Revocation,
}

/// What became of a revocation. Tokens that are not revoked end by themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Revocation {
    /// The server has ended the grant.
    Revoked,
    /// Nothing was asked: no endpoint for it, no grant, or the caller wanted none.
    NotAsked,
    /// The server did not do it.
    Refused(TokenError),
    /// The request was not answered.
    Failed(SendFailure),
}

/// A tombstone that is being stored.
#[derive(Debug)]
pub struct Saving {
    login: Option<LoginId>,
    /// When it was made.
    at: Timestamp,
    revocation: Revocation,
    conflicts: u8,
}

/// A revocation that is out, for what stood in the store when it left.
#[derive(Debug)]
pub struct Sending {
    login: Option<LoginId>,
    base: Base,
}

/// What a revocation of the session at hand sends and no error may repeat.
fn secrets(session: &Session) -> [&str; 3] {
    let grant = session.known.held().map(Held::grant);
    let refresh = grant.and_then(|grant| grant.refresh_token.as_ref());
    let access = grant.and_then(|grant| grant.access_token.as_ref());
    [
        refresh.map_or("", RefreshToken::expose),
        access.map_or("", AccessToken::expose),
        session.client.secret().map_or("", ClientSecret::expose),
    ]
}

impl Session {
    /// Ends the session: revokes it where the provider can, then stores that it is gone. The
    /// revocation's failure does not keep it alive here. No lease is needed.
    pub fn logout(&mut self, now: Timestamp, stored: Option<StoredGrant>) -> Step<'_, LoggedOut> {
        // Bytes that cannot be read hold nothing that could be revoked.
        let _readable = self.observe(stored.as_ref());
        let held = self.known.held();
        let request = held.and_then(|held| revocation::request(&self.client, held.grant()));
        let Some(request) = request else {
            return self.forget(now, stored);
        };
        let sending = Sending {
            login: held.map(|held| held.id().login),
            base: self.known.base().clone(),
        };
        Step::send(self, request, sending)
    }

    /// Ends the session here and tells the server nothing.
    pub fn forget(&mut self, now: Timestamp, stored: Option<StoredGrant>) -> Step<'_, LoggedOut> {
        let _readable = self.observe(stored.as_ref());
        self.unsaved = None;
        let revocation = Revocation::NotAsked;
        if let Ok(Some(State::Nobody { .. } | State::Gone { .. }) | None) = self.known.state() {
            return Step::Done(Ok(LoggedOut { revocation }));
        }
        let saving = Saving {
            login: self.known.held().map(|held| held.id().login),
            at: now,
            revocation,
            conflicts: 0,
        };
        let base = self.known.base().clone();
        bury(self, saving, base)
    }
}

fn bury(session: &mut Session, saving: Saving, base: Base) -> Step<'_, LoggedOut> {
    let gone = transition::logout(saving.login, saving.at);
    let written = session.written(base, gone.by_ref(), Deed::LoginOrLogout);
    Step::save(session, written, saving)
}

impl Sealed for LoggedOut {}

impl Goal for LoggedOut {
    type Saving = Saving;
    type Sending = Sending;

    fn saved(session: &mut Session, saving: Saving, after: Base, _: Timestamp) -> Step<'_, Self> {
        session.unsaved = None;
        let gone = transition::logout(saving.login, saving.at);
        session.known = Known::written(after, gone);
        Step::Done(Ok(Self {
            revocation: saving.revocation,
        }))
    }

    /// A refresh has stored a successor meanwhile, or somebody else logged in or out. The
    /// person wants to be gone from here, so whatever stands there now is buried.
    fn conflict(
        session: &mut Session,
        saving: Saving,
        now: Timestamp,
        stored: Option<StoredGrant>,
    ) -> Step<'_, Self> {
        let conflicts = saving.conflicts.saturating_add(1);
        if conflicts > CONFLICTS_MAX {
            return Step::Done(Err(RefreshError::Contended));
        }
        let saving = Saving {
            at: now,
            conflicts,
            ..saving
        };
        let base = session.base_of(stored.as_ref());
        bury(session, saving, base)
    }

    fn not_saved(_: &mut Session, _: Saving, _: Timestamp) -> Step<'_, Self> {
        Step::Done(Err(RefreshError::NotStored))
    }

    fn received<'s, B: AsRef<[u8]>>(
        session: &'s mut Session,
        sending: Sending,
        now: Timestamp,
        response: &Response<B>,
    ) -> Step<'s, Self> {
        let revocation = match judge_revocation(now, response) {
            Ok(()) => Revocation::Revoked,
            Err(error) => Revocation::Refused(error.without(&secrets(session))),
        };
        after(session, sending, now, revocation)
    }

    fn not_received(
        session: &mut Session,
        sending: Sending,
        now: Timestamp,
        failure: SendFailure,
    ) -> Step<'_, Self> {
        after(session, sending, now, Revocation::Failed(failure))
    }
}

fn after(
    session: &mut Session,
    sending: Sending,
    now: Timestamp,
    revocation: Revocation,
) -> Step<'_, LoggedOut> {
    let saving = Saving {
        login: sending.login,
        at: now,
        revocation,
        conflicts: 0,
    };
    bury(session, saving, sending.base)
}
