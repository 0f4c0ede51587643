//! Who may refresh: one holder at a time, those who wait for it, and when a claim lapses that
//! nobody renews.

use std::collections::BTreeMap;

use crate::plan::SECOND;
use crate::sim::{ClientId, ProcessId, Sim, StoreId};
use crate::store::{Failed, Kind, Who};
use crate::task::Promise;

/// How long a claim lives without being renewed.
const CLAIM: u64 = 45 * SECOND;

/// How often it is renewed.
const RENEWAL: u64 = 15 * SECOND;

pub(crate) type Ticket = u64;

/// The lease of one store and who waits for it.
#[derive(Default)]
pub(super) struct Claims {
    held: Option<Claim>,
    waiting: Vec<Waiting>,
    drawn: Ticket,
    /// When each client has last got the lease.
    leased: BTreeMap<ClientId, u64>,
    /// Whether each client held it when it last looked at the record.
    looked: BTreeMap<ClientId, bool>,
}

impl Claims {
    fn is_held_by(&self, who: Who) -> bool {
        let holder = self.held.as_ref().map(|claim| claim.who);
        let holder = holder.map(|holder| (holder.client, holder.life));
        holder == Some((who.client, who.life))
    }

    /// Whether a client held the lease when it last looked at the record.
    pub(super) fn looked(&self, client: ClientId) -> bool {
        self.looked.get(&client).copied().unwrap_or(false)
    }

    pub(super) fn leased_at(&self, client: ClientId) -> u64 {
        self.leased.get(&client).copied().unwrap_or(0)
    }
}

struct Claim {
    ticket: Ticket,
    who: Who,
    /// Whether its holder has given it up without a word.
    abandoned: bool,
    /// When it ends unless it is renewed; `None` while it is.
    lapses_at: Option<u64>,
}

struct Waiting {
    ticket: Ticket,
    who: Who,
    granted: Promise<Result<(), Failed>>,
}

impl Sim {
    /// Asks for the lease of a store; the ticket is good for it once the promise says so.
    pub(super) fn ask_lease(
        &mut self,
        who: Who,
        patience: u64,
    ) -> (Ticket, Promise<Result<(), Failed>>) {
        let claims = &mut self.stores[who.store].claims;
        claims.drawn += 1;
        let ticket = claims.drawn;
        let granted = Promise::new();
        let kept = granted.clone();
        let way = self.store_way();
        self.after(way, move |sim| {
            if !sim.lives(who.process, who.life) {
                return;
            }
            if sim.is_cut_off(who) || sim.store_fails() {
                return kept.fulfil(sim, Err(Failed::Io("it gives no lease")));
            }
            let waiting = Waiting {
                ticket,
                who,
                granted: kept,
            };
            sim.stores[who.store].claims.waiting.push(waiting);
            sim.serve(who.store);
            sim.after(patience, move |sim| sim.lose_patience(who.store, ticket));
        });
        (ticket, granted)
    }

    fn lose_patience(&mut self, store: StoreId, ticket: Ticket) {
        let waiting = &mut self.stores[store].claims.waiting;
        if let Some(at) = waiting.iter().position(|one| one.ticket == ticket) {
            let one = waiting.swap_remove(at);
            self.tell_of(one.who.process, || "does not get the lease".to_owned());
            one.granted.fulfil(self, Err(Failed::Busy));
        }
    }

    /// Gives a lease back, or ends the waiting for it.
    pub(super) fn release_lease(&mut self, store: StoreId, ticket: Ticket) {
        let claims = &mut self.stores[store].claims;
        claims.waiting.retain(|one| one.ticket != ticket);
        let Some(claim) = claims.held.as_mut().filter(|held| held.ticket == ticket) else {
            return;
        };
        let who = claim.who;
        if !self.is_cut_off(who) {
            self.stores[store].claims.held = None;
            return self.serve(store);
        }
        if let Some(claim) = &mut self.stores[store].claims.held {
            claim.abandoned = true;
        }
        self.review_claims();
    }

    /// Hands a free lease to somebody who waits and runs.
    fn serve(&mut self, store: StoreId) {
        let claims = &self.stores[store].claims;
        if claims.held.is_some() {
            return;
        }
        let able = |one: &Waiting| {
            self.lives(one.who.process, one.who.life)
                && self.processes[one.who.process].runs()
                && !self.is_cut_off(one.who)
        };
        let able: Vec<usize> = (0..claims.waiting.len())
            .filter(|&at| able(&claims.waiting[at]))
            .collect();
        if able.is_empty() {
            return;
        }
        let chosen = able[self.random.index(able.len())];
        let now = self.now;
        let claims = &mut self.stores[store].claims;
        let Waiting {
            ticket,
            who,
            granted,
        } = claims.waiting.swap_remove(chosen);
        claims.leased.insert(who.client, now);
        claims.held = Some(Claim {
            ticket,
            who,
            abandoned: false,
            lapses_at: None,
        });
        self.tell_of(who.process, || format!("gets the lease of store {store}"));
        granted.fulfil(self, Ok(()));
    }

    /// A client looks at the record: does it hold the lease?
    pub(super) fn note_look(&mut self, who: Who) {
        let claims = &mut self.stores[who.store].claims;
        let holds = claims.is_held_by(who);
        claims.looked.insert(who.client, holds);
    }

    /// What becomes of the leases of a process that has just died.
    pub(crate) fn leases_of_dead(&mut self, process: ProcessId) {
        let store = self.processes[process].store;
        let claims = &mut self.stores[store].claims;
        claims.waiting.retain(|one| one.who.process != process);
        let its = claims
            .held
            .as_ref()
            .is_some_and(|held| held.who.process == process);
        if its && self.stores[store].kind == Kind::Machine {
            self.stores[store].claims.held = None;
            self.serve(store);
        }
        self.review_claims();
    }

    /// Starts and stops the lapse of claims, now that somebody has stopped or gone on.
    pub(crate) fn review_claims(&mut self) {
        for store in 0..self.stores.len() {
            if self.stores[store].kind == Kind::Fleet {
                self.review_claim(store);
            }
            self.serve(store);
        }
    }

    fn review_claim(&mut self, store: StoreId) {
        let Some(claim) = &self.stores[store].claims.held else {
            return;
        };
        let renewed = self.lives(claim.who.process, claim.who.life)
            && self.processes[claim.who.process].runs()
            && !claim.abandoned
            && !self.is_cut_off(claim.who);
        let lapses_at = match (renewed, claim.lapses_at) {
            (true, _) => None,
            (false, Some(at)) => Some(at),
            (false, None) => {
                let left = CLAIM - self.random.below(RENEWAL);
                let at = self.now + left;
                self.after(left, move |sim| sim.lapse(store, at));
                Some(at)
            }
        };
        if let Some(claim) = &mut self.stores[store].claims.held {
            claim.lapses_at = lapses_at;
        }
    }

    fn lapse(&mut self, store: StoreId, at: u64) {
        let claims = &mut self.stores[store].claims;
        let lapsed = claims.held.take_if(|claim| claim.lapses_at == Some(at));
        if let Some(claim) = lapsed {
            self.tell_of(claim.who.process, || "has lost its claim".to_owned());
            self.processes[claim.who.process].claim_lost_at = Some(self.now);
            self.serve(store);
        }
    }
}
