//! Presents an async store as a blocking one, so that one suite tests both.

use std::pin::Pin;
use std::sync::Arc;

use twoba_core::{Change, Durable, SessionKey, StoredGrant, Timestamp};

use crate::block_on::block_on;
use crate::store::{
    Apply, ApplyError, AsyncLease, AsyncStore, Due, Found, Lease, Listed, Store, StoreError,
};

/// A future that a driver runs to its end.
pub type Driven<'f> = Pin<Box<dyn Future<Output = ()> + Send + 'f>>;

type Driver = Arc<dyn for<'f> Fn(Driven<'f>) + Send + Sync>;

/// A [`Store`] that runs each operation of an [`AsyncStore`] to its end.
pub struct Awaited {
    store: Box<dyn AsyncStore>,
    driver: Driver,
}

impl Awaited {
    /// Wraps a store whose futures only need to be polled.
    pub fn new(store: impl AsyncStore + 'static) -> Self {
        Self::on(store, |future| block_on(future))
    }

    /// Wraps a store whose futures need a runtime. `driver` runs them on it.
    pub fn on(
        store: impl AsyncStore + 'static,
        driver: impl for<'f> Fn(Driven<'f>) + Send + Sync + 'static,
    ) -> Self {
        Self {
            store: Box::new(store),
            driver: Arc::new(driver),
        }
    }
}

/// Runs a future and returns its result.
pub(super) fn driven<T: Send>(
    driver: &dyn for<'f> Fn(Driven<'f>),
    future: impl Future<Output = T> + Send,
) -> T {
    let mut output = None;
    driver(Box::pin(async { output = Some(future.await) }));
    output.unwrap_or_else(|| panic!("the driver has not driven the future to its end"))
}

impl Store for Awaited {
    fn read(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        driven(&*self.driver, self.store.read(key))
    }

    fn try_lease(&self, key: &SessionKey) -> Result<Option<Box<dyn Lease>>, StoreError> {
        let lease = driven(&*self.driver, self.store.try_lease(key))?;
        Ok(lease.map(|lease| -> Box<dyn Lease> {
            Box::new(AwaitedLease {
                lease,
                driver: Arc::clone(&self.driver),
            })
        }))
    }

    fn holder(&self, key: &SessionKey) -> Result<Option<u32>, StoreError> {
        driven(&*self.driver, self.store.holder(key))
    }

    fn change(&self, key: &SessionKey, change: &Change) -> Result<Durable, ApplyError> {
        driven(&*self.driver, self.store.change(key, change))
    }

    fn probe(&self, key: &SessionKey) -> Result<(), StoreError> {
        driven(&*self.driver, self.store.probe(key))
    }

    fn due(
        &self,
        which: Due,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<SessionKey>, StoreError> {
        driven(&*self.driver, self.store.due(which, before, limit))
    }

    fn list(&self, after: Option<&SessionKey>, limit: usize) -> Result<Vec<Listed>, StoreError> {
        driven(&*self.driver, self.store.list(after, limit))
    }

    fn rescue(&self, key: &SessionKey, record: &StoredGrant) -> Result<(), StoreError> {
        driven(&*self.driver, self.store.rescue(key, record))
    }

    fn rescued(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        driven(&*self.driver, self.store.rescued(key))
    }
}

struct AwaitedLease {
    lease: Box<dyn AsyncLease>,
    driver: Driver,
}

impl Lease for AwaitedLease {
    fn found(&mut self) -> Option<Found> {
        self.lease.found()
    }

    fn load(&mut self) -> Result<Option<StoredGrant>, StoreError> {
        driven(&*self.driver, self.lease.load())
    }

    fn renew(&mut self) -> Result<(), StoreError> {
        driven(&*self.driver, self.lease.renew())
    }

    fn finish(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        driven(&*self.driver, self.lease.finish(change))
    }

    fn release(self: Box<Self>) {
        let Self { lease, driver } = *self;
        driven(&*driver, lease.release());
    }
}

impl Apply for AwaitedLease {
    fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        driven(&*self.driver, self.lease.apply(change))
    }
}

impl std::fmt::Debug for Awaited {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Awaited").finish_non_exhaustive()
    }
}
