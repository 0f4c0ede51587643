//! How a session ends by its owner's will: revoked where the server can, then gone here.

use http::{Request, Response};

use super::error::RefreshError;
use super::record::{Grant, LoginId, State};
use super::step::{Goal, Reply, Step};
use super::{Session, View};
use crate::answer::{TokenError, judge_revocation};
use crate::client::Client;
use crate::form::Form;
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
    revocation: Revocation,
    conflicts: u8,
}

/// A revocation that is out, for the bytes that stood in the store when it left.
#[derive(Debug)]
pub struct Sending {
    login: Option<LoginId>,
    stored: Option<StoredGrant>,
}

/// What a revocation of the session at hand sends and no error may repeat.
fn secrets(session: &Session) -> [&str; 3] {
    let grant = session.held().map(|held| &held.grant);
    let refresh = grant.and_then(|grant| grant.refresh_token.as_ref());
    let access = grant.and_then(|grant| grant.access_token.as_ref());
    [
        refresh.map_or("", RefreshToken::expose),
        access.map_or("", AccessToken::expose),
        session.client().secret().map_or("", ClientSecret::expose),
    ]
}

/// The request that ends a grant at the server, where that can be asked for.
pub(super) fn revocation(client: &Client, grant: &Grant) -> Option<Request<Form>> {
    match (&grant.refresh_token, &grant.access_token) {
        // RFC 7009 section 2.1: revoking it ends the access tokens of the grant too.
        (Some(token), _) => client.refresh_token_revocation_request(token),
        (None, Some(token)) => client.access_token_revocation_request(token),
        (None, None) => None,
    }
}

pub(super) fn revoke<'s>(
    session: &'s mut Session,
    now: Timestamp,
    stored: Option<&StoredGrant>,
) -> Step<'s, LoggedOut> {
    // Bytes that cannot be read hold nothing that could be revoked.
    if session.observe(stored).is_err() {
        return forget(session, now, stored);
    }
    let request = session
        .held()
        .and_then(|held| revocation(session.client(), &held.grant));
    let Some(request) = request else {
        return forget(session, now, stored);
    };
    let sending = Sending {
        login: session.held().map(|held| held.login),
        stored: stored.cloned(),
    };
    Step::Send(request, Reply { session, sending })
}

pub(super) fn forget<'s>(
    session: &'s mut Session,
    now: Timestamp,
    stored: Option<&StoredGrant>,
) -> Step<'s, LoggedOut> {
    let observed = session.observe(stored);
    session.unsaved = None;
    let gone = matches!(session.view, View::Nothing | View::Nobody | View::Gone(_));
    if observed.is_ok() && gone {
        return Step::Done(Ok(LoggedOut {
            revocation: Revocation::NotAsked,
        }));
    }
    let saving = Saving {
        login: session.held().map(|held| held.login),
        revocation: Revocation::NotAsked,
        conflicts: 0,
    };
    bury(session, saving, now, stored)
}

fn bury<'s>(
    session: &'s mut Session,
    saving: Saving,
    now: Timestamp,
    stored: Option<&StoredGrant>,
) -> Step<'s, LoggedOut> {
    let state = State::Gone {
        login: saving.login,
        at: now,
    };
    session.save(&state, stored, true, saving)
}

impl Goal for LoggedOut {
    type Saving = Saving;
    type Sending = Sending;

    fn saved(session: &mut Session, saving: Saving, now: Timestamp) -> Step<'_, Self> {
        session.unsaved = None;
        session.view = View::Gone(now);
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
        bury(
            session,
            Saving {
                conflicts,
                ..saving
            },
            now,
            stored.as_ref(),
        )
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
        revocation,
        conflicts: 0,
    };
    bury(session, saving, now, sending.stored.as_ref())
}
