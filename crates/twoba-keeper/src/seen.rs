//! The latest generation that this process has seen of a session, and of the logins before. It
//! detects a store that goes back, and repairs the store if the grant is still in memory.

use twoba_core::{LoginId, SeenGrant, Session, TokenId, Unsent};

/// How many logins before the last one are remembered.
const EARLIER_MAX: usize = 3;

/// The record of what was seen.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    latest: Latest,
    /// The latest generations of the logins before, the last one first.
    earlier: Box<[TokenId]>,
    /// An intent that may be stored although its end is known.
    unsent: Option<Box<Unsent>>,
    /// Whether the store has a note of it for other processes.
    is_told: bool,
}

/// The latest generation of the login that was stored last.
#[derive(Debug, Default)]
enum Latest {
    #[default]
    Nothing,
    /// The id alone, which outlives the memory of an idle session.
    Id(TokenId),
    /// The whole grant, which can be stored again.
    Grant(SeenGrant),
}

/// What outlives the memory of an idle session.
#[derive(Debug)]
pub(crate) struct SeenIds {
    latest: TokenId,
    earlier: Box<[TokenId]>,
}

impl Seen {
    /// Restores the ids of a session whose memory was released.
    pub(crate) fn before(ids: Option<SeenIds>) -> Self {
        let Some(SeenIds { latest, earlier }) = ids else {
            return Self::default();
        };
        Self {
            latest: Latest::Id(latest),
            earlier,
            unsent: None,
            is_told: false,
        }
    }

    /// The ids of everything that was seen; `None` if that is nothing.
    pub(crate) fn ids(&self) -> Option<SeenIds> {
        Some(SeenIds {
            latest: self.id()?,
            earlier: self.earlier.clone(),
        })
    }

    fn id(&self) -> Option<TokenId> {
        match &self.latest {
            Latest::Nothing => None,
            Latest::Id(id) => Some(*id),
            Latest::Grant(grant) => Some(grant.id()),
        }
    }

    /// The latest generation of this login that was seen.
    fn of(&self, login: LoginId) -> Option<TokenId> {
        let mut ids = self.id().into_iter().chain(self.earlier.iter().copied());
        ids.find(|seen| seen.login == login)
    }

    /// Whether a generation is earlier than a seen one of the same login.
    pub(crate) fn is_past(&self, id: TokenId) -> bool {
        let seen = self.of(id.login);
        seen.is_some_and(|seen| id.generation < seen.generation)
    }

    /// The latest generation of the login of this one that is known.
    pub(crate) fn latest(&self, id: TokenId) -> TokenId {
        let seen = self.of(id.login);
        seen.filter(|seen| seen.generation > id.generation)
            .unwrap_or(id)
    }

    /// Notes what a session has read from the store or written to it.
    pub(crate) fn note(&mut self, session: &Session) {
        let Some(grant) = session.seen_grant() else {
            return;
        };
        let login = grant.id().login;
        if self.is_past(grant.id()) {
            return;
        }
        if let Some(last) = self.id().filter(|last| last.login != login) {
            let others = self.earlier.iter().copied();
            let others = others.filter(|seen| seen.login != login);
            let earlier = core::iter::once(last).chain(others);
            self.earlier = earlier.take(EARLIER_MAX).collect();
        }
        self.latest = Latest::Grant(grant);
    }

    /// Tells a session that has just read the store under the lease.
    pub(crate) fn tell(&mut self, session: &mut Session) {
        if let Some(unsent) = self.unsent.take() {
            session.give_unsent(*unsent);
        }
        let stored = session.token_id();
        let seen = stored.and_then(|stored| self.of(stored.login));
        if let Some(seen) = seen.or_else(|| self.id()) {
            session.remember(seen);
        }
        if let Latest::Grant(seen) = &self.latest {
            session.offer_seen(seen);
        }
    }

    /// Whether an intent may be stored whose end only this memory knows.
    pub(crate) fn has_unsent(&self) -> bool {
        self.unsent.is_some()
    }

    /// Whether other processes may count such an intent as an attempt.
    pub(crate) fn has_untold(&self) -> bool {
        self.has_unsent() && !self.is_told
    }

    /// Keeps an intent that a session could not take back. Tells whether the store has a note of it.
    pub(crate) fn keep_unsent(&mut self, session: &mut Session, is_told: bool) {
        self.unsent = session.take_unsent().map(Box::new);
        self.is_told = is_told;
    }
}
