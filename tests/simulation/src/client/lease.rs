//! How long a session tries to get the lease: a store says at once whether it is to be had.

use std::time::Duration;

use twoba_store::{AsyncLease, Error, StoreError};

use super::inner::Inner;

/// The first pause between two tries; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

impl Inner {
    /// The lease, tried for until the patience is at its end.
    pub(super) async fn wait_for_lease(
        &self,
        patience: Duration,
    ) -> Result<Box<dyn AsyncLease>, Error> {
        let now = || Duration::from_millis(self.sim.with(|sim| sim.now));
        let started = now();
        let mut pause = FIRST_PAUSE;
        loop {
            if let Some(lease) = self.store.try_lease(&self.key).await? {
                return Ok(lease);
            }
            let left = patience.saturating_sub(now().saturating_sub(started));
            if left.is_zero() {
                return Err(Error::from(StoreError::Busy));
            }
            self.sim.wait(pause.min(left)).await;
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        }
    }
}
