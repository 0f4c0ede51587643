//! What every store promises.
//!
//! The suite behind the feature `conformance` holds a store to each of these words.

mod awaited;
mod error;
mod listed;
mod offloaded;

use std::fmt;

use async_trait::async_trait;
use twoba_core::{Change, Durable, SessionKey, StoredGrant, Timestamp};

pub use awaited::{AsyncApply, AsyncLease, AsyncStore};
pub use error::{ApplyError, StoreError};
pub(crate) use listed::earliest;
pub use listed::{Due, Listed, ListedKind};
pub use offloaded::{Direct, InPlace, Offload, Offloaded};

/// A place that keeps sessions.
///
/// An operation takes as long as the disk or the database takes; none waits for somebody's
/// refresh. Each key is a session of its own: an operation on one touches no other.
pub trait Store: Send + Sync {
    /// What is stored, read without a lock and never torn; `None` where nothing is.
    ///
    /// What cannot be a record (bytes over [`RECORD_MAX`](twoba_core::limits::RECORD_MAX), say)
    /// is no error here: it is read as bytes that no session can read, so that a login or a
    /// logout can replace it, and is kept aside as a whole.
    ///
    /// # Errors
    ///
    /// - the place cannot be read: [`StoreError::Io`]
    fn read(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError>;

    /// The exclusive right to refresh this session, taken at once; `None` where somebody else
    /// has it. This never waits: the caller decides how long to try again. The lease goes back
    /// when it is dropped, and when its process ends.
    ///
    /// # Errors
    ///
    /// - the place cannot be used: [`StoreError::Io`]
    fn try_lease(&self, key: &SessionKey) -> Result<Option<Box<dyn Lease>>, StoreError>;

    /// The number of the process that has the lease of this session or had it last, by what it
    /// has left in the store; `None` where a store does not know. Asked for an error after
    /// [`try_lease`](Self::try_lease) was refused, and for nothing else: it may be over by now.
    ///
    /// # Errors
    ///
    /// - the place cannot be read: [`StoreError::Io`]
    fn holder(&self, _key: &SessionKey) -> Result<Option<u32>, StoreError> {
        Ok(None)
    }

    /// Applies a change without the lease, for a login or a logout: it must not wait for a
    /// refresh that is out. Success means that it survives a crash.
    ///
    /// A store that answers [`ApplyError::Store`] may have applied the change all the same,
    /// whatever the error is: a folder that cannot be synced, a commit whose answer was lost. A
    /// change that is applied a second time finds itself: [`ApplyError::Conflict`] with its own
    /// record, which then survives a crash.
    ///
    /// In the same act the store keeps the replaced bytes aside if the change
    /// [asks for that](Change::keeps_replaced), and removes a rescued grant if the change
    /// [ends it](Change::ends_rescue).
    ///
    /// # Errors
    ///
    /// - something else is stored than the change expects: [`ApplyError::Conflict`]
    /// - the place cannot be written: [`ApplyError::Store`]
    fn change(&self, key: &SessionKey, change: &Change) -> Result<Durable, ApplyError>;

    /// Whether what is stored can be read and a change could be written now; asked before a
    /// password or a code leaves. It changes nothing that can be read or listed.
    ///
    /// # Errors
    ///
    /// - the place cannot be read or written: [`StoreError::Io`] or another
    fn probe(&self, key: &SessionKey) -> Result<(), StoreError>;

    /// The sessions whose date is `before` or earlier: the earliest first, those of the same
    /// moment in the order of keys, at most `limit` of them. A session without such a date is
    /// not among them; one whose record cannot be read need not be.
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

    /// What lies in the store, in the order of keys (that of their bytes): everything that
    /// belongs to the first `limit` keys behind `after`. A caller that passes the last key of
    /// each answer as the next `after` has seen all once an answer is empty.
    ///
    /// # Errors
    ///
    /// - the place cannot be read: [`StoreError::Io`]
    fn list(&self, after: Option<&SessionKey>, limit: usize) -> Result<Vec<Listed>, StoreError>;

    /// Keeps a grant that could not be stored, as protected as the record is, and in place of a
    /// grant that was kept before. The record stays as it is. Success means that the grant
    /// survives a crash.
    ///
    /// # Errors
    ///
    /// - this store has no such place: [`StoreError::NoRescue`]
    /// - the place cannot be written: [`StoreError::Io`] or another
    fn rescue(&self, key: &SessionKey, record: &StoredGrant) -> Result<(), StoreError>;

    /// What [`rescue`](Self::rescue) has kept and no change has [ended](Change::ends_rescue);
    /// `None` where there is nothing, or no such place.
    ///
    /// A crash can leave a grant here beside the change that ended it. Nobody adopts such a
    /// grant: its generation is no higher than the stored one, or its login has been replaced
    /// or has ended.
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

    /// Asks for more time, where leases run out, and says whether this one is still held.
    ///
    /// # Errors
    ///
    /// - somebody else may have it: [`StoreError::LeaseLost`]; it will not come back
    /// - the place cannot be used: [`StoreError::Io`]
    fn renew(&mut self) -> Result<(), StoreError>;

    /// As [`Apply::apply`], and gives the lease back in the same act if that succeeds; if it
    /// fails, the lease is still held. After a success the holder drops the lease and does
    /// nothing else with it.
    ///
    /// A store that cannot do both in one act leaves this as it is: the lease goes back when it
    /// is dropped.
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
