//! The single state of a session in a process: the published token, the flights, and the grant that
//! the store has not taken. It is plain data; other files hold the sequences.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use twoba_core::{self as core, Client, Revision, SessionKey, StoredGrant, Timestamp, Want};
use twoba_store::{AsyncLease, Error, Found, StoreError};

use crate::aim::{Aim, Named};
use crate::flight::Flights;
use crate::published::{AtHand, Published, Reading};
use crate::seen::{Seen, SeenIds};
use crate::sync::{Mutex, MutexGuard};

/// The state of one session. A keeper has one for each key, and handles point to it.
pub struct Entry {
    key: SessionKey,
    /// The client of a program itself, with its own scopes. `None` for a person's session, which
    /// uses the keeper's client.
    program: Option<Arc<Client>>,
    published: Published,
    flights: Flights,
    unsaved: Mutex<Unsaved>,
    seen: Mutex<Seen>,
    /// When a handle was last requested, in milliseconds since 1970.
    opened_at: AtomicI64,
}

/// The owner of a session.
pub(crate) struct Whose {
    pub(crate) key: SessionKey,
    /// The client of a program itself.
    pub(crate) program: Option<Arc<Client>>,
}

impl From<SessionKey> for Whose {
    /// A person's session.
    fn from(key: SessionKey) -> Self {
        Self { key, program: None }
    }
}

/// A grant that the server gave and the store did not take.
#[derive(Debug, Default)]
struct Unsaved {
    hold: Option<Box<Hold>>,
    /// Whether somebody has taken it out to store it.
    in_hand: bool,
    /// Whether a worker looks after it.
    looked_after: bool,
    /// Whether it was tried for as long as an ending program may try.
    tried_to_the_end: bool,
    /// How many exchanges beside the flights may bring a grant.
    exchanges: usize,
}

/// An exchange beside the flights, which may bring a grant that has no other copy. Dropping it ends
/// it.
#[derive(Debug)]
pub(crate) struct Exchanging(Arc<Entry>);

impl Exchanging {
    pub(crate) fn begin(entry: &Arc<Entry>) -> Self {
        entry.unsaved.lock().exchanges += 1;
        Self(Arc::clone(entry))
    }
}

impl Drop for Exchanging {
    fn drop(&mut self) {
        self.0.unsaved.lock().exchanges -= 1;
    }
}

/// The worker that looks after an unsaved grant. There is at most one. Dropping it ends the work.
#[derive(Debug)]
pub(crate) struct Looking {
    entry: Arc<Entry>,
    is_over: bool,
}

impl Looking {
    /// Begins the work. `None` if another worker does it already.
    pub(crate) fn begin(entry: &Arc<Entry>) -> Option<Self> {
        let looked_after = &mut entry.unsaved.lock().looked_after;
        (!std::mem::replace(looked_after, true)).then(|| Self {
            entry: Arc::clone(entry),
            is_over: false,
        })
    }

    pub(crate) fn entry(&self) -> &Arc<Entry> {
        &self.entry
    }

    /// Whether there is an unsaved grant or an intent that others may count, or a refresh on its way
    /// that may bring one. If not, the work ends.
    pub(crate) fn goes_on(&mut self) -> bool {
        !self.ends_if(|entry, unsaved| {
            unsaved.hold.is_none() && entry.flights.is_idle() && !entry.seen().has_untold()
        })
    }

    /// Whether the grant was given up: it lies in memory without a lease, or was stored. If so, the
    /// work ends. A grant that a flight has in hand comes back with its lease.
    pub(crate) fn is_given_up(&mut self) -> bool {
        self.ends_if(|_, unsaved| {
            let hold = unsaved.hold.as_ref();
            !unsaved.in_hand && hold.is_none_or(|hold| hold.lease.is_none())
        })
    }

    /// Ends the work in the same act: what comes after it finds that nobody looks.
    fn ends_if(&mut self, is_over: impl FnOnce(&Entry, &Unsaved) -> bool) -> bool {
        let mut unsaved = self.entry.unsaved.lock();
        self.is_over = is_over(&self.entry, &unsaved);
        unsaved.looked_after = !self.is_over;
        self.is_over
    }
}

impl Drop for Looking {
    fn drop(&mut self) {
        if !self.is_over {
            self.entry.unsaved.lock().looked_after = false;
        }
    }
}

/// What a flight works with. If the flight is cut off, an unsaved grant goes back to its place, and
/// what is known of an intent is kept.
pub(crate) struct Hand<'a> {
    entry: &'a Entry,
    hold: Option<Box<Hold>>,
}

impl<'a> Hand<'a> {
    /// Takes out the grant that the store has not taken, or else works with a `new` session.
    pub(crate) fn take(
        entry: &'a Entry,
        new: impl FnOnce() -> Result<Hold, Error>,
    ) -> Result<Self, Error> {
        let hold = match entry.take_unsaved() {
            Some(hold) => hold,
            None => Box::new(new()?),
        };
        let hold = Some(hold);
        Ok(Self { entry, hold })
    }

    pub(crate) fn hold(&mut self) -> Result<&mut Hold, Error> {
        let hold = self.hold.as_deref_mut();
        hold.ok_or_else(|| StoreError::CutOff.into())
    }
}

impl Drop for Hand<'_> {
    fn drop(&mut self) {
        match self.hold.take() {
            Some(hold) if hold.session.has_unsaved() => self.entry.keep_unsaved(hold),
            Some(mut hold) => {
                if hold.session.has_unsent() {
                    self.entry.seen().keep_unsent(&mut hold.session, false);
                }
                self.entry.laid_down();
            }
            None => self.entry.laid_down(),
        }
    }
}

