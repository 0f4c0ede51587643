//! What the cases have to know of a store under test.

use twoba_core::SessionKey;

use super::awaited::Driven;
use crate::block_on::block_on;
use crate::store::{AsyncStore, ListedKind, Store};

/// A store under test, empty at first, and what the cases have to know of it.
pub trait Subject: Send + Sync {
    /// The store, opened once more, as another process would open it.
    fn open(&self) -> Box<dyn Store>;

    /// Puts bytes where the record of `key` stands, past the store, as a disk that was damaged
    /// or another program would leave them. Where the store keeps a revision beside them, it
    /// is of these bytes; where it keeps dates, there are none.
    fn plant(&self, key: &SessionKey, bytes: &[u8]);

    /// What the store has kept aside of `key`, read past the store.
    fn kept_aside(&self, key: &SessionKey) -> Vec<Vec<u8>>;

    /// How the thing of this kind that lies there is protected, in words of the store's own;
    /// the cases compare them. Without it, everything lies in one place with one protection.
    fn protection(&self, _: &SessionKey, _: ListedKind) -> String {
        "as everything in the store".to_owned()
    }

    /// Lets no write of `key` succeed from now on, or lets them succeed again; false where a
    /// test cannot do that.
    fn obstruct(&self, _: &SessionKey, _obstructed: bool) -> bool {
        false
    }

    /// Has the lease of `key` run out, as if its holder had been silent for too long; false
    /// where leases do not run out.
    fn lapse(&self, _: &SessionKey) -> bool {
        false
    }

    /// How many keys make many.
    fn many(&self) -> usize {
        200
    }
}

/// A store under test whose operations are awaited. Its [`open`](Subject::open) is an
/// [`Awaited`] of the same store.
pub trait AsyncSubject: Subject {
    /// The store, opened once more.
    fn open_async(&self) -> Box<dyn AsyncStore>;

    /// Drives a future to its end, where the store's futures can be polled.
    fn drive(&self, future: Driven<'_>) {
        block_on(future);
    }
}
