//! Makes an async store of a blocking one. Each operation runs where it may block.

use std::sync::Arc;

use async_trait::async_trait;
use twoba_core::{Change, Durable, SessionKey, StoredGrant, Timestamp};

use super::{
    ApplyError, AsyncApply, AsyncLease, AsyncStore, Due, Found, Lease, Listed, Store, StoreError,
};

/// A place where blocking work runs.
pub trait Offload: Default + Clone + Send + Sync + 'static {
    /// Runs the work and returns its result. `None` if it is cut off, for example by a runtime that
    /// shuts down. Work that has begun runs to its end, even if nobody waits for it any more.
    fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> impl Future<Output = Option<T>> + Send;
}

/// An [`AsyncStore`] made of a [`Store`]. `O` runs its operations.
#[derive(Debug, Clone, Default)]
pub struct Offloaded<S, O> {
    store: Arc<S>,
    offload: O,
}

/// An [`AsyncStore`] that calls a [`Store`] in place.
///
/// **Never use this on an async executor.** Each operation blocks the thread that polls it, for as
/// long as the disk or the database needs. On Tokio, that stops every other task of the thread. If
/// the operation needs one of those tasks to end, it stops them for ever. Use this type only if
/// each future runs on a thread of its own, so that each operation may block. On Tokio, use
/// `twoba_async::SpawnBlocking`.
///
/// One store never waits, and can be used in this way everywhere:
/// [`MemoryStore::to_async`](crate::MemoryStore::to_async).
pub type Direct<S> = Offloaded<S, InPlace>;

/// Runs work on the thread that awaits it.
#[derive(Debug, Clone, Copy, Default)]
pub struct InPlace;

impl Offload for InPlace {
    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        Some(work())
    }
}

impl<S: Store + 'static, O: Offload> Offloaded<S, O> {
    /// Makes an async store of this one.
    pub fn new(store: S) -> Self {
        Self {
            store: Arc::new(store),
            offload: O::default(),
        }
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&S) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = Arc::clone(&self.store);
        let done = self.offload.run(move || work(&store)).await;
        done.ok_or(StoreError::CutOff)
    }
}

#[async_trait]
impl<S: Store + 'static, O: Offload> AsyncStore for Offloaded<S, O> {
    async fn read(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        let key = key.clone();
        self.run(move |store| store.read(&key)).await?
    }

    async fn try_lease(&self, key: &SessionKey) -> Result<Option<Box<dyn AsyncLease>>, StoreError> {
        let key = key.clone();
        // Where nobody waits for it any more, the lease is dropped there.
        let lease = self.run(move |store| leased(store, &key)).await??;
        Ok(lease.map(|(lease, found)| -> Box<dyn AsyncLease> {
            Box::new(OffloadedLease {
                lease: Some(lease),
                found,
                offload: self.offload.clone(),
            })
        }))
    }

    async fn holder(&self, key: &SessionKey) -> Result<Option<u32>, StoreError> {
        let key = key.clone();
        self.run(move |store| store.holder(&key)).await?
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

/// Takes a lease and reads what comes next, so that nobody has to come here again for it. What
/// cannot be read is told to who asks for it.
fn leased(store: &impl Store, key: &SessionKey) -> Result<Option<Leased>, StoreError> {
    let Some(mut lease) = store.try_lease(key)? else {
        return Ok(None);
    };
    let found = match lease.found() {
        Some(found) => Some(found),
        None => lease.load().ok().and_then(|record| {
            let rescued = store.rescued(key).ok()?;
            Some(Found { record, rescued })
        }),
    };
    Ok(Some((lease, found)))
}

type Leased = (Box<dyn Lease>, Option<Found>);

/// A lease that moves to where it may block, and back.
struct OffloadedLease<O> {
    found: Option<Found>,
    /// `None` only while it is there, or after its work was cut off and dropped it.
    lease: Option<Box<dyn Lease>>,
    offload: O,
}

impl<O: Offload> OffloadedLease<O> {
    async fn run<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut dyn Lease) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let mut lease = self.lease.take().ok_or(StoreError::LeaseLost)?;
        let work = move || {
            let outcome = work(&mut *lease);
            (lease, outcome)
        };
        let done = self.offload.run(work).await;
        let (lease, outcome) = done.ok_or(StoreError::CutOff)?;
        self.lease = Some(lease);
        Ok(outcome)
    }
}

#[async_trait]
impl<O: Offload> AsyncLease for OffloadedLease<O> {
    fn found(&mut self) -> Option<Found> {
        self.found.take()
    }

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
            self.offload.run(move || lease.release()).await;
        }
    }
}

#[async_trait]
impl<O: Offload> AsyncApply for OffloadedLease<O> {
    async fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        let change = change.clone();
        self.run(move |lease| lease.apply(&change)).await?
    }
}
