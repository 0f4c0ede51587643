//! A lease that stays fresh while changes are stored under it.

use std::time::Duration;

use async_trait::async_trait;
use twoba_core::{Change, Durable, StoredGrant};
use twoba_store::{ApplyError, AsyncApply, AsyncLease};

use crate::runtime::Runtime;
use crate::settings::LEASE_FRESH_FOR;
use crate::unharmed::unharmed;

/// A lease that is renewed after a change if it has become old. A request may leave after the
/// change, and the lease has to outlive the request.
pub(crate) struct Renewed<'a, R> {
    lease: &'a mut dyn AsyncLease,
    since: Duration,
    runtime: &'a R,
    /// The last record that was stored under it.
    applied: Option<StoredGrant>,
    /// The same record, if another one has been found since.
    overtaken: Option<StoredGrant>,
}

impl<'a, R> Renewed<'a, R> {
    /// A lease that was taken or renewed at this time.
    pub(crate) fn new(lease: &'a mut dyn AsyncLease, since: Duration, runtime: &'a R) -> Self {
        Self {
            lease,
            since,
            runtime,
            applied: None,
            overtaken: None,
        }
    }

    /// The last record that was stored under it, if another one has been found since.
    pub(crate) fn overtaken(self) -> Option<StoredGrant> {
        self.overtaken
    }
}

#[async_trait]
impl<R: Runtime> AsyncApply for Renewed<'_, R> {
    async fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        // A rotation outlives the panic of its store.
        let is_last = change.is_last();
        let applied = if is_last {
            unharmed(self.lease.finish(change)).await
        } else {
            unharmed(self.lease.apply(change)).await
        };
        let durable = match applied {
            Err(ApplyError::Conflict(stored)) => {
                self.overtaken = self.applied.take();
                return Err(ApplyError::Conflict(stored));
            }
            outcome => outcome?,
        };
        self.applied = Some(change.record().clone());
        if is_last {
            // The lease went back with it.
            return Ok(durable);
        }
        let now = self.runtime.elapsed();
        // Whoever has lost it finds out by its next change: the swap keeps two holders apart.
        if now.saturating_sub(self.since) > LEASE_FRESH_FOR
            && unharmed(self.lease.renew()).await.is_ok()
        {
            self.since = now;
        }
        Ok(durable)
    }
}
