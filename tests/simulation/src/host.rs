//! Machines and processes: clocks that can be set, processes that are killed or paused. What
//! runs in them is decided elsewhere.

use crate::sim::{HostId, ProcessId, Sim, StoreId};

/// A machine.
#[derive(Debug)]
pub(crate) struct Host {
    /// By how much its clock is ahead of true time, in milliseconds.
    pub(crate) offset: i64,
    /// When its clock was set last, in true time.
    pub(crate) set_at: Option<u64>,
    /// Until when it cannot reach a fleet's store.
    pub(crate) cut_until: u64,
}

impl Host {
    pub(crate) fn new(offset: i64) -> Self {
        Self {
            offset,
            set_at: None,
            cut_until: 0,
        }
    }
}

/// A process, from its start over crashes and restarts.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) host: HostId,
    pub(crate) store: StoreId,
    pub(crate) alive: bool,
    /// Whether its program takes no more callers and ends.
    pub(crate) is_ending: bool,
    /// How often it was started: what an earlier life began, a later one does not finish.
    pub(crate) life: u32,
    paused_until: Option<u64>,
    pub(crate) pauses: u32,
    /// When it last went on.
    pub(crate) resumed_at: Option<u64>,
    /// When it last lost its claim to refresh, as nobody renewed it.
    pub(crate) claim_lost_at: Option<u64>,
    /// The same of the claim to ask for a token of its own.
    pub(crate) own_claim_lost_at: Option<u64>,
}

impl Process {
    pub(crate) fn new(host: HostId, store: StoreId) -> Self {
        Self {
            host,
            store,
            alive: true,
            is_ending: false,
            life: 0,
            paused_until: None,
            pauses: 0,
            resumed_at: None,
            claim_lost_at: None,
            own_claim_lost_at: None,
        }
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.paused_until.is_some()
    }

    pub(crate) fn runs(&self) -> bool {
        self.alive && !self.is_paused()
    }
}

impl Sim {
    /// Whether this life of the process goes on.
    pub(crate) fn lives(&self, process: ProcessId, life: u32) -> bool {
        let process = &self.processes[process];
        process.alive && process.life == life
    }

    /// Kills a process: its tasks end where they stand.
    pub(crate) fn crash(&mut self, process: ProcessId) {
        if !self.processes[process].alive {
            return;
        }
        self.tell_of(process, || "is killed".to_owned());
        let this = &mut self.processes[process];
        this.alive = false;
        this.paused_until = None;
        this.life += 1;
        self.tasks.condemn_process(process);
        self.leases_of_dead(process);
    }

    /// Stops a process from running for a while.
    pub(crate) fn pause(&mut self, process: ProcessId, span: u64) {
        if !self.processes[process].runs() {
            return;
        }
        self.tell_of(process, || format!("is paused for {span} ms"));
        let until = self.now + span;
        let this = &mut self.processes[process];
        this.paused_until = Some(until);
        this.pauses += 1;
        self.review_claims();
        self.after(span, move |sim| {
            if sim.processes[process].paused_until == Some(until) {
                sim.resume(process);
            }
        });
    }

    pub(crate) fn resume(&mut self, process: ProcessId) {
        if !self.processes[process].is_paused() {
            return;
        }
        self.tell_of(process, || "goes on".to_owned());
        let now = self.now;
        let this = &mut self.processes[process];
        this.paused_until = None;
        this.resumed_at = Some(now);
        self.tasks.release(process);
        self.review_claims();
    }

    /// Sets a clock by so many milliseconds.
    pub(crate) fn step_clock(&mut self, host: HostId, by: i64) {
        self.tell("clock", || format!("of host {host} is set by {by} ms"));
        self.hosts[host].offset += by;
        self.hosts[host].set_at = Some(self.now);
    }

    /// The processes by whose clocks a session goes: with a copy it brings what the original's have
    /// written.
    pub(crate) fn sharing(&self, store: StoreId) -> impl Iterator<Item = &Process> + Clone {
        let store = self.shared(store);
        let original = self.original_of(store);
        let its =
            move |process: &&Process| process.store == store || Some(process.store) == original;
        self.processes.iter().filter(its)
    }

    /// Whether this is so of all hosts that share a store.
    pub(crate) fn clocks_agree_on(&self, store: StoreId, since: u64) -> bool {
        let sharing = self.sharing(store);
        let mut hosts = sharing.map(|process| process.host);
        let Some(first) = hosts.next() else {
            return true;
        };
        self.clocks_agree(first, first, since)
            && hosts.all(|host| self.clocks_agree(first, host, since))
    }

    /// Whether the clocks of these two hosts agree to a second and none was set since then.
    pub(crate) fn clocks_agree(&self, one: HostId, other: HostId, since: u64) -> bool {
        let (one, other) = (&self.hosts[one], &self.hosts[other]);
        let set = |host: &Host| host.set_at.is_some_and(|at| at >= since);
        !set(one) && !set(other) && one.offset.abs_diff(other.offset) <= 1_000
    }
}
