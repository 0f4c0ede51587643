//! Every transition of a session: what to do next, and what an answer makes of a grant.
//!
//! Nothing here saves or sends; the steps around it do. The notes `edge: FROM -> TO: why`
//! stand where a transition is decided; `cargo xtask diagram` draws them, and a test
//! compares them with what sessions do.

use alloc::boxed::Box;
use alloc::string::ToString;
use core::fmt;

use super::error::{Cause, RefreshError, Trouble, TroubleReason, Verdict};
use super::intent::Intent;
use super::record::{Grant, Held};
use super::want::Want;
use super::{timing, waiting};
use crate::answer::{AnswerFacts, ErrorCode, Lifetime, TokenError, TokenResponse};
use crate::envelope::digest;
use crate::limits::REJECTION_SPACING;
use crate::provider::{Replay, Rule, Rules};
use crate::secret::AccessToken;
use crate::seed::Seed;
use crate::send::SendFailure;
use crate::time::Timestamp;

// A login and a logout need no leave of what is stored:
// edge: any -> Idle: a login; the first generation begins
// edge: any -> Gone: a logout

/// What the provider and the client say about refreshing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    pub(super) rules: Rules,
    pub(super) replay: Replay,
    /// Digest of the configuration, to tell whether it has changed since a refusal.
    pub(super) configuration: u64,
}

/// What to do next with a grant that has just been read under the lease.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Hand out this token of it.
    Serve(AccessToken),
    /// Save this, which is the same with its wait begun anew; then wait.
    Restart(Box<Held>),
    /// Say this; nothing changes.
    Fail(RefreshError),
    /// Save this intent, then present the refresh token.
    Ask(Intent),
    /// Save this verdict, then say it.
    Condemn(Verdict),
}

/// Decides on a grant.
pub(super) fn next(held: &Held, want: Want, now: Timestamp, terms: &Terms) -> Next {
    let current = match want {
        Want::Usable => false,
        Want::Other(id) | Want::Rejected(id) => id == held.id(),
    };
    // The old token is good for everyone but a caller who has seen this very one fail.
    let servable = held.grant.usable(now).filter(|_| !current);
    let or_serve = |next: Next| servable.cloned().map_or(next, Next::Serve);

    if let Some(verdict) = &held.verdict {
        return or_serve(Next::Fail(RefreshError::LoginRequired(verdict.clone())));
    }
    let due = held.grant.refresh_due_at.is_some_and(|due| now >= due);
    if let Some(token) = servable
        && !due
    {
        return Next::Serve(token.clone());
    }
    if matches!(want, Want::Rejected(_)) && current && is_rejected_again(held, now) {
        return Next::Fail(RefreshError::RejectedByService);
    }
    let Some(refresh_token) = &held.grant.refresh_token else {
        let verdict = Verdict::new(Cause::NoRefreshToken, Some(now));
        return or_serve(Next::Fail(RefreshError::LoginRequired(verdict)));
    };
    if let Some(restarted) = waiting::restarted(held, now) {
        return or_serve(Next::Restart(Box::new(restarted)));
    }
    if let Some(wait) = waiting::until(held, now, terms) {
        return or_serve(Next::Fail(wait.into_error()));
    }
    let (attempt, first_at) = match (&held.intent, servable) {
        // edge: Idle -> Intent: a refresh is due, no token is usable, or a service answered 401
        // edge: Transient -> Intent: the wait is over
        // edge: Refused -> Intent: the wait is over, or the configuration has changed
        // edge: Not sent -> Intent: the wait is over
        (None, _) => (1, now),
        // A replay waits until the old token is of no more use, but for one that a window allows.
        (Some(lost), Some(token)) if !lost.is_in_window(now, terms.replay) => {
            return Next::Serve(token.clone());
        }
        // edge: Ambiguous -> Intent: the replay rule allows another attempt
        // edge: Intent -> Intent: its sender is gone, and the replay rule allows another attempt
        (Some(lost), _) if lost.may_be_repeated(now, terms.replay) => {
            (lost.attempt.saturating_add(1), lost.first_at)
        }
        // edge: Ambiguous -> Dead: the replay rule allows no attempt any more
        // edge: Intent -> Dead: its sender is gone, and the replay rule allows no further attempt
        (Some(_), _) => return Next::Condemn(Verdict::new(Cause::AnswerLost, Some(now))),
    };
    let intent = Intent {
        attempt,
        first_at,
        at: now,
        over: false,
        rejection: matches!(want, Want::Rejected(_)) && current,
        token_digest: digest(&[refresh_token.expose().as_bytes()]),
    };
    Next::Ask(intent)
}

/// Whether a 401 must not cause another refresh: the user may simply have no right to the
/// service, and each further refresh would be one more for nothing.
fn is_rejected_again(held: &Held, now: Timestamp) -> bool {
    // The clock of another host may be a little ahead.
    let apart = |at: Timestamp| now.saturating_since(at).max(at.saturating_since(now));
    let recently = held
        .rejected_at
        .is_some_and(|at| apart(at) < REJECTION_SPACING);
    // A token without a known end is ended by a 401 and nothing else, so that being born of
    // one must not make the next one void for ever.
    let born = held.born_of_rejection && held.grant.lifetime != Lifetime::Unknown;
    recently || born
}

/// What is left of an intent whose attempt does not count, because its end is known: an
/// earlier one that was lost still does.
fn still_lost(held: &Held) -> Option<Intent> {
    // edge: Intent -> Ambiguous: a replay fails in a way that says nothing of the grant
    let intent = held.intent.clone()?;
    let attempt = intent.attempt.checked_sub(1).filter(|left| *left > 0)?;
    Some(Intent {
        attempt,
        over: true,
        ..intent
    })
}

