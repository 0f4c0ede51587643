//! Every state of a grant, and every change of one. No other file can change what is stored of a
//! grant. `next.rs` decides what to do next, and `outcome.rs` what an answer means.
//!
//! `transition/edges.txt` has the table of changes in words. `cargo xtask diagram` draws the
//! picture from it. One test holds the file and the table equal, and another compares the table
//! with what sessions do. A debug build compares each change with the table.

mod held;
mod phase;
mod seen;

use alloc::string::String;

pub(super) use held::{Beside, Held, State, StateRef};
pub(super) use phase::{EDGES, Phase};
pub use seen::SeenGrant;

use super::grant::Grant;
use super::id::{LoginId, TokenId};
use super::intent::Intent;
use super::terms::Plan;
use super::trouble::Trouble;
use super::verdict::Verdict;
use crate::answer::TokenResponse;
use crate::seed::Seed;
use crate::time::Timestamp;

/// The grant after a change. The change follows the table or keeps the state.
fn led(from: Phase, held: Held) -> Held {
    let to = Phase::of(&held);
    let known = |edge: &phase::Edge| edge.to == to && edge.from.is_none_or(|begin| begin == from);
    debug_assert!(
        from == to || EDGES.iter().any(known),
        "no way leads from {from:?} to {to:?}"
    );
    held
}

/// The first generation of a login that has just begun.
pub(super) fn login(grant: Grant, user: Option<String>, plan: Plan, seed: &mut Seed) -> Held {
    let id = TokenId {
        login: LoginId::draw(seed),
        generation: 1,
    };
    let keep_by = keep_by(&grant, plan);
    Held::new(id, user, grant, keep_by)
}

/// By when a grant has to be refreshed before the server may forget it.
fn keep_by(grant: &Grant, plan: Plan) -> Option<Timestamp> {
    let refreshable = grant.refresh_token.is_some();
    let after = plan.keep_alive.filter(|_| refreshable)?;
    Some(grant.issued_at.saturating_add(after))
}

/// The tombstone of a login.
pub(super) fn logout(login: Option<LoginId>, at: Timestamp) -> State {
    State::Gone { login, at }
}

/// The grant with the intent to present its refresh token.
pub(super) fn asking(held: Held, intent: Intent) -> Held {
    let from = Phase::of(&held);
    let asking = Held {
        intent: Some(intent.clone()),
        ..not_asking(held, &intent)
    };
    led(from, asking)
}

/// The same grant without the intent, which never left. What led to the intent stays known.
pub(super) fn not_asking(before: Held, intent: &Intent) -> Held {
    let rejected = intent.rejection.then_some(before.generation);
    let beside = Beside {
        rejected: rejected.or(before.beside.rejected),
        ..before.beside
    };
    Held { beside, ..before }
}

/// The grant that belongs in the place of this intent, whose end is known, in a form to be rescued.
pub(super) fn instead_of(intent: Intent, held: Held) -> Held {
    let beside = Beside {
        rescued: Some(intent),
        ..held.beside
    };
    Held { beside, ..held }
}

/// A rescued grant in the form to be stored, and the intent in whose place it belongs, if the copy
/// has one.
pub(super) fn brought_back(rescued: Held) -> (Held, Option<Intent>) {
    let intent = rescued.beside.rescued;
    let beside = Beside {
        rescued: None,
        ..rescued.beside
    };
    (Held { beside, ..rescued }, intent)
}

/// The same grant with a new time of its intent, which has waited too long to leave. The wait beside
/// it was over when the attempt was decided on, and still is if the clock was set back since.
pub(super) fn asking_anew(held: Held, now: Timestamp) -> Held {
    let over = |trouble: Trouble| {
        let wait = trouble.until.saturating_since(trouble.since);
        let until = trouble.until.min(now);
        Trouble {
            since: until.saturating_sub(wait),
            until,
            ..trouble
        }
    };
    Held {
        intent: held.intent.map(|intent| begun_anew(intent, now)),
        trouble: held.trouble.map(over),
        ..held
    }
}

/// The same attempt with a new start.
fn begun_anew(intent: Intent, now: Timestamp) -> Intent {
    Intent {
        at: now,
        first_at: intent.first_at.min(now),
        ..intent
    }
}

