//! What this process has seen of a session: a store that goes back is noticed by it, and healed
//! with it where it is still there.

use twoba_core::{SeenGrant, Session, TokenId, Unsent};

/// What was seen.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    latest: Latest,
    /// An intent that may be stored and never left.
    unsent: Option<Box<Unsent>>,
}

/// The latest generation of the login that was stored last.
#[derive(Debug, Default)]
enum Latest {
    #[default]
    Nothing,
    /// As much as outlives the memory of an idle session.
    Id(TokenId),
    /// It is still there to be stored again.
    Grant(SeenGrant),
}

impl Seen {
    /// As much as outlives the memory of an idle session.
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

    /// Whether a generation is earlier than one that was seen of its login.
    pub(crate) fn is_past(&self, id: TokenId) -> bool {
        self.id()
            .is_some_and(|seen| seen.login == id.login && id.generation < seen.generation)
    }

    /// Notes what a session has found in the store or put there.
    pub(crate) fn note(&mut self, session: &Session) {
        if let Some(grant) = session.seen_grant()
            && !self.is_past(grant.id())
        {
            self.latest = Latest::Grant(grant);
        }
    }

    /// Tells a session that has just looked at the store under the lease.
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

    /// Keeps what a session could not take back.
    pub(crate) fn keep_unsent(&mut self, session: &mut Session) {
        self.unsent = session.take_unsent().map(Box::new);
    }
}
