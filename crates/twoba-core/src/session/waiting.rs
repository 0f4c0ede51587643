//! What a session waits for before its next request.

use super::error::{Trouble, TroubleReason};
use super::intent::Intent;
use super::record::Held;
use super::transition::Terms;
use crate::answer::Lifetime;
use crate::limits::{ATTEMPT_MAX, BACKOFF_FIRST};
use crate::time::Timestamp;

/// The same with its waits begun anew, where one of them begins after `now`: the clock was set
/// back, or another host's is ahead. Until the clock has come there again nobody would know
/// how much of it is over.
pub(super) fn restarted(held: &Held, now: Timestamp) -> Option<Held> {
    let trouble = held.trouble.as_ref().filter(|trouble| trouble.since > now);
    let intent = held
        .intent
        .as_ref()
        .filter(|intent| !intent.over && intent.at > now);
    if trouble.is_none() && intent.is_none() {
        return None;
    }
    let mut restarted = held.clone();
    if let Some(trouble) = trouble {
        let wait = trouble.until.saturating_since(trouble.since);
        restarted.trouble = Some(Trouble {
            since: now,
            until: now.saturating_add(wait),
            ..trouble.clone()
        });
    }
    if let Some(intent) = intent {
        restarted.intent = Some(Intent {
            first_at: intent.first_at.min(now),
            at: now,
            ..intent.clone()
        });
    }
    Some(restarted)
}

/// What to wait for before the next request, if anything.
pub(super) fn until(held: &Held, now: Timestamp, terms: &Terms) -> Option<Trouble> {
    if let Some(trouble) = &held.trouble {
        let same_configuration = trouble
            .configuration
            .is_none_or(|configuration| configuration == terms.configuration);
        if now < trouble.until && same_configuration {
            return Some(trouble.clone());
        }
    }
    if let Some(intent) = &held.intent
        && !intent.over
        && !intent.is_in_window(now, terms.replay)
    {
        // Its sender may have crashed, or may be stuck with the request still under way.
        let until = intent.at.saturating_add(ATTEMPT_MAX);
        if now < until {
            return Some(Trouble::lost_answer(intent.at, until, intent.attempt));
        }
    }
    if held.grant.lifetime == Lifetime::Expired && held.grant.access_token.is_some() {
        // A server that hands out ended tokens gets no refresh per call.
        let until = held.grant.issued_at.saturating_add(BACKOFF_FIRST);
        if held.grant.issued_at <= now && now < until {
            return Some(Trouble {
                reason: TroubleReason::ServerFault,
                ..Trouble::lost_answer(held.grant.issued_at, until, 1)
            });
        }
    }
    None
}
