//! What becomes of a grant that the store did not take: writing it is tried again and again, and
//! its lease is kept meanwhile, unless what is stored cannot be read here.

use std::sync::{Mutex, PoisonError, Weak};
use std::time::Duration;

use twoba_store::{AsyncLease, Want};

use super::inner::Inner;
use crate::sim::Handle;

/// The first pause between two attempts; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The lease of a grant that is not stored, and whether a task looks after it.
#[derive(Default)]
pub(super) struct Kept(Mutex<State>);

#[derive(Default)]
struct State {
    lease: Option<Box<dyn AsyncLease>>,
    retrying: bool,
}

impl Kept {
    pub(super) fn take(&self) -> Option<Box<dyn AsyncLease>> {
        let state = self.0.lock();
        state.unwrap_or_else(PoisonError::into_inner).lease.take()
    }

    pub(super) fn keep(&self, lease: Box<dyn AsyncLease>) {
        let state = self.0.lock();
        state.unwrap_or_else(PoisonError::into_inner).lease = Some(lease);
    }

    /// Claims the retries; false while somebody has them.
    fn claim(&self) -> bool {
        let state = self.0.lock();
        let mut state = state.unwrap_or_else(PoisonError::into_inner);
        !std::mem::replace(&mut state.retrying, true)
    }

    fn release(&self) {
        let state = self.0.lock();
        state.unwrap_or_else(PoisonError::into_inner).retrying = false;
    }
}

impl Inner {
    /// Tries to store the grant in a task of its own, if none does so already: nobody may come
    /// back to a session whose lease others wait for.
    pub(super) fn retry_beside(&self) {
        if !self.kept.claim() {
            return;
        }
        let (me, sim) = (Weak::clone(&self.me), self.sim.clone());
        self.spawn(async move { retry(&me, &sim).await });
    }

    /// Tries to store the grant, if there is one. Whether there is none left.
    async fn store_unsaved(&self) -> bool {
        let mut state = self.state.lock().await;
        if state.has_unsaved() {
            // What came of it for a caller is no matter here.
            drop(self.renew(&mut state, Want::Usable, Duration::ZERO).await);
            self.published.show(&state);
        }
        !state.has_unsaved()
    }
}

async fn retry(me: &Weak<Inner>, sim: &Handle) {
    let mut pause = FIRST_PAUSE;
    loop {
        sim.wait(pause).await;
        let Some(inner) = me.upgrade() else {
            return;
        };
        if inner.store_unsaved().await {
            inner.kept.release();
            return;
        }
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
    }
}
