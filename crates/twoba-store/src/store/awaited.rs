//! The same promises for async stores.

use async_trait::async_trait;
use twoba_core::{Change, Durable, SessionKey, StoredGrant, Timestamp};

use super::{ApplyError, Due, Found, Listed, StoreError};

/// An async [`Store`](crate::Store).
///
/// A caller may drop the future of an operation at any moment. The store has then carried out the
/// operation as a whole, or does so a little later, or never. A lease that nobody received is
/// released.
#[async_trait]
pub trait AsyncStore: Send + Sync {
    /// The async [`Store::read`](crate::Store::read).
    ///
    /// # Errors
    ///
    /// - as for the blocking method
    async fn read(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError>;

    /// The async [`Store::try_lease`](crate::Store::try_lease).
    ///
    /// # Errors
    ///
    /// - as for the blocking method
    async fn try_lease(&self, key: &SessionKey) -> Result<Option<Box<dyn AsyncLease>>, StoreError>;

    /// The async [`Store::holder`](crate::Store::holder).
    ///
    /// # Errors
    ///
    /// - as for the blocking method
    async fn holder(&self, _key: &SessionKey) -> Result<Option<u32>, StoreError> {
        Ok(None)
    }

    /// The async [`Store::change`](crate::Store::change).
    ///
    /// # Errors
    ///
    /// - as for the blocking method
    async fn change(&self, key: &SessionKey, change: &Change) -> Result<Durable, ApplyError>;

    /// The async [`Store::probe`](crate::Store::probe).
    ///
    /// # Errors
    ///
    /// - as for the blocking method
    async fn probe(&self, key: &SessionKey) -> Result<(), StoreError>;

    /// The async [`Store::due`](crate::Store::due).
    ///
    /// # Errors
    ///
    /// - as for the blocking method
    async fn due(
        &self,
        which: Due,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<SessionKey>, StoreError>;

    /// The async [`Store::list`](crate::Store::list).
    ///
    /// # Errors
    ///
    /// - as for the blocking method
    async fn list(
        &self,
        after: Option<&SessionKey>,
        limit: usize,
    ) -> Result<Vec<Listed>, StoreError>;

    /// The async [`Store::rescue`](crate::Store::rescue).
    ///
    /// # Errors
    ///
    /// - as for the blocking method
    async fn rescue(&self, key: &SessionKey, record: &StoredGrant) -> Result<(), StoreError>;

    /// The async [`Store::rescued`](crate::Store::rescued).
    ///
    /// # Errors
    ///
    /// - as for the blocking method
    async fn rescued(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError>;
}

/// An async [`Lease`](crate::Lease).
///
/// Dropping a lease releases it at once if that needs no wait. Otherwise it is released when it
/// expires. A holder that can wait calls [`release`](Self::release).
#[async_trait]
pub trait AsyncLease: AsyncApply {
    /// The [`Lease::found`](crate::Lease::found) of an async store.
    fn found(&mut self) -> Option<Found> {
        None
    }

    /// The async [`Lease::load`](crate::Lease::load).
    ///
    /// # Errors
    ///
    /// - as for the blocking method
    async fn load(&mut self) -> Result<Option<StoredGrant>, StoreError>;

    /// The async [`Lease::renew`](crate::Lease::renew).
    ///
    /// # Errors
    ///
    /// - as for the blocking method
    async fn renew(&mut self) -> Result<(), StoreError>;

    /// The async [`Lease::finish`](crate::Lease::finish).
    ///
    /// # Errors
    ///
    /// - as for the blocking method
    async fn finish(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        self.apply(change).await
    }

    /// Releases the lease, and returns when others can have it.
    async fn release(self: Box<Self>) {
        drop(self);
    }
}

/// An async [`Apply`](crate::Apply).
#[async_trait]
pub trait AsyncApply: Send {
    /// The async [`Apply::apply`](crate::Apply::apply).
    ///
    /// # Errors
    ///
    /// - as for the blocking method
    async fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError>;
}
