//! The product's view of a model store: its traits, carried out by waiting for what the state
//! does.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use twoba_core::{Change, Durable, SessionKey, StoredGrant, Timestamp};
use twoba_store::{
    ApplyError, AsyncApply, AsyncLease, AsyncStore, Due, Found, Listed, ListedKind, StoreError,
};

use super::lease::Ticket;
use super::{Failed, Way, Who};
use crate::sabotage::Sabotage;
use crate::sim::{Handle, Sim};

/// A store as one client sees it.
#[derive(Clone)]
pub(crate) struct StoreHandle {
    sim: Handle,
    who: Who,
    /// The only session of the store.
    key: SessionKey,
    /// What a sabotaged client goes on with for ever.
    first_read: Arc<Mutex<Option<StoredGrant>>>,
}

impl StoreHandle {
    pub(crate) fn new(sim: Handle, who: Who, key: SessionKey) -> Self {
        let first_read = Arc::default();
        Self {
            sim,
            who,
            key,
            first_read,
        }
    }

    /// The place of the session with this key.
    fn of(&self, key: &SessionKey) -> Self {
        let mut place = self.clone();
        if key.is_of_program() {
            place.who.store = self.sim.with(|sim| sim.own_store(self.who.store));
            place.first_read = Arc::default();
        }
        place
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

    async fn apply(
        &self,
        way: Way,
        finishes: Option<Ticket>,
        change: &Change,
    ) -> Result<Durable, ApplyError> {
        let written = self
            .sim
            .with(|sim| sim.write_store(self.who, way, finishes, change.clone()));
        match written.wait(&self.sim).await {
            Ok(()) => {
                self.saw(Some(change.record()));
                Ok(Durable::assertion(change))
            }
            Err(Failed::Conflict(stored)) => {
                if let Some(stored) = &stored {
                    let met = |sim: &mut Sim| sim.judge_met(self.who, way, stored.expose());
                    self.sim.with(met);
                }
                Err(ApplyError::Conflict(stored))
            }
            Err(failed) => Err(ApplyError::Store(failed.into_error())),
        }
    }

    async fn load(&self, under: Option<Ticket>) -> Result<Option<StoredGrant>, StoreError> {
        let stored = self.indexed(under).await?;
        self.saw(stored.as_ref());
        Ok(stored)
    }

    /// What the store itself knows of it: its client sees dates and keys only.
    async fn indexed(&self, under: Option<Ticket>) -> Result<Option<StoredGrant>, StoreError> {
        let read = self.sim.with(|sim| sim.read_store(self.who, under));
        read.wait(&self.sim).await.map_err(Failed::into_error)
    }

    /// Its client knows now what stands, or stood, in the store.
    fn saw(&self, stored: Option<&StoredGrant>) {
        if let Some(stored) = stored {
            let who = self.who;
            self.sim.with(|sim| sim.judge_seen(who, stored.expose()));
        }
    }
}

#[async_trait]
impl AsyncStore for StoreHandle {
    async fn read(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        self.of(key).load(None).await
    }

    async fn try_lease(&self, key: &SessionKey) -> Result<Option<Box<dyn AsyncLease>>, StoreError> {
        let store = self.of(key);
        let who = store.who;
        let (ticket, taken) = self.sim.with(|sim| sim.try_lease(who));
        // Whoever stops waiting for the answer gives back what it may have been given.
        let mut lease = LeaseHandle {
            store,
            ticket,
            way: Way::LeasedOnly,
            found: None,
            taken: false,
        };
        match taken.wait(&self.sim).await.map_err(Failed::into_error)? {
            Some(taken) => lease.found = taken.found,
            None if self.has(Sabotage::RefreshWithoutLease) => lease.way = Way::Unleased,
            None => return Ok(None),
        }
        lease.taken = true;
        self.sim
            .with(|sim| sim.stores[who.store].count_lease(who, 1));
        Ok(Some(Box::new(lease)))
    }

    async fn change(&self, key: &SessionKey, change: &Change) -> Result<Durable, ApplyError> {
        self.of(key).apply(Way::Unleased, None, change).await
    }

    async fn probe(&self, _: &SessionKey) -> Result<(), StoreError> {
        let probed = self.sim.with(|sim| sim.probe_store(self.who));
        probed.wait(&self.sim).await.map_err(Failed::into_error)
    }

