//! How a session ends at its owner's request. It is revoked at the server if possible, and then
//! removed here.

use http::Response;

use super::data::Session;
use super::error::RefreshError;
use super::id::TokenId;
use super::known::Known;
use super::revocation;
use super::step::sealed::Sealed;
use super::step::{Goal, Step};
use super::transition::{self, Held, State};
use super::written::{Base, Deed};
use crate::answer::{TokenError, judge_revocation};
use crate::limits::CONFLICTS_MAX;
use crate::secret::ClientSecret;
use crate::send::SendFailure;
use crate::stored::StoredGrant;
use crate::time::Timestamp;

/// The result of a logout: the session is gone from the store.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoggedOut {
    /// The result of the revocation at the server.
    pub revocation: Revocation,
}

/// The result of a revocation. Tokens that are not revoked expire on their own.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Revocation {
    /// The server has ended the grant.
    Revoked,
    /// Nothing was asked. There is no endpoint for it or no grant, or the caller did not want it.
    NotAsked,
    /// The server did not revoke the grant.
    Refused(TokenError),
    /// The request was not answered.
    Failed(SendFailure),
}

/// A tombstone on its way to the store.
#[derive(Debug)]
pub struct Saving {
    /// The id of the ended grant; `None` for bytes that cannot be read.
    ended: Option<TokenId>,
    /// The time of the logout.
    at: Timestamp,
    course: Course,
}

/// The progress of a logout.
#[derive(Debug)]
struct Course {
    /// Whether the server is told.
    revokes: bool,
    revocation: Revocation,
    conflicts: u8,
}

/// A revocation on its way, and the stored bytes at its departure.
#[derive(Debug)]
pub struct Sending {
    ended: Option<TokenId>,
    base: Base,
    course: Course,
}

/// The secrets in a revocation of the current session. No error may repeat them.
fn secrets(session: &Session) -> [&str; 3] {
    let held = session.known.held();
    let [access, refresh] = held.map_or(["", ""], |held| held.grant().tokens());
    let secret = session.client.secret().map_or("", ClientSecret::expose);
    [access, refresh, secret]
}

impl Session {
    /// Ends the session. It revokes the grant if the provider can, and then stores that the session
    /// is gone. A failed revocation does not keep the session alive here. No lease is needed.
    pub fn logout(&mut self, now: Timestamp, stored: Option<StoredGrant>) -> Step<'_, LoggedOut> {
        end(self, now, stored.as_ref(), true)
    }

    /// Ends the session here, without telling the server.
    pub fn forget(&mut self, now: Timestamp, stored: Option<StoredGrant>) -> Step<'_, LoggedOut> {
        end(self, now, stored.as_ref(), false)
    }
}

fn end<'s>(
    session: &'s mut Session,
    now: Timestamp,
    stored: Option<&StoredGrant>,
    revokes: bool,
) -> Step<'s, LoggedOut> {
    // Bytes that cannot be read hold nothing that could be revoked.
    let _readable = session.observe(stored);
    let course = Course {
        revokes,
        revocation: Revocation::NotAsked,
        conflicts: 0,
    };
    let is_nobody = matches!(
        session.known.state(),
        Ok(Some(State::Nobody { .. } | State::Gone { .. }) | None)
    );
    // An import that is out would be a login afterwards.
    if is_nobody && session.known.base().candidate().is_none() {
        session.unsaved = None;
        return Step::Done(Ok(course.over()));
    }
    end_stored(session, now, course)
}

/// Ends the stored session: revokes it if that is wanted, then stores the tombstone.
fn end_stored(session: &mut Session, now: Timestamp, course: Course) -> Step<'_, LoggedOut> {
    let held = session.known.held().filter(|_| course.revokes);
    let (client, seed) = (&session.client, &mut session.seed);
    let request = held.and_then(|held| revocation::request(client, held.grant(), now, seed));
    let sending = Sending {
        ended: session.known.held().map(Held::id),
        base: session.known.base().clone(),
        course,
    };
    match request {
        Some(request) => Step::send(session, request, sending),
        None => bury(session, now, sending),
    }
}

impl Course {
    fn over(self) -> LoggedOut {
        LoggedOut {
            revocation: self.revocation,
        }
    }
}

fn bury(session: &mut Session, now: Timestamp, ended: Sending) -> Step<'_, LoggedOut> {
    let saving = Saving {
        ended: ended.ended,
        at: now,
        course: ended.course,
    };
    let gone = saving.tombstone();
    let written = session.written(ended.base, gone.by_ref(), Deed::LoginOrLogout);
    Step::save(session, written, saving)
}

impl Saving {
    fn tombstone(&self) -> State {
        transition::logout(self.ended.map(|ended| ended.login), self.at)
    }
}

impl Sealed for LoggedOut {}

impl Goal for LoggedOut {
    type Saving = Saving;
    type Sending = Sending;

    fn saved(session: &mut Session, saving: Saving, after: Base, _: Timestamp) -> Step<'_, Self> {
        session.unsaved = None;
        session.known = Known::written(after, saving.tombstone());
        Step::Done(Ok(saving.course.over()))
    }

    /// Another writer was first. A new login stays, because the person did not see it when logging
    /// out. A later generation of the same login has other tokens, so it is revoked in turn.
    fn conflict(
        session: &mut Session,
        saving: Saving,
        now: Timestamp,
        stored: Option<StoredGrant>,
    ) -> Step<'_, Self> {
        let conflicts = saving.course.conflicts.saturating_add(1);
        if conflicts > CONFLICTS_MAX {
            return Step::Done(Err(RefreshError::Contended));
        }
        let course = Course {
            conflicts,
            ..saving.course
        };
        let readable = session.observe(stored.as_ref()).is_ok();
        let ended = saving.ended;
        match session.known.held().map(Held::id) {
            Some(stands) if Some(stands) == ended => {
                let ended = Sending {
                    ended,
                    base: session.known.base().clone(),
                    course,
                };
                bury(session, now, ended)
            }
            Some(stands) if ended.is_some_and(|ended| ended.login == stands.login) => {
                end_stored(session, now, course)
            }
            None if !readable || session.known.base().candidate().is_some() => {
                end_stored(session, now, course)
            }
            Some(_) | None => Step::Done(Ok(course.over())),
        }
    }

    fn not_saved(_: &mut Session, _: Saving, _: Timestamp) -> Step<'_, Self> {
        Step::Done(Err(RefreshError::NotStored))
    }

    fn received<'s, B: AsRef<[u8]>>(
        session: &'s mut Session,
        mut sending: Sending,
        now: Timestamp,
        response: &Response<B>,
    ) -> Step<'s, Self> {
        sending.course.revocation = match judge_revocation(now, response) {
            Ok(()) => Revocation::Revoked,
            Err(error) => Revocation::Refused(error.without(&secrets(session))),
        };
        bury(session, now, sending)
    }

    fn not_received(
        session: &mut Session,
        mut sending: Sending,
        now: Timestamp,
        failure: SendFailure,
    ) -> Step<'_, Self> {
        sending.course.revocation = Revocation::Failed(failure);
        bury(session, now, sending)
    }
}
