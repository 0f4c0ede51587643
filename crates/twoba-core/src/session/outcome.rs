//! What the answer to a refresh, or a lost answer, means for the grant.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::ToString;
use core::fmt;

use super::terms::Terms;
use super::timing;
use super::transition::{self, Held};
use super::trouble::{Trouble, TroubleReason};
use super::verdict::{Cause, Verdict};
use crate::answer::{AnswerFacts, ErrorCode, Follows, TokenError, TokenResponse};
use crate::seed::Seed;
use crate::send::SendFailure;
use crate::time::Timestamp;

/// What an answer makes of a grant.
#[derive(Debug)]
pub(super) enum Answered {
    /// Its successor.
    Rotated(Held),
    /// The same generation with a verdict or a trouble.
    Setback(Held),
}

/// Judges the answer to the intent that `held` carries.
pub(super) fn answered(
    held: Held,
    answer: Result<TokenResponse, TokenError>,
    now: Timestamp,
    terms: &Terms<'_>,
    seed: &mut Seed,
) -> Answered {
    match answer {
        Ok(granted) => Answered::Rotated(transition::rotated(held, granted, terms.plan(), seed)),
        Err(TokenError::Refused(facts)) => {
            Answered::Setback(refused(held, facts, now, terms, seed))
        }
        Err(TokenError::Unavailable(why, facts)) => {
            let facts = explained(facts, &why);
            let trouble = trouble(&held, TroubleReason::ServerFault, Some(facts), now, seed);
            Answered::Setback(transition::troubled(held, trouble))
        }
        // The server meant a success, so it may have rotated: the successor is lost.
        Err(TokenError::Malformed(why, facts)) => {
            let facts = explained(facts, &why);
            Answered::Setback(lost(held, Some(facts), now, terms, seed))
        }
    }
}

/// The facts with an explanation of this crate, if the server gave none.
pub(super) fn explained(mut facts: Box<AnswerFacts>, why: &dyn fmt::Display) -> Box<AnswerFacts> {
    let own = || match &facts.redirects_to {
        Some(place) => format!("the server redirects to {place}"),
        None => why.to_string(),
    };
    facts.description = facts.description.clone().or_else(|| Some(own()));
    facts
}

fn refused(
    held: Held,
    facts: Box<AnswerFacts>,
    now: Timestamp,
    terms: &Terms<'_>,
    seed: &mut Seed,
) -> Held {
    if facts.follows == Follows::Login && is_too_early(&held, &facts) {
        return transition::too_early(held, now);
    }
    if facts.follows == Follows::Login {
        // A refused replay means that the first answer, with the successor in it, was lost.
        let replayed = held.intent().is_some_and(|intent| intent.attempt > 1);
        let cause = if replayed {
            Cause::AnswerLost
        } else {
            Cause::Refused
        };
        let verdict = Verdict {
            cause,
            status: Some(facts.status),
            code: facts.code,
            at: Some(now),
        };
        return transition::condemned(held, verdict);
    }
    let configuration = facts.follows == Follows::Configuration;
    let reason = if configuration {
        TroubleReason::Configuration
    } else {
        TroubleReason::ServerFault
    };
    let trouble = Trouble {
        configuration: configuration.then(|| terms.configuration()),
        ..trouble(&held, reason, Some(facts), now, seed)
    };
    transition::troubled(held, trouble)
}

/// Whether a refusal may mean that the token has to end first. Such a refusal is no more than a bad
/// request by its code, and its request left before the server's own end of the token. After a
/// service has rejected the token, there is nothing to wait for.
fn is_too_early(held: &Held, facts: &AnswerFacts) -> bool {
    let asked_at = held.intent().map(|intent| intent.at);
    let early = asked_at.zip(held.grant().late_at());
    facts.code != Some(ErrorCode::InvalidGrant)
        && !held.is_rejected()
        && early.is_some_and(|(asked, late)| asked < late)
}

/// What a request without an answer means for the grant that it was to refresh.
pub(super) fn unanswered(
    held: Held,
    failure: SendFailure,
    now: Timestamp,
    terms: &Terms<'_>,
    seed: &mut Seed,
) -> Held {
    match failure {
        SendFailure::NotSent => {
            let trouble = trouble(&held, TroubleReason::NotSent, None, now, seed);
            transition::troubled(held, trouble)
        }
        SendFailure::MaybeSent => lost(held, None, now, terms, seed),
    }
}

/// The grant after a request that was not made because the client's key did not sign.
pub(super) fn unsigned(held: Held, now: Timestamp, seed: &mut Seed) -> Held {
    let trouble = Trouble {
        description: Some(UNSIGNED.to_string()),
        ..trouble(&held, TroubleReason::NotSent, None, now, seed)
    };
    transition::troubled(held, trouble)
}

/// The stored description of a request that was not made.
pub(super) const UNSIGNED: &str = "the client's key did not sign";

/// The answer is lost. The replay rule decides after the backoff.
fn lost(
    held: Held,
    facts: Option<Box<AnswerFacts>>,
    now: Timestamp,
    terms: &Terms<'_>,
    seed: &mut Seed,
) -> Held {
    let again = held
        .intent()
        .is_some_and(|intent| intent.may_be_repeated(now, terms.replay()));
    if !again {
        return transition::condemned(held, Verdict::new(Cause::AnswerLost, Some(now)));
    }
    let trouble = trouble(&held, TroubleReason::AnswerLost, facts, now, seed);
    transition::in_doubt(held, trouble)
}

/// The trouble of a first failure.
pub(super) fn first_trouble(
    reason: TroubleReason,
    facts: Option<Box<AnswerFacts>>,
    now: Timestamp,
    seed: &mut Seed,
) -> Trouble {
    failed(1, reason, facts, now, seed)
}

fn trouble(
    held: &Held,
    reason: TroubleReason,
    facts: Option<Box<AnswerFacts>>,
    now: Timestamp,
    seed: &mut Seed,
) -> Trouble {
    let before = held.trouble().map_or(0, |trouble| trouble.failures);
    failed(before.saturating_add(1), reason, facts, now, seed)
}

pub(super) fn failed(
    failures: u32,
    reason: TroubleReason,
    facts: Option<Box<AnswerFacts>>,
    now: Timestamp,
    seed: &mut Seed,
) -> Trouble {
    let backoff = now.saturating_add(timing::backoff(failures, seed));
    let asked = facts.as_ref().and_then(|facts| facts.retry_at);
    let (status, code, description) = match facts {
        Some(facts) => (Some(facts.status), facts.code, facts.description),
        None => (None, None, None),
    };
    Trouble {
        reason,
        status,
        code,
        description,
        since: now,
        until: asked.map_or(backoff, |asked| asked.max(backoff)),
        failures,
        configuration: None,
    }
}
