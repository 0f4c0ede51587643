//! The rows as data: what the specifications ask of a client, in our words. Which test shows a row stands at the test.
//!
//! "OAuth 2.1" is the draft in its source of May 2026; its section numbers may move.

mod login;
mod tokens;
mod usage;

/// How strongly a row is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// A specification says must or must not.
    Must,
    /// A specification says should, should not or recommended.
    Should,
    /// Both words occur, by specification or by part.
    Both,
    /// Derived: a server may do so, so that a client has to survive it.
    Derived,
}

impl Level {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::Both => "must, should",
            Self::Derived => "derived",
        }
    }
}

/// One thing that is asked of a client.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) id: &'static str,
    pub(super) level: Level,
    pub(super) source: &'static str,
    pub(super) asks: &'static str,
}

/// Rows of one subject.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) title: &'static str,
    pub(super) rows: &'static [Row],
}

pub(super) const GROUPS: [Group; 8] = [
    Group {
        title: "Authorization request",
        rows: login::REQUEST,
    },
    Group {
        title: "Authorization response",
        rows: login::RESPONSE,
    },
    Group {
        title: "Native application and loopback",
        rows: login::NATIVE,
    },
    Group {
        title: "Token request and client authentication",
        rows: tokens::REQUEST,
    },
    Group {
        title: "Token response",
        rows: tokens::RESPONSE,
    },
    Group {
        title: "Refresh and storage",
        rows: tokens::REFRESH,
    },
    Group {
        title: "Using the token",
        rows: usage::CALLS,
    },
    Group {
        title: "Metadata, revocation, introspection, device flow",
        rows: usage::OTHERS,
    },
];

const fn row(id: &'static str, level: Level, source: &'static str, asks: &'static str) -> Row {
    Row {
        id,
        level,
        source,
        asks,
    }
}
