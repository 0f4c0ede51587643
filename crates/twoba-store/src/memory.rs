//! A store in the memory of one process. Several clients can share it, and nothing survives the
//! process.

use std::collections::{BTreeMap, HashSet};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use twoba_core::{Change, Durable, SessionKey, StoredGrant, Timestamp};

use crate::store::{
    Apply, ApplyError, Direct, Due, Lease, Listed, ListedKind, Store, StoreError, earliest,
};

/// A store in memory. Its clones share the stored sessions.
///
/// "Durable" means here: as long as the process lives. A lease ends with its holder, and never
/// expires.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    slots: Mutex<Slots>,
}

#[derive(Debug, Default)]
struct Slots {
    sessions: BTreeMap<SessionKey, Slot>,
    leased: HashSet<SessionKey>,
}

/// All content under one key.
#[derive(Debug, Default)]
struct Slot {
    record: Option<StoredGrant>,
    due_at: Option<Timestamp>,
    keep_by: Option<Timestamp>,
    kept_aside: Vec<StoredGrant>,
    rescued: Option<StoredGrant>,
}

impl MemoryStore {
    /// Makes an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same store as an async one. Its operations never wait, so it needs no thread and suits
    /// any executor.
    ///
    /// It is a view and no second trait of this type: a caller with both traits in scope could not
    /// write `store.read(..)`.
    #[must_use]
    pub fn to_async(&self) -> Direct<Self> {
        Direct::new(self.clone())
    }

    /// Puts in a record from another store, to look at it or to end it. It is due at no time until
    /// it changes.
    pub fn put(&self, key: &SessionKey, record: StoredGrant) {
        let mut slots = self.shared.slots();
        let slot = slots.sessions.entry(key.clone()).or_default();
        slot.record = Some(record);
        slot.due_at = None;
        slot.keep_by = None;
    }

    /// The unreadable bytes that logins have replaced, in the order of keys.
    #[must_use]
    pub fn kept_aside(&self) -> Vec<StoredGrant> {
        let slots = self.shared.slots();
        let aside = slots.sessions.values().flat_map(|slot| &slot.kept_aside);
        aside.cloned().collect()
    }
}

#[cfg(any(test, feature = "conformance"))]
impl MemoryStore {
    /// Puts bytes in the place of a record, as if the record had been damaged.
    pub(crate) fn plant(&self, key: &SessionKey, bytes: &[u8]) {
        self.put(key, StoredGrant::from_bytes(bytes.to_vec()));
    }

    /// The bytes that were kept aside of one session.
    pub(crate) fn kept_aside_of(&self, key: &SessionKey) -> Vec<StoredGrant> {
        let slots = self.shared.slots();
        let slot = slots.sessions.get(key);
        slot.map(|slot| slot.kept_aside.clone()).unwrap_or_default()
    }
}

impl Slot {
    fn date(&self, which: Due) -> Option<Timestamp> {
        match which {
            Due::Refresh => self.due_at,
            Due::KeepBy => self.keep_by,
        }
    }

    fn kinds(&self) -> impl Iterator<Item = ListedKind> {
        let session = self.record.iter().map(|_| ListedKind::Session);
        let aside = self.kept_aside.iter().map(|_| ListedKind::KeptAside);
        let rescue = self.rescued.iter().map(|_| ListedKind::Rescue);
        session.chain(aside).chain(rescue)
    }
}

impl Shared {
    // Every change is made in one piece of code that does not panic, so that a panic elsewhere
    // leaves nothing half done.
    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, key: &SessionKey) -> Option<StoredGrant> {
        self.slots().sessions.get(key)?.record.clone()
    }
}

impl Slots {
    fn apply(&mut self, key: &SessionKey, change: &Change) -> Result<Durable, ApplyError> {
        let stored = self.sessions.get(key).and_then(|slot| slot.record.as_ref());
        if stored.map(StoredGrant::revision) != change.expected() {
            return Err(ApplyError::Conflict(stored.cloned()));
        }
        let slot = self.sessions.entry(key.clone()).or_default();
        let replaced = slot.record.replace(change.record().clone());
        if change.keeps_replaced() {
            slot.kept_aside.extend(replaced);
        }
        if change.ends_rescue() {
            slot.rescued = None;
        }
        slot.due_at = change.due_at();
        slot.keep_by = change.keep_by();
        Ok(Durable::assertion(change))
    }
}

impl Store for MemoryStore {
    fn read(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        Ok(self.shared.read(key))
    }

    fn try_lease(&self, key: &SessionKey) -> Result<Option<Box<dyn Lease>>, StoreError> {
        if !self.shared.slots().leased.insert(key.clone()) {
            return Ok(None);
        }
        Ok(Some(Box::new(MemoryLease {
            shared: Arc::clone(&self.shared),
            key: key.clone(),
            held: true,
        })))
    }

    fn change(&self, key: &SessionKey, change: &Change) -> Result<Durable, ApplyError> {
        self.shared.slots().apply(key, change)
    }

    fn probe(&self, _: &SessionKey) -> Result<(), StoreError> {
        Ok(())
    }

    /// Looks at every session. That takes some milliseconds for ten thousand.
    fn due(
        &self,
        which: Due,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<SessionKey>, StoreError> {
        let slots = self.shared.slots();
        let dates = slots.sessions.iter();
        let dates = dates.filter_map(|(key, slot)| Some((slot.date(which)?, key.clone())));
        Ok(earliest(dates, before, limit))
    }

    fn list(&self, after: Option<&SessionKey>, limit: usize) -> Result<Vec<Listed>, StoreError> {
        let slots = self.shared.slots();
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let page = slots.sessions.range((from, Bound::Unbounded)).take(limit);
        let listed =
            page.flat_map(|(key, slot)| slot.kinds().map(|kind| Listed::new(key.clone(), kind)));
        Ok(listed.collect())
    }

    fn rescue(&self, key: &SessionKey, record: &StoredGrant) -> Result<(), StoreError> {
        let mut slots = self.shared.slots();
        let slot = slots.sessions.entry(key.clone()).or_default();
        slot.rescued = Some(record.clone());
        Ok(())
    }

    fn rescued(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        let slots = self.shared.slots();
        let slot = slots.sessions.get(key);
        Ok(slot.and_then(|slot| slot.rescued.clone()))
    }
}

#[derive(Debug)]
struct MemoryLease {
    shared: Arc<Shared>,
    key: SessionKey,
    /// Whether the lease is still held.
    held: bool,
}

impl Lease for MemoryLease {
    fn load(&mut self) -> Result<Option<StoredGrant>, StoreError> {
        self.renew()?;
        Ok(self.shared.read(&self.key))
    }

    fn renew(&mut self) -> Result<(), StoreError> {
        if self.held {
            Ok(())
        } else {
            Err(StoreError::LeaseLost)
        }
    }

    fn finish(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        let mut slots = self.shared.slots();
        let proof = slots.apply(&self.key, change)?;
        if self.held {
            slots.leased.remove(&self.key);
            self.held = false;
        }
        Ok(proof)
    }
}

impl Apply for MemoryLease {
    fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        self.shared.slots().apply(&self.key, change)
    }
}

impl Drop for MemoryLease {
    fn drop(&mut self) {
        if self.held {
            self.shared.slots().leased.remove(&self.key);
        }
    }
}