/// The grant with its verdict. Its tokens stay: nothing is erased.
pub(super) fn condemned(held: Held, verdict: Verdict) -> Held {
    Held {
        intent: None,
        trouble: None,
        verdict: Some(verdict),
        sign_in_at: None,
        ..held
    }
}

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
    terms: &Terms,
    seed: &mut Seed,
) -> Answered {
    match answer {
        // edge: Intent -> Idle: success; the next generation begins
        Ok(granted) => Answered::Rotated(rotated(held, granted, seed)),
        Err(TokenError::Refused(facts)) => {
            Answered::Setback(refused(held, facts, now, terms, seed))
        }
        // edge: Intent -> Transient: 5xx, 429, a redirect, a page, a 4xx that names no reason
        Err(TokenError::Unavailable(why, facts)) => {
            let facts = explained(facts, &why);
            let trouble = trouble(&held, TroubleReason::ServerFault, Some(facts), now, seed);
            Answered::Setback(Held {
                intent: still_lost(&held),
                trouble: Some(trouble),
                ..held
            })
        }
        // The server meant a success, so it may have rotated: the successor is lost.
        Err(TokenError::Malformed(why, facts)) => {
            let facts = explained(facts, &why);
            Answered::Setback(lost(held, Some(facts), now, terms, seed))
        }
    }
}

/// The facts with our own words where the server gave none.
fn explained(mut facts: Box<AnswerFacts>, why: &dyn fmt::Display) -> Box<AnswerFacts> {
    facts.description = facts.description.or_else(|| Some(why.to_string()));
    facts
}

fn rotated(held: Held, granted: TokenResponse, seed: &mut Seed) -> Held {
    let (issued_at, rejection) = match &held.intent {
        Some(intent) => (intent.at, intent.rejection),
        None => (held.grant.issued_at, false),
    };
    Held {
        generation: held.generation.saturating_add(1),
        sign_in_at: None,
        grant: Grant::new(granted, Some(&held.grant), issued_at, seed),
        intent: None,
        trouble: None,
        verdict: None,
        rejected_at: rejection.then_some(issued_at).or(held.rejected_at),
        born_of_rejection: rejection,
        ..held
    }
}

fn refused(
    held: Held,
    facts: Box<AnswerFacts>,
    now: Timestamp,
    terms: &Terms,
    seed: &mut Seed,
) -> Held {
    // edge: Intent -> Dead: the server refuses the grant
    if ends_grant(&facts, terms.rules) {
        // A refused replay means that the first answer, with the successor in it, was lost.
        let replayed = held
            .intent
            .as_ref()
            .is_some_and(|intent| intent.attempt > 1);
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
        return condemned(held, verdict);
    }
    let configuration = match &facts.code {
        Some(code) => code.is_configuration() || *code == ErrorCode::InvalidRequest,
        None => false,
    };
    // edge: Intent -> Refused: the server dislikes the client
    let mut trouble = if configuration {
        trouble(&held, TroubleReason::Configuration, Some(facts), now, seed)
    } else {
        trouble(&held, TroubleReason::ServerFault, Some(facts), now, seed)
    };
    trouble.configuration = configuration.then_some(terms.configuration);
    Held {
        intent: still_lost(&held),
        trouble: Some(trouble),
        ..held
    }
}

/// Whether a refusal is a verdict on the grant: a structured `invalid_grant`, and what the
/// provider's rules name besides.
fn ends_grant(facts: &AnswerFacts, rules: Rules) -> bool {
    match &facts.code {
        Some(ErrorCode::InvalidGrant) => true,
        Some(ErrorCode::InvalidRequest) => rules.has(Rule::InvalidRequestEndsGrant),
        Some(_) => false,
        None => facts.is_bare_bad_request() && rules.has(Rule::BareBadRequestEndsGrant),
    }
}

/// What a request without an answer makes of the grant whose intent it carried out.
pub(super) fn unanswered(
    held: Held,
    failure: SendFailure,
    now: Timestamp,
    terms: &Terms,
    seed: &mut Seed,
) -> Held {
    match failure {
        SendFailure::NotSent => {
            let trouble = trouble(&held, TroubleReason::NotSent, None, now, seed);
            // edge: Intent -> Not sent: no byte of the request can have left
            Held {
                intent: still_lost(&held),
                trouble: Some(trouble),
                ..held
            }
        }
        SendFailure::MaybeSent => lost(held, None, now, terms, seed),
    }
}

/// The answer is lost: the replay rule decides, once the backoff is over.
fn lost(
    held: Held,
    facts: Option<Box<AnswerFacts>>,
    now: Timestamp,
    terms: &Terms,
    seed: &mut Seed,
) -> Held {
    let again = held
        .intent
        .as_ref()
        .is_some_and(|intent| intent.may_be_repeated(now, terms.replay));
    // edge: Intent -> Dead: no answer, and the replay rule allows no further attempt
    if !again {
        return condemned(held, Verdict::new(Cause::AnswerLost, Some(now)));
    }
    // edge: Intent -> Ambiguous: no answer, or half a success
    let trouble = trouble(&held, TroubleReason::AnswerLost, facts, now, seed);
    let intent = held.intent.clone().map(|intent| Intent {
        over: true,
        ..intent
    });
    Held {
        intent,
        trouble: Some(trouble),
        ..held
    }
}

fn trouble(
    held: &Held,
    reason: TroubleReason,
    facts: Option<Box<AnswerFacts>>,
    now: Timestamp,
    seed: &mut Seed,
) -> Trouble {
    let failures = held
        .trouble
        .as_ref()
        .map_or(0, |trouble| trouble.failures)
        .saturating_add(1);
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
