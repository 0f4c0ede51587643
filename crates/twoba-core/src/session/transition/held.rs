//! A grant and what happened to it, in stored form. The whole session can read it, and only the
//! transitions change it.

use alloc::boxed::Box;
use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::answer::Lifetime;
use crate::limits::CLOCK_APART;
use crate::session::grant::Grant;
use crate::session::id::{LoginId, TokenId};
use crate::session::intent::Intent;
use crate::session::trouble::Trouble;
use crate::session::verdict::Verdict;
use crate::time::Timestamp;

/// The state that a record holds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(in crate::session) enum State {
    /// Nobody has logged in yet, but a program has begun to log in by itself.
    Nobody {
        sign_in_at: Option<Timestamp>,
    },
    Held(Box<Held>),
    Gone {
        login: Option<LoginId>,
        at: Timestamp,
    },
}

/// The same by reference, so that it can be written without copying the tokens.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::session) enum StateRef<'a> {
    Nobody {
        sign_in_at: Option<Timestamp>,
    },
    Held(&'a Held),
    Gone {
        login: Option<LoginId>,
        at: Timestamp,
    },
}

impl State {
    pub(in crate::session) fn by_ref(&self) -> StateRef<'_> {
        match self {
            Self::Nobody { sign_in_at } => StateRef::Nobody {
                sign_in_at: *sign_in_at,
            },
            Self::Held(held) => StateRef::Held(held),
            Self::Gone { login, at } => StateRef::Gone {
                login: *login,
                at: *at,
            },
        }
    }
}

/// A grant and what happened to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::session) struct Held {
    pub(super) login: LoginId,
    pub(super) generation: u64,
    pub(super) user: Option<String>,
    pub(super) grant: Grant,
    /// A refresh that may be on its way, or whose answer never came.
    pub(super) intent: Option<Intent>,
    /// The last failure that said nothing about the grant.
    pub(super) trouble: Option<Trouble>,
    /// The reason why the grant ended. Its tokens stay, because nothing is erased.
    pub(super) verdict: Option<Verdict>,
    /// When a program began to log in by itself because this generation had ended.
    pub(super) sign_in_at: Option<Timestamp>,
    /// When a rejected token last caused a refresh, over all generations.
    pub(super) rejected_at: Option<Timestamp>,
    /// Whether a rejection of the previous generation by a service caused this one.
    pub(super) born_of_rejection: bool,
    /// The members of the record beside its state.
    #[serde(skip)]
    pub(super) beside: Beside,
}

/// The members of a grant's record that earlier releases do not know. They are written only where
/// they are set. A member names its generation by number: a release that carries it along unread
/// then says nothing about the next generation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::session) struct Beside {
    /// By when the grant has to be refreshed before the server may forget it.
    pub(in crate::session) keep_by: Option<Timestamp>,
    /// The generation that showed that this login refreshes only at the end of its token.
    pub(in crate::session) refreshes_late: Option<u64>,
    /// The generation that a service has rejected.
    pub(in crate::session) rejected: Option<u64>,
    /// Whether a grant of this login was refreshed because its clock was ahead. That happens only
    /// once.
    pub(in crate::session) clock_doubted: bool,
    /// Only in a rescued record: an intent that a store may hold although its end is known.
    pub(in crate::session) rescued: Option<Intent>,
}

impl Held {
    /// A grant to which nothing has happened yet.
    pub(super) fn new(
        id: TokenId,
        user: Option<String>,
        grant: Grant,
        keep_by: Option<Timestamp>,
    ) -> Self {
        Self {
            login: id.login,
            generation: id.generation,
            user,
            grant,
            intent: None,
            trouble: None,
            verdict: None,
            sign_in_at: None,
            rejected_at: None,
            born_of_rejection: false,
            beside: Beside {
                keep_by,
                ..Beside::default()
            },
        }
    }

    pub(in crate::session) fn id(&self) -> TokenId {
        TokenId {
            login: self.login,
            generation: self.generation,
        }
    }

    pub(in crate::session) fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    pub(in crate::session) fn grant(&self) -> &Grant {
        &self.grant
    }

    pub(in crate::session) fn intent(&self) -> Option<&Intent> {
        self.intent.as_ref()
    }

    pub(in crate::session) fn trouble(&self) -> Option<&Trouble> {
        self.trouble.as_ref()
    }

    pub(in crate::session) fn verdict(&self) -> Option<&Verdict> {
        self.verdict.as_ref()
    }

    pub(in crate::session) fn sign_in_at(&self) -> Option<Timestamp> {
        self.sign_in_at
    }

    pub(in crate::session) fn rejected_at(&self) -> Option<Timestamp> {
        self.rejected_at
    }

    pub(in crate::session) fn born_of_rejection(&self) -> bool {
        self.born_of_rejection
    }

    pub(in crate::session) fn beside(&self) -> &Beside {
        &self.beside
    }

    /// The same grant with these members beside its state.
    pub(in crate::session) fn with_beside(mut self: Box<Self>, beside: Beside) -> Box<Self> {
        self.beside = beside;
        self
    }

    /// Whether a service has rejected the token of this generation.
    pub(in crate::session) fn is_rejected(&self) -> bool {
        self.beside.rejected == Some(self.generation)
    }

    /// When a server that refreshes late may be asked. `None` if this grant is not known to come
    /// from such a server, or if its end is unknown. After a service has rejected the token, there
    /// is no wait.
    pub(in crate::session) fn late_until(&self) -> Option<Timestamp> {
        self.beside.refreshes_late.filter(|_| !self.is_rejected())?;
        self.grant.late_at()
    }

    /// Whether a clock that is ahead of this one issued the grant. Such a grant is doubted once.
    pub(in crate::session) fn is_from_the_future(&self, now: Timestamp) -> bool {
        self.doubted_before().is_some_and(|start| now < start)
    }

    /// The time before which the grant seems to come from the future. `None` if that does not
    /// matter.
    pub(in crate::session) fn doubted_before(&self) -> Option<Timestamp> {
        let known = matches!(self.grant.lifetime, Lifetime::Known(_));
        let start = self.grant.issued_at.saturating_sub(CLOCK_APART);
        (known && !self.beside.clock_doubted).then_some(start)
    }
}
