//! Decides which operation of a store fails, panics or is kept where it is, and counts them all.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use twoba_core::{Change, Durable, SessionKey, StoredGrant};
use twoba_store::{Apply, ApplyError, Lease, MemoryStore, Store, StoreError, pass_on};

/// Nobody waits for longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// An operation of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Doing {
    /// `Store::read`
    Read,
    /// `Store::try_lease`
    TryLease,
    /// `Store::change`
    Change,
    /// `Store::probe`
    Probe,
    /// `Store::rescue`
    Rescue,
    /// `Store::rescued`
    Rescued,
    /// `Lease::load`
    Load,
    /// `Lease::renew`
    Renew,
    /// `Apply::apply` of a lease.
    Apply,
    /// `Lease::release`; it can only panic.
    GiveBack,
    /// A lease that has been given back; nothing hinders it.
    Release,
}

/// A store whose operations can be hindered. Its clones share everything.
#[derive(Clone)]
pub struct Hindered {
    store: Arc<dyn Store>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    begun: HashMap<Doing, usize>,
    hindrances: HashMap<Doing, Hindrance>,
    kept: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hindrance {
    /// It fails so many times; `None` for always.
    Fails(Option<usize>),
    /// It is done so many times, and fails then.
    FailsAfter(usize),
    PanicsOnce,
    /// It is done once, and reported as failed; the next one panics, if so.
    IsDoneAndFails {
        next_panics: bool,
    },
    Kept,
    /// The lease turns out to be lost, behind so many that are done.
    IsLost {
        after: usize,
    },
}

impl Hindered {
    /// This store, with nothing in its way yet.
    #[must_use]
    pub fn over(store: impl Store + 'static) -> Self {
        Self {
            store: Arc::new(store),
            shared: Arc::default(),
        }
    }

    /// The same store as others reach it: nothing is in their way.
    #[must_use]
    pub fn elsewhere(&self) -> Self {
        Self {
            store: Arc::clone(&self.store),
            shared: Arc::default(),
        }
    }

    /// Has all such operations fail from now on.
    pub fn fail(&self, doing: Doing) {
        self.hinder(doing, Hindrance::Fails(None));
    }

    /// Has the next ones fail, so many of them.
    pub fn fail_times(&self, doing: Doing, times: usize) {
        self.hinder(doing, Hindrance::Fails(Some(times)));
    }

    /// Has all fail but the next ones, so many of them.
    pub fn fail_after(&self, doing: Doing, times: usize) {
        self.hinder(doing, Hindrance::FailsAfter(times));
    }

    /// Has the next change of this kind written, and reported as failed.
    pub fn write_and_fail_once(&self, doing: Doing) {
        let next_panics = false;
        self.hinder(doing, Hindrance::IsDoneAndFails { next_panics });
    }

    /// The same, and has the one behind it panic.
    pub fn write_and_fail_then_panic(&self, doing: Doing) {
        let next_panics = true;
        self.hinder(doing, Hindrance::IsDoneAndFails { next_panics });
    }

    /// Has the next one panic.
    pub fn panic_once(&self, doing: Doing) {
        self.hinder(doing, Hindrance::PanicsOnce);
    }

    /// Has the next lease that is renewed turn out to be lost.
    pub fn lose_the_lease(&self) {
        self.lose_the_lease_after(Doing::Renew, 0);
    }

    /// Has the lease turn out to be lost behind the next operations of this kind, so many of them.
    pub fn lose_the_lease_after(&self, doing: Doing, after: usize) {
        self.hinder(doing, Hindrance::IsLost { after });
    }

    /// Keeps those that come from now on where they are, until [`heal`](Self::heal) or until something
    /// else hinders them: they meet that then.
    pub fn keep(&self, doing: Doing) {
        self.hinder(doing, Hindrance::Kept);
    }

    /// Ends what hinders such operations.
    pub fn heal(&self, doing: Doing) {
        self.shared.state().hindrances.remove(&doing);
        self.shared.changed.notify_all();
    }

    /// Waits until somebody is kept.
    pub fn wait_for_kept(&self) {
        self.shared.wait(|state| state.kept == 0);
    }

    /// How many such operations have begun so far.
    #[must_use]
    pub fn begun(&self, doing: Doing) -> usize {
        self.shared.state().count(doing)
    }

    /// Waits until so many have begun.
    pub fn wait_for(&self, doing: Doing, count: usize) {
        self.shared.wait(|state| state.count(doing) < count);
    }

    fn hinder(&self, doing: Doing, hindrance: Hindrance) {
        self.shared.state().hindrances.insert(doing, hindrance);
        self.shared.changed.notify_all();
    }
}

impl Default for Hindered {
    fn default() -> Self {
        Self::over(MemoryStore::new())
    }
}

impl fmt::Debug for Hindered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.shared, f)
    }
}

impl State {
    fn count(&self, doing: Doing) -> usize {
        self.begun.get(&doing).copied().unwrap_or(0)
    }

