//! A store that is sound but for the one fault that it was given.
//!
//! Its leases run out and go back by a ticket, and a lease that has finished goes back when it
//! is dropped: in both it differs from the stores of the crate, so that the cases ask for no
//! more than the contract does.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use crate::conformance::Subject;
use crate::{Apply, ApplyError, Due, Found, Lease, Listed, ListedKind, Store, StoreError};
use twoba_core::limits::RECORD_MAX;
use twoba_core::{Change, Durable, SessionKey, StoredGrant, Timestamp};

use super::fault::Fault;

/// The store under test, and the fault that every handle of it has.
pub(crate) struct Model {
    shared: Arc<Shared>,
    fault: Fault,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// Held for all of a write.
    writing: Mutex<()>,
    /// What a store writes into that has but one place for it.
    scratch: Mutex<Vec<u8>>,
}

#[derive(Default)]
struct State {
    slots: BTreeMap<SessionKey, Slot>,
    claims: HashMap<SessionKey, u64>,
    drawn: u64,
    obstructed: HashSet<SessionKey>,
    /// Whose writes somebody holds back.
    held: HashSet<SessionKey>,
    /// Whether answers to writes get lost.
    losing: bool,
    /// What could not be written.
    failed: HashSet<[u8; 16]>,
    /// Who had a lease last, and who asked for it when.
    favorite: Option<(ThreadId, Instant)>,
    /// In which order keys came.
    came: Vec<SessionKey>,
    used: HashSet<[u8; 16]>,
    /// What was found at first.
    first: HashMap<SessionKey, Found>,
}

#[derive(Default, Clone)]
struct Slot {
    record: Option<Vec<u8>>,
    dates: [Option<Timestamp>; 2],
    aside: Vec<Vec<u8>>,
    rescue: Option<Vec<u8>>,
}

impl State {
    /// Whether the caller had a lease last, or whoever had it has not asked for one lately.
    fn is_favorite(&mut self) -> bool {
        let (caller, now) = (thread::current().id(), Instant::now());
        let lately = Duration::from_millis(500);
        let others = self.favorite.is_some_and(|(favorite, asked)| {
            favorite != caller && now.duration_since(asked) < lately
        });
        if !others {
            self.favorite = Some((caller, now));
        }
        !others
    }
}

impl Model {
    pub(crate) fn new(fault: Fault) -> Self {
        Self {
            shared: Arc::default(),
            fault,
        }
    }
}

/// How long a write waits for one that is held back.
const PATIENCE: Duration = Duration::from_millis(100);

/// How long a busy machine may take for that.
const ON_A_BUSY_MACHINE: Duration = Duration::from_secs(5);

/// Holds writes of a session back.
struct Held {
    shared: Arc<Shared>,
    key: SessionKey,
}

