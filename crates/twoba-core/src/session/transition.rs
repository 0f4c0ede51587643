//! Every state of a grant, and every change of one: no other file can change what is stored
//! of it. What is to be done next stands in `next.rs`, what an answer comes to in `outcome.rs`.
//!
//! `transition/edges.txt` has the table in words, for the picture that `cargo xtask diagram`
//! draws. One test holds the two equal, another compares the table with what sessions do, and
//! a debug build compares it with each change.

mod held;

use alloc::string::String;

pub(super) use held::{Beside, Held, State, StateRef};

use super::grant::Grant;
use super::id::LoginId;
use super::intent::Intent;
use super::terms::Plan;
use super::trouble::{Trouble, TroubleReason};
use super::verdict::Verdict;
use crate::answer::TokenResponse;
use crate::seed::Seed;
use crate::time::Timestamp;

/// The states of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    Gone,
    Idle,
    Intent,
    Ambiguous,
    NotSent,
    Refused,
    Transient,
    Dead,
}

/// A way from one state to another; from any state where none is named.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    pub(super) from: Option<Phase>,
    pub(super) to: Phase,
    /// What the picture says of it.
    #[cfg_attr(not(test), expect(dead_code, reason = "words are for the picture"))]
    pub(super) why: &'static str,
}

const fn way(from: Phase, to: Phase, why: &'static str) -> Edge {
    let from = Some(from);
    Edge { from, to, why }
}

/// Each way that there is.
pub(super) const EDGES: [Edge; 23] = [
    Edge {
        from: None,
        to: Phase::Idle,
        why: "a login; the first generation begins",
    },
    Edge {
        from: None,
        to: Phase::Gone,
        why: "a logout",
    },
    way(
        Phase::Idle,
        Phase::Intent,
        "a refresh is due, no token is usable, or a service answered 401",
    ),
    way(Phase::Transient, Phase::Intent, "the wait is over"),
    way(
        Phase::Refused,
        Phase::Intent,
        "the wait is over, or the configuration has changed",
    ),
    way(Phase::NotSent, Phase::Intent, "the wait is over"),
    way(
        Phase::Ambiguous,
        Phase::Intent,
        "the replay rule allows another attempt",
    ),
    way(
        Phase::Intent,
        Phase::Intent,
        "its sender is gone, and the replay rule allows another attempt",
    ),
    way(
        Phase::Ambiguous,
        Phase::Dead,
        "the replay rule allows no attempt any more",
    ),
    way(
        Phase::Intent,
        Phase::Dead,
        "its sender is gone, and the replay rule allows no further attempt",
    ),
    way(
        Phase::Intent,
        Phase::Ambiguous,
        "a replay fails in a way that says nothing of the grant",
    ),
    way(
        Phase::Intent,
        Phase::Idle,
        "success; the next generation begins",
    ),
    way(
        Phase::Intent,
        Phase::Idle,
        "too early: once more at the end of the token",
    ),
    way(
        Phase::Intent,
        Phase::Transient,
        "5xx, 429, a redirect, a page, a 4xx that names no reason",
    ),
    way(Phase::Intent, Phase::Dead, "the server refuses the grant"),
    way(
        Phase::Intent,
        Phase::Refused,
        "the server dislikes the client",
    ),
    way(
        Phase::Intent,
        Phase::NotSent,
        "no byte of the request can have left",
    ),
    way(
        Phase::Intent,
        Phase::Dead,
        "no answer, and the replay rule allows no further attempt",
    ),
    way(
        Phase::Intent,
        Phase::Ambiguous,
        "no answer, or half a success",
    ),
    way(Phase::Ambiguous, Phase::NotSent, LATE_WORD),
    way(Phase::Ambiguous, Phase::Idle, LATE_WORD),
    way(Phase::Ambiguous, Phase::Transient, LATE_WORD),
    way(Phase::Ambiguous, Phase::Refused, LATE_WORD),
];

const LATE_WORD: &str = "a sender that was given up says what became of its request";