    async fn due(
        &self,
        which: Due,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<SessionKey>, StoreError> {
        let schedule = self
            .indexed(None)
            .await?
            .and_then(|stored| stored.schedule());
        let date = schedule.and_then(|schedule| which.in_schedule(&schedule));
        let due = match self.sim.with(|sim| sim.sabotage) {
            Some(Sabotage::NotKeptAlive) => false,
            Some(_) | None => date.is_some_and(|at| at <= before),
        };
        Ok(due
            .then(|| self.key.clone())
            .into_iter()
            .take(limit)
            .collect())
    }

    async fn list(
        &self,
        after: Option<&SessionKey>,
        limit: usize,
    ) -> Result<Vec<Listed>, StoreError> {
        let stored = self
            .indexed(None)
            .await?
            .filter(|_| after < Some(&self.key));
        let listed = stored.map(|_| Listed::new(self.key.clone(), ListedKind::Session));
        Ok(listed.into_iter().take(limit).collect())
    }

    async fn rescue(&self, key: &SessionKey, record: &StoredGrant) -> Result<(), StoreError> {
        let who = self.of(key).who;
        let left = self.sim.with(|sim| {
            let rescues = sim.plan.extras.rescues();
            rescues.then(|| sim.leave_rescue(who, record.clone()))
        });
        let left = left.ok_or(StoreError::NoRescue)?;
        left.wait(&self.sim).await.map_err(Failed::into_error)
    }

    async fn rescued(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        let who = self.of(key).who;
        let found = self.sim.with(|sim| {
            let rescues = sim.plan.extras.rescues();
            rescues.then(|| sim.find_rescue(who))
        });
        match found {
            Some(found) => found.wait(&self.sim).await.map_err(Failed::into_error),
            None => Ok(None),
        }
    }
}

/// A lease, from the moment it is asked for.
struct LeaseHandle {
    store: StoreHandle,
    ticket: Ticket,
    way: Way,
    /// What came with it, until its client asks.
    found: Option<Found>,
    /// Whether its client goes by it: a try that was refused ends nothing.
    taken: bool,
}

#[async_trait]
impl AsyncApply for LeaseHandle {
    async fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        let applied = self.store.apply(self.way, None, change).await;
        self.given_up_if_failed(&applied);
        applied
    }
}

#[async_trait]
impl AsyncLease for LeaseHandle {
    fn found(&mut self) -> Option<Found> {
        let Found { record, rescued } = self.found.take()?;
        self.store.saw(record.as_ref());
        self.way = Way::LeasedAndRead;
        let record = self.store.reread(record);
        Some(Found { record, rescued })
    }

    async fn load(&mut self) -> Result<Option<StoredGrant>, StoreError> {
        // A sabotaged client has none.
        let is_leased = self.way != Way::Unleased;
        let stored = self.store.load(is_leased.then_some(self.ticket)).await?;
        if self.way == Way::LeasedOnly {
            self.way = Way::LeasedAndRead;
        }
        Ok(self.store.reread(stored))
    }

    async fn finish(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        let applied = self.store.apply(self.way, Some(self.ticket), change).await;
        self.given_up_if_failed(&applied);
        if applied.is_ok() {
            self.end();
        }
        applied
    }

    async fn release(self: Box<Self>) {
        let (who, ticket) = (self.store.who, self.ticket);
        let released = self.store.sim.with(|sim| sim.ask_to_release(who, ticket));
        // Where the store does not answer, it is dropped, which gives it up.
        drop(released.wait(&self.store.sim).await);
    }

    async fn renew(&mut self) -> Result<(), StoreError> {
        let (who, ticket) = (self.store.who, self.ticket);
        if self.store.has(Sabotage::KeptLeaseDropped) {
            let release = |sim: &mut Sim| sim.release_lease(who.store, ticket);
            self.store.sim.with(release);
            return Ok(());
        }
        let renewed = self.store.sim.with(|sim| sim.renew_lease(who, ticket));
        renewed
            .wait(&self.store.sim)
            .await
            .map_err(Failed::into_error)
    }
}

impl LeaseHandle {
    /// What a sabotaged client does with its lease if a change fails.
    fn given_up_if_failed(&self, applied: &Result<Durable, ApplyError>) {
        let failed = matches!(applied, Err(ApplyError::Store(_)));
        if failed && self.store.has(Sabotage::LeaseGivenUp) {
            let (store, ticket) = (self.store.who.store, self.ticket);
            self.store.sim.with(|sim| sim.release_lease(store, ticket));
        }
    }

    /// Its client goes by it no longer.
    fn end(&mut self) {
        let who = self.store.who;
        let taken = std::mem::take(&mut self.taken);
        self.store.sim.with(|sim| {
            if taken && sim.lives(who.process, who.life) {
                sim.stores[who.store].count_lease(who, -1);
                if !sim.is_own(who.store) {
                    sim.after(0, move |sim| sim.judge_driven(who));
                }
            }
        });
    }
}

impl Drop for LeaseHandle {
    fn drop(&mut self) {
        let (who, ticket) = (self.store.who, self.ticket);
        self.store.sim.with(|sim| {
            // A process that died gives nothing back; what becomes of its lease is the store's
            // business.
            if sim.lives(who.process, who.life) {
                sim.release_lease(who.store, ticket);
            }
        });
        self.end();
    }
}

impl fmt::Debug for StoreHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreHandle({:?})", self.who)
    }
}
