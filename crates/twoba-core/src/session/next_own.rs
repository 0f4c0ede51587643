//! The next action for a program itself, whose token was just read under the lease.

use alloc::boxed::Box;

use super::data::Session;
use super::error::RefreshError;
use super::next::is_rejected_again;
use super::terms::Terms;
use super::transition::{self, Held};
use super::trouble::TroubleReason;
use super::waiting;
use super::want::Want;
use crate::answer::{Follows, TokenError};
use crate::secret::AccessToken;
use crate::time::Timestamp;

/// What to do next.
pub(super) enum Next {
    Serve(AccessToken),
    /// Save the same state with a new start of its wait, then wait.
    Restart(Box<Held>),
    Fail(RefreshError),
    /// Ask the server. The flag says whether a rejected token is the cause.
    Ask(bool),
}

/// The next action for the stored state.
pub(super) fn next(session: &Session, want: Want, now: Timestamp) -> Next {
    let Some(held) = session.known.held() else {
        return Next::Ask(false);
    };
    let current = match want {
        Want::Usable => false,
        Want::Other(id) | Want::Rejected(id) => id == held.id(),
    };
    let grant = held.grant();
    let servable = grant
        .usable(now)
        .filter(|_| !current && session.went_back().is_none());
    let or_serve = |next: Next| servable.cloned().map_or(next, Next::Serve);
    let due = grant.refresh_due_at.is_some_and(|due| now >= due) || held.is_from_the_future(now);
    if let Some(token) = servable
        && !due
    {
        return Next::Serve(token.clone());
    }
    let rejected = matches!(want, Want::Rejected(_)) && current;
    if rejected && is_rejected_again(held, now) {
        return Next::Fail(RefreshError::RejectedByService);
    }
    if let Some(anew) = transition::waiting_anew(held, now) {
        return or_serve(Next::Restart(Box::new(anew)));
    }
    let terms = Terms::of(&session.client, held.id().login);
    match waiting::until(held, rejected, now, &terms) {
        Some(wait) => or_serve(Next::Fail(RefreshError::waiting(wait))),
        None => Next::Ask(rejected),
    }
}

/// The kind of failure in an answer without a token. No grant could have ended here, so a reason
/// that the server gives is about the client.
pub(super) fn reason(error: &TokenError) -> TroubleReason {
    match error {
        TokenError::Refused(facts) => match facts.follows {
            Follows::Configuration => TroubleReason::Configuration,
            Follows::Login if facts.code.is_some() => TroubleReason::Configuration,
            Follows::Login | Follows::Nothing => TroubleReason::ServerFault,
        },
        TokenError::Unavailable(..) => TroubleReason::ServerFault,
        TokenError::Malformed(..) => TroubleReason::AnswerLost,
    }
}
