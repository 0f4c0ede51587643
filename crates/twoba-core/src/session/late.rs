//! What becomes of a rotation that the server has handed out and no store has taken.

use alloc::boxed::Box;

use http::Request;

use super::error::Verdict;
use super::intent::Intent;
use super::record::Held;
use super::refresh::{self, Sending};
use super::step::{Reply, Step};
use super::want::Want;
use super::{Session, View, logout};
use crate::form::Form;
use crate::secret::AccessToken;
use crate::stored::StoredGrant;
use crate::time::Timestamp;

/// What is to be done with it now.
pub(super) enum LeftOver {
    /// It can be stored.
    Successor(Box<Held>),
    /// Somebody else was first: it is to be revoked.
    Overtaken(Box<Request<Form>>),
}

/// Looks after what an earlier call got and could not store; `readable` says whether the
/// session could read what is stored.
pub(super) fn left_over(session: &mut Session, readable: bool) -> Option<LeftOver> {
    let unsaved = session.unsaved.take()?;
    if succeeds(&unsaved, &session.view) {
        return Some(LeftOver::Successor(unsaved));
    }
    if !readable {
        // Whose the bytes are may be known another time.
        session.unsaved = Some(unsaved);
        return None;
    }
    let request = revocation_of_late(session, &unsaved)?;
    Some(LeftOver::Overtaken(Box::new(request)))
}

/// Whether a grant is the successor of what is stored, in whatever state that is.
pub(super) fn succeeds(held: &Held, view: &View) -> bool {
    match view {
        View::Held(stored) => {
            stored.login == held.login && stored.generation.checked_add(1) == Some(held.generation)
        }
        View::Nothing | View::Nobody | View::Gone(_) => false,
    }
}

/// A setback of an attempt that is still the stored one, though somebody whose clock is behind
/// may have begun the wait for it anew: of two waits the longer counts.
pub(super) fn setback(late: &Held, sent: Option<&Intent>, stored: &Held) -> Option<Held> {
    let same_attempt = match (&stored.intent, sent) {
        (Some(stored), Some(sent)) => stored.is_attempt_of(sent),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    let begun_anew = stored.intent.as_ref() != sent;
    // That no answer came, the new wait finds out by itself; somebody may even be sending.
    let by_server = |verdict: &Verdict| verdict.status.is_some();
    let counts = !begun_anew || late.verdict.as_ref().is_none_or(by_server);
    if late.id() != stored.id() || !same_attempt || !counts {
        return None;
    }
    let mut late = late.clone();
    if let (Some(trouble), Some(stored)) = (&mut late.trouble, &stored.trouble) {
        trouble.until = trouble.until.max(stored.until);
    }
    Some(late)
}

/// The request that ends a grant which a newer login or a logout has overtaken. Of the same
/// login nothing is revoked: that could end what is stored.
fn revocation_of_late(session: &Session, late: &Held) -> Option<Request<Form>> {
    let overtaken = match &session.view {
        View::Held(stored) => stored.login != late.login,
        View::Gone(_) => true,
        View::Nothing | View::Nobody => false,
    };
    overtaken
        .then(|| logout::revocation(&session.client, &late.grant))
        .flatten()
}

/// A grant that is being dropped, and what is stored instead of it.
#[derive(Debug)]
pub struct Dropping {
    stored: Option<StoredGrant>,
    want: Want,
    conflicts: u8,
}

impl Dropping {
    /// Whatever came of the revocation, the caller goes on with what is stored.
    pub(super) fn go_on(self, session: &mut Session, now: Timestamp) -> Step<'_, AccessToken> {
        refresh::proceed(
            session,
            self.want,
            now,
            self.stored.as_ref(),
            self.conflicts,
        )
    }
}

pub(super) fn revoke<'s>(
    session: &'s mut Session,
    request: Box<Request<Form>>,
    want: Want,
    conflicts: u8,
    stored: Option<&StoredGrant>,
) -> Step<'s, AccessToken> {
    let sending = Sending::Revocation(Dropping {
        stored: stored.cloned(),
        want,
        conflicts,
    });
    Step::Send(*request, Reply { session, sending })
}
