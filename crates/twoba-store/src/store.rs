//! The promises of every store.
//!
//! The suite behind the feature `conformance` tests a store for each of them.

mod awaited;
mod error;
mod found;
mod key_id;
mod listed;
mod maintained;
mod offloaded;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use twoba_core::{Change, Durable, SessionKey, StoredGrant, Timestamp};

pub use awaited::{AsyncApply, AsyncLease, AsyncStore};
pub use error::{ApplyError, DatabaseFailure, StoreError};
pub use found::Found;
pub use key_id::KeyId;
pub(crate) use listed::earliest;
pub use listed::{Due, Listed, ListedKind};
pub use maintained::{About, Content, KeptAside, Maintained, Mark};
pub use offloaded::{Direct, InPlace, Offload, Offloaded};

/// A place that keeps sessions.
///
/// An operation takes as long as the disk or the database needs, and never waits for another
/// caller's refresh. Each key is a session of its own, and an operation on one key touches no
/// other.
pub trait Store: Send + Sync {
    /// Reads the stored bytes, without a lock and never torn. `None` if nothing is stored.
    ///
    /// Bytes that cannot be a record (for example, more than
    /// [`RECORD_MAX`](twoba_core::limits::RECORD_MAX)) are no error here. They are read as bytes
    /// that no session accepts. A login or a logout can then replace them, and keeps them aside as
    /// a whole.
    ///
    /// # Errors
    ///
    /// - the place cannot be read: [`StoreError::Io`]
    fn read(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError>;

    /// Takes the exclusive right to refresh this session, at once. `None` if another caller has it.
    /// This method never waits; the caller decides how long to try again. The lease is released
    /// when it is dropped, and when its process ends.
    ///
    /// # Errors
    ///
    /// - the place cannot be used: [`StoreError::Io`]
    fn try_lease(&self, key: &SessionKey) -> Result<Option<Box<dyn Lease>>, StoreError>;

    /// The number of the process that has the lease of this session, or had it last, as recorded in
    /// the store. `None` if the store does not know. Call it only for an error message after
    /// [`try_lease`](Self::try_lease) was refused. The lease may be free again by now.
    ///
    /// # Errors
    ///
    /// - the place cannot be read: [`StoreError::Io`]
    fn holder(&self, _key: &SessionKey) -> Result<Option<u32>, StoreError> {
        Ok(None)
    }

    /// Applies a change without the lease. It is for a login or a logout, which must not wait for a
    /// refresh on its way. Success means that the change survives a crash.
    ///
    /// A store that returns [`ApplyError::Store`] may still have applied the change, whatever the
    /// error is. A folder may not have been synced, or the answer to a commit may have been lost. A
    /// change that is applied a second time finds itself: the result is [`ApplyError::Conflict`]
    /// with its own record, which then survives a crash.
    ///
    /// The same operation keeps the replaced bytes aside if the change [asks for
    /// that](Change::keeps_replaced), and removes a rescued grant if the change [ends
    /// it](Change::ends_rescue).
    ///
    /// # Errors
    ///
    /// - the stored bytes are not those that the change expects: [`ApplyError::Conflict`]
    /// - the place cannot be written: [`ApplyError::Store`]
    fn change(&self, key: &SessionKey, change: &Change) -> Result<Durable, ApplyError>;

    /// Checks whether the stored bytes can be read and a change could be written now. Callers check
    /// this before a password or a code leaves. It changes nothing that can be read or listed.
    ///
    /// # Errors
    ///
    /// - the place cannot be read or written: [`StoreError::Io`] or another
    fn probe(&self, key: &SessionKey) -> Result<(), StoreError>;

    /// Lists at most `limit` sessions whose date is `before` or earlier. The earliest comes first,
    /// and sessions of the same time are in the order of keys. A session without such a date is not
    /// in the list. A session whose record cannot be read may be missing.
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

    /// Lists everything that belongs to the first `limit` keys after `after`, in the order of keys
    /// (as bytes). A caller passes the last key of each answer as the next `after`, and has seen
    /// everything when an answer is empty.
    ///
    /// # Errors
    ///
    /// - the place cannot be read: [`StoreError::Io`]
    fn list(&self, after: Option<&SessionKey>, limit: usize) -> Result<Vec<Listed>, StoreError>;

    /// Keeps a grant that could not be stored. It is protected like the record, and replaces a
    /// grant that was kept before. The record stays as it is. Success means that the grant survives
    /// a crash.
    ///
    /// # Errors
    ///
    /// - this store has no such place: [`StoreError::NoRescue`]
    /// - the place cannot be written: [`StoreError::Io`] or another
    fn rescue(&self, key: &SessionKey, record: &StoredGrant) -> Result<(), StoreError>;

    /// The grant that [`rescue`](Self::rescue) has kept and no change has
    /// [ended](Change::ends_rescue). `None` if there is no such grant, or no place for one.
    ///
    /// As long as this fails, nobody refreshes the session, because the stored token may be spent.
    ///
    /// A crash can leave a grant here beside the change that ended it. No session adopts such a
    /// grant: its generation is no higher than the stored one, or its login has been replaced or
    /// has ended.
    ///
    /// # Errors
    ///
    /// - the place cannot be read: [`StoreError::Io`]
    fn rescued(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError>;
}

/// The exclusive right to refresh one session. Dropping it releases it.
pub trait Lease: Apply + Send {
    /// What the store has read in the same operation that took this lease: nobody can have had the
    /// lease in between. It is returned once, without a look at the store, and is as old as the
    /// lease. `None` if the store has read nothing, or was asked before. Then
    /// [`load`](Self::load) and [`Store::rescued`] read it.
    ///
    /// A login or a logout may have come since. The next change then finds it.
    fn found(&mut self) -> Option<Found> {
        None
    }

    /// Reads the bytes that are stored now, under this lease. A request may leave after it, so a
    /// store whose leases expire checks that this one is still held.
    ///
    /// # Errors
    ///
    /// - another caller may have the lease: [`StoreError::LeaseLost`]. It will not come back.
    /// - the place cannot be read: [`StoreError::Io`]
    fn load(&mut self) -> Result<Option<StoredGrant>, StoreError>;

    /// Asks for more time, if leases expire, and checks that this lease is still held.
    ///
    /// # Errors
    ///
    /// - another caller may have it: [`StoreError::LeaseLost`]. It will not come back.
    /// - the place cannot be used: [`StoreError::Io`]
    fn renew(&mut self) -> Result<(), StoreError>;

    /// Applies a change like [`Apply::apply`], and releases the lease in the same operation if that
    /// succeeds. After a success, the holder drops the lease and does nothing else with it.
    ///
    /// If it fails, the lease is still held, unless it is not known whether the change was applied.
    /// The next [`load`](Self::load) or [`renew`](Self::renew) then tells.
    ///
    /// A store that cannot do both at once does not override this method. The lease is then
    /// released when it is dropped.
    ///
    /// # Errors
    ///
    /// - as for [`Apply::apply`]
    fn finish(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        self.apply(change)
    }

    /// Releases the lease.
    fn release(self: Box<Self>) {
        drop(self);
    }
}

/// The part of a store that a drive loop needs: it applies changes of one session, one at a time.
pub trait Apply {
    /// Applies a change like [`Store::change`]. Success means that it survives a crash.
    ///
    /// # Errors
    ///
    /// - the stored bytes are not those that the change expects: [`ApplyError::Conflict`]
    /// - the place cannot be written: [`ApplyError::Store`]
    fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError>;
}

/// Applies changes without the lease by [`Store::change`], for logins and logouts.
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

/// A store that several owners share.
impl<S: Store + ?Sized> Store for Arc<S> {
    fn read(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        (**self).read(key)
    }

    fn try_lease(&self, key: &SessionKey) -> Result<Option<Box<dyn Lease>>, StoreError> {
        (**self).try_lease(key)
    }

    fn holder(&self, key: &SessionKey) -> Result<Option<u32>, StoreError> {
        (**self).holder(key)
    }

    fn change(&self, key: &SessionKey, change: &Change) -> Result<Durable, ApplyError> {
        (**self).change(key, change)
    }

    fn probe(&self, key: &SessionKey) -> Result<(), StoreError> {
        (**self).probe(key)
    }

    fn due(
        &self,
        which: Due,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<SessionKey>, StoreError> {
        (**self).due(which, before, limit)
    }

    fn list(&self, after: Option<&SessionKey>, limit: usize) -> Result<Vec<Listed>, StoreError> {
        (**self).list(after, limit)
    }

    fn rescue(&self, key: &SessionKey, record: &StoredGrant) -> Result<(), StoreError> {
        (**self).rescue(key, record)
    }

    fn rescued(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        (**self).rescued(key)
    }
}
