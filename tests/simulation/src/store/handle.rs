//! The product's view of a model store: its traits, carried out by waiting for what the state
//! does.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use twoba_core::{Change, Durable, SessionKey, StoredGrant};
use twoba_store::{ApplyError, AsyncApply, AsyncLease, AsyncStore, StoreError};

use super::lease::Ticket;
use super::{Failed, Way, Who};
use crate::sabotage::Sabotage;
use crate::sim::Handle;

/// A store as one client sees it.
#[derive(Clone)]
pub(crate) struct StoreHandle {
    sim: Handle,
    who: Who,
    /// What a sabotaged client goes on with for ever.
    first_read: Arc<Mutex<Option<StoredGrant>>>,
}

impl StoreHandle {
    pub(crate) fn new(sim: Handle, who: Who) -> Self {
        let first_read = Arc::default();
        Self {
            sim,
            who,
            first_read,
        }
    }

    fn has(&self, sabotage: Sabotage) -> bool {
        self.sim.with(|sim| sim.has(sabotage))
    }

    /// What was read under the lease, unless this client is sabotaged.
    fn reread(&self, stored: Option<StoredGrant>) -> Option<StoredGrant> {
        if !self.has(Sabotage::NoReread) {
            return stored;
        }
        let first = self.first_read.lock();
        let mut first = first.unwrap_or_else(PoisonError::into_inner);
        if first.is_none() {
            *first = stored;
        }
        first.clone()
    }

    async fn apply(&self, way: Way, change: &Change) -> Result<Durable, ApplyError> {
        let written = self
            .sim
            .with(|sim| sim.write_store(self.who, way, change.clone()));
        match written.wait(&self.sim).await {
            Ok(()) => Ok(Durable::assertion(change)),
            Err(Failed::Conflict(stored)) => Err(ApplyError::Conflict(stored)),
            Err(failed) => Err(ApplyError::Store(failed.into_error())),
        }
    }

    async fn load(&self) -> Result<Option<StoredGrant>, StoreError> {
        let read = self.sim.with(|sim| sim.read_store(self.who));
        read.wait(&self.sim).await.map_err(Failed::into_error)
    }
}

#[async_trait]
impl AsyncStore for StoreHandle {
    async fn read(&self, _: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        self.load().await
    }

    async fn lease(
        &self,
        _: &SessionKey,
        patience: Duration,
    ) -> Result<Box<dyn AsyncLease>, StoreError> {
        let patience = u64::try_from(patience.as_millis()).unwrap_or(u64::MAX);
        let (ticket, granted) = self.sim.with(|sim| sim.ask_lease(self.who, patience));
        // Whoever stops waiting gives up its place, or the lease that it was just given.
        let mut lease = LeaseHandle {
            store: self.clone(),
            ticket,
            way: Way::LeasedOnly,
        };
        match granted.wait(&self.sim).await {
            Err(Failed::Busy) if self.has(Sabotage::RefreshWithoutLease) => {
                lease.way = Way::Unleased;
            }
            granted => granted.map_err(Failed::into_error)?,
        }
        Ok(Box::new(lease))
    }

    async fn change(&self, _: &SessionKey, change: &Change) -> Result<Durable, ApplyError> {
        self.apply(Way::Unleased, change).await
    }

    async fn probe(&self, _: &SessionKey) -> Result<(), StoreError> {
        let probed = self.sim.with(|sim| sim.probe_store(self.who));
        probed.wait(&self.sim).await.map_err(Failed::into_error)
    }
}

/// A lease, from the moment it is asked for.
struct LeaseHandle {
    store: StoreHandle,
    ticket: Ticket,
    way: Way,
}

#[async_trait]
impl AsyncApply for LeaseHandle {
    async fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        let applied = self.store.apply(self.way, change).await;
        let failed = matches!(applied, Err(ApplyError::Store(_)));
        if failed && self.store.has(Sabotage::LeaseGivenUp) {
            let store = self.store.who.store;
            self.store
                .sim
                .with(|sim| sim.release_lease(store, self.ticket));
        }
        applied
    }
}

#[async_trait]
impl AsyncLease for LeaseHandle {
    async fn load(&mut self) -> Result<Option<StoredGrant>, StoreError> {
        let stored = self.store.load().await?;
        if self.way == Way::LeasedOnly {
            self.way = Way::LeasedAndRead;
        }
        Ok(self.store.reread(stored))
    }
}

impl Drop for LeaseHandle {
    fn drop(&mut self) {
        let who = self.store.who;
        self.store.sim.with(|sim| {
            // A process that died gives nothing back; what becomes of its lease is the store's
            // business.
            if sim.lives(who.process, who.life) {
                sim.release_lease(who.store, self.ticket);
                sim.after(0, move |sim| sim.judge_driven(who));
            }
        });
    }
}

impl fmt::Debug for StoreHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreHandle({:?})", self.who)
    }
}
