//! The states in the picture of a session, and the changes between them.

use super::held::Held;
use crate::session::trouble::TroubleReason;

/// A state in the picture of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::session) enum Phase {
    Gone,
    Idle,
    Intent,
    Ambiguous,
    NotSent,
    Refused,
    Transient,
    Dead,
}

/// A change from one state to another, or from any state if it names none.
#[derive(Debug, Clone, Copy)]
pub(in crate::session) struct Edge {
    pub(in crate::session) from: Option<Phase>,
    pub(in crate::session) to: Phase,
    /// The label of the change in the picture.
    #[cfg_attr(not(test), expect(dead_code, reason = "words are for the picture"))]
    pub(in crate::session) why: &'static str,
}

const fn way(from: Phase, to: Phase, why: &'static str) -> Edge {
    let from = Some(from);
    Edge { from, to, why }
}

/// All changes.
pub(in crate::session) const EDGES: [Edge; 23] = [
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
    /// The state of a grant.
    pub(in crate::session) fn of(held: &Held) -> Self {
        let reason = held.trouble().map(|trouble| trouble.reason);
        match (held.verdict(), held.intent(), reason) {
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
