//! A model of a store: bytes that survive everything, a compare-and-swap, a lease, and the
//! ways in which disks and databases fail. It knows nothing of OAuth but where it is sabotaged.

mod backup;
mod clone;
mod handle;
mod lease;
mod rescue;
mod sabotaged;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use twoba_core::{Change, Revision, StoredGrant};
use twoba_store::StoreError;

use crate::plan::SECOND;
use crate::record::{self, Candidate, Record};
use crate::sabotage::Sabotage;
use crate::sim::{ClientId, ProcessId, Sim, StoreId};
use crate::task::Promise;
use crate::trigger::Trigger;

pub(crate) use handle::StoreHandle;
use lease::{Claims, Ticket};

/// Where a store's leases come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A file on one machine: the lease ends with its process.
    Machine,
    /// A database for many: a claim that its holder renews, by the database's clock.
    Fleet,
}

/// Who asks something of a store.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Who {
    pub(crate) process: ProcessId,
    pub(crate) life: u32,
    pub(crate) client: ClientId,
    pub(crate) store: StoreId,
}

/// How a change is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Without the lease, for logins and logouts.
    Unleased,
    /// Under a lease, before the record was read under it.
    LeasedOnly,
    /// Under a lease whose holder has read the record.
    LeasedAndRead,
    /// Under a lease that had lapsed when its holder looked at the record.
    Lapsed,
}

/// Why a store did not do what it was asked to.
#[derive(Debug, Clone)]
pub(crate) enum Failed {
    LeaseLost,
    Io(&'static str),
    /// It is a copy, and nobody has adopted it.
    Copied,
    Conflict(Option<StoredGrant>),
}

/// A copy of what was stored.
struct Backup {
    bytes: StoredGrant,
    record: Record,
}

/// What was left there for somebody who finds it.
struct Rescued {
    bytes: StoredGrant,
    held: Option<Box<record::Held>>,
    left_at: u64,
}

/// A store of one session.
pub(crate) struct Store {
    pub(crate) kind: Kind,
    pub(crate) record: Record,
    bytes: Option<StoredGrant>,
    claims: Claims,
    /// By how many leases each life of a client goes.
    leases: BTreeMap<(ClientId, u32), i32>,
    /// Until when nothing can be written.
    pub(crate) full_until: u64,
    /// When it has last failed somebody.
    pub(crate) troubled_at: Option<u64>,
    /// When it was last written.
    pub(crate) written_at: Option<u64>,
    /// Revisions of records that were falsified when they were read, and the real ones.
    falsified: Vec<(Revision, Revision)>,
    /// Whether it is a copy, or was given up for one.
    copied: bool,
    /// What was left there for somebody who finds it.
    rescued: Option<Rescued>,
    /// Until when nothing more can be left there.
    rescue_full_until: u64,
    /// What it held before, where it can be set back.
    backups: Vec<Backup>,
}

impl Store {
    pub(crate) fn new(kind: Kind) -> Self {
        Self {
            kind,
            record: Record::Nothing,
            bytes: None,
            claims: Claims::default(),
            leases: BTreeMap::new(),
            full_until: 0,
            troubled_at: None,
            written_at: None,
            falsified: Vec::new(),
            copied: false,
            rescued: None,
            rescue_full_until: 0,
            backups: Vec::new(),
        }
    }

    /// The refresh token that is being exchanged.
    pub(crate) fn candidate(&self) -> Option<Candidate> {
        Candidate::read(self.bytes.as_ref()?.expose())
    }

    /// Whether a client held the lease when it last looked at the record.
    pub(crate) fn has_looked_leased(&self, client: ClientId) -> bool {
        self.claims.looked(client)
    }

    /// When a client has last got the lease.
    pub(crate) fn leased_at(&self, client: ClientId) -> u64 {
        self.claims.leased_at(client)
    }

    /// Whether another client has got the lease since then.
    pub(crate) fn was_anothers_since(&self, client: ClientId, since: u64) -> bool {
        self.claims.was_anothers_since(client, since)
    }

    /// A client goes by one more lease, or by one less: a lapsed one is still in somebody's hands.
    pub(crate) fn count_lease(&mut self, who: Who, by: i32) {
        *self.leases.entry((who.client, who.life)).or_default() += by;
    }

