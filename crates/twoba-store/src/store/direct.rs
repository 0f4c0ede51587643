//! A blocking store that is awaited where every wait may block.

use async_trait::async_trait;
use twoba_core::{Change, Durable, SessionKey, StoredGrant, Timestamp};

use super::{
    ApplyError, AsyncApply, AsyncLease, AsyncStore, Due, Lease, Listed, Store, StoreError,
};

/// Makes an [`AsyncStore`] of a [`Store`] by calling it in place.
///
/// **Never use this on an async executor.** Each operation blocks the thread that polls it, for
/// as long as the disk or the database takes. On Tokio that stops every other task of the
/// thread, and if the operation needs one of those tasks to end, it stops them for ever. Use
/// this where each future is driven by a thread of its own, so that every leaf may block. On
/// Tokio, `twoba_async::SpawnBlocking` makes an async store of a blocking one.
///
/// One store may be used in this way everywhere, because it never waits:
/// [`MemoryStore::to_async`](crate::MemoryStore::to_async).
#[derive(Debug, Clone, Copy, Default)]
pub struct Direct<S> {
    store: S,
}

impl<S: Store> Direct<S> {
    /// The same store, to be awaited by a thread that may block.
    pub fn new(store: S) -> Self {
        Self { store }
    }

    /// The store itself.
    pub fn store(&self) -> &S {
        &self.store
    }
}

#[async_trait]
impl<S: Store> AsyncStore for Direct<S> {
    async fn read(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        self.store.read(key)
    }

    async fn try_lease(&self, key: &SessionKey) -> Result<Option<Box<dyn AsyncLease>>, StoreError> {
        let lease = self.store.try_lease(key)?;
        Ok(lease.map(|lease| -> Box<dyn AsyncLease> { Box::new(DirectLease(lease)) }))
    }

    async fn change(&self, key: &SessionKey, change: &Change) -> Result<Durable, ApplyError> {
        self.store.change(key, change)
    }

    async fn probe(&self, key: &SessionKey) -> Result<(), StoreError> {
        self.store.probe(key)
    }

    async fn due(
        &self,
        which: Due,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<SessionKey>, StoreError> {
        self.store.due(which, before, limit)
    }

    async fn list(
        &self,
        after: Option<&SessionKey>,
        limit: usize,
    ) -> Result<Vec<Listed>, StoreError> {
        self.store.list(after, limit)
    }

    async fn rescue(&self, key: &SessionKey, record: &StoredGrant) -> Result<(), StoreError> {
        self.store.rescue(key, record)
    }

    async fn rescued(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        self.store.rescued(key)
    }
}

struct DirectLease(Box<dyn Lease>);

#[async_trait]
impl AsyncLease for DirectLease {
    async fn load(&mut self) -> Result<Option<StoredGrant>, StoreError> {
        self.0.load()
    }

    async fn renew(&mut self) -> Result<(), StoreError> {
        self.0.renew()
    }

    async fn finish(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        self.0.finish(change)
    }

    async fn release(self: Box<Self>) {
        self.0.release();
    }
}

#[async_trait]
impl AsyncApply for DirectLease {
    async fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        self.0.apply(change)
    }
}
