//! What happens to a world from outside, as values; how likely each is, and what it does to
//! the state.

use crate::client::{Close, Leave};
use crate::network::FateKind;
use crate::server::Ended;
use crate::sim::{ClientId, Happening, HostId, ProcessId, Sim, StoreId};
use crate::trigger::{Armed, Trigger};

/// Something that happens to a world.
#[derive(Debug, Clone)]
pub(crate) enum Operation {
    /// Whatever is drawn next.
    Next,
    /// So many callers want a token.
    Call(ClientId, u64),
    /// So many callers want a token of their program itself.
    CallOwn(ClientId, u64),
    /// Somebody wants another one.
    ReplaceOwn(ClientId),
    /// Somebody keeps alive what would die unused.
    KeepAlive(ClientId),
    /// Somebody wants another token.
    Replace(ClientId),
    /// The same, and the next refresh meets this trouble.
    ReplaceAmid(ClientId, FateKind),
    LogIn(ClientId),
    /// Somebody brings a refresh token from elsewhere.
    Import(ClientId),
    LogOut(ClientId, Leave),
    /// Somebody lets go of a session and opens it anew, in a process that goes on.
    LetGo(ClientId),
    /// A program ends in good order as its store fails for a while, and is started again so much
    /// later.
    End(ProcessId, Close, u64, u64),
    /// A process is killed, and is started again so much later.
    Crash(ProcessId, u64),
    Restart(ProcessId),
    Pause(ProcessId, u64),
    /// A whole machine sleeps.
    Suspend(HostId, u64),
    SetClock(HostId, i64),
    /// A store cannot be written for a while.
    Fill(StoreId, u64),
    /// What is stored is damaged, or becomes a newer release's.
    Tear(StoreId),
    /// A store is set back to what it held before.
    GoBack(StoreId),
    /// A store is copied to another host.
    Copy,
    /// Somebody adopts the copy.
    Adopt,
    /// A host cannot reach its fleet's store for a while.
    CutOff(HostId, u64),
    /// So many requests in a thousand meet a trouble.
    Weather(u64),
    /// Every request meets this trouble for a while.
    Always(FateKind, u64),
    /// Services reject every token for a while.
    Reject(u64),
    /// The server ends what a store holds.
    EndFamily(StoreId),
    /// Something waits for its moment in a process.
    Arm(Trigger, ProcessId, u64, Box<Operation>),
    /// Nothing fails any more.
    Heal,
    /// Every client is asked for a good token.
    Probe,
}

impl Sim {
    /// Does what needs nothing but the state; gives back what needs clients.
    pub(crate) fn perform(&mut self, operation: Operation) -> Option<Operation> {
        let goes_on = matches!(operation, Operation::Restart(_) | Operation::Probe);
        if self.weather.settled && !goes_on {
            return None;
        }
        match operation {
            Operation::Crash(process, down) => {
                self.crash(process);
                let restart = Operation::Restart(process);
                self.schedule(down, Happening::Operation(restart));
            }
            Operation::End(process, _, fails, _) => {
                if fails > 0 {
                    self.fill(self.processes[process].store, fails);
                }
                return Some(operation);
            }
            Operation::Pause(process, span) => self.pause(process, span),
            Operation::Suspend(host, span) => self.suspend(host, span),
            Operation::SetClock(host, by) => self.step_clock(host, by),
            Operation::Fill(store, span) => self.fill(store, span),
            Operation::Tear(store) => self.tear(store),
            Operation::GoBack(store) => self.go_back(store),
            Operation::Copy => self.copy_store(),
            Operation::Adopt => self.adopt_copy(),
            Operation::CutOff(host, span) => self.cut_off(host, span),
            Operation::Weather(bad) => {
                self.tell("network", || format!("fails {bad} requests in a thousand"));
                self.weather.bad = bad;
            }
            Operation::Always(kind, span) => self.insist(kind, span),
            Operation::Reject(span) => {
                self.tell("service", || format!("rejects everything for {span} ms"));
                self.weather.rejects_until = self.now + span;
            }
            Operation::EndFamily(store) => self.end_family(store),
            Operation::Arm(trigger, process, after, then) => self.arm(Armed {
                trigger,
                process,
                after,
                then: *then,
            }),
            Operation::Heal => self.heal(),
            Operation::ReplaceAmid(client, kind) => {
                self.tell("network", || format!("the next refresh meets {kind:?}"));
                self.weather.next_refresh = Some(kind);
                return Some(Operation::Replace(client));
            }
            other => return Some(other),
        }
        None
    }

    fn suspend(&mut self, host: HostId, span: u64) {
        for process in 0..self.processes.len() {
            if self.processes[process].host == host {
                self.pause(process, span);
            }
        }
    }

    fn arm(&mut self, armed: Armed) {
        self.tell("chance", || format!("waits: {armed:?}"));
        self.armed.push(armed);
    }

    fn fill(&mut self, store: StoreId, span: u64) {
        self.tell("store", || format!("{store} is full for {span} ms"));
        self.stores[store].full_until = self.now + span;
        self.fill_rescue(store, span);
    }

    fn cut_off(&mut self, host: HostId, span: u64) {
        self.tell("network", || {
            format!("host {host} is cut off its store for {span} ms")
        });
        self.hosts[host].cut_until = self.now + span;
        self.review_claims();
        self.after(span, Self::review_claims);
    }

    fn insist(&mut self, kind: FateKind, span: u64) {
        self.tell("network", || {
            format!("every request meets {kind:?} for {span} ms")
        });
        self.weather.always = Some(kind);
        self.after(span, |sim| sim.weather.always = None);
    }

    fn end_family(&mut self, store: StoreId) {
        let held = self.stores[store].record.held();
        let token = held.and_then(|held| held.grant.refresh_token.clone());
        if let Some(token) = token {
            self.tell("server", || format!("ends the family of {token}"));
            self.server.revoke(&token, Ended::ByOwner);
        }
    }

    fn heal(&mut self) {
        self.tell("world", || "heals".to_owned());
        self.weather.healed = true;
        self.weather.settled = true;
        self.weather.bad = 0;
        self.weather.always = None;
        self.weather.next_refresh = None;
        self.server.forgets_nobody(self.now);
        self.weather.rejects_until = self.now;
        self.armed.clear();
        for host in &mut self.hosts {
            host.cut_until = self.now;
        }
        for store in &mut self.stores {
            store.full_until = self.now;
        }
        self.heal_rescues();
        for process in 0..self.processes.len() {
            self.resume(process);
        }
        self.review_claims();
    }
}
