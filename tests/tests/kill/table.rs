//! Decides how a session has to end that was killed: the table of replay rules in the design, cell by cell.

use std::fmt;
use std::time::Duration;

use twoba_emulator::Policy;
use twoba_tests::KillPoint;

/// What the server does with a refresh token that is presented again. Windows are in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Server {
    Strict,
    Grace(u64),
    Reusable,
}

/// What the client does with a refresh token whose answer was lost. Windows are in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    Never,
    Once,
    Within(u64),
}

/// A server, and a replay rule that fits it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub(crate) server: Server,
    pub(crate) rule: Rule,
}

/// What had happened when the process was killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Happened {
    /// Nothing that anybody else could see.
    Nothing,
    /// The intent was durable, and the server had not seen the request.
    Intended,
    /// The server had rotated, and the answer died with the process.
    Rotated,
    /// The rotation was durable.
    Stored,
}

/// How it all ends, by the journal's count of what was ever sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ending {
    /// Whether the session has a token; else the user has to log in, because an answer was lost.
    pub(crate) kept: bool,
    pub(crate) refreshes: u64,
    pub(crate) rotations: u64,
    pub(crate) reuse: u64,
}

const fn ending(kept: bool, refreshes: u64, rotations: u64, reuse: u64) -> Ending {
    Ending {
        kept,
        refreshes,
        rotations,
        reuse,
    }
}

impl Server {
    pub(crate) const fn policy(self) -> Policy {
        match self {
            Self::Strict => Policy::Strict,
            Self::Grace(seconds) => Policy::Grace(Duration::from_secs(seconds)),
            Self::Reusable => Policy::Reusable,
        }
    }
}

/// What has happened when a process is killed there.
pub(crate) const fn happened(point: KillPoint) -> Happened {
    match point {
        KillPoint::BeforeLease | KillPoint::RecordRead | KillPoint::IntentHalfWritten => {
            Happened::Nothing
        }
        KillPoint::IntentStored | KillPoint::RequestHalfSent => Happened::Intended,
        KillPoint::Committed | KillPoint::AnswerRead | KillPoint::RotationHalfWritten => {
            Happened::Rotated
        }
        KillPoint::RotationStored => Happened::Stored,
    }
}

impl Column {
    /// How a session ends that goes on as soon as it may, which is after this wait.
    pub(crate) fn ending(self, happened: Happened, wait: Duration) -> Ending {
        match (happened, self.rule) {
            (Happened::Nothing | Happened::Stored, _) => ending(true, 1, 1, 0),
            (Happened::Intended, Rule::Never) => ending(false, 0, 0, 0),
            // "Request not seen by the AS": kept by any server under any other rule.
            (Happened::Intended, Rule::Once | Rule::Within(_)) => ending(true, 1, 1, 0),
            (Happened::Rotated, Rule::Never) => ending(false, 1, 1, 0),
            (Happened::Rotated, Rule::Once | Rule::Within(_)) => self.ending_of_a_lost_answer(wait),
        }
    }

    /// "Rotated, answer lost", under a rule that may replay.
    fn ending_of_a_lost_answer(self, wait: Duration) -> Ending {
        match (self.server, self.rule) {
            // Each time another token: the second one is a rotation too.
            (Server::Reusable, _) => ending(true, 2, 2, 0),
            // Who knows the window repeats at once, inside it.
            (Server::Grace(_), Rule::Within(_)) => ending(true, 2, 1, 0),
            // Kept inside the window. A window that is no longer than the wait has ended by then.
            (Server::Grace(seconds), _) if wait < Duration::from_secs(seconds) => {
                ending(true, 2, 1, 0)
            }
            // One reuse of a family that nobody holds.
            (Server::Strict | Server::Grace(_), _) => ending(false, 2, 1, 1),
        }
    }
}

impl fmt::Display for Rule {
    /// As the program `one-token` reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => f.write_str("never"),
            Self::Once => f.write_str("once"),
            Self::Within(seconds) => write!(f, "within:{}", seconds * 1000),
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "server {}, replay {}",
            self.server.policy(),
            match self.rule {
                Rule::Never => "never".to_owned(),
                Rule::Once => "once".to_owned(),
                Rule::Within(seconds) => format!("within {seconds} s"),
            }
        )
    }
}
