//! A store for one process: nothing survives it, several clients can share it.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use twoba_core::{Change, Durable, SessionKey, StoredGrant};

use crate::store::{Apply, ApplyError, Lease, Store, StoreError};

/// A store in memory. Its clones share what is stored.
///
/// "Durable" means here: as long as the process lives.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    slots: Mutex<Slots>,
    released: Condvar,
}

#[derive(Debug, Default)]
struct Slots {
    stored: HashMap<SessionKey, StoredGrant>,
    leased: HashSet<SessionKey>,
    kept_aside: Vec<StoredGrant>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What logins have replaced although nobody could read it.
    #[must_use]
    pub fn kept_aside(&self) -> Vec<StoredGrant> {
        self.shared.slots().kept_aside.clone()
    }
}

impl Shared {
    // Every change is made in one assignment, so a panic elsewhere leaves nothing half done.
    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn apply(&self, key: &SessionKey, change: &Change) -> Result<Durable, ApplyError> {
        let mut slots = self.slots();
        let stored = slots.stored.get(key).cloned();
        if stored.as_ref().map(StoredGrant::revision) != change.expected() {
            return Err(ApplyError::Conflict(stored));
        }
        if change.keeps_replaced() {
            slots.kept_aside.extend(stored);
        }
        slots.stored.insert(key.clone(), change.record().clone());
        Ok(Durable::assertion(change))
    }
}

impl Store for MemoryStore {
    fn read(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        Ok(self.shared.slots().stored.get(key).cloned())
    }

    fn lease(&self, key: &SessionKey, patience: Duration) -> Result<Box<dyn Lease>, StoreError> {
        let deadline = Instant::now().checked_add(patience);
        let mut slots = self.shared.slots();
        while slots.leased.contains(key) {
            let left = deadline.map_or(Duration::MAX, |at| {
                at.saturating_duration_since(Instant::now())
            });
            if left.is_zero() {
                return Err(StoreError::Busy);
            }
            (slots, _) = self
                .shared
                .released
                .wait_timeout(slots, left)
                .unwrap_or_else(PoisonError::into_inner);
        }
        slots.leased.insert(key.clone());
        Ok(Box::new(MemoryLease {
            shared: Arc::clone(&self.shared),
            key: key.clone(),
        }))
    }

    fn change(&self, key: &SessionKey, change: &Change) -> Result<Durable, ApplyError> {
        self.shared.apply(key, change)
    }

    fn probe(&self, _: &SessionKey) -> Result<(), StoreError> {
        Ok(())
    }
}

#[derive(Debug)]
struct MemoryLease {
    shared: Arc<Shared>,
    key: SessionKey,
}

impl Lease for MemoryLease {
    fn load(&mut self) -> Result<Option<StoredGrant>, StoreError> {
        Ok(self.shared.slots().stored.get(&self.key).cloned())
    }
}

impl Apply for MemoryLease {
    fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        self.shared.apply(&self.key, change)
    }
}

impl Drop for MemoryLease {
    fn drop(&mut self) {
        self.shared.slots().leased.remove(&self.key);
        self.shared.released.notify_all();
    }
}