impl Drop for Held {
    fn drop(&mut self) {
        locked(&self.shared.state).held.remove(&self.key);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Subject for Model {
    fn open(&self) -> Box<dyn Store> {
        Box::new(Handle {
            shared: Arc::clone(&self.shared),
            own: Mutex::default(),
            fault: self.fault,
        })
    }

    fn plant(&self, key: &SessionKey, bytes: &[u8]) {
        let mut state = locked(&self.shared.state);
        let slot = state.slots.entry(self.fault.filed(key)).or_default();
        slot.record = Some(bytes.to_vec());
        slot.dates = [None, None];
    }

    fn kept_aside(&self, key: &SessionKey) -> Vec<Vec<u8>> {
        let state = locked(&self.shared.state);
        let slot = state.slots.get(&self.fault.filed(key));
        slot.map(|slot| slot.aside.clone()).unwrap_or_default()
    }

    fn protection(&self, _: &SessionKey, kind: ListedKind) -> String {
        let open = self.fault == Fault::RescueIsOpen && kind == ListedKind::Rescue;
        if open { "for all" } else { "for its owner" }.to_owned()
    }

    fn obstruct(&self, key: &SessionKey, obstructed: bool) -> bool {
        let mut state = locked(&self.shared.state);
        if obstructed {
            state.obstructed.insert(key.clone())
        } else {
            state.obstructed.remove(key)
        }
    }

    fn lose_answers(&self, lost: bool) -> bool {
        locked(&self.shared.state).losing = lost;
        true
    }

    fn hold_back(&self, key: &SessionKey) -> Option<Box<dyn Send>> {
        locked(&self.shared.state).held.insert(key.clone());
        Some(Box::new(Held {
            shared: Arc::clone(&self.shared),
            key: key.clone(),
        }))
    }

    fn patience(&self) -> Duration {
        ON_A_BUSY_MACHINE
    }

    fn lapse(&self, key: &SessionKey) -> bool {
        // A lease that does not go back is not excused by running out.
        let keeps = [
            Fault::DropKeepsTheLease,
            Fault::PanicKeepsTheLease,
            Fault::FinishKeepsTheLease,
        ];
        !keeps.contains(&self.fault) && locked(&self.shared.state).claims.remove(key).is_some()
    }
}

struct Handle {
    shared: Arc<Shared>,
    /// What goes with this handle, where a store forgets to share it.
    own: Mutex<State>,
    fault: Fault,
}

impl Drop for Handle {
    fn drop(&mut self) {
        if self.fault == Fault::LeaseEndsWithItsHandle {
            locked(&self.shared.state).claims.clear();
        }
    }
}

fn io(doing: &'static str) -> StoreError {
    StoreError::Io {
        doing,
        path: "the model".into(),
        source: std::io::ErrorKind::StorageFull.into(),
    }
}

fn grant(bytes: &[u8]) -> StoredGrant {
    StoredGrant::from_bytes(bytes.to_vec())
}

/// How a change comes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Change,
    Apply,
    Finish,
}

impl Handle {
    fn is(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.shared.state)
    }

    /// What is read of stored bytes.
    fn seen(&self, bytes: &[u8]) -> Option<StoredGrant> {
        match self.fault {
            Fault::TornIsNothing if grant(bytes).schedule().is_none() => None,
            Fault::EmptyIsNothing if bytes.is_empty() => None,
            Fault::TextOnly => Some(grant(String::from_utf8_lossy(bytes).as_bytes())),
            Fault::CutsAtEightKilobytes => Some(grant(&bytes[..bytes.len().min(8_192)])),
            Fault::CutsAtSixtyKilobytes => Some(grant(&bytes[..bytes.len().min(60_000)])),
            _ => Some(grant(bytes)),
        }
    }

    fn read_now(&self, key: &SessionKey) -> Option<StoredGrant> {
        if self.is(Fault::ReadsOnce) {
            let mut own = locked(&self.own);
            if let Some(Slot { record, .. }) = own.slots.get(key) {
                return record.as_deref().map(grant);
            }
            let record = self
                .state()
                .slots
                .get(key)
                .and_then(|slot| slot.record.clone());
            own.slots
                .entry(key.clone())
                .or_default()
                .record
                .clone_from(&record);
            return record.as_deref().map(grant);
        }
        let views = [Fault::StoresInItsHandle, Fault::LostAnswerLeavesTheOldView];
        if views.contains(&self.fault)
            && let Some(slot) = locked(&self.own).slots.get(key)
        {
            return slot.record.as_deref().map(grant);
        }
        let state = self.state();
        let record = state.slots.get(key).and_then(|slot| slot.record.as_deref());
        let nothing = self.is(Fault::NothingIsEmpty).then(|| grant(b""));
        record.map_or(nothing, |bytes| self.seen(bytes))
    }

