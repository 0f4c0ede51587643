//! Waits for a lease. The store grants or refuses it at once; between two attempts the keeper reads
//! the record.

use std::sync::Arc;
use std::time::Duration;

use twoba_store::{AsyncLease, Error, StoreError};

use crate::entry::{Entry, Hold};
use crate::flight::Named;
use crate::keeper::Keeper;
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

    async fn try_lease(&self, entry: &Arc<Entry>, hold: &mut Hold) -> Result<bool, Error> {
        hold.lease = self.runtime.store().try_lease(entry.key()).await?;
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
        let mut pauses = Pauses::new();
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
                if let Some(named) = self.found(hold, landing) {
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
        let mut pauses = Pauses::new();
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

/// The pauses between attempts. They double up to the longest one. Each is drawn between its half
/// and its whole, so that the waiting processes do not keep step.
struct Pauses {
    longest: Duration,
    random: Option<[u8; 32]>,
    drawn: usize,
}

impl Pauses {
    fn new() -> Self {
        Self {
            longest: LEASE_PAUSE_MIN,
            random: None,
            drawn: 0,
        }
    }

    fn next(
        &mut self,
        entropy: impl FnOnce() -> Result<[u8; 32], Error>,
    ) -> Result<Duration, Error> {
        let random = match self.random {
            Some(random) => random,
            None => *self.random.insert(entropy()?),
        };
        let byte = random.get(self.drawn % random.len()).copied().unwrap_or(0);
        self.drawn = self.drawn.wrapping_add(1);
        let half = self.longest / 2;
        let pause = half + half * u32::from(byte) / 255;
        self.longest = (self.longest * 2).min(LEASE_PAUSE_MAX);
        Ok(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_tenth_of_a_second() {
        let mut pauses = Pauses::new();
        let drawn: Vec<Duration> = (0..40)
            .map(|_| pauses.next(|| Ok([200; 32])).unwrap())
            .collect();
        assert!(drawn.iter().is_sorted());
        assert!(drawn.iter().all(|pause| *pause >= LEASE_PAUSE_MIN / 2));
        assert!(drawn.iter().all(|pause| *pause <= LEASE_PAUSE_MAX));
        assert!(drawn.last() > Some(&(LEASE_PAUSE_MAX / 2)));
    }
}
