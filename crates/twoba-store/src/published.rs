//! What an adapter knows of a session while the session itself is busy.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use twoba_core::{AccessToken, Current, Session, Timestamp, Want};

/// How long an early refresh that came to nothing is not tried again.
const EARLY_PAUSE: Duration = Duration::from_secs(1);

/// Who carries out a refresh that is due while the old token is still usable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum EarlyRefresh {
    /// A thread or task beside the callers, who get the old token at once.
    #[default]
    Beside,
    /// The caller who notices it, before it gets a token: for a program that may end at any
    /// moment and must not leave a request out. Other callers get the old token at once.
    Inline,
}

/// The token at hand, if it would do should nothing better come of what is wanted.
#[must_use]
pub fn fallback(want: Want, session: &Session, now: Timestamp) -> Option<AccessToken> {
    match want {
        Want::Usable => session.token(now).cloned(),
        Want::Other(_) | Want::Rejected(_) => None,
    }
}

/// The token that a session last had, readable by everyone while one of them drives it.
#[derive(Debug, Default)]
pub struct Published {
    current: RwLock<Option<Current>>,
    /// How often somebody has changed what is stored behind the session's back.
    outdated: AtomicU64,
    /// How many of these changes the token at hand has seen.
    seen: AtomicU64,
    /// Whether somebody refreshes early.
    refreshing: AtomicBool,
}

impl Published {
    /// The token at hand, unless it is [outdated](Self::outdate).
    #[must_use]
    pub fn get(&self) -> Option<Current> {
        if self.seen.load(Ordering::Acquire) < self.outdated.load(Ordering::Acquire) {
            return None;
        }
        let current = self.current.read();
        current.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Shows what the session has now.
    pub fn show(&self, session: &Session) {
        self.change(|_| session.current());
    }

    fn change(&self, to: impl FnOnce(Option<Current>) -> Option<Current>) {
        let slot = self.current.write();
        let mut slot = slot.unwrap_or_else(PoisonError::into_inner);
        *slot = to(slot.take());
    }

    /// Says that a logout has changed what is stored: nobody gets the token at hand until the
    /// store has been read again.
    pub fn outdate(&self) {
        self.outdated.fetch_add(1, Ordering::AcqRel);
    }

    /// Says that the store is about to be read: what was changed until now will be seen.
    #[must_use = "`show_read` takes it when the store has been read"]
    pub fn begin_reading(&self) -> Reading {
        Reading(self.outdated.load(Ordering::Acquire))
    }

    /// Shows what the session has made of what was read.
    pub fn show_read(&self, reading: Reading, session: &Session) {
        self.show(session);
        self.seen.fetch_max(reading.0, Ordering::AcqRel);
    }

    /// Claims the early refresh; `None` while somebody has it. It ends with the claim.
    #[must_use]
    pub fn claim_refresh(self: &Arc<Self>) -> Option<RefreshClaim> {
        let taken = self.refreshing.swap(true, Ordering::AcqRel);
        (!taken).then(|| RefreshClaim(Arc::clone(self)))
    }
}

/// A look at the store that is under way.
#[derive(Debug)]
pub struct Reading(u64);

/// The right to refresh early; dropping it gives it back.
#[derive(Debug)]
pub struct RefreshClaim(Arc<Published>);

impl RefreshClaim {
    /// Ends the early refresh at `now`. One that came to nothing is not tried again at once.
    pub fn finish(self, now: Timestamp, renewed: bool) {
        let later = now.saturating_add(EARLY_PAUSE);
        self.0.change(|current| {
            let current = current?;
            let due = current.refresh_due().is_some_and(|due| now >= due);
            Some(if due || !renewed {
                current.postponed(later)
            } else {
                current
            })
        });
    }
}

impl Drop for RefreshClaim {
    fn drop(&mut self) {
        self.0.refreshing.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use twoba_core::{Client, Provider, Seed, SessionKey};

    use super::*;
    use crate::conformance::changes;

    #[test]
    fn a_logout_while_the_store_is_read_is_not_forgotten() {
        let key = SessionKey::parse("default").unwrap();
        let client = Client::public(Provider::two_ba(), "myApplication").unwrap();
        let mut session = Session::new(Arc::new(client), &key, Seed::from_bytes([1; 32]));
        let login = changes::login(&key, None);
        session.observe(Some(login.record())).unwrap();
        let published = Published::default();
        published.show_read(published.begin_reading(), &session);
        assert!(published.get().is_some());

        let reading = published.begin_reading();
        published.outdate();
        assert!(published.get().is_none());
        // What was read may be older than the logout.
        published.show_read(reading, &session);
        assert!(published.get().is_none());
        published.show_read(published.begin_reading(), &session);
        assert!(published.get().is_some());
    }
}
