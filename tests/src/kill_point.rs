//! Decides at which points of a refresh a process is killed and how they are written; not what it leaves behind.

use std::fmt;
use std::str::FromStr;

/// The variable that tells the program `one-token` where to stop. Nothing else reads it.
pub const KILL_POINT: &str = "ONE_TOKEN_STOPS_AT";

/// The session that the program asks for its token.
pub const SESSION: &str = "default";

/// A point in the way of a refresh, in the order of that way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KillPoint {
    /// The lease has not been asked for.
    BeforeLease,
    /// The lease is held and the record read; the store has not been given the intent.
    RecordRead,
    /// The intent is being written: a temporary file holds a part of it.
    IntentHalfWritten,
    /// The intent is durable, and nothing of the request has been sent.
    IntentStored,
    /// The server has a part of the request.
    RequestHalfSent,
    /// The server has the request and has answered; nobody has read the answer.
    Committed,
    /// The answer has been read; the session has not been given it.
    AnswerRead,
    /// The rotation is being written: a temporary file holds a part of it.
    RotationHalfWritten,
    /// The rotation is durable, and nobody has the token.
    RotationStored,
}

impl KillPoint {
    /// All of them, in the order of a refresh.
    pub const ALL: [Self; 9] = [
        Self::BeforeLease,
        Self::RecordRead,
        Self::IntentHalfWritten,
        Self::IntentStored,
        Self::RequestHalfSent,
        Self::Committed,
        Self::AnswerRead,
        Self::RotationHalfWritten,
        Self::RotationStored,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::BeforeLease => "before-lease",
            Self::RecordRead => "record-read",
            Self::IntentHalfWritten => "intent-half-written",
            Self::IntentStored => "intent-stored",
            Self::RequestHalfSent => "request-half-sent",
            Self::Committed => "committed",
            Self::AnswerRead => "answer-read",
            Self::RotationHalfWritten => "rotation-half-written",
            Self::RotationStored => "rotation-stored",
        }
    }
}

impl fmt::Display for KillPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for KillPoint {
    type Err = &'static str;

    /// Reads the name of a point.
    ///
    /// # Errors
    ///
    /// - no point has this name: a text that says so
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|point| point.name() == text)
            .ok_or("no such kill point")
    }
}