/// A session with its lease.
pub(crate) struct Hold {
    pub(crate) session: core::Session,
    pub(crate) lease: Option<Box<dyn AsyncLease>>,
    /// What came with the lease, until it is used.
    pub(crate) came: Option<Came>,
}

/// A record that came with a lease.
#[derive(Debug)]
pub(crate) struct Came {
    /// The look that brought it, which began before the lease was asked for.
    pub(crate) reading: Reading,
    /// When the lease was asked for, by the runtime's time.
    pub(crate) asked_at: Duration,
    pub(crate) found: Found,
}

impl Entry {
    pub(crate) fn new(whose: Whose, seen: Option<SeenIds>, now: Timestamp) -> Arc<Self> {
        Arc::new(Self {
            key: whose.key,
            program: whose.program,
            published: Published::new(),
            flights: Flights::new(),
            unsaved: Mutex::new(Unsaved::default()),
            seen: Mutex::new(Seen::before(seen)),
            opened_at: AtomicI64::new(now.unix_millis()),
        })
    }

    /// The key under which the session is stored.
    #[must_use]
    pub fn key(&self) -> &SessionKey {
        &self.key
    }

    /// The client of a program itself, if this is its session.
    #[must_use]
    pub fn program(&self) -> Option<&Arc<Client>> {
        self.program.as_ref()
    }

    pub(crate) fn published(&self) -> &Published {
        &self.published
    }

    /// The current token, if it is usable and what a caller wants, due or not.
    pub(crate) fn at_hand(&self, want: Want, now: Timestamp) -> Option<Named> {
        match self.published.look(now, Named::of) {
            AtHand::Fresh(named) | AtHand::Due(named) => {
                Aim::from(want).is_met_by(&named).then_some(named)
            }
            AtHand::Nothing => None,
        }
    }

    pub(crate) fn flights(&self) -> &Flights {
        &self.flights
    }

    pub(crate) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock()
    }

    /// Whether the store went back: what this session has read there is earlier than what this
    /// process has seen.
    pub(crate) fn is_past(&self, session: &core::Session) -> bool {
        let id = session.token_id();
        id.is_some_and(|id| self.seen().is_past(id))
    }

    /// Takes out the grant that the store has not taken.
    pub(crate) fn take_unsaved(&self) -> Option<Box<Hold>> {
        let mut unsaved = self.unsaved.lock();
        let hold = unsaved.hold.take();
        unsaved.in_hand |= hold.is_some();
        hold
    }

    /// Keeps a grant that the store has not taken.
    pub(crate) fn keep_unsaved(&self, hold: Box<Hold>) {
        let mut unsaved = self.unsaved.lock();
        unsaved.hold = Some(hold);
        unsaved.in_hand = false;
    }

    /// Notes that nothing that was taken out is left to store.
    pub(crate) fn laid_down(&self) {
        self.unsaved.lock().in_hand = false;
    }

    /// Removes the grant that the store has not taken.
    pub(crate) fn remove_unsaved(&self) -> Option<Box<Hold>> {
        self.unsaved.lock().hold.take()
    }

    /// A copy of the grant that the store has not taken.
    pub(crate) fn unsaved(&self) -> Option<StoredGrant> {
        let unsaved = self.unsaved.lock();
        unsaved.hold.as_ref()?.session.rescue()
    }

    /// Takes away the lease of the grant that the store has not taken, if it still is this one.
    pub(crate) fn take_lease_of(&self, record: Option<Revision>) -> Option<Box<dyn AsyncLease>> {
        let mut unsaved = self.unsaved.lock();
        let hold = unsaved.hold.as_mut()?;
        let kept = hold.session.rescue().map(|kept| kept.revision());
        (kept == record).then(|| hold.lease.take()).flatten()
    }

    /// Whether a flight has a grant in hand that the store has not taken.
    pub(crate) fn has_unsaved_in_hand(&self) -> bool {
        self.unsaved.lock().in_hand
    }

    /// Whether there is a grant that the store has not taken.
    pub(crate) fn keeps_unsaved(&self) -> bool {
        self.unsaved.lock().hold.is_some()
    }

    /// Whether there may be a grant that the store has not taken, now or after the current refresh or
    /// import.
    pub(crate) fn may_bring_unsaved(&self) -> bool {
        let unsaved = self.unsaved.lock();
        let is_there = unsaved.hold.is_some() || unsaved.in_hand || unsaved.exchanges > 0;
        is_there || self.flights.has_leased()
    }

    /// Whether an ending program has something to do for it.
    pub(crate) fn is_unsettled(&self) -> bool {
        self.may_bring_unsaved() || self.seen().has_untold()
    }

    /// Notes that it was tried for as long as an ending program may try.
    pub(crate) fn try_no_more(&self) {
        self.unsaved.lock().tried_to_the_end = true;
    }

    pub(crate) fn was_tried_to_the_end(&self) -> bool {
        self.unsaved.lock().tried_to_the_end
    }

    pub(crate) fn opened(&self, now: Timestamp) {
        self.opened_at.store(now.unix_millis(), Ordering::Relaxed);
    }

    pub(crate) fn opened_at(&self) -> Timestamp {
        Timestamp::from_unix_millis(self.opened_at.load(Ordering::Relaxed))
    }

    /// Whether its memory can be released: nothing is under way, and nothing is unsaved.
    pub(crate) fn is_idle(&self) -> bool {
        let unsaved = self.unsaved.lock();
        let brings_none = unsaved.hold.is_none() && !unsaved.in_hand && unsaved.exchanges == 0;
        self.flights.is_idle() && brings_none
    }
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry")
            .field("key", &self.key)
            .finish_non_exhaustive()
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
