//! The next action for a grant that was just read under the lease.

use alloc::boxed::Box;

use super::error::RefreshError;
use super::intent::{Attempt, Intent};
use super::terms::Terms;
use super::transition::{self, Held};
use super::trouble::Trouble;
use super::verdict::{Cause, Verdict};
use super::waiting;
use super::want::Want;
use crate::answer::Lifetime;
use crate::limits::REJECTION_SPACING;
use crate::secret::AccessToken;
use crate::time::Timestamp;

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Hand out its access token.
    Serve(AccessToken),
    /// Save the same grant with a new start of its wait, then wait.
    Restart(Box<Held>),
    /// Return this error. Nothing changes.
    Fail(RefreshError),
    /// Save the intent of this attempt, then present the refresh token.
    Ask(Attempt),
    /// Save this verdict, then return it.
    Condemn(Verdict),
}

/// The next action for a grant.
pub(super) fn next(held: &Held, want: Want, now: Timestamp, terms: &Terms<'_>) -> Next {
    let current = match want {
        Want::Usable => false,
        Want::Other(id) | Want::Rejected(id) => id == held.id(),
    };
    let grant = held.grant();
    // The old token is good for everyone but a caller who has seen this very one fail.
    // Behind a lost answer it serves to its end: the repetition comes behind that.
    let repeats_at = waiting::repeats_at(held, now, terms);
    let usable = grant.usable(now).or_else(|| {
        let ends = repeats_at.and(grant.expires_at())?;
        grant.access_token.as_ref().filter(|_| now < ends)
    });
    let servable = usable.filter(|_| !current);
    let or_serve = |next: Next| servable.cloned().map_or(next, Next::Serve);

    if let Some(verdict) = held.verdict() {
        return or_serve(Next::Fail(RefreshError::LoginRequired(verdict.clone())));
    }
    let in_window = |lost: &Intent| lost.is_in_window(now, terms.replay());
    // A lost answer is repeated while the server still answers it, and a grant by a clock that
    // is ahead is doubted, however long they seem to live.
    let due = grant.refresh_due_at.is_some_and(|due| now >= due)
        || held.intent().is_some_and(in_window)
        || held.is_from_the_future(now);
    if let Some(token) = servable
        && !due
    {
        return Next::Serve(token.clone());
    }
    let rejected = matches!(want, Want::Rejected(_)) && current;
    if rejected && is_rejected_again(held, now) {
        return Next::Fail(RefreshError::RejectedByService);
    }
    if grant.refresh_token.is_none() {
        let verdict = Verdict::new(Cause::NoRefreshToken, Some(now));
        return or_serve(Next::Fail(RefreshError::LoginRequired(verdict)));
    }
    if let Some(anew) = transition::waiting_anew(held, now) {
        return or_serve(Next::Restart(Box::new(anew)));
    }
    if let Some(wait) = waiting::until(held, rejected, now, terms) {
        return or_serve(Next::Fail(RefreshError::waiting(wait)));
    }
    let attempt = match (held.intent(), servable) {
        (None, _) => Attempt::first(now),
        // A replay waits until the old token is of no more use, but for one that a window allows.
        (Some(lost), Some(token)) if !in_window(lost) => {
            return Next::Serve(token.clone());
        }
        (Some(lost), _) if lost.may_be_repeated(now, terms.replay()) => {
            // Nor does it for a caller who wants another one, unless a service has rejected it.
            if let Some(until) = waiting::serves_until(held, now).filter(|_| !rejected)
                && !in_window(lost)
            {
                let wait = Trouble::lost_answer(lost.at, until, lost.attempt);
                return Next::Fail(RefreshError::waiting(wait));
            }
            Attempt::after(lost)
        }
        (Some(_), _) => return Next::Condemn(Verdict::new(Cause::AnswerLost, Some(now))),
    };
    Next::Ask(Attempt {
        rejection: rejected,
        ..attempt
    })
}

/// Whether a 401 must not cause another refresh. The person may simply have no right to the
/// service, and each further refresh would be useless.
pub(super) fn is_rejected_again(held: &Held, now: Timestamp) -> bool {
    // The clock of another host may be a little ahead.
    let apart = |at: Timestamp| now.saturating_since(at).max(at.saturating_since(now));
    let recently = held
        .rejected_at()
        .is_some_and(|at| apart(at) < REJECTION_SPACING);
    // A token without a known end is ended by a 401 and nothing else, so that being born of
    // one must not make the next one void for ever.
    let born = held.born_of_rejection() && held.grant().lifetime != Lifetime::Unknown;
    recently || born
}