    fn write(&self, key: &SessionKey, change: &Change, way: Way) -> Result<Durable, ApplyError> {
        let key = &self.fault.filed(key);
        self.wait_for_other_writers(key)?;
        let unguarded = [Fault::SwapInTwoActs, Fault::OneScratch].contains(&self.fault);
        let _writing = match self.fault {
            Fault::WritersAreImpatient => {
                let writing = self.shared.writing.try_lock();
                Some(writing.map_err(|_| StoreError::Busy)?)
            }
            _ => (!unguarded).then(|| locked(&self.shared.writing)),
        };
        let done = Ok(Durable::assertion(change));
        self.before_the_look(key, change, way)?;
        if self.state().obstructed.contains(key) {
            return self.fail_to_write(key, change);
        }
        if self.is(Fault::SecondAttemptIsDone)
            && self.state().failed.contains(&change.revision().to_bytes())
        {
            return Err(ApplyError::Conflict(Some(change.record().clone())));
        }
        let stored = self.read_now(key);
        if self.is(Fault::RepeatedIsDone) && stored.as_ref() == Some(change.record()) {
            return done;
        }
        let overlooks = match (self.fault, way) {
            (Fault::NoSwap, _) | (Fault::LeaseOverrules, Way::Apply | Way::Finish) => true,
            (Fault::FirstOverwrites, _) => change.expected().is_none(),
            (Fault::OverNothing, _) => stored.is_none(),
            (Fault::LogoutOverrules, _) => is_gone(change.record().expose()),
            _ => false,
        };
        let stored_revision = stored.as_ref().map(StoredGrant::revision);
        let used = self.is(Fault::RevisionsAreUsedOnce)
            && self.state().used.contains(&change.revision().to_bytes());
        if (stored_revision != change.expected() && !overlooks) || used {
            return Err(ApplyError::Conflict(self.conflict(key, change, stored)));
        }
        match (self.fault, way) {
            (Fault::SuccessWithoutChange, Way::Change)
            | (Fault::SuccessWithoutApply, Way::Apply)
            | (Fault::SuccessWithoutFinish, Way::Finish) => return done,
            _ => {}
        }
        self.swap(key, change);
        if self.state().losing {
            return self.lose_the_answer(key, stored);
        }
        done
    }

    /// What a store does wrong before it compares.
    fn before_the_look(
        &self,
        key: &SessionKey,
        change: &Change,
        way: Way,
    ) -> Result<(), StoreError> {
        match (self.fault, way) {
            (Fault::LoginWaitsForTheLease, Way::Change)
                if self.state().claims.contains_key(key) =>
            {
                return Err(StoreError::Busy);
            }
            (Fault::AsideBeforeTheLook, _) if change.keeps_replaced() => {
                let stored = self.read_now(key).map(|stored| stored.expose().to_vec());
                let mut state = self.state();
                let slot = state.slots.entry(key.clone()).or_default();
                slot.aside.extend(stored);
            }
            _ => {}
        }
        Ok(())
    }

