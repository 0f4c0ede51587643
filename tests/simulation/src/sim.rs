//! The state of one world and its agenda: what there is, what time it is, what happens next.
//! What the parts do is decided in their own files.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::host::{Host, Process};
use crate::judge::Judge;
use crate::network::Weather;
use crate::operation::Operation;
use crate::plan::Plan;
use crate::random::Random;
use crate::sabotage::Sabotage;
use crate::script::Script;
use crate::server::Server;
use crate::store::Store;
use crate::task::{BoxFuture, TaskId, Tasks};
use crate::trigger::Armed;

pub(crate) type HostId = usize;
pub(crate) type ProcessId = usize;
pub(crate) type StoreId = usize;
pub(crate) type ClientId = usize;

/// What the simulated clients' clocks show when a world begins: 2026-11-22.
const EPOCH: i64 = 1_795_305_600_000;

/// Everything of a world but its tasks' futures and its clients.
pub(crate) struct Sim {
    /// True time, in milliseconds since the world began. Only the server and the database
    /// know it.
    pub(crate) now: u64,
    pub(crate) random: Random,
    pub(crate) plan: Plan,
    pub(crate) hosts: Vec<Host>,
    pub(crate) processes: Vec<Process>,
    pub(crate) stores: Vec<Store>,
    pub(crate) server: Server,
    pub(crate) weather: Weather,
    pub(crate) tasks: Tasks,
    pub(crate) armed: Vec<Armed>,
    pub(crate) sabotage: Option<Sabotage>,
    pub(crate) judge: Judge,
    pub(crate) script: Script,
    /// Whether the world has ended and its futures are only being dropped.
    pub(crate) over: bool,
    agenda: BinaryHeap<Event>,
}

/// Something that will happen.
pub(crate) enum Happening {
    /// In the state alone.
    Effect(Box<dyn FnOnce(&mut Sim) + Send>),
    /// To clients and tasks too.
    Operation(Operation),
}

/// A happening with its time; those of the same moment come in an order of chance.
struct Event {
    at: u64,
    tie: u64,
    what: Happening,
}

impl Sim {
    pub(crate) fn new(plan: Plan, random: Random, sabotage: Option<Sabotage>, told: bool) -> Self {
        let hosts = plan.hosts.iter().map(|&offset| Host::new(offset)).collect();
        // Those of programs themselves stand behind those of persons, in the same order.
        let kinds = plan.stores.iter().map(|plan| plan.kind);
        let twice = if plan.extras.own.is_some() { 2 } else { 1 };
        let kinds = std::iter::repeat_n(kinds, twice).flatten();
        let stores: Vec<Store> = kinds.map(Store::new).collect();
        let processes = plan.stores.iter().enumerate().flat_map(|(store, plan)| {
            let of = move |process: &crate::plan::ProcessPlan| Process::new(process.host, store);
            plan.processes.iter().map(of)
        });
        Self {
            now: 0,
            hosts,
            processes: processes.collect(),
            stores,
            server: plan.server(),
            weather: Weather::calm(),
            tasks: Tasks::default(),
            armed: Vec::new(),
            sabotage,
            judge: Judge::default(),
            script: Script::new(told),
            over: false,
            agenda: BinaryHeap::new(),
            random,
            plan,
        }
    }

    pub(crate) fn has(&self, sabotage: Sabotage) -> bool {
        self.sabotage == Some(sabotage)
    }

    /// Where the session of a program itself stands that shares the store of a person's.
    pub(crate) fn own_store(&self, store: StoreId) -> StoreId {
        store % self.plan.stores.len() + self.plan.stores.len()
    }

    /// Whether the session of a program itself stands there.
    pub(crate) fn is_own(&self, store: StoreId) -> bool {
        store >= self.plan.stores.len()
    }

    /// The store that processes share in which this session stands.
    pub(crate) fn shared(&self, store: StoreId) -> StoreId {
        store % self.plan.stores.len()
    }

    /// What a host's clock shows, in milliseconds since 1970.
    pub(crate) fn wall(&self, host: HostId) -> i64 {
        let since = i64::try_from(self.now).unwrap_or(i64::MAX);
        EPOCH + since + self.hosts[host].offset
    }

    /// The same for the host of a process.
    pub(crate) fn wall_of(&self, process: ProcessId) -> i64 {
        self.wall(self.processes[process].host)
    }

    /// Has something happen after `span` milliseconds.
    pub(crate) fn after(&mut self, span: u64, effect: impl FnOnce(&mut Self) + Send + 'static) {
        self.schedule(span, Happening::Effect(Box::new(effect)));
    }

    pub(crate) fn schedule(&mut self, span: u64, what: Happening) {
        let tie = self.random.next();
        let at = self.now + span;
        self.agenda.push(Event { at, tie, what });
    }

    /// The next thing that happens, at whose time it is now.
    pub(crate) fn next(&mut self) -> Option<Happening> {
        let event = self.agenda.pop()?;
        self.now = event.at;
        Some(event.what)
    }

    /// Starts a task of a process; it ends with that.
    pub(crate) fn spawn(
        &mut self,
        process: ProcessId,
        future: impl Future<Output = ()> + Send + 'static,
    ) -> TaskId {
        let future: BoxFuture = Box::pin(future);
        self.tasks.spawn(process, future)
    }

    pub(crate) fn tell(&mut self, who: &str, what: impl FnOnce() -> String) {
        self.script.tell(self.now, format_args!("{who}"), what);
    }

    /// As [`tell`](Self::tell), of a process.
    pub(crate) fn tell_of(&mut self, process: ProcessId, what: impl FnOnce() -> String) {
        let host = self.processes[process].host;
        self.script.tell(
            self.now,
            format_args!("host {host} process {process}"),
            what,
        );
    }
}

impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.tie) == (other.at, other.tie)
    }
}

impl Eq for Event {}

impl PartialOrd for Event {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Event {
    /// The earliest is the greatest, as a heap hands out the greatest first.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.tie).cmp(&(self.at, self.tie))
    }
}

/// The way of tasks to the state. They run on one thread; the lock only says so to the
/// compiler, as the product's traits ask for futures that could move.
#[derive(Clone)]
pub(crate) struct Handle(Arc<Mutex<Sim>>);

impl Handle {
    pub(crate) fn new(sim: Sim) -> Self {
        Self(Arc::new(Mutex::new(sim)))
    }

    pub(crate) fn with<R>(&self, look: impl FnOnce(&mut Sim) -> R) -> R {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handle")
    }
}
