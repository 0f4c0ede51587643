//! The same store for programs without an async runtime: its work runs on a thread of its own.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use tokio::runtime::{Builder as RuntimeBuilder, Handle};
use tokio::sync::oneshot;
use twoba_core::{Change, Durable, SessionKey, StoredGrant, Timestamp};
use twoba_store::{
    Apply, ApplyError, AsyncLease, AsyncStore, DatabaseFailure, Due, Found, KeyId, Lease, Listed,
    Protection, Store, StoreError, block_on,
};

use crate::builder::Builder;
use crate::failure::Failed;
use crate::store::{Claimed, PostgresStore};

/// A [`PostgresStore`] whose operations block. Its clones share one thread and the connections.
///
/// Do not call it on an async executor: use [`PostgresStore`] there.
#[derive(Clone)]
pub struct BlockingPostgresStore {
    pub(crate) store: PostgresStore,
    // Last, so that it outlives the store's connections.
    thread: Arc<RuntimeThread>,
}

/// A runtime on a thread, until nobody uses it any more.
struct RuntimeThread {
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl RuntimeThread {
    fn start() -> io::Result<(Handle, Self)> {
        let runtime = RuntimeBuilder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (end, ended) = oneshot::channel::<()>();
        let thread = thread::Builder::new().name(String::from("twoba-postgres"));
        let thread = thread.spawn(move || {
            // It is an error that the other end is dropped, and that is the end.
            drop(runtime.block_on(ended));
            // A look-up of a name may still run, and nobody waits for it.
            runtime.shutdown_background();
        })?;
        let thread = Self {
            end: Some(end),
            thread: Some(thread),
        };
        Ok((handle, thread))
    }
}

impl Drop for RuntimeThread {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            // It panics only if a task does, and no task of this crate does.
            drop(thread.join());
        }
    }
}

impl BlockingPostgresStore {
    /// Opens the store with these settings, on a thread of its own.
    ///
    /// # Errors
    ///
    /// - as for [`Builder::open`]
    /// - the system gives no thread: [`StoreError::Database`]
    pub fn open(settings: Builder) -> Result<Self, StoreError> {
        Self::on_a_thread(|runtime| block_on(settings.runtime(runtime).open()))
    }

    /// Makes the tables or brings them up to date, and opens the store like [`open`](Self::open).
    ///
    /// # Errors
    ///
    /// - as for [`Builder::migrate`]
    /// - the system gives no thread: [`StoreError::Database`]
    pub fn migrate(settings: Builder) -> Result<Self, StoreError> {
        Self::on_a_thread(|runtime| block_on(settings.runtime(runtime).migrate()))
    }

    fn on_a_thread(
        open: impl FnOnce(Handle) -> Result<PostgresStore, StoreError>,
    ) -> Result<Self, StoreError> {
        let (runtime, thread) = RuntimeThread::start().map_err(|cause| {
            Failed::unsent(DatabaseFailure::Other, cause).into_error("use", "a thread")
        })?;
        Ok(Self {
            store: open(runtime)?,
            thread: Arc::new(thread),
        })
    }

    /// The blocking [`PostgresStore::claim_due`].
    ///
    /// # Errors
    ///
    /// - as for the async method
    pub fn claim_due(
        &self,
        which: Due,
        before: Timestamp,
        limit: usize,
    ) -> Result<Claimed<dyn Lease>, StoreError> {
        let claimed = block_on(self.store.claim_due(which, before, limit))?;
        let leased = claimed.into_iter();
        Ok(leased
            .map(|(key, lease)| (key, self.lease(lease)))
            .collect())
    }

    /// The blocking [`PostgresStore::adopt`].
    ///
    /// # Errors
    ///
    /// - as for the async method
    pub fn adopt(&self) -> Result<(), StoreError> {
        block_on(self.store.adopt())
    }

    /// The blocking [`PostgresStore::is_copy`].
    ///
    /// # Errors
    ///
    /// - as for the async method
    pub fn is_copy(&self) -> Result<bool, StoreError> {
        block_on(self.store.is_copy())
    }

    /// The blocking [`PostgresStore::protection`].
    ///
    /// # Errors
    ///
    /// - as for the async method
    pub fn protection(&self) -> Result<Protection, StoreError> {
        block_on(self.store.protection())
    }

    /// The blocking [`PostgresStore::use_key`].
    ///
    /// # Errors
    ///
    /// - as for the async method
    pub fn use_key(&self, key: KeyId) -> Result<(), StoreError> {
        block_on(self.store.use_key(key))
    }

    /// The blocking [`PostgresStore::encrypt_again`].
    ///
    /// # Errors
    ///
    /// - as for the async method
    pub fn encrypt_again(&self) -> Result<u64, StoreError> {
        block_on(self.store.encrypt_again())
    }

    pub(crate) fn lease(&self, lease: Box<dyn AsyncLease>) -> Box<dyn Lease> {
        Box::new(BlockingLease {
            lease: Some(lease),
            _thread: Arc::clone(&self.thread),
        })
    }
}

impl fmt::Debug for BlockingPostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BlockingPostgresStore")
            .field(&self.store)
            .finish()
    }
}

impl Store for BlockingPostgresStore {
    fn read(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        block_on(self.store.read(key))
    }

    fn try_lease(&self, key: &SessionKey) -> Result<Option<Box<dyn Lease>>, StoreError> {
        let lease = block_on(self.store.try_lease(key))?;
        Ok(lease.map(|lease| self.lease(lease)))
    }

    fn holder(&self, key: &SessionKey) -> Result<Option<u32>, StoreError> {
        block_on(self.store.holder(key))
    }

    fn change(&self, key: &SessionKey, change: &Change) -> Result<Durable, ApplyError> {
        block_on(self.store.change(key, change))
    }

    fn probe(&self, key: &SessionKey) -> Result<(), StoreError> {
        block_on(self.store.probe(key))
    }

    fn due(
        &self,
        which: Due,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<SessionKey>, StoreError> {
        block_on(self.store.due(which, before, limit))
    }

    fn list(&self, after: Option<&SessionKey>, limit: usize) -> Result<Vec<Listed>, StoreError> {
        block_on(self.store.list(after, limit))
    }

    fn rescue(&self, key: &SessionKey, record: &StoredGrant) -> Result<(), StoreError> {
        block_on(self.store.rescue(key, record))
    }

    fn rescued(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        block_on(self.store.rescued(key))
    }
}

/// A lease whose operations block. Dropping it waits until it is released, or for the deadline of
/// that.
struct BlockingLease {
    /// `None` only while it is released.
    lease: Option<Box<dyn AsyncLease>>,
    _thread: Arc<RuntimeThread>,
}

impl BlockingLease {
    fn held(&mut self) -> Result<&mut Box<dyn AsyncLease>, StoreError> {
        self.lease.as_mut().ok_or(StoreError::LeaseLost)
    }
}

impl Lease for BlockingLease {
    fn found(&mut self) -> Option<Found> {
        self.lease.as_mut()?.found()
    }

    fn load(&mut self) -> Result<Option<StoredGrant>, StoreError> {
        block_on(self.held()?.load())
    }

    fn renew(&mut self) -> Result<(), StoreError> {
        block_on(self.held()?.renew())
    }

    fn finish(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        block_on(self.held()?.finish(change))
    }
}

impl Apply for BlockingLease {
    fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        block_on(self.held()?.apply(change))
    }
}

impl Drop for BlockingLease {
    fn drop(&mut self) {
        if let Some(lease) = self.lease.take() {
            block_on(lease.release());
        }
    }
}
