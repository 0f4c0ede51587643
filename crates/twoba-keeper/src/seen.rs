//! The latest generation that this process has seen of a session. It detects a store that goes
//! back, and repairs the store if the grant is still in memory.

use twoba_core::{SeenGrant, Session, TokenId, Unsent};

/// The record of what was seen.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    latest: Latest,
    /// An intent that may be stored although its request never left.
    unsent: Option<Box<Unsent>>,
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

impl Seen {
    /// Restores the id, which outlives the memory of an idle session.
    pub(crate) fn before(id: Option<TokenId>) -> Self {
        Self {
            latest: id.map_or(Latest::Nothing, Latest::Id),
            unsent: None,
        }
    }

    pub(crate) fn id(&self) -> Option<TokenId> {
        match &self.latest {
            Latest::Nothing => None,
            Latest::Id(id) => Some(*id),
            Latest::Grant(grant) => Some(grant.id()),
        }
    }

    /// Whether a generation is earlier than a seen one of the same login.
    pub(crate) fn is_past(&self, id: TokenId) -> bool {
        self.id()
            .is_some_and(|seen| seen.login == id.login && id.generation < seen.generation)
    }

    /// Notes what a session has read from the store or written to it.
    pub(crate) fn note(&mut self, session: &Session) {
        if let Some(grant) = session.seen_grant()
            && !self.is_past(grant.id())
        {
            self.latest = Latest::Grant(grant);
        }
    }

    /// Tells a session that has just read the store under the lease.
    pub(crate) fn tell(&mut self, session: &mut Session) {
        if let Some(unsent) = self.unsent.take() {
            session.give_unsent(*unsent);
        }
        if let Some(seen) = self.id() {
            session.remember(seen);
        }
        if let Latest::Grant(seen) = &self.latest {
            session.offer_seen(seen);
        }
    }

    /// Keeps an intent that a session could not take back.
    pub(crate) fn keep_unsent(&mut self, session: &mut Session) {
        self.unsent = session.take_unsent().map(Box::new);
    }
}