    /// Whether anybody holds the lease, or is on the way to it.
    pub(crate) fn is_held(&self) -> bool {
        self.claims.is_held()
    }

    /// Whether a client goes by any.
    pub(crate) fn is_leased(&self, who: Who) -> bool {
        self.leases
            .get(&(who.client, who.life))
            .is_some_and(|count| *count > 0)
    }

    /// Whether a change that expects this revision finds it.
    fn finds(&self, expected: Option<Revision>) -> bool {
        let real = self.bytes.as_ref().map(StoredGrant::revision);
        let meant = self
            .falsified
            .iter()
            .rev()
            .find(|(false_one, _)| Some(*false_one) == expected);
        expected == real || meant.is_some_and(|(_, meant)| Some(*meant) == real)
    }
}

impl Failed {
    fn into_error(self) -> StoreError {
        match self {
            Self::LeaseLost => StoreError::LeaseLost,
            Self::Copied => StoreError::Copied {
                place: "the store".to_owned(),
            },
            Self::Io(what) => StoreError::Io {
                doing: "use",
                path: PathBuf::from("the store"),
                source: io::Error::other(what),
            },
            Self::Conflict(_) => StoreError::CutOff,
        }
    }
}

impl Sim {
    /// How long one way to a store takes.
    fn store_way(&mut self) -> u64 {
        if self.plan.troubles.slow_store && !self.weather.healed && self.random.chance(60) {
            return self.random.spread(100, 8 * SECOND);
        }
        self.random.between(1, 3)
    }

    /// Whether a dice of the store's troubles falls badly.
    fn store_fails(&mut self) -> bool {
        let permille = self.plan.troubles.store;
        !self.weather.healed && permille > 0 && self.random.chance(permille)
    }

    /// Whether nothing can be written there now.
    pub(super) fn is_full(&self, store: StoreId) -> bool {
        self.now < self.stores[self.shared(store)].full_until
    }

    pub(super) fn is_cut_off(&self, who: Who) -> bool {
        let host = self.processes[who.process].host;
        self.stores[who.store].kind == Kind::Fleet && self.now < self.hosts[host].cut_until
    }

    /// Does something at the store when the way there is over, and answers after the way back.
    fn at_store<T: Send + 'static>(
        &mut self,
        who: Who,
        work: impl FnOnce(&mut Self) -> Result<T, Failed> + Send + 'static,
    ) -> Promise<Result<T, Failed>> {
        let promise = Promise::new();
        let kept = promise.clone();
        let there = self.store_way();
        self.after(there, move |sim| {
            // What a dead process has asked a database for may still be done; its own writes
            // to a disk end with it.
            let orphaned = !sim.lives(who.process, who.life);
            let local = sim.stores[who.store].kind == Kind::Machine;
            if orphaned && (local || sim.random.chance(500)) {
                return;
            }
            let outcome = work(sim);
            if let Err(Failed::Io(_)) = &outcome {
                sim.stores[who.store].troubled_at = Some(sim.now);
                sim.judge_trouble_of(who);
            }
            let back = sim.store_way();
            sim.after(back, move |sim| kept.fulfil(sim, outcome));
        });
        promise
    }

    /// Reads what is stored. Under a lease, a store looks at that too.
    fn read_store(
        &mut self,
        who: Who,
        under: Option<Ticket>,
    ) -> Promise<Result<Option<StoredGrant>, Failed>> {
        self.at_store(who, move |sim| {
            if sim.is_cut_off(who) || sim.store_fails() {
                sim.tell_of(who.process, || "cannot read the store".to_owned());
                return Err(Failed::Io("it cannot be read"));
            }
            if under.is_some_and(|ticket| !sim.is_leased_by(who.store, ticket)) {
                sim.tell_of(who.process, || "finds its lease lost".to_owned());
                return Err(Failed::LeaseLost);
            }
            sim.note_look(who);
            Ok(sim.shown(who.store))
        })
    }

    fn probe_store(&mut self, who: Who) -> Promise<Result<(), Failed>> {
        self.at_store(who, move |sim| {
            if sim.is_full(who.store) || sim.is_cut_off(who) || sim.store_fails() {
                return Err(Failed::Io("it cannot be written"));
            }
            Ok(())
        })
    }

