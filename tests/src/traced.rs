//! Decides what is noted of a store's use, every operation in its order and changes with all their bytes, and
//! when its disk is full.

use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use twoba_core::{Change, Durable, SessionKey, StoredGrant, Timestamp};
use twoba_store::{Apply, ApplyError, Due, Lease, Listed, MemoryStore, Store, StoreError};

/// A store in memory that notes what is done with it. Its clones share both.
#[derive(Debug, Clone, Default)]
pub struct Traced {
    store: MemoryStore,
    trace: Arc<Mutex<Vec<String>>>,
    disk: Arc<Disk>,
}

#[derive(Debug, Default)]
struct Disk {
    /// How many more changes fit; `None` for any number.
    room: Mutex<Option<usize>>,
    /// How many changes were written, and told of each.
    written: Mutex<usize>,
    wrote: Condvar,
}

/// A test waits no longer than this.
const PATIENCE: Duration = Duration::from_secs(20);

impl Traced {
    /// What was done so far, and forgotten with this call.
    #[must_use]
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.trace.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Has room for so many more changes and is full then.
    pub fn fill_after(&self, changes: usize) {
        *self
            .disk
            .room
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(changes);
    }

    /// Has room again.
    pub fn empty(&self) {
        *self
            .disk
            .room
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Waits until so many changes were written since the store was made.
    ///
    /// # Panics
    ///
    /// - it takes more than twenty seconds
    pub fn wait_for_changes(&self, changes: usize) {
        let written = self.disk.written.lock();
        let written = written.unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .disk
            .wrote
            .wait_timeout_while(written, PATIENCE, |written| *written < changes);
        let (written, _) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(*written >= changes, "{written} of {changes} changes");
    }

    fn write(
        &self,
        write: impl FnOnce() -> Result<Durable, ApplyError>,
    ) -> Result<Durable, ApplyError> {
        let room = self.disk.room.lock();
        let mut room = room.unwrap_or_else(PoisonError::into_inner);
        if *room == Some(0) {
            return Err(ApplyError::Store(StoreError::Io {
                doing: "write",
                path: "the store".into(),
                source: io::ErrorKind::StorageFull.into(),
            }));
        }
        let durable = write()?;
        *room = room.map(|room| room - 1);
        let written = self.disk.written.lock();
        *written.unwrap_or_else(PoisonError::into_inner) += 1;
        self.disk.wrote.notify_all();
        Ok(durable)
    }

    fn note(&self, what: impl Into<String>) {
        let trace = self.trace.lock();
        let mut trace = trace.unwrap_or_else(PoisonError::into_inner);
        trace.push(what.into());
    }

    fn note_change(&self, how: &str, change: &Change) {
        let bytes = String::from_utf8_lossy(change.record().expose()).into_owned();
        let expected = change.expected().map(twoba_core::Revision::to_bytes);
        self.note(format!(
            "{how} {:?} over {expected:?}: {bytes}",
            change.due_at()
        ));
    }
}

impl Store for Traced {
    fn read(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        self.note("read");
        self.store.read(key)
    }

    fn try_lease(&self, key: &SessionKey) -> Result<Option<Box<dyn Lease>>, StoreError> {
        self.note("try the lease");
        let lease = self.store.try_lease(key)?;
        Ok(lease.map(|lease| -> Box<dyn Lease> {
            Box::new(TracedLease {
                lease,
                store: self.clone(),
            })
        }))
    }

    fn change(&self, key: &SessionKey, change: &Change) -> Result<Durable, ApplyError> {
        self.note_change("change", change);
        self.write(|| self.store.change(key, change))
    }

    fn probe(&self, key: &SessionKey) -> Result<(), StoreError> {
        self.note("probe");
        self.store.probe(key)
    }

    fn due(
        &self,
        which: Due,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<SessionKey>, StoreError> {
        self.note(format!("due {which:?} before {before:?}"));
        self.store.due(which, before, limit)
    }

    fn list(&self, after: Option<&SessionKey>, limit: usize) -> Result<Vec<Listed>, StoreError> {
        self.note("list");
        self.store.list(after, limit)
    }

    fn rescue(&self, key: &SessionKey, record: &StoredGrant) -> Result<(), StoreError> {
        self.note("rescue");
        self.store.rescue(key, record)
    }

    fn rescued(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        self.note("rescued");
        self.store.rescued(key)
    }
}

struct TracedLease {
    lease: Box<dyn Lease>,
    store: Traced,
}

impl Lease for TracedLease {
    fn load(&mut self) -> Result<Option<StoredGrant>, StoreError> {
        self.store.note("load");
        self.lease.load()
    }

    fn renew(&mut self) -> Result<(), StoreError> {
        self.store.note("renew");
        self.lease.renew()
    }

    fn finish(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        self.store.note_change("finish", change);
        let lease = &mut self.lease;
        self.store.write(|| lease.finish(change))
    }
}

impl Apply for TracedLease {
    fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        self.store.note_change("apply", change);
        let lease = &mut self.lease;
        self.store.write(|| lease.apply(change))
    }
}

impl Drop for TracedLease {
    fn drop(&mut self) {
        self.store.note("release");
    }
}
