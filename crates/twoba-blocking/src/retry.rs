//! What becomes of a grant that the store did not take: writing it is tried again and again, and
//! its lease is kept meanwhile, unless what is stored cannot be read here.

use std::sync::{Condvar, Mutex, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use twoba_store::{Lease, Want};

use crate::inner::Inner;

/// The first pause between two attempts; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The lease of a grant that is not stored, and whether a thread looks after it.
#[derive(Default)]
pub(crate) struct Kept {
    state: Mutex<State>,
    /// Told when the session is dropped.
    ended: Condvar,
}

#[derive(Default)]
struct State {
    lease: Option<Box<dyn Lease>>,
    retrying: bool,
    ended: bool,
}

impl Kept {
    pub(crate) fn take(&self) -> Option<Box<dyn Lease>> {
        let state = self.state.lock();
        state.unwrap_or_else(PoisonError::into_inner).lease.take()
    }

    pub(crate) fn keep(&self, lease: Box<dyn Lease>) {
        let state = self.state.lock();
        state.unwrap_or_else(PoisonError::into_inner).lease = Some(lease);
    }

    /// Claims the retries; false while somebody has them, or when the session is at its end.
    fn claim(&self) -> bool {
        let state = self.state.lock();
        let mut state = state.unwrap_or_else(PoisonError::into_inner);
        let claimed = !state.retrying && !state.ended;
        state.retrying |= claimed;
        claimed
    }

    fn release(&self) {
        let state = self.state.lock();
        state.unwrap_or_else(PoisonError::into_inner).retrying = false;
    }

    /// Whether the session was dropped within the pause.
    fn ended_within(&self, pause: Duration) -> bool {
        let state = self.state.lock();
        let state = state.unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .ended
            .wait_timeout_while(state, pause, |state| !state.ended);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.ended
    }

    /// Says that the session is dropped.
    pub(crate) fn end(&self) {
        let state = self.state.lock();
        state.unwrap_or_else(PoisonError::into_inner).ended = true;
        self.ended.notify_all();
    }
}

impl Inner {
    /// Tries to store the grant in a thread of its own, if none does so already: nobody may
    /// come back to a session whose lease others wait for.
    pub(crate) fn retry_beside(&self) {
        if !self.kept.claim() {
            return;
        }
        let me = Weak::clone(&self.me);
        let started = thread::Builder::new()
            .name("twoba-retry".to_owned())
            .spawn(move || retry(&me));
        if started.is_err() {
            self.kept.release();
        }
    }

    /// Tries to store the grant, if there is one. Whether there is none left.
    pub(crate) fn store_unsaved(&self) -> bool {
        let mut state = self.lock();
        if state.has_unsaved() {
            // What came of it for a caller is no matter here.
            drop(self.renew(&mut state, Want::Usable, Duration::ZERO));
            self.published.show(&state);
        }
        !state.has_unsaved()
    }
}

fn retry(me: &Weak<Inner>) {
    let mut pause = FIRST_PAUSE;
    loop {
        let Some(inner) = me.upgrade() else {
            return;
        };
        if inner.kept.ended_within(pause) || inner.store_unsaved() {
            inner.kept.release();
            return;
        }
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
    }
}
