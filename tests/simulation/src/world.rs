//! Runs a world: polls one task at a time, lets one thing happen after another, and ends when
//! every client has been asked for a good token.

mod asking;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use twoba_core as core;
use twoba_keeper::EarlyRefresh;

use crate::client::{Close, Session};
use crate::judge::{Promised, Violation};
use crate::operation::Operation;
use crate::plan::{Extras, MINUTE, Plan, SECOND};
use crate::random::Random;
use crate::sabotage::Sabotage;
use crate::sim::{ClientId, Handle, Happening, ProcessId, Sim};
use crate::store::Who;
use crate::task::{BoxFuture, TaskId, TaskWaker};

/// More polls than any world needs.
const POLLS: u64 = 200_000;

/// How long everything under way needs to come to its end.
const SETTLING: u64 = 2 * MINUTE;

/// How a world ended.
#[derive(Default)]
pub(crate) struct Ending {
    pub(crate) violation: Option<Violation>,
    /// How often each row of the summary came up.
    pub(crate) outcomes: Vec<String>,
    pub(crate) requests: u64,
    pub(crate) polls: u64,
    /// True time that has passed, in milliseconds.
    pub(crate) span: u64,
    pub(crate) rotations: u64,
    pub(crate) reuses: u64,
    pub(crate) script: String,
}

/// One world.
struct World {
    sim: Handle,
    futures: BTreeMap<TaskId, BoxFuture>,
    seats: Vec<Seat>,
    client: core::Client,
    operations: u64,
    /// How many clients there were.
    clients: ClientId,
}

/// A client's place in a process; empty while that is dead.
struct Seat {
    process: ProcessId,
    /// Which client sits there: each that is opened while another one may go on is its own.
    client: ClientId,
    early: EarlyRefresh,
    session: Option<Session>,
}

/// Runs the world of a seed to its end.
pub(crate) fn run(seed: u64, sabotage: Option<Sabotage>, told: bool) -> Ending {
    let mut random = Random::new(seed);
    let plan = Plan::draw(&mut random, Extras::draw(seed));
    let Some(client) = plan.client(sabotage) else {
        return Ending::refused();
    };
    let mut seats = Vec::new();
    let processes = plan.stores.iter().flat_map(|store| &store.processes);
    for (process, plan) in processes.enumerate() {
        for &early in &plan.clients {
            seats.push(Seat {
                process,
                client: seats.len(),
                early,
                session: None,
            });
        }
    }
    let clients = seats.len();
    let operations = plan.operations;
    let mut sim = Sim::new(plan, random, sabotage, told);
    let words = sim.plan.words();
    sim.tell("world", || words);
    let mut world = World {
        sim: Handle::new(sim),
        futures: BTreeMap::new(),
        seats,
        client,
        operations,
        clients,
    };
    world.begin();
    while world.go_on() {}
    world.end()
}

impl World {
    /// Starts every process, and somebody logs in to each store.
    fn begin(&mut self) {
        for process in 0..self.sim.with(|sim| sim.processes.len()) {
            self.start(process);
        }
        let stores = self
            .sim
            .with(|sim| sim.plan.stores.len() - usize::from(sim.plan.extras.clones));
        for store in 0..stores {
            let first = self.seats.iter().position(|seat| {
                let client = seat.session.as_ref();
                client.is_some_and(|client| client.who().store == store)
            });
            if let Some(first) = first {
                self.perform(Operation::LogIn(first));
            }
        }
        // The first login succeeds, so that there is something to lose.
        let next = Happening::Operation(Operation::Next);
        self.sim.with(|sim| {
            sim.weather.healed = true;
            sim.after(SECOND, |sim| sim.weather.healed = false);
            sim.schedule(SECOND, next);
        });
    }

    fn start(&mut self, process: ProcessId) {
        for id in 0..self.seats.len() {
            if self.seats[id].process == process {
                self.open(id);
            }
        }
    }

    /// A session of a client, as it has just started.
    fn open(&mut self, id: ClientId) {
        let seat = &mut self.seats[id];
        let process = seat.process;
        let who = self.sim.with(|sim| Who {
            process,
            life: sim.processes[process].life,
            client: seat.client,
            store: sim.processes[process].store,
        });
        seat.session = Session::open(&self.sim, who, &self.client, seat.early);
    }

    /// What its tasks have in hand they bring to its end.
    fn let_go(&mut self, id: ClientId) {
        if let Some(session) = self.alive(id) {
            let who = session.who();
            self.sim.with(|sim| {
                sim.tell_of(who.process, || {
                    format!("client {} is opened anew", who.client)
                });
            });
            self.seats[id].client = self.clients;
            self.clients += 1;
            self.open(id);
        }
    }

    /// One step; false at the end.
    fn go_on(&mut self) -> bool {
        self.sweep();
        let (task, over) = self.sim.with(|sim| {
            let broken = sim.judge.violation.is_some();
            let endless = sim.tasks.polls > POLLS;
            if endless {
                let words = "the world comes to no end".to_owned();
                sim.violated(Promised::NoStorm, words);
            }
            (sim.next_task(), broken || endless || sim.is_told())
        });
        if over {
            return false;
        }
        if let Some(task) = task {
            self.poll(task);
            return true;
        }
        match self.sim.with(Sim::next) {
            Some(Happening::Effect(effect)) => self.sim.with(effect),
            Some(Happening::Operation(operation)) => self.perform(operation),
            None => return false,
        }
        true
    }