impl Phase {
    /// Where a grant is.
    pub(super) fn of(held: &Held) -> Self {
        let reason = held.trouble.as_ref().map(|trouble| trouble.reason);
        match (&held.verdict, &held.intent, reason) {
            (Some(_), _, _) => Self::Dead,
            (None, Some(intent), _) if intent.over => Self::Ambiguous,
            (None, Some(_), _) => Self::Intent,
            (None, None, None) => Self::Idle,
            (None, None, Some(TroubleReason::NotSent)) => Self::NotSent,
            (None, None, Some(TroubleReason::Configuration)) => Self::Refused,
            (
                None,
                None,
                Some(
                    TroubleReason::AnswerLost
                    | TroubleReason::ServerFault
                    | TroubleReason::TooEarly,
                ),
            ) => Self::Transient,
        }
    }
}

/// The grant after a change, by a way of the table or without leaving its state.
fn led(from: Phase, held: Held) -> Held {
    let to = Phase::of(&held);
    let known = |edge: &Edge| edge.to == to && edge.from.is_none_or(|begin| begin == from);
    debug_assert!(
        from == to || EDGES.iter().any(known),
        "no way leads from {from:?} to {to:?}"
    );
    held
}

/// The first generation of a login that has just begun.
pub(super) fn login(grant: Grant, user: Option<String>, plan: Plan, seed: &mut Seed) -> Held {
    Held {
        beside: Beside {
            keep_by: keep_by(&grant, plan),
            ..Beside::default()
        },
        login: LoginId::draw(seed),
        generation: 1,
        user,
        grant,
        intent: None,
        trouble: None,
        verdict: None,
        sign_in_at: None,
        rejected_at: None,
        born_of_rejection: false,
    }
}

/// By when a grant has to be refreshed lest the server forgets it.
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
    let rejected = intent.rejection.then_some(held.generation);
    let asking = Held {
        intent: Some(intent),
        beside: Beside {
            rejected: rejected.or(held.beside.rejected),
            ..held.beside
        },
        ..held
    };
    led(from, asking)
}

/// The grant as it was before this intent, which never left, to be rescued.
pub(super) fn never_asked(before: Held, intent: Intent) -> Held {
    let beside = Beside {
        rescued: Some(intent),
        ..before.beside
    };
    Held { beside, ..before }
}

/// A rescued grant as it is to be stored, and the intent that never left, if it says one.
pub(super) fn brought_back(rescued: Held) -> (Held, Option<Intent>) {
    let intent = rescued.beside.rescued;
    let beside = Beside {
        rescued: None,
        ..rescued.beside
    };
    (Held { beside, ..rescued }, intent)
}

/// The same with the time of its intent set anew, because that has waited too long to leave.
pub(super) fn asking_anew(held: Held, now: Timestamp) -> Held {
    let anew = |intent: Intent| Intent {
        at: now,
        first_at: intent.first_at.min(now),
        ..intent
    };
    Held {
        intent: held.intent.map(anew),
        ..held
    }
}

/// The same with its waits begun anew, where one of them begins after `now`: the clock was set
/// back, or another host's is ahead. Until the clock has come there again nobody would know
/// how much of it is over.
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
    Some(match intent {
        Some(_) => asking_anew(anew, now),
        None => anew,
    })
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

/// The grant with its verdict. Its tokens stay: nothing is erased.
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

/// The grant that was asked for too early: no failure, and it is tried once more at the end of
/// its token. An earlier attempt that was lost still counts.
pub(super) fn too_early(held: Held) -> Held {
    let from = Phase::of(&held);
    let early = Held {
        intent: held.intent.and_then(Intent::without_the_last),
        trouble: None,
        beside: Beside {
            refreshes_late: Some(held.generation),
            ..held.beside
        },
        grant: held.grant.late(),
        ..held
    };
    led(from, early)
}

/// The grant after an attempt that does not count, because its end is known; an earlier one
/// that was lost still does.
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

/// A setback of an attempt that is still the stored one, though somebody whose clock is behind
/// may have begun the wait for it anew: of two waits the longer counts. A verdict that stands
/// there meanwhile stays.
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
    if let (Some(trouble), Some(stored)) = (&mut late.trouble, &stored.trouble) {
        trouble.until = trouble.until.max(stored.until);
    }
    Some(led(Phase::of(stored), late))
}

/// What is stored, or nothing, with the claim of a program that begins to log in by itself.
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

/// What is stored without such a claim; `None` where there is none to take back.
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