    /// Writes a change, and gives the lease of this ticket back where it was written.
    fn write_store(
        &mut self,
        who: Who,
        way: Way,
        finishes: Option<Ticket>,
        change: Change,
    ) -> Promise<Result<(), Failed>> {
        self.at_store(who, move |sim| {
            let outcome = sim.write_now(who, way, finishes, &change);
            if matches!(outcome, Err(Failed::Conflict(_))) {
                sim.note_look(who);
            }
            if matches!(outcome, Err(Failed::Io(_))) && !sim.is_own(who.store) {
                sim.judge_not_written(who);
            }
            outcome
        })
    }

    fn write_now(
        &mut self,
        who: Who,
        way: Way,
        finishes: Option<Ticket>,
        change: &Change,
    ) -> Result<(), Failed> {
        if self.is_full(who.store) || self.is_cut_off(who) || self.store_fails() {
            self.tell_of(who.process, || "cannot write the store".to_owned());
            return Err(Failed::Io("it cannot be written"));
        }
        let after = Record::read(Some(change.record().expose()));
        if self.pretends(who, way, change, &after) {
            return Ok(());
        }
        if !self.stores[who.store].finds(change.expected()) && !self.overlooks(who.store, &after) {
            self.tell_of(who.process, || "finds something else stored".to_owned());
            return Err(Failed::Conflict(self.shown(who.store)));
        }
        self.keep(who, way, change, after);
        let is_machine = self.stores[who.store].kind == Kind::Machine;
        // A database is asked again what has become of a write in doubt.
        let is_lost = self.store_fails() && (is_machine || self.random.chance(500));
        if let Some(ticket) = finishes
            && !(is_lost && is_machine)
        {
            self.end_lease(who.store, ticket);
        }
        if is_lost {
            self.tell_of(who.process, || {
                "does not learn that it was stored".to_owned()
            });
            return Err(Failed::Io("its answer is lost"));
        }
        Ok(())
    }

    /// A change becomes durable.
    fn keep(&mut self, who: Who, way: Way, change: &Change, after: Record) {
        let lapsed = !self.stores[who.store].claims.looked(who.client);
        let way = match way {
            Way::LeasedAndRead if lapsed => Way::Lapsed,
            way => way,
        };
        let forgets = self.has(Sabotage::TombstoneForgotten) && matches!(after, Record::Gone);
        self.tell_of(who.process, || format!("has stored {}", after.words()));
        let now = self.now;
        let store = &mut self.stores[who.store];
        store.written_at = Some(now);
        if change.ends_rescue() {
            store.rescued = None;
        }
        store.bytes = (!forgets).then(|| change.record().clone());
        let after = if forgets { Record::Nothing } else { after };
        let before = std::mem::replace(&mut store.record, after);
        if matches!(before, Record::Unreadable) {
            self.judge_replaced(who, change.keeps_replaced());
        }
        if self.is_own(who.store) {
            self.judge_own_stored(who, way, &before);
        } else {
            self.judge_stored(who, way, &before);
            self.back_up(who.store);
        }
        self.trigger_stored(who, &before);
    }

    /// Cuts what is stored short, or gives it the version of a newer release.
    pub(crate) fn tear(&mut self, id: StoreId) {
        let Some(bytes) = self.stores[id].bytes.clone() else {
            return;
        };
        let whole = bytes.expose();
        let torn = if self.random.chance(500) {
            let length = self.random.index(whole.len().max(1));
            whole.get(..length).unwrap_or_default().to_vec()
        } else {
            let text = String::from_utf8_lossy(whole);
            text.replacen("twoba-session 1", "twoba-session 9", 1)
                .into_bytes()
        };
        self.tell("store", || format!("{id} is damaged"));
        self.stores[id].bytes = Some(StoredGrant::from_bytes(torn));
        self.stores[id].record = Record::Unreadable;
        self.judge_torn(id);
    }

    fn trigger_stored(&mut self, who: Who, before: &Record) {
        let after = self.stores[who.store].record.held();
        let generation = |held: Option<&record::Held>| held.map(|held| held.generation);
        let intent = after.is_some_and(|held| held.intent.as_ref().is_some_and(|it| !it.over));
        if intent {
            self.pull(Trigger::IntentStored, who.process);
        } else if generation(after) > generation(before.held()) {
            self.pull(Trigger::RotationStored, who.process);
        } else if after.is_some_and(|held| held.verdict.is_some()) {
            self.pull(Trigger::VerdictStored, who.process);
        }
    }
}
