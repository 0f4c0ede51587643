//! What this process has seen of a session: a store that goes back is noticed by it, and healed
//! with it where it is still there.

use twoba_core::{Session, StoredGrant, TokenId, Unsent};

/// What was seen.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// The latest generation of the login that was stored last.
    id: Option<TokenId>,
    /// Its record, to be stored again; gone with the memory of an idle session.
    record: Option<StoredGrant>,
    /// An intent that may be stored and never left.
    unsent: Option<Box<Unsent>>,
}

impl Seen {
    /// As much as outlives the memory of an idle session.
    pub(crate) fn before(id: Option<TokenId>) -> Self {
        Self {
            id,
            ..Self::default()
        }
    }

    pub(crate) fn id(&self) -> Option<TokenId> {
        self.id
    }

    /// Whether a generation is earlier than one that was seen of its login.
    pub(crate) fn is_past(&self, id: TokenId) -> bool {
        self.id
            .is_some_and(|seen| seen.login == id.login && id.generation < seen.generation)
    }

    /// Notes what a session has found in the store or put there.
    pub(crate) fn note(&mut self, session: &Session) {
        let (Some(id), Some(record)) = (session.token_id(), session.stored()) else {
            return;
        };
        if !self.is_past(id) {
            self.id = Some(id);
            self.record = Some(record.clone());
        }
    }

    /// Tells a session that has just looked at the store under the lease.
    pub(crate) fn tell(&mut self, session: &mut Session) {
        if let Some(unsent) = self.unsent.take() {
            session.give_unsent(*unsent);
        }
        if let Some(seen) = self.id {
            session.remember(seen);
        }
        if let Some(record) = self
            .record
            .as_ref()
            .filter(|_| self.id != session.token_id())
        {
            session.offer(record);
        }
    }

    /// Keeps what a session could not take back.
    pub(crate) fn keep_unsent(&mut self, session: &mut Session) {
        self.unsent = session.take_unsent().map(Box::new);
    }
}
