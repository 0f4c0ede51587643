//! What every store promises.
//!
//! The words here are exact: `conformance` (a feature of this crate) holds a store to each of
//! them.

mod awaited;
mod direct;
mod error;
mod listed;

use std::fmt;

use async_trait::async_trait;
use twoba_core::{Change, Durable, SessionKey, StoredGrant, Timestamp};

pub use awaited::{AsyncApply, AsyncLease, AsyncStore};
pub use direct::Direct;
pub use error::{ApplyError, StoreError};
pub(crate) use listed::earliest;
pub use listed::{Due, Listed, ListedKind};

/// A place that keeps sessions.
///
/// An operation may take as long as a disk or a database takes, and waits for nobody's
/// refresh. Each key is a session of its own: nothing that is done under one touches another.
pub trait Store: Send + Sync {
    /// What is stored, read without a lock and never torn; `None` where nothing is.
    ///
    /// # Errors
    ///
    /// - the place cannot be read: [`StoreError::Io`]
    fn read(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError>;

    /// The exclusive right to refresh this session, taken at once; `None` where somebody else
    /// has it. This never waits: how long to try again is the caller's business. Dropping the
    /// lease gives it back, and so does the end of its thread or process.
    ///
    /// # Errors
    ///
    /// - the place cannot be used: [`StoreError::Io`]
    fn try_lease(&self, key: &SessionKey) -> Result<Option<Box<dyn Lease>>, StoreError>;

    /// Applies a change without the lease, for a login or a logout: it must not wait for a
    /// refresh that is out. Success means that it survives a crash.
    ///
    /// A store that answers [`ApplyError::Store`] may have applied it all the same. Applied
    /// again, it finds itself: [`ApplyError::Conflict`] with the change's own record.
    ///
    /// In the same act the replaced bytes are kept aside where the change
    /// [asks for that](Change::keeps_replaced), and a rescued grant is removed where the change
    /// [ends it](Change::ends_rescue).
    ///
    /// # Errors
    ///
    /// - something else is stored than the change expects: [`ApplyError::Conflict`]
    /// - the place cannot be written: [`ApplyError::Store`]
    fn change(&self, key: &SessionKey, change: &Change) -> Result<Durable, ApplyError>;

    /// Whether a change could be written now; asked before a password or a code leaves. It
    /// changes nothing that can be read or listed.
    ///
    /// # Errors
    ///
    /// - the place cannot be written: [`StoreError::Io`] or another
    fn probe(&self, key: &SessionKey) -> Result<(), StoreError>;

    /// The sessions whose date is `before` or earlier, the earliest first, at most `limit`.
    /// What cannot be read, and what has no such date, is not among them.
    ///
    /// # Errors
    ///
    /// - the place cannot be read: [`StoreError::Io`]
    fn due(
        &self,
        which: Due,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<SessionKey>, StoreError>;

    /// What lies in the store, in the order of keys: all that belongs to the first `limit` keys
    /// behind `after`. Who asks again with the last key of each answer has seen everything once
    /// an answer is empty.
    ///
    /// # Errors
    ///
    /// - the place cannot be read: [`StoreError::Io`]
    fn list(&self, after: Option<&SessionKey>, limit: usize) -> Result<Vec<Listed>, StoreError>;

    /// Keeps a grant that could not be stored where the record is kept, as protected as the
    /// record is, in place of one that was kept before. The record stays as it is. Success
    /// means that it survives a crash.
    ///
    /// # Errors
    ///
    /// - this store has no such place: [`StoreError::NoRescue`]
    /// - the place cannot be written: [`StoreError::Io`] or another
    fn rescue(&self, key: &SessionKey, record: &StoredGrant) -> Result<(), StoreError>;

    /// What [`rescue`](Self::rescue) has kept, until a change [ends](Change::ends_rescue) it;
    /// `None` where there is nothing, or no such place.
    ///
    /// A crash, or a disk that fails, can leave it standing beside the change that ended it.
    /// That is harmless: its generation is no higher than the stored one then, or it belongs to
    /// another login, and such a grant is adopted by nobody.
    ///
    /// # Errors
    ///
    /// - the place cannot be read: [`StoreError::Io`]
    fn rescued(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError>;
}

/// The exclusive right to refresh one session. Dropping it gives it back.
pub trait Lease: Apply + Send {
    /// What is stored now.
    ///
    /// # Errors
    ///
    /// - the place cannot be read: [`StoreError::Io`]
    fn load(&mut self) -> Result<Option<StoredGrant>, StoreError>;

    /// Asks for more time where leases run out, and says whether this one is still held.
    ///
    /// # Errors
    ///
    /// - somebody else may have it: [`StoreError::LeaseLost`]; it will not come back
    /// - the place cannot be used: [`StoreError::Io`]
    fn renew(&mut self) -> Result<(), StoreError>;

    /// As [`Apply::apply`], and gives the lease back in the same act where that succeeds; where
    /// it does not, the lease is still held. A lease that was given back is only dropped.
    ///
    /// Unless a store does better, the lease goes back when it is dropped.
    ///
    /// # Errors
    ///
    /// - as for [`Apply::apply`]
    fn finish(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        self.apply(change)
    }

    /// Gives the lease back.
    fn release(self: Box<Self>) {
        drop(self);
    }
}

/// What a drive loop needs of a store: changes of one session applied, one at a time.
pub trait Apply {
    /// Applies a change, as [`Store::change`] does; success means that it survives a crash.
    ///
    /// # Errors
    ///
    /// - something else is stored than the change expects: [`ApplyError::Conflict`]
    /// - the place cannot be written: [`ApplyError::Store`]
    fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError>;
}

/// Applies changes without the lease, by [`Store::change`]: for logins and logouts.
pub struct Unleased<'a, S: ?Sized> {
    /// The store.
    pub store: &'a S,
    /// The session.
    pub key: &'a SessionKey,
}

impl<S: ?Sized> fmt::Debug for Unleased<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unleased")
            .field("key", self.key)
            .finish_non_exhaustive()
    }
}

impl<S: Store + ?Sized> Apply for Unleased<'_, S> {
    fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        self.store.change(self.key, change)
    }
}

#[async_trait]
impl<S: AsyncStore + ?Sized> AsyncApply for Unleased<'_, S> {
    async fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        self.store.change(self.key, change).await
    }
}