/// The same grant with a new start of its waits, if one of them begins after `now`. Either the
/// clock was set back, or another host's clock is ahead. Without this, nobody could tell how much
/// of the wait is over until the clock has caught up.
pub(super) fn waiting_anew(held: &Held, now: Timestamp) -> Option<Held> {
    let trouble = held.trouble.as_ref().filter(|trouble| trouble.since > now);
    let intent = held
        .intent
        .as_ref()
        .filter(|intent| !intent.over && intent.at > now);
    if trouble.is_none() && intent.is_none() {
        return None;
    }
    let mut anew = held.clone();
    if let Some(trouble) = trouble {
        let wait = trouble.until.saturating_since(trouble.since);
        anew.trouble = Some(Trouble {
            since: now,
            until: now.saturating_add(wait),
            ..trouble.clone()
        });
    }
    if let Some(intent) = intent {
        anew.intent = Some(begun_anew(intent.clone(), now));
    }
    Some(anew)
}

/// The next generation.
pub(super) fn rotated(held: Held, granted: TokenResponse, plan: Plan, seed: &mut Seed) -> Held {
    let from = Phase::of(&held);
    let (issued_at, rejection) = match &held.intent {
        Some(intent) => (intent.at, intent.rejection),
        None => (held.grant.issued_at, false),
    };
    // A server that has refreshed before the end does so again.
    let early = held.grant.late_at().is_none_or(|late| issued_at < late);
    let refreshes_late = held.beside.refreshes_late.filter(|_| !early);
    let doubted = held.is_from_the_future(issued_at);
    let window = plan.refresh_window;
    let grant = Grant::new(granted, Some(&held.grant), issued_at, window, seed);
    let grant = match refreshes_late {
        Some(_) => grant.late(),
        None => grant,
    };
    let next = Held {
        generation: held.generation.saturating_add(1),
        sign_in_at: None,
        beside: Beside {
            keep_by: keep_by(&grant, plan),
            refreshes_late,
            rejected: None,
            clock_doubted: held.beside.clock_doubted || doubted,
            rescued: None,
        },
        grant,
        intent: None,
        trouble: None,
        verdict: None,
        rejected_at: rejection.then_some(issued_at).or(held.rejected_at),
        born_of_rejection: rejection,
        ..held
    };
    led(from, next)
}

/// A later generation in place of an earlier one. Facts about the login that only the stored record
/// knows still hold.
pub(super) fn succeeding(later: Held, stored: &Held) -> Held {
    let late = stored.grant.late_at();
    let late = late.is_some_and(|late| later.grant.issued_at >= late);
    let learnt = stored.beside.refreshes_late.filter(|_| late);
    let refreshes_late = later.beside.refreshes_late.or(learnt);
    let grant = match refreshes_late {
        Some(_) => later.grant.late(),
        None => later.grant,
    };
    Held {
        beside: Beside {
            refreshes_late,
            clock_doubted: later.beside.clock_doubted || stored.beside.clock_doubted,
            ..later.beside
        },
        grant,
        ..later
    }
}

/// The grant with its verdict. Its tokens stay, because nothing is erased.
pub(super) fn condemned(held: Held, verdict: Verdict) -> Held {
    let from = Phase::of(&held);
    let condemned = Held {
        intent: None,
        trouble: None,
        verdict: Some(verdict),
        sign_in_at: None,
        ..held
    };
    led(from, condemned)
}

/// The grant after a refresh that came too early. That is no failure, and the session tries once
/// more at the end of the token. An earlier attempt whose answer was lost still counts. If the
/// grant seemed to come from the future, it was doubted once with this refresh, and is not doubted
/// again, because the server has said that its token is valid.
pub(super) fn too_early(held: Held, now: Timestamp) -> Held {
    let from = Phase::of(&held);
    let clock_doubted = held.beside.clock_doubted || held.is_from_the_future(now);
    let early = Held {
        intent: held.intent.and_then(Intent::without_the_last),
        trouble: None,
        beside: Beside {
            refreshes_late: Some(held.generation),
            clock_doubted,
            ..held.beside
        },
        grant: held.grant.late(),
        ..held
    };
    led(from, early)
}

/// The grant after an attempt that does not count, because its end is known. An earlier attempt
/// whose answer was lost still counts.
pub(super) fn troubled(held: Held, trouble: Trouble) -> Held {
    let from = Phase::of(&held);
    let troubled = Held {
        intent: held.intent.and_then(Intent::without_the_last),
        trouble: Some(trouble),
        ..held
    };
    led(from, troubled)
}

