//! Decides what is noted of a store's use: every operation in its order, changes with all their bytes.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use twoba_core::{Change, Durable, SessionKey, StoredGrant};
use twoba_store::{Apply, ApplyError, Lease, MemoryStore, Store, StoreError};

/// A store in memory that notes what is done with it. Its clones share both.
#[derive(Debug, Clone, Default)]
pub struct Traced {
    store: MemoryStore,
    trace: Arc<Mutex<Vec<String>>>,
}

impl Traced {
    /// What was done so far, and forgotten with this call.
    #[must_use]
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.trace.lock().unwrap_or_else(PoisonError::into_inner))
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

    fn lease(&self, key: &SessionKey, patience: Duration) -> Result<Box<dyn Lease>, StoreError> {
        self.note(format!("lease within {patience:?}"));
        Ok(Box::new(TracedLease {
            lease: self.store.lease(key, patience)?,
            store: self.clone(),
        }))
    }

    fn change(&self, key: &SessionKey, change: &Change) -> Result<Durable, ApplyError> {
        self.note_change("change", change);
        self.store.change(key, change)
    }

    fn probe(&self, key: &SessionKey) -> Result<(), StoreError> {
        self.note("probe");
        self.store.probe(key)
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
}

impl Apply for TracedLease {
    fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        self.store.note_change("apply", change);
        self.lease.apply(change)
    }
}

impl Drop for TracedLease {
    fn drop(&mut self) {
        self.store.note("release");
    }
}
