//! A store that is awaited, sound but for what becomes of it when nobody waits.

use std::future::poll_fn;
use std::mem::ManuallyDrop;
use std::task::Poll;
use std::thread;
use std::time::Duration;

use crate::conformance::{AsyncSubject, Awaited, Memory, Subject};
use crate::{
    ApplyError, AsyncApply, AsyncLease, AsyncStore, Due, Lease, Listed, MemoryStore, Store,
    StoreError,
};
use async_trait::async_trait;
use twoba_core::{Change, Durable, SessionKey, StoredGrant, Timestamp};

/// What can be wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leak {
    Nothing,
    /// A lease that is given while nobody waits.
    LeaseOnItsWay,
    /// A lease whose work nobody waits for.
    LeaseAtWork,
    /// The second half of a change.
    HalfAChange,
    /// The time that a lease takes to go back.
    Release,
}

/// Each leak and the case that finds it.
pub(crate) const FOUND: [(Leak, &str); 4] = [
    (
        Leak::LeaseOnItsWay,
        "a_lease_that_nobody_waited_for_goes_back",
    ),
    (
        Leak::LeaseAtWork,
        "a_lease_goes_back_whose_work_nobody_waited_for",
    ),
    (
        Leak::HalfAChange,
        "a_change_that_nobody_waited_for_is_there_as_a_whole_or_not_at_all",
    ),
    (
        Leak::Release,
        "a_lease_is_free_once_its_release_was_awaited",
    ),
];

pub(crate) struct Leaking {
    memory: Memory,
    leak: Leak,
}

impl Leaking {
    pub(crate) fn new(leak: Leak) -> Self {
        let memory = Memory::default();
        Self { memory, leak }
    }

    fn slow(&self) -> Slow {
        Slow {
            memory: self.memory.clone(),
            leak: self.leak,
        }
    }
}

impl Subject for Leaking {
    fn open(&self) -> Box<dyn Store> {
        Box::new(Awaited::new(self.slow()))
    }

    fn plant(&self, key: &SessionKey, bytes: &[u8]) {
        self.memory.plant(key, bytes);
    }

    fn kept_aside(&self, key: &SessionKey) -> Vec<Vec<u8>> {
        self.memory.kept_aside(key)
    }
}

impl AsyncSubject for Leaking {
    fn open_async(&self) -> Box<dyn AsyncStore> {
        Box::new(self.slow())
    }
}

/// A store whose every operation is pending once.
struct Slow {
    memory: Memory,
    leak: Leak,
}

impl Slow {
    fn store(&self) -> &MemoryStore {
        &self.memory.store
    }
}

async fn wait() {
    let mut waited = false;
    poll_fn(|context| {
        if std::mem::replace(&mut waited, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[async_trait]
impl AsyncStore for Slow {
    async fn read(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        wait().await;
        self.store().read(key)
    }

    async fn try_lease(&self, key: &SessionKey) -> Result<Option<Box<dyn AsyncLease>>, StoreError> {
        let Some(lease) = self.store().try_lease(key)? else {
            return Ok(None);
        };
        let lease = if self.leak == Leak::LeaseOnItsWay {
            let lease = ManuallyDrop::new(lease);
            wait().await;
            ManuallyDrop::into_inner(lease)
        } else {
            wait().await;
            lease
        };
        Ok(Some(Box::new(SlowLease {
            lease: Some(lease),
            leak: self.leak,
        })))
    }

    async fn change(&self, key: &SessionKey, change: &Change) -> Result<Durable, ApplyError> {
        if self.leak != Leak::HalfAChange {
            wait().await;
            return self.store().change(key, change);
        }
        let stored = self.store().read(key)?;
        let revision = stored.as_ref().map(StoredGrant::revision);
        if revision != change.expected() {
            return Err(ApplyError::Conflict(stored));
        }
        let bytes = change.record().expose();
        self.memory.plant(key, &bytes[..bytes.len() / 2]);
        wait().await;
        self.memory.plant(key, bytes);
        Ok(Durable::assertion(change))
    }

    async fn probe(&self, key: &SessionKey) -> Result<(), StoreError> {
        self.store().probe(key)
    }

    async fn due(
        &self,
        which: Due,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<SessionKey>, StoreError> {
        self.store().due(which, before, limit)
    }

    async fn list(
        &self,
        after: Option<&SessionKey>,
        limit: usize,
    ) -> Result<Vec<Listed>, StoreError> {
        self.store().list(after, limit)
    }

    async fn rescue(&self, _: &SessionKey, _: &StoredGrant) -> Result<(), StoreError> {
        // The cases ask for no more than the contract does.
        Err(StoreError::NoRescue)
    }

    async fn rescued(&self, _: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        Ok(None)
    }
}

struct SlowLease {
    lease: Option<Box<dyn Lease>>,
    leak: Leak,
}

impl SlowLease {
    async fn work<T>(
        &mut self,
        work: impl FnOnce(&mut dyn Lease) -> Result<T, ApplyError> + Send,
    ) -> Result<T, ApplyError>
    where
        T: Send,
    {
        let lease = self.lease.take().ok_or(StoreError::CutOff)?;
        let mut lease = if self.leak == Leak::LeaseAtWork {
            let lease = ManuallyDrop::new(lease);
            wait().await;
            ManuallyDrop::into_inner(lease)
        } else {
            wait().await;
            lease
        };
        let outcome = work(&mut *lease);
        self.lease = Some(lease);
        outcome
    }
}

#[async_trait]
impl AsyncLease for SlowLease {
    async fn load(&mut self) -> Result<Option<StoredGrant>, StoreError> {
        let loaded = self.work(|lease| Ok(lease.load())).await;
        loaded.unwrap_or(Err(StoreError::CutOff))
    }

    async fn renew(&mut self) -> Result<(), StoreError> {
        let renewed = self.work(|lease| Ok(lease.renew())).await;
        renewed.unwrap_or(Err(StoreError::CutOff))
    }

    async fn release(mut self: Box<Self>) {
        let lease = self.lease.take();
        wait().await;
        if self.leak == Leak::Release {
            drop(thread::spawn(move || {
                thread::sleep(Duration::from_millis(20));
                drop(lease);
            }));
        }
    }
}

#[async_trait]
impl AsyncApply for SlowLease {
    async fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        self.work(|lease| lease.apply(change)).await
    }
}
