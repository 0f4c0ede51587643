//! The time that a session waits for before its next request.

use super::terms::Terms;
use super::transition::Held;
use super::trouble::{Trouble, TroubleReason};
use crate::answer::Lifetime;
use crate::limits::{ATTEMPT_MAX, BACKOFF_FIRST, CLOCK_APART};
use crate::time::Timestamp;

/// When a request with a lost answer is repeated at a server that may refuse because it is too
/// early. The time is after the end of the token, so that the answer is final. `None` if there is
/// nothing to wait for.
pub(super) fn repeats_at(held: &Held, now: Timestamp, terms: &Terms<'_>) -> Option<Timestamp> {
    let lost = held.intent()?;
    let waits = terms.may_refuse_early()
        && !held.is_rejected()
        && !lost.is_in_window(now, terms.replay())
        && held.grant().issued_at <= now.saturating_add(CLOCK_APART);
    held.grant().late_at().filter(|_| waits)
}

/// Until when the token of a grant serves its callers. `None` if it does not, or if its end is
/// unknown.
pub(super) fn serves_until(held: &Held, now: Timestamp) -> Option<Timestamp> {
    let believed = !held.is_rejected() && !held.is_from_the_future(now);
    held.grant()
        .usable_until()
        .filter(|until| believed && now < *until)
}

/// The time to wait for before the next request, if there is one.
pub(super) fn until(
    held: &Held,
    rejected: bool,
    now: Timestamp,
    terms: &Terms<'_>,
) -> Option<Trouble> {
    if let Some(trouble) = held.trouble() {
        let same_configuration = trouble
            .configuration
            .is_none_or(|configuration| configuration == terms.configuration());
        if now < trouble.until && same_configuration {
            return Some(trouble.clone());
        }
    }
    if let Some(intent) = held.intent()
        && !intent.over
        && !intent.is_in_window(now, terms.replay())
    {
        // Its sender may have crashed, or may be stuck with the request still under way.
        let until = intent.at.saturating_add(ATTEMPT_MAX);
        if now < until {
            return Some(Trouble::lost_answer(intent.at, until, intent.attempt));
        }
    }
    if let Some(intent) = held.intent()
        && let Some(until) = repeats_at(held, now, terms)
        && now < until
        && !rejected
    {
        return Some(Trouble::lost_answer(intent.at, until, intent.attempt));
    }
    // A clock that was ahead says nothing of the end, until that was doubted once; who was rejected
    // has seen it.
    let doubtful = held.grant().issued_at > now.saturating_add(CLOCK_APART);
    let believed = !rejected && (!doubtful || held.beside().clock_doubted);
    if let Some(until) = held.late_until().filter(|until| believed && now < *until) {
        return Some(Trouble::too_early(now, until));
    }
    let grant = held.grant();
    if grant.lifetime == Lifetime::Expired && grant.access_token.is_some() {
        // A server that hands out ended tokens gets no refresh per call.
        let until = grant.issued_at.saturating_add(BACKOFF_FIRST);
        if grant.issued_at <= now && now < until {
            return Some(Trouble {
                reason: TroubleReason::ServerFault,
                description: Some("its token has ended already".into()),
                ..Trouble::lost_answer(grant.issued_at, until, 1)
            });
        }
    }
    None
}