    fn is_kept(&self, doing: Doing) -> bool {
        self.hindrances.get(&doing) == Some(&Hindrance::Kept)
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, goes_on: impl Fn(&mut State) -> bool) {
        let waited = self
            .changed
            .wait_timeout_while(self.state(), PATIENCE, goes_on);
        let (state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        drop(state);
        assert!(!waited.timed_out(), "nothing came within {PATIENCE:?}");
    }

    fn count(&self, doing: Doing) {
        *self.state().begun.entry(doing).or_default() += 1;
        self.changed.notify_all();
    }

    /// Whether this operation is to be done and reported as failed.
    fn is_done_and_fails(&self, doing: Doing) -> bool {
        let hindrances = &mut self.state().hindrances;
        let Some(Hindrance::IsDoneAndFails { next_panics }) = hindrances.get(&doing).copied()
        else {
            return false;
        };
        hindrances.remove(&doing);
        if next_panics {
            hindrances.insert(doing, Hindrance::PanicsOnce);
        }
        true
    }

    fn begin(&self, doing: Doing) -> Result<(), StoreError> {
        self.count(doing);
        self.meet(doing)
    }

    /// Meets what hinders this operation.
    #[expect(clippy::panic, reason = "this is what it was asked for")]
    fn meet(&self, doing: Doing) -> Result<(), StoreError> {
        let mut state = self.state();
        match state.hindrances.get(&doing).copied() {
            None | Some(Hindrance::Fails(Some(0)) | Hindrance::IsDoneAndFails { .. }) => Ok(()),
            Some(Hindrance::Fails(left)) => {
                let left = Hindrance::Fails(left.map(|left| left - 1));
                state.hindrances.insert(doing, left);
                Err(failure())
            }
            Some(Hindrance::FailsAfter(0)) => Err(failure()),
            Some(Hindrance::FailsAfter(left)) => {
                let left = Hindrance::FailsAfter(left - 1);
                state.hindrances.insert(doing, left);
                Ok(())
            }
            Some(Hindrance::PanicsOnce) => {
                state.hindrances.remove(&doing);
                drop(state);
                panic!("the store panics, as it was asked to");
            }
            Some(Hindrance::IsLost { after: 0 }) => {
                state.hindrances.remove(&doing);
                Err(StoreError::LeaseLost)
            }
            Some(Hindrance::IsLost { after }) => {
                let after = after - 1;
                state.hindrances.insert(doing, Hindrance::IsLost { after });
                Ok(())
            }
            Some(Hindrance::Kept) => {
                state.kept += 1;
                drop(state);
                self.changed.notify_all();
                self.wait(|state| state.is_kept(doing));
                self.state().kept -= 1;
                self.meet(doing)
            }
        }
    }
}

fn failure() -> StoreError {
    StoreError::Io {
        doing: "use",
        path: "the store".into(),
        source: io::ErrorKind::PermissionDenied.into(),
    }
}

impl Store for Hindered {
    pass_on!(store: due list);

    fn read(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        self.shared.begin(Doing::Read)?;
        self.store.read(key)
    }

    fn try_lease(&self, key: &SessionKey) -> Result<Option<Box<dyn Lease>>, StoreError> {
        self.shared.begin(Doing::TryLease)?;
        let lease = self.store.try_lease(key)?;
        Ok(lease.map(|lease| -> Box<dyn Lease> {
            Box::new(HinderedLease {
                lease,
                shared: GivesBack(Arc::clone(&self.shared)),
            })
        }))
    }

    fn change(&self, key: &SessionKey, change: &Change) -> Result<Durable, ApplyError> {
        self.shared.begin(Doing::Change)?;
        let fails = self.shared.is_done_and_fails(Doing::Change);
        let durable = self.store.change(key, change)?;
        if fails {
            return Err(failure().into());
        }
        Ok(durable)
    }

    fn probe(&self, key: &SessionKey) -> Result<(), StoreError> {
        self.shared.begin(Doing::Probe)?;
        self.store.probe(key)
    }

    fn rescue(&self, key: &SessionKey, record: &StoredGrant) -> Result<(), StoreError> {
        self.shared.begin(Doing::Rescue)?;
        self.store.rescue(key, record)
    }

    fn rescued(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        self.shared.begin(Doing::Rescued)?;
        self.store.rescued(key)
    }
}

struct HinderedLease {
    lease: Box<dyn Lease>,
    // Behind the lease, so that it is dropped behind it.
    shared: GivesBack,
}

/// Tells, when it is dropped, that a lease has been given back.
struct GivesBack(Arc<Shared>);

impl Drop for GivesBack {
    fn drop(&mut self) {
        self.0.count(Doing::Release);
    }
}

impl Lease for HinderedLease {
    fn load(&mut self) -> Result<Option<StoredGrant>, StoreError> {
        self.shared.0.begin(Doing::Load)?;
        self.lease.load()
    }

    fn renew(&mut self) -> Result<(), StoreError> {
        self.shared.0.begin(Doing::Renew)?;
        self.lease.renew()
    }

    fn release(self: Box<Self>) {
        drop(self.shared.0.begin(Doing::GiveBack));
    }
}

impl Apply for HinderedLease {
    fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        self.shared.0.begin(Doing::Apply)?;
        let fails = self.shared.0.is_done_and_fails(Doing::Apply);
        let durable = self.lease.apply(change)?;
        if fails {
            return Err(failure().into());
        }
        Ok(durable)
    }
}
