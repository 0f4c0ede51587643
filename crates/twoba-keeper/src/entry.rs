//! The one state of a session in a process: what is published of it, what is under way for it,
//! and what the store has not taken. Plain data; the sequences stand elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use twoba_core::{self as core, SessionKey, Timestamp};
use twoba_store::AsyncLease;

use crate::flight::Flights;
use crate::published::Published;
use crate::sync::Mutex;

/// The state of one session. Handles point to it; there is one for each key of a keeper.
#[derive(Debug)]
pub struct Entry {
    key: SessionKey,
    published: Published,
    flights: Flights,
    unsaved: Mutex<Unsaved>,
    /// When somebody has last asked for a handle, in milliseconds since 1970.
    opened_at: AtomicI64,
}

/// What the server gave and the store did not take.
#[derive(Debug, Default)]
struct Unsaved {
    hold: Option<Box<Hold>>,
    /// Whether somebody looks after it.
    looked_after: bool,
}

/// A session that is driven, and its lease.
pub(crate) struct Hold {
    pub(crate) session: core::Session,
    pub(crate) lease: Option<Box<dyn AsyncLease>>,
}

impl Entry {
    pub(crate) fn new(key: SessionKey, now: Timestamp) -> Arc<Self> {
        Arc::new(Self {
            key,
            published: Published::new(),
            flights: Flights::new(),
            unsaved: Mutex::new(Unsaved::default()),
            opened_at: AtomicI64::new(now.unix_millis()),
        })
    }

    /// The key that it is stored under.
    #[must_use]
    pub fn key(&self) -> &SessionKey {
        &self.key
    }

    pub(crate) fn published(&self) -> &Published {
        &self.published
    }

    pub(crate) fn flights(&self) -> &Flights {
        &self.flights
    }

    /// Takes over what the store has not taken.
    pub(crate) fn take_unsaved(&self) -> Option<Box<Hold>> {
        self.unsaved.lock().hold.take()
    }

    /// Keeps what the store has not taken; whether somebody has to be found to look after it.
    pub(crate) fn keep_unsaved(&self, hold: Box<Hold>) -> bool {
        let mut unsaved = self.unsaved.lock();
        unsaved.hold = Some(hold);
        !std::mem::replace(&mut unsaved.looked_after, true)
    }

    /// Whether there is something that the store has not taken. If not, whoever looked after it
    /// no longer does.
    pub(crate) fn has_unsaved(&self) -> bool {
        let mut unsaved = self.unsaved.lock();
        if unsaved.hold.is_none() && self.flights.is_idle() {
            unsaved.looked_after = false;
            return false;
        }
        true
    }

    /// Whether something is kept that the store has not taken.
    pub(crate) fn keeps_unsaved(&self) -> bool {
        self.unsaved.lock().hold.is_some()
    }

    /// Says that nobody looks after it any more.
    pub(crate) fn leave_unsaved(&self) {
        self.unsaved.lock().looked_after = false;
    }

    pub(crate) fn opened(&self, now: Timestamp) {
        self.opened_at.store(now.unix_millis(), Ordering::Relaxed);
    }

    pub(crate) fn opened_at(&self) -> Timestamp {
        Timestamp::from_unix_millis(self.opened_at.load(Ordering::Relaxed))
    }

    /// Whether its memory can be given back: nothing is under way, and nothing is unsaved.
    pub(crate) fn is_idle(&self) -> bool {
        self.flights.is_idle() && !self.keeps_unsaved()
    }
}

impl std::fmt::Debug for Hold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hold")
            .field("session", &self.session)
            .field("leased", &self.lease.is_some())
            .finish()
    }
}