/// The grant after an attempt whose answer is lost.
pub(super) fn in_doubt(held: Held, trouble: Trouble) -> Held {
    let from = Phase::of(&held);
    let over = |intent: Intent| Intent {
        over: true,
        ..intent
    };
    let in_doubt = Held {
        intent: held.intent.map(over),
        trouble: Some(trouble),
        ..held
    };
    led(from, in_doubt)
}

/// A setback of an attempt that is still the stored one. A process whose clock is behind may have
/// begun the wait anew meanwhile, and then the longer of the two waits counts. A verdict that was
/// stored meanwhile stays.
pub(super) fn late_setback(late: &Held, sent: Option<&Intent>, stored: &Held) -> Option<Held> {
    let same_attempt = match (&stored.intent, sent) {
        (Some(stored), Some(sent)) => stored.is_attempt_of(sent),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    let begun_anew = stored.intent.as_ref() != sent;
    // That no answer came, the new wait finds out by itself; somebody may even be sending. Who
    // was given up has nothing to add to that either.
    let by_server = |verdict: &Verdict| verdict.status.is_some();
    let nothing_new = Phase::of(late) == Phase::Ambiguous && Phase::of(stored) == Phase::Ambiguous;
    let counts = !begun_anew || late.verdict.as_ref().is_none_or(by_server) && !nothing_new;
    if late.id() != stored.id() || stored.verdict.is_some() || !same_attempt || !counts {
        return None;
    }
    let mut late = late.clone();
    let wait = |trouble: &Trouble| trouble.until.saturating_since(trouble.since);
    if let (Some(trouble), Some(stored)) = (&mut late.trouble, &stored.trouble) {
        // By a clock that is ahead, the stored end is further off than the stored wait is long.
        let stored_until = trouble.since.saturating_add(wait(stored)).min(stored.until);
        trouble.until = trouble.until.max(stored_until);
        if wait(stored) > wait(trouble) {
            // Whoever gave this sender up was told to wait, by another clock perhaps.
            *trouble = stored.clone();
        }
    }
    Some(led(Phase::of(stored), late))
}

/// A request of a program itself that has left.
#[derive(Debug, Clone, Copy)]
pub(super) struct OwnRequest {
    pub(super) sent_at: Timestamp,
    /// Whether a rejected token caused it.
    pub(super) rejection: bool,
    /// The latest generation that was seen. The next one follows it.
    pub(super) seen: u64,
}

/// The next token of a program itself. A refresh token beside it is ignored.
pub(super) fn renewed(
    before: Held,
    granted: TokenResponse,
    request: OwnRequest,
    seed: &mut Seed,
) -> Held {
    let granted = TokenResponse {
        refresh_token: None,
        ..granted
    };
    let sent_at = request.sent_at;
    let clock_doubted = before.beside.clock_doubted || before.is_from_the_future(sent_at);
    Held {
        generation: before.generation.max(request.seen).saturating_add(1),
        grant: Grant::new(granted, None, sent_at, None, seed),
        trouble: None,
        rejected_at: request.rejection.then_some(sent_at).or(before.rejected_at),
        born_of_rejection: request.rejection,
        beside: Beside {
            clock_doubted,
            ..before.beside
        },
        ..before
    }
}

/// A program itself after a request that brought no token. Its current token stays, if it has one.
pub(super) fn not_renewed(before: Held, trouble: Trouble) -> Held {
    Held {
        trouble: Some(trouble),
        ..before
    }
}

/// A program itself that has had no token yet.
pub(super) fn without_token(now: Timestamp, seed: &mut Seed) -> Held {
    let id = TokenId {
        login: LoginId::draw(seed),
        generation: 0,
    };
    Held::new(id, None, Grant::none(now), None)
}

/// The stored state with the claim of a program that begins to log in by itself.
pub(super) fn claimed(state: Option<State>, at: Timestamp) -> State {
    let sign_in_at = Some(at);
    match state {
        Some(State::Held(held)) => State::Held(
            Held {
                sign_in_at,
                ..*held
            }
            .into(),
        ),
        Some(State::Nobody { .. } | State::Gone { .. }) | None => State::Nobody { sign_in_at },
    }
}

/// The stored state without such a claim; `None` if there is none to take back.
pub(super) fn released(state: State) -> Option<State> {
    match state {
        State::Held(held) if held.sign_in_at.is_some() => {
            let released = Held {
                sign_in_at: None,
                ..*held
            };
            Some(State::Held(released.into()))
        }
        State::Nobody { .. } => Some(State::Nobody { sign_in_at: None }),
        State::Held(_) | State::Gone { .. } => None,
    }
}
