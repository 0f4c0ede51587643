//! A blocking store for async code: each operation runs on a thread that may wait.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::task::spawn_blocking;
use twoba_core::{Change, Durable, SessionKey, StoredGrant};
use twoba_store::{ApplyError, AsyncApply, AsyncLease, AsyncStore, Lease, Store, StoreError};

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

    async fn lease(
        &self,
        key: &SessionKey,
        patience: Duration,
    ) -> Result<Box<dyn AsyncLease>, StoreError> {
        let key = key.clone();
        let lease = self.run(move |store| store.lease(&key, patience)).await??;
        Ok(Box::new(BlockingLease { lease: Some(lease) }))
    }

    async fn change(&self, key: &SessionKey, change: &Change) -> Result<Durable, ApplyError> {
        let (key, change) = (key.clone(), change.clone());
        self.run(move |store| store.change(&key, &change)).await?
    }

    async fn probe(&self, key: &SessionKey) -> Result<(), StoreError> {
        let key = key.clone();
        self.run(move |store| store.probe(&key)).await?
    }
}

/// A lease that travels to a waiting thread and back.
struct BlockingLease {
    /// Absent only while it is there, or after its work was cut off.
    lease: Option<Box<dyn Lease>>,
}

impl BlockingLease {
    async fn run<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut dyn Lease) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let mut lease = self.lease.take().ok_or(StoreError::CutOff)?;
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
}

#[async_trait]
impl AsyncApply for BlockingLease {
    async fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        let change = change.clone();
        self.run(move |lease| lease.apply(&change)).await?
    }
}