    /// Takes new futures in and drops those whose tasks have ended.
    fn sweep(&mut self) {
        let (newborn, condemned) = self
            .sim
            .with(|sim| (sim.tasks.take_newborn(), sim.tasks.take_condemned()));
        self.futures.extend(newborn);
        for task in condemned {
            // Dropping looks at the state, so that it happens outside of its lock.
            drop(self.futures.remove(&task));
        }
    }

    fn poll(&mut self, task: TaskId) {
        let Some(future) = self.futures.get_mut(&task) else {
            return;
        };
        let waker = Waker::from(Arc::new(TaskWaker {
            sim: self.sim.clone(),
            task,
        }));
        let mut context = Context::from_waker(&waker);
        if let Poll::Ready(()) = future.as_mut().poll(&mut context) {
            self.sim.with(|sim| sim.tasks.finished(task));
            drop(self.futures.remove(&task));
        }
    }

    fn perform(&mut self, operation: Operation) {
        let Some(operation) = self.sim.with(|sim| sim.perform(operation)) else {
            return;
        };
        match operation {
            Operation::Next => self.next(),
            Operation::Call(client, callers) => {
                for _ in 0..callers {
                    self.call(client, Some);
                }
            }
            Operation::CallOwn(client, callers) => {
                for _ in 0..callers {
                    self.call(client, |session| session.own());
                }
            }
            Operation::KeepAlive(client) => self.with_client(client, Session::keep_alive),
            Operation::ReplaceOwn(client) => self.replace_own(client),
            Operation::Replace(client) => self.with_client(client, Session::replace),
            Operation::LogIn(client) => self.log_in(client),
            Operation::Import(client) => self.import(client),
            Operation::LogOut(client, how) => self.with_client(client, |one| one.go(how)),
            Operation::End(process, how, _, down) => self.end_program(process, how, down),
            Operation::LetGo(client) => self.let_go(client),
            Operation::Restart(process) => self.restart(process),
            Operation::Probe => self.probe(),
            _ => {}
        }
    }

    /// What was drawn next, or the end of all troubles.
    fn next(&mut self) {
        if self.operations == 0 {
            for process in 0..self.sim.with(|sim| sim.processes.len()) {
                self.restart(process);
            }
            self.perform(Operation::Heal);
            let probe = Happening::Operation(Operation::Probe);
            return self.sim.with(|sim| sim.schedule(SETTLING, probe));
        }
        self.operations -= 1;
        let operation = self.sim.with(Sim::draw_operation);
        self.perform(operation);
        let next = Happening::Operation(Operation::Next);
        self.sim.with(|sim| {
            let gap = sim.draw_gap();
            sim.schedule(gap, next);
        });
    }

    /// A program takes no more callers, brings what it has in hand to its end, and ends.
    fn end_program(&mut self, process: ProcessId, how: Close, down: u64) {
        let seats = self.seats.iter_mut().filter(|seat| seat.process == process);
        let sessions: Vec<Session> = seats.filter_map(|seat| seat.session.take()).collect();
        let Some(life) = sessions.first().map(|first| first.who().life) else {
            return;
        };
        let handle = self.sim.clone();
        let ending = async move {
            for session in sessions {
                session.end_program(how).await;
            }
            let ends = move |sim: &mut Sim| {
                if sim.lives(process, life) {
                    sim.crash(process);
                    let again = Operation::Restart(process);
                    sim.schedule(down, Happening::Operation(again));
                }
            };
            handle.with(ends);
        };
        // Outside of `with`, because a session that ends gives its lease back there.
        if self.sim.with(|sim| sim.lives(process, life)) {
            self.sim.with(|sim| sim.spawn(process, ending));
        }
    }

    fn restart(&mut self, process: ProcessId) {
        let dead = self.sim.with(|sim| {
            let dead = !sim.processes[process].alive;
            if dead {
                sim.processes[process].alive = true;
                sim.processes[process].is_ending = false;
                sim.tell_of(process, || "starts".to_owned());
            }
            dead
        });
        if dead {
            self.sweep();
            self.start(process);
        }
    }

    fn end(mut self) -> Ending {
        self.sim.with(|sim| sim.over = true);
        self.sweep();
        self.futures.clear();
        self.seats.clear();
        self.sim.with(|sim| Ending {
            violation: sim.judge.violation.take(),
            outcomes: sim
                .judge
                .outcomes
                .drain(..)
                .map(|outcome| outcome.row)
                .collect(),
            requests: u64::try_from(sim.judge.count()).unwrap_or(u64::MAX),
            polls: sim.tasks.polls,
            span: sim.now,
            rotations: sim.server.rotations,
            reuses: sim.server.reuses,
            script: sim.script.take(),
        })
    }
}

impl Ending {
    /// Of a world that the product refuses to be part of.
    fn refused() -> Self {
        Self {
            violation: Some(Violation {
                promise: Promised::Kept,
                words: "the product refuses its configuration".to_owned(),
            }),
            ..Self::default()
        }
    }
}
