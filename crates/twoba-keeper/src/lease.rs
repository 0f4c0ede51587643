//! Waits for a lease. The store grants or refuses it at once; between two attempts the keeper reads
//! the record.

use std::sync::Arc;

use twoba_store::{AsyncLease, Error, StoreError};

use crate::aim::Named;
use crate::entry::{Came, Entry, Hold};
use crate::keeper::Keeper;
use crate::pauses::Pauses;
use crate::place::Landing;
use crate::runtime::{Pause, Runtime};
use crate::settings::{LEASE_PAUSE_MAX, LEASE_PAUSE_MIN};
use crate::unharmed::unharmed;

impl<R: Runtime> Keeper<R> {
    /// Takes the lease into `hold`, or returns the wanted token if another process has brought it
    /// meanwhile. A caller with a usable token does not wait.
    pub(crate) async fn lease(
        &self,
        entry: &Arc<Entry>,
        hold: &mut Hold,
        landing: &Landing,
        impatient: bool,
    ) -> Result<Option<Named>, Error> {
        if self.try_lease(entry, hold).await? {
            return Ok(None);
        }
        // Out of the way of the future that nearly every flight is.
        Box::pin(self.wait_for_lease(entry, hold, landing, impatient)).await
    }

    /// Takes the lease into `hold` if it is free now. Returns whether it is taken.
    pub(crate) async fn try_lease(
        &self,
        entry: &Arc<Entry>,
        hold: &mut Hold,
    ) -> Result<bool, Error> {
        let reading = entry.published().begin_reading();
        let asked_at = self.runtime.elapsed();
        hold.lease = self.runtime.store().try_lease(entry.key()).await?;
        let found = hold.lease.as_mut().and_then(|lease| lease.found());
        hold.came = found.map(|found| Came {
            reading,
            asked_at,
            found,
        });
        Ok(hold.lease.is_some())
    }

    /// The error when the lease cannot be had. It names the other process, if that is known.
    async fn who_is_busy(&self, entry: &Arc<Entry>) -> StoreError {
        match self.runtime.store().holder(entry.key()).await {
            Ok(Some(process)) if process != std::process::id() => StoreError::HeldBy { process },
            Ok(_) | Err(_) => StoreError::Busy,
        }
    }

    async fn wait_for_lease(
        &self,
        entry: &Arc<Entry>,
        hold: &mut Hold,
        landing: &Landing,
        impatient: bool,
    ) -> Result<Option<Named>, Error> {
        let mut pauses = Pauses::between(LEASE_PAUSE_MIN, LEASE_PAUSE_MAX);
        loop {
            let left = landing.until().saturating_sub(self.runtime.elapsed());
            if impatient || left.is_zero() {
                return Err(self.who_is_busy(entry).await.into());
            }
            let pause = pauses.next(|| self.runtime.entropy())?.min(left);
            if self.runtime.pause(pause).await == Pause::Ending {
                return Err(self.who_is_busy(entry).await.into());
            }
            if !hold.session.has_unsaved() {
                self.look(entry, hold).await?;
                if let Some(named) = self.found(entry, hold, landing) {
                    return Ok(Some(named));
                }
            }
            if self.try_lease(entry, hold).await? {
                return Ok(None);
            }
        }
    }
}

impl<R: Runtime> Keeper<R> {
    /// Takes the lease for an operation that is not a flight.
    pub(crate) async fn patient_lease(&self, entry: &Entry) -> Result<Box<dyn AsyncLease>, Error> {
        let until = self
            .runtime
            .elapsed()
            .saturating_add(self.settings.patience);
        let mut pauses = Pauses::between(LEASE_PAUSE_MIN, LEASE_PAUSE_MAX);
        loop {
            let taken = unharmed(self.runtime.store().try_lease(entry.key())).await?;
            if let Some(lease) = taken {
                return Ok(lease);
            }
            let left = until.saturating_sub(self.runtime.elapsed());
            let pause = pauses.next(|| self.runtime.entropy())?.min(left);
            if left.is_zero() || self.runtime.pause(pause).await == Pause::Ending {
                return Err(StoreError::Busy.into());
            }
        }
    }
}