    fn wait_for_other_writers(&self, key: &SessionKey) -> Result<(), StoreError> {
        let (started, mut limit) = (Instant::now(), PATIENCE);
        if self.is(Fault::WritersWaitForEver) {
            // For longer than anybody looks on.
            limit += ON_A_BUSY_MACHINE;
        }
        while self.state().held.contains(key) {
            if started.elapsed() > limit {
                return Err(StoreError::Busy);
            }
            thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    /// What is told of a change that was applied.
    fn lose_the_answer(
        &self,
        key: &SessionKey,
        before: Option<StoredGrant>,
    ) -> Result<Durable, ApplyError> {
        match self.fault {
            Fault::LostAnswerLeavesTheOldView => {
                let mut own = locked(&self.own);
                let slot = own.slots.entry(key.clone()).or_default();
                slot.record = before.map(|before| before.expose().to_vec());
            }
            Fault::LostAnswerGivesTheLeaseBack => drop(self.state().claims.remove(key)),
            _ => {}
        }
        Err(io("sync").into())
    }

    fn fail_to_write(&self, key: &SessionKey, change: &Change) -> Result<Durable, ApplyError> {
        let mut state = self.state();
        state.failed.insert(change.revision().to_bytes());
        if self.is(Fault::FailureIsDone) {
            return Ok(Durable::assertion(change));
        }
        if self.is(Fault::FailureTears) {
            let half = change.record().expose().len() / 2;
            let half = change.record().expose()[..half].to_vec();
            state.slots.entry(key.clone()).or_default().record = Some(half);
        }
        if self.is(Fault::FailureGivesTheLeaseBack) {
            state.claims.remove(key);
        }
        Err(io("write").into())
    }

    fn conflict(
        &self,
        key: &SessionKey,
        change: &Change,
        stored: Option<StoredGrant>,
    ) -> Option<StoredGrant> {
        let mut state = self.state();
        let slot = state.slots.entry(key.clone()).or_default();
        if self.is(Fault::ConflictMovesDates) {
            slot.dates = [change.due_at(), change.keep_by()];
        }
        if self.is(Fault::ConflictEndsRescue) {
            slot.rescue = None;
        }
        stored.filter(|_| !self.is(Fault::ConflictTellsNothing))
    }

    /// What a sound store does in one act.
    fn swap(&self, key: &SessionKey, change: &Change) {
        let bytes = change.record().expose().to_vec();
        match self.fault {
            // Somebody else comes in between.
            Fault::SwapInTwoActs | Fault::WritersAreImpatient => {
                thread::sleep(Duration::from_millis(3))
            }
            Fault::OneScratch => {
                locked(&self.shared.scratch).clone_from(&bytes);
                thread::sleep(Duration::from_millis(3));
            }
            Fault::HalfWrites => {
                let half = bytes[..bytes.len() / 2].to_vec();
                self.state().slots.entry(key.clone()).or_default().record = Some(half);
                thread::sleep(Duration::from_millis(3));
            }
            _ => {}
        }
        let mut own = locked(&self.own);
        let mut state = self.state();
        let in_handle = self.is(Fault::StoresInItsHandle);
        let (state, own) = if in_handle {
            (&mut *own, &mut *state)
        } else {
            (&mut *state, &mut *own)
        };
        if !state.slots.contains_key(key) {
            state.came.push(key.clone());
        }
        state.used.insert(change.revision().to_bytes());
        let slot = state.slots.entry(key.clone()).or_default();
        let replaced = slot.record.take();
        slot.record = self.written(bytes, replaced.as_deref());
        if change.keeps_replaced() || self.is(Fault::EverythingAside) {
            let slot = match self.fault {
                Fault::NothingAside | Fault::AsideBeforeTheLook => &mut Slot::default(),
                Fault::AsideInItsHandle => own.slots.entry(key.clone()).or_default(),
                _ => &mut *slot,
            };
            if self.is(Fault::LastAsideOnly) {
                slot.aside.clear();
            }
            let cut = match self.fault {
                Fault::AsideIsCut => RECORD_MAX + 1,
                _ => usize::MAX,
            };
            slot.aside.extend(replaced.map(|mut bytes| {
                bytes.truncate(cut);
                bytes
            }));
        }
        let ends = match self.fault {
            Fault::RescueNeverEnds => false,
            Fault::EveryChangeEndsRescue => true,
            _ => change.ends_rescue(),
        };
        if ends {
            slot.rescue = None;
        }
        self.date(slot, change);
    }

    /// What stands there after a write.
    fn written(&self, mut bytes: Vec<u8>, replaced: Option<&[u8]>) -> Option<Vec<u8>> {
        match self.fault {
            Fault::OverwritesInPlace => {
                let longer = replaced.and_then(|replaced| replaced.get(bytes.len()..));
                bytes.extend_from_slice(longer.unwrap_or_default());
            }
            Fault::OneScratch => bytes.clone_from(&locked(&self.shared.scratch)),
            Fault::LogoutEmpties if is_gone(&bytes) => return None,
            _ => {}
        }
        Some(bytes)
    }

    fn date(&self, slot: &mut Slot, change: &Change) {
        let dates = [change.due_at(), change.keep_by()];
        for (old, new) in slot.dates.iter_mut().zip(dates) {
            *old = match self.fault {
                Fault::FirstDateStays => old.or(new),
                Fault::NoDateIsTheOldOne => new.or(*old),
                _ => new,
            };
        }
    }

    fn damaged(&self) -> bool {
        let state = self.state();
        let mut records = state.slots.values().filter_map(|slot| slot.record.as_ref());
        records.any(|bytes| !bytes.starts_with(b"twoba-session"))
    }
}

fn is_gone(bytes: &[u8]) -> bool {
    String::from_utf8_lossy(bytes).contains(r#""gone""#)
}

impl Store for Handle {
    fn read(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        let key = &self.fault.filed(key);
        if self.is(Fault::ReadersWaitForTheLease) && self.state().claims.contains_key(key) {
            return Err(StoreError::Busy);
        }
        if self.is(Fault::FullMeansUnreadable) && self.state().obstructed.contains(key) {
            return Err(io("read"));
        }
        let found = self.read_now(key);
        let length = found.as_ref().map_or(0, |found| found.expose().len());
        if self.is(Fault::TooLargeIsRefused) && length > RECORD_MAX {
            return Err(io("read"));
        }
        Ok(found)
    }

    fn try_lease(&self, key: &SessionKey) -> Result<Option<Box<dyn Lease>>, StoreError> {
        let key = self.fault.filed(key);
        let place = match self.fault {
            Fault::OneLeaseForAll => SessionKey::parse("all").unwrap(),
            Fault::LeaseOfItsHandle => {
                let handle = std::ptr::from_ref(self).addr();
                SessionKey::parse(format!("{handle}")).unwrap()
            }
            _ => key.clone(),
        };
        let held = self.state().claims.contains_key(&place);
        match self.fault {
            Fault::LeaseInTwoActs => thread::sleep(Duration::from_millis(1)),
            Fault::LeaseIsWaitedFor if held => thread::sleep(Duration::from_millis(8_100)),
            Fault::RefusalTakesTheLease if held => {
                self.state().claims.remove(&place);
                return Ok(None);
            }
            _ => {}
        }
        let mut state = self.state();
        if self.is(Fault::LeaseIsForItsLastHolder) && !state.is_favorite() {
            return Ok(None);
        }
        let held = match self.fault {
            Fault::LeaseForEverybody => false,
            Fault::LeaseInTwoActs => held,
            _ => state.claims.contains_key(&place),
        };
        if held {
            return Ok(None);
        }
        state.drawn += 1;
        let ticket = state.drawn;
        state.claims.insert(place.clone(), ticket);
        drop(state);
        let found = self.found(&key)?;
        Ok(Some(Box::new(Claim {
            found: Some(found),
            handle: Self {
                shared: Arc::clone(&self.shared),
                own: Mutex::default(),
                fault: self.fault,
            },
            key,
            place,
            ticket,
            thread: thread::current().id(),
            finished: false,
        })))
    }

    fn holder(&self, key: &SessionKey) -> Result<Option<u32>, StoreError> {
        let holder = match self.fault {
            Fault::HolderIsSomebodyElse => 1,
            _ => std::process::id(),
        };
        Ok(self.state().claims.contains_key(key).then_some(holder))
    }

    fn change(&self, key: &SessionKey, change: &Change) -> Result<Durable, ApplyError> {
        self.write(key, change, Way::Change)
    }

    fn probe(&self, key: &SessionKey) -> Result<(), StoreError> {
        let key = &self.fault.filed(key);
        let mut state = self.state();
        if state.obstructed.contains(key) && !self.is(Fault::ProbeTriesNothing) {
            return Err(io("probe"));
        }
        match self.fault {
            Fault::ProbeStores => {
                state
                    .slots
                    .entry(key.clone())
                    .or_default()
                    .record
                    .get_or_insert_default();
            }
            Fault::ProbeEndsRescue => state.slots.entry(key.clone()).or_default().rescue = None,
            Fault::ProbeTakesTheLease => drop(state.claims.remove(key)),
            _ => {}
        }
        Ok(())
    }

    fn due(
        &self,
        which: Due,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<SessionKey>, StoreError> {
        if self.is(Fault::DamageStopsLists) && self.damaged() {
            return Err(io("read"));
        }
        let which = match (self.fault, which) {
            (Fault::OneDateForBoth, _) | (_, Due::Refresh) => 0,
            (_, Due::KeepBy) => 1,
        };
        let state = self.state();
        let dates = state.slots.iter();
        let mut dates: Vec<_> = dates
            .filter_map(|(key, slot)| Some((slot.dates[which]?, key.clone())))
            .filter(|(at, _)| match self.fault {
                Fault::DueIsExclusive => *at < before,
                _ => *at <= before,
            })
            .collect();
        match self.fault {
            Fault::DueInOrderOfKeys => dates.sort_by(|one, other| one.1.cmp(&other.1)),
            Fault::DueTiesAsTheyCame => {
                let came = |key: &SessionKey| state.came.iter().position(|one| one == key);
                dates.sort_by_key(|(at, key)| (*at, came(key)));
            }
            _ => dates.sort(),
        }
        let limit = if self.is(Fault::DueHasNoLimit) {
            usize::MAX
        } else {
            limit
        };
        Ok(dates.into_iter().map(|(_, key)| key).take(limit).collect())
    }

    fn list(&self, after: Option<&SessionKey>, limit: usize) -> Result<Vec<Listed>, StoreError> {
        if self.is(Fault::DamageStopsLists) && self.damaged() {
            return Err(io("read"));
        }
        let state = self.state();
        let mut keys: Vec<SessionKey> = state.slots.keys().cloned().collect();
        let limit = match self.fault {
            Fault::ListEndsAtAThousand => limit.min(1_000),
            _ => limit,
        };
        match self.fault {
            Fault::ListAsTheyCame => keys.clone_from(&state.came),
            Fault::ListInOrderOfLetters => keys.sort_by_key(|key| key.as_str().to_lowercase()),
            _ => {}
        }
        let behind = |key: &SessionKey| match self.fault {
            Fault::ListBeginsWithTheKey => after.is_none_or(|after| key >= after),
            Fault::ListForgetsWhereItWas => {
                after.is_none_or(|after| keys.contains(after) && key > after)
            }
            _ => after.is_none_or(|after| key > after),
        };
        let mut listed = Vec::new();
        let mut count = 0;
        for key in keys.iter().filter(|key| behind(key)) {
            let kinds = self.kinds(&state.slots[key]);
            if kinds.is_empty() {
                continue;
            }
            if count == limit && !self.is(Fault::ListHasNoLimit) {
                break;
            }
            count += 1;
            listed.extend(kinds.into_iter().map(|kind| Listed::new(key.clone(), kind)));
        }
        if self.is(Fault::ListLimitOfThings) {
            listed.truncate(limit);
        }
        Ok(listed)
    }

    fn rescue(&self, key: &SessionKey, record: &StoredGrant) -> Result<(), StoreError> {
        let key = &self.fault.filed(key);
        let bytes = record.expose().to_vec();
        let mut own = locked(&self.own);
        let mut state = self.state();
        if state.obstructed.contains(key) {
            return match self.fault {
                Fault::RescueHidesFailure => Ok(()),
                _ => Err(io("write")),
            };
        }
        match self.fault {
            Fault::RescueIsLost => {}
            Fault::RescueInItsHandle => {
                own.slots.entry(key.clone()).or_default().rescue = Some(bytes)
            }
            Fault::RescueIsTheRecord => {
                state.slots.entry(key.clone()).or_default().record = Some(bytes)
            }
            Fault::RescueStaysTheFirst => {
                state
                    .slots
                    .entry(key.clone())
                    .or_default()
                    .rescue
                    .get_or_insert(bytes);
            }
            _ => state.slots.entry(key.clone()).or_default().rescue = Some(bytes),
        }
        Ok(())
    }

    fn rescued(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        let key = &self.fault.filed(key);
        let own = locked(&self.own);
        let state = self.state();
        let slots = if self.is(Fault::RescueInItsHandle) {
            &own.slots
        } else {
            &state.slots
        };
        let slot = match self.fault {
            Fault::RescueIsForAll => slots.values().find(|slot| slot.rescue.is_some()),
            _ => slots.get(key),
        };
        Ok(slot.and_then(|slot| slot.rescue.as_deref().map(grant)))
    }
}

impl Handle {
    /// What a claim finds when it is made.
    fn found(&self, key: &SessionKey) -> Result<Found, StoreError> {
        let mut found = Found {
            record: self.read_now(key),
            rescued: self.rescued(key)?,
        };
        match self.fault {
            Fault::FoundHasNoRescue => found.rescued = None,
            Fault::FoundIsTheFirst => {
                let mut state = self.state();
                let first = state.first.entry(key.clone()).or_insert(found);
                return Ok(first.clone());
            }
            _ => {}
        }
        Ok(found)
    }

    fn kinds(&self, slot: &Slot) -> Vec<ListedKind> {
        let hidden = |bytes: &&Vec<u8>| self.is(Fault::ListHidesTheLoggedOut) && is_gone(bytes);
        let record = slot.record.as_ref().filter(|bytes| !hidden(bytes));
        let mut kinds: Vec<_> = record.map(|_| ListedKind::Session).into_iter().collect();
        if self.is(Fault::ListOfSessionsOnly) {
            return kinds;
        }
        kinds.extend(slot.aside.iter().map(|_| ListedKind::KeptAside));
        kinds.extend(slot.rescue.iter().map(|_| ListedKind::Rescue));
        kinds
    }
}

struct Claim {
    found: Option<Found>,
    handle: Handle,
    key: SessionKey,
    place: SessionKey,
    ticket: u64,
    thread: ThreadId,
    finished: bool,
}

impl Claim {
    fn write(&mut self, change: &Change, way: Way) -> Result<Durable, ApplyError> {
        if self.handle.is(Fault::LeaseOfItsThread) && self.thread != thread::current().id() {
            return Err(StoreError::LeaseLost.into());
        }
        let written = self.handle.write(&self.key, change, way);
        let gives_back = match self.handle.fault {
            Fault::ApplyGivesTheLeaseBack => true,
            Fault::FinishGivesBackTwice => way == Way::Finish && written.is_ok(),
            Fault::ConflictGivesTheLeaseBack => way == Way::Finish,
            _ => false,
        };
        if gives_back {
            self.handle.state().claims.remove(&self.place);
        }
        self.finished |= way == Way::Finish && written.is_ok();
        written
    }
}

impl Lease for Claim {
    fn found(&mut self) -> Option<Found> {
        match self.handle.fault {
            Fault::FoundComesTwice => self.found.clone(),
            _ => self.found.take(),
        }
    }

    fn load(&mut self) -> Result<Option<StoredGrant>, StoreError> {
        let holder = self.handle.state().claims.get(&self.place).copied();
        if holder != Some(self.ticket) && !self.handle.is(Fault::LoadLooksAtNothing) {
            return Err(StoreError::LeaseLost);
        }
        Ok(self.handle.read_now(&self.key))
    }

    fn renew(&mut self) -> Result<(), StoreError> {
        let mut state = self.handle.state();
        match self.handle.fault {
            Fault::RenewIsRefused => return Err(StoreError::LeaseLost),
            Fault::RenewLooksAtNothing => return Ok(()),
            Fault::RenewGivesBack => drop(state.claims.remove(&self.place)),
            _ => {}
        }
        match state.claims.get(&self.place) {
            Some(ticket) if *ticket == self.ticket => Ok(()),
            _ if self.handle.is(Fault::RenewGivesBack) => Ok(()),
            _ => Err(StoreError::LeaseLost),
        }
    }

    fn finish(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        self.write(change, Way::Finish)
    }

    fn release(self: Box<Self>) {
        if self.handle.is(Fault::ReleaseKeepsTheLease) {
            std::mem::forget(self);
        }
    }
}

impl Apply for Claim {
    fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        self.write(change, Way::Apply)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut state = self.handle.state();
        let mine = state.claims.get(&self.place) == Some(&self.ticket);
        let goes_back = match self.handle.fault {
            Fault::DropKeepsTheLease => false,
            Fault::PanicKeepsTheLease => mine && !thread::panicking(),
            Fault::FinishKeepsTheLease => mine && !self.finished,
            Fault::DropTakesAnyLease | Fault::FinishGivesBackTwice => true,
            _ => mine,
        };
        if goes_back {
            state.claims.remove(&self.place);
        }
    }
}
