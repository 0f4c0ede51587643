//! A claim: one holder at a time, until it is released or was not renewed in time.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::Mutex;
use tokio_postgres::types::Type;
use twoba_core::{Change, Durable, SessionKey, StoredGrant};
use twoba_store::{ApplyError, AsyncApply, AsyncLease, Found, StoreError};

use crate::shared::{Shared, bytes_of};
use crate::tasks::run;
use crate::write::Holder;

/// A claim of a session. Its operations run one after the other, also those that nobody waits for.
struct Claim {
    shared: Arc<Shared>,
    key: SessionKey,
    /// `None` once it was released or lost.
    holder: Mutex<Option<Holder>>,
}

/// The lease that this crate gives.
pub(crate) struct PostgresLease {
    claim: Arc<Claim>,
    /// What was read by the statement that made the claim, until somebody asks for it.
    found: Option<Found>,
    /// Whether somebody has released it or does so.
    released: bool,
}

impl PostgresLease {
    pub(crate) fn new(
        shared: Arc<Shared>,
        key: SessionKey,
        holder: Holder,
        found: Option<Found>,
    ) -> Self {
        let claim = Claim {
            shared,
            key,
            holder: Mutex::new(Some(holder)),
        };
        Self {
            claim: Arc::new(claim),
            found,
            released: false,
        }
    }

    async fn write(&self, change: &Change, releases: bool) -> Result<Durable, ApplyError> {
        let (claim, change) = (Arc::clone(&self.claim), change.clone());
        run(&self.claim.shared, async move {
            claim.write(&change, releases).await
        })
        .await
    }
}

impl Claim {
    async fn load(&self) -> Result<Option<StoredGrant>, StoreError> {
        let mut place = self.holder.lock().await;
        if let Some(holder) = place.as_mut().filter(|holder| holder.in_doubt) {
            self.shared.settle(&self.key, Some(holder)).await?;
        }
        let holder = place.as_ref().ok_or(StoreError::LeaseLost)?;
        let claimed = self
            .shared
            .read_claimed(&self.key, holder.name, holder.fence);
        match claimed.await? {
            Some(stored) => Ok(stored.record),
            None => {
                *place = None;
                Err(StoreError::LeaseLost)
            }
        }
    }

    async fn write(&self, change: &Change, releases: bool) -> Result<Durable, ApplyError> {
        let mut place = self.holder.lock().await;
        if let Some(holder) = place.as_mut().filter(|holder| holder.in_doubt) {
            self.shared.settle(&self.key, Some(holder)).await?;
        }
        let written = self
            .shared
            .apply(&self.key, change, place.as_mut(), releases)
            .await;
        if releases && written.is_ok() {
            *place = None;
        }
        written
    }

    async fn renew(&self) -> Result<(), StoreError> {
        const DOING: &str = "renew a claim in";
        let mut place = self.holder.lock().await;
        if let Some(holder) = place.as_mut().filter(|holder| holder.in_doubt) {
            self.shared.settle(&self.key, Some(holder)).await?;
        }
        let Some(holder) = place.as_ref() else {
            return Err(StoreError::LeaseLost);
        };
        let shared = &self.shared;
        let values = [
            (&bytes_of(&self.key) as _, Type::BYTEA),
            (&holder.name.as_slice() as _, Type::BYTEA),
            (&holder.fence as _, Type::INT8),
            (&shared.claim_lifetime.as_secs_f64() as _, Type::FLOAT8),
        ];
        let renewed = shared
            .database
            .rows(DOING, &shared.statements.renew(), &values)
            .await?;
        if renewed.is_empty() {
            return Err(StoreError::LeaseLost);
        }
        Ok(())
    }

    /// Releases the claim. If the database cannot be reached, it ends by itself.
    async fn release(&self) {
        let Some(holder) = self.holder.lock().await.take() else {
            return;
        };
        self.shared.release(&self.key, holder.name).await;
    }
}

#[async_trait]
impl AsyncLease for PostgresLease {
    fn found(&mut self) -> Option<Found> {
        self.found.take()
    }

    async fn load(&mut self) -> Result<Option<StoredGrant>, StoreError> {
        let claim = Arc::clone(&self.claim);
        run(&self.claim.shared, async move { claim.load().await }).await
    }

    async fn renew(&mut self) -> Result<(), StoreError> {
        let claim = Arc::clone(&self.claim);
        run(&self.claim.shared, async move { claim.renew().await }).await
    }

    async fn finish(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        self.write(change, true).await
    }

    async fn release(mut self: Box<Self>) {
        self.released = true;
        let claim = Arc::clone(&self.claim);
        let releasing = run(&self.claim.shared, async move {
            claim.release().await;
            Ok::<(), StoreError>(())
        });
        // The runtime is shutting down if this fails.
        drop(releasing.await);
    }
}

#[async_trait]
impl AsyncApply for PostgresLease {
    async fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        self.write(change, false).await
    }
}

impl Drop for PostgresLease {
    fn drop(&mut self) {
        if !self.released {
            let claim = Arc::clone(&self.claim);
            let runtime = &self.claim.shared.database.runtime;
            drop(runtime.spawn(async move { claim.release().await }));
        }
    }
}
