//! The same promises for stores that are awaited.

use async_trait::async_trait;
use twoba_core::{Change, Durable, SessionKey, StoredGrant, Timestamp};

use super::{ApplyError, Due, Listed, StoreError};

/// A [`Store`](crate::Store) whose operations are awaited.
///
/// A caller may drop the future of an operation at any moment. The store has then carried out
/// the operation as a whole, or does so a little later, or never; a lease that nobody received
/// goes back.
#[async_trait]
pub trait AsyncStore: Send + Sync {
    /// As [`Store::read`](crate::Store::read).
    ///
    /// # Errors
    ///
    /// - as there
    async fn read(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError>;

    /// As [`Store::try_lease`](crate::Store::try_lease).
    ///
    /// # Errors
    ///
    /// - as there
    async fn try_lease(&self, key: &SessionKey) -> Result<Option<Box<dyn AsyncLease>>, StoreError>;

    /// As [`Store::holder`](crate::Store::holder).
    ///
    /// # Errors
    ///
    /// - as there
    async fn holder(&self, _key: &SessionKey) -> Result<Option<u32>, StoreError> {
        Ok(None)
    }

    /// As [`Store::change`](crate::Store::change).
    ///
    /// # Errors
    ///
    /// - as there
    async fn change(&self, key: &SessionKey, change: &Change) -> Result<Durable, ApplyError>;

    /// As [`Store::probe`](crate::Store::probe).
    ///
    /// # Errors
    ///
    /// - as there
    async fn probe(&self, key: &SessionKey) -> Result<(), StoreError>;

    /// As [`Store::due`](crate::Store::due).
    ///
    /// # Errors
    ///
    /// - as there
    async fn due(
        &self,
        which: Due,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<SessionKey>, StoreError>;

    /// As [`Store::list`](crate::Store::list).
    ///
    /// # Errors
    ///
    /// - as there
    async fn list(
        &self,
        after: Option<&SessionKey>,
        limit: usize,
    ) -> Result<Vec<Listed>, StoreError>;

    /// As [`Store::rescue`](crate::Store::rescue).
    ///
    /// # Errors
    ///
    /// - as there
    async fn rescue(&self, key: &SessionKey, record: &StoredGrant) -> Result<(), StoreError>;

    /// As [`Store::rescued`](crate::Store::rescued).
    ///
    /// # Errors
    ///
    /// - as there
    async fn rescued(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError>;
}

/// A [`Lease`](crate::Lease) whose operations are awaited.
///
/// A lease that is dropped goes back at once if that needs no waiting, else when it runs out. A
/// holder that can wait calls [`release`](Self::release).
#[async_trait]
pub trait AsyncLease: AsyncApply {
    /// As [`Lease::load`](crate::Lease::load).
    ///
    /// # Errors
    ///
    /// - as there
    async fn load(&mut self) -> Result<Option<StoredGrant>, StoreError>;

    /// As [`Lease::renew`](crate::Lease::renew).
    ///
    /// # Errors
    ///
    /// - as there
    async fn renew(&mut self) -> Result<(), StoreError>;

    /// As [`Lease::finish`](crate::Lease::finish).
    ///
    /// # Errors
    ///
    /// - as there
    async fn finish(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        self.apply(change).await
    }

    /// Gives the lease back, and returns once others can have it.
    async fn release(self: Box<Self>) {
        drop(self);
    }
}

/// An [`Apply`](crate::Apply) that is awaited.
#[async_trait]
pub trait AsyncApply: Send {
    /// As [`Apply::apply`](crate::Apply::apply).
    ///
    /// # Errors
    ///
    /// - as there
    async fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError>;
}
