//! Who may refresh: one holder at a time, and when a claim lapses that nobody renews.

use std::collections::{BTreeMap, BTreeSet};

use twoba_store::Found;

use crate::plan::SECOND;
use crate::sabotage::Sabotage;
use crate::sim::{ClientId, ProcessId, Sim, StoreId};
use crate::store::{Failed, Kind, Who};
use crate::task::Promise;

/// How long a claim lives without being renewed.
const CLAIM: u64 = 45 * SECOND;

/// How often it is renewed.
const RENEWAL: u64 = 15 * SECOND;

pub(crate) type Ticket = u64;

/// A lease that was taken, and what a database says of its row in the same act.
#[derive(Clone)]
pub(super) struct Taken {
    pub(super) found: Option<Found>,
}

/// The lease of one store.
#[derive(Default)]
pub(super) struct Claims {
    held: Option<Claim>,
    /// Who has asked and is on the way to the store.
    asking: BTreeSet<Ticket>,
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

    /// Whether anybody holds the lease, or is on the way to it.
    pub(super) fn is_held(&self) -> bool {
        self.held.is_some() || !self.asking.is_empty()
    }

    /// Whether a client held the lease when it last looked at the record.
    pub(super) fn looked(&self, client: ClientId) -> bool {
        self.looked.get(&client).copied().unwrap_or(false)
    }

    pub(super) fn leased_at(&self, client: ClientId) -> u64 {
        self.leased.get(&client).copied().unwrap_or(0)
    }

    /// Whether another client has got the lease since then.
    pub(super) fn was_anothers_since(&self, client: ClientId, since: u64) -> bool {
        let mut leased = self.leased.iter();
        leased.any(|(other, at)| *other != client && *at >= since)
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

impl Sim {
    /// Asks for the lease of a store; the ticket is good for it once the promise says so.
    pub(super) fn try_lease(
        &mut self,
        who: Who,
    ) -> (Ticket, Promise<Result<Option<Taken>, Failed>>) {
        let claims = &mut self.stores[who.store].claims;
        claims.drawn += 1;
        let ticket = claims.drawn;
        claims.asking.insert(ticket);
        let taken = self.at_store(who, move |sim| {
            let asks = sim.stores[who.store].claims.asking.remove(&ticket);
            if sim.is_cut_off(who) || sim.store_fails() {
                return Err(Failed::Io("it gives no lease"));
            }
            if sim.is_copy(who.store) && !sim.has(Sabotage::CopyNotTold) {
                return Err(Failed::Copied);
            }
            // A claim of somebody who has died meanwhile lapses as any other.
            let taken = asks && sim.take_lease(who, ticket);
            Ok(taken.then(|| Taken {
                found: sim.finds_with_the_lease(who),
            }))
        });
        (ticket, taken)
    }

    /// What comes with the lease of a fleet's store.
    fn finds_with_the_lease(&mut self, who: Who) -> Option<Found> {
        if self.stores[who.store].kind != Kind::Fleet {
            return None;
        }
        self.note_look(who);
        Some(Found {
            record: self.shown(who.store),
            rescued: self.rescued_bytes(who.store),
        })
    }

    fn take_lease(&mut self, who: Who, ticket: Ticket) -> bool {
        let now = self.now;
        let claims = &mut self.stores[who.store].claims;
        if claims.held.is_some() {
            return false;
        }
        claims.leased.insert(who.client, now);
        claims.held = Some(Claim {
            ticket,
            who,
            abandoned: false,
            lapses_at: None,
        });
        let store = who.store;
        self.tell_of(who.process, || format!("gets the lease of store {store}"));
        self.review_claims();
        true
    }

    /// Whether a lease is still held, told after the way to the store and back.
    pub(super) fn renew_lease(&mut self, who: Who, ticket: Ticket) -> Promise<Result<(), Failed>> {
        self.at_store(who, move |sim| {
            if sim.is_cut_off(who) || sim.store_fails() {
                return Err(Failed::Io("it renews no lease"));
            }
            let is_held = sim.is_leased_by(who.store, ticket);
            is_held.then_some(()).ok_or(Failed::LeaseLost)
        })
    }

    /// Whether the lease of this ticket is still held.
    pub(super) fn is_leased_by(&self, store: StoreId, ticket: Ticket) -> bool {
        let held = self.stores[store].claims.held.as_ref();
        held.is_some_and(|claim| claim.ticket == ticket)
    }

    /// Gives a lease back after the way to the store.
    pub(super) fn ask_to_release(
        &mut self,
        who: Who,
        ticket: Ticket,
    ) -> Promise<Result<(), Failed>> {
        self.at_store(who, move |sim| {
            if sim.is_cut_off(who) || sim.store_fails() {
                return Err(Failed::Io("it takes no lease back"));
            }
            sim.end_lease(who.store, ticket);
            Ok(())
        })
    }

    /// The lease of this ticket is free from now on.
    pub(super) fn end_lease(&mut self, store: StoreId, ticket: Ticket) {
        let claims = &mut self.stores[store].claims;
        claims.held.take_if(|claim| claim.ticket == ticket);
    }

    /// Gives a lease up, or takes back that it was asked for. A machine knows at once; a database
    /// waits for the end of the claim.
    pub(super) fn release_lease(&mut self, store: StoreId, ticket: Ticket) {
        let claims = &mut self.stores[store].claims;
        claims.asking.remove(&ticket);
        let Some(claim) = claims.held.as_mut().filter(|held| held.ticket == ticket) else {
            return;
        };
        claim.abandoned = true;
        if self.stores[store].kind == Kind::Machine {
            self.end_lease(store, ticket);
        }
        self.review_claims();
    }

    /// Whether a store lets a client do nothing now: it is full or out of reach, or somebody has
    /// the lease who does not go on.
    pub(crate) fn is_kept_away(&self, who: Who) -> bool {
        let held = self.stores[who.store].claims.held.as_ref();
        let stuck = held.is_some_and(|claim| {
            !self.lives(claim.who.process, claim.who.life)
                || !self.processes[claim.who.process].runs()
                || claim.abandoned
        });
        stuck || self.is_copy(who.store) || self.is_full(who.store) || self.is_cut_off(who)
    }

    /// A client looks at the record: does it hold the lease?
    pub(super) fn note_look(&mut self, who: Who) {
        let claims = &mut self.stores[who.store].claims;
        let holds = claims.is_held_by(who);
        claims.looked.insert(who.client, holds);
    }

    /// What becomes of the leases of a process that has just died.
    pub(crate) fn leases_of_dead(&mut self, process: ProcessId) {
        for store in &mut self.stores {
            let held = store.claims.held.as_ref();
            let its = held.is_some_and(|held| held.who.process == process);
            if its && store.kind == Kind::Machine {
                store.claims.held = None;
            }
        }
        self.review_claims();
    }

    /// Starts and stops the lapse of claims, now that somebody has stopped or gone on.
    pub(crate) fn review_claims(&mut self) {
        for store in 0..self.stores.len() {
            if self.stores[store].kind == Kind::Fleet {
                self.review_claim(store);
            }
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
            let own = self.is_own(store);
            let process = &mut self.processes[claim.who.process];
            if own {
                process.own_claim_lost_at = Some(self.now);
            } else {
                process.claim_lost_at = Some(self.now);
            }
        }
    }
}
