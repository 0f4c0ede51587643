//! A blocking store for async code: each operation runs on a thread that may wait.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::task::spawn_blocking;
use twoba_core::{Change, Durable, SessionKey, StoredGrant, Timestamp};
use twoba_store::{
    ApplyError, AsyncApply, AsyncLease, AsyncStore, Due, Lease, Listed, Store, StoreError,
};

/// Makes an [`AsyncStore`] of a [`Store`].
///
/// An operation that has begun runs to its end even if nobody waits for it any more.
#[derive(Debug)]
pub struct SpawnBlocking<S> {
    store: Arc<S>,
}

impl<S: Store + 'static> SpawnBlocking<S> {
    /// The same store, to be awaited.
    pub fn new(store: S) -> Self {
        Self {
            store: Arc::new(store),
        }
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&S) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = Arc::clone(&self.store);
        spawn_blocking(move || work(&store))
            .await
            .map_err(|_| StoreError::CutOff)
    }
}

#[async_trait]
impl<S: Store + 'static> AsyncStore for SpawnBlocking<S> {
    async fn read(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        let key = key.clone();
        self.run(move |store| store.read(&key)).await?
    }

    async fn try_lease(&self, key: &SessionKey) -> Result<Option<Box<dyn AsyncLease>>, StoreError> {
        let key = key.clone();
        // Where nobody waits for it any more, the lease is dropped on that thread.
        let lease = self.run(move |store| store.try_lease(&key)).await??;
        Ok(lease
            .map(|lease| -> Box<dyn AsyncLease> { Box::new(BlockingLease { lease: Some(lease) }) }))
    }

    async fn change(&self, key: &SessionKey, change: &Change) -> Result<Durable, ApplyError> {
        let (key, change) = (key.clone(), change.clone());
        self.run(move |store| store.change(&key, &change)).await?
    }

    async fn probe(&self, key: &SessionKey) -> Result<(), StoreError> {
        let key = key.clone();
        self.run(move |store| store.probe(&key)).await?
    }

    async fn due(
        &self,
        which: Due,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<SessionKey>, StoreError> {
        self.run(move |store| store.due(which, before, limit))
            .await?
    }

    async fn list(
        &self,
        after: Option<&SessionKey>,
        limit: usize,
    ) -> Result<Vec<Listed>, StoreError> {
        let after = after.cloned();
        self.run(move |store| store.list(after.as_ref(), limit))
            .await?
    }

    async fn rescue(&self, key: &SessionKey, record: &StoredGrant) -> Result<(), StoreError> {
        let (key, record) = (key.clone(), record.clone());
        self.run(move |store| store.rescue(&key, &record)).await?
    }

    async fn rescued(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        let key = key.clone();
        self.run(move |store| store.rescued(&key)).await?
    }
}

/// A lease that travels to a waiting thread and back.
struct BlockingLease {
    /// Absent only while it is there, or after its work was cut off: it was dropped then.
    lease: Option<Box<dyn Lease>>,
}

impl BlockingLease {
    async fn run<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut dyn Lease) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let mut lease = self.lease.take().ok_or(StoreError::LeaseLost)?;
        let (lease, outcome) = spawn_blocking(move || {
            let outcome = work(&mut *lease);
            (lease, outcome)
        })
        .await
        .map_err(|_| StoreError::CutOff)?;
        self.lease = Some(lease);
        Ok(outcome)
    }
}

#[async_trait]
impl AsyncLease for BlockingLease {
    async fn load(&mut self) -> Result<Option<StoredGrant>, StoreError> {
        self.run(|lease| lease.load()).await?
    }

    async fn renew(&mut self) -> Result<(), StoreError> {
        self.run(|lease| lease.renew()).await?
    }

    async fn finish(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        let change = change.clone();
        self.run(move |lease| lease.finish(&change)).await?
    }

    async fn release(mut self: Box<Self>) {
        if let Some(lease) = self.lease.take() {
            // Where the program is shutting down it is dropped, which gives it back too.
            drop(spawn_blocking(move || lease.release()).await);
        }
    }
}

#[async_trait]
impl AsyncApply for BlockingLease {
    async fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        let change = change.clone();
        self.run(move |lease| lease.apply(&change)).await?
    }
}
