//! What is held against a program that ends: what it has in its hands is stored where the store
//! works again in time, and else left where the next one takes it up.

use super::{Promised, Request};
use crate::record::Record;
use crate::sim::Sim;
use crate::store::{Kind, Who};

/// How long storing is tried at least, in milliseconds.
const TRIED: u64 = 4_900;

/// How long before the last try a store has to work again.
const WORKS: u64 = 1_000;

/// When a program began to end.
pub(crate) struct Began {
    at: u64,
    pauses: u32,
}

impl Sim {
    pub(crate) fn begins_to_end(&mut self, who: Who) -> Began {
        self.tell_of(who.process, || format!("client {} ends", who.client));
        self.processes[who.process].is_ending = true;
        Began {
            at: self.now,
            pauses: self.processes[who.process].pauses,
        }
    }

    /// What a client has got and its store has not taken: its access token, when it was asked for,
    /// and when it came.
    fn in_hand(&self, who: Who) -> Option<(String, u64, u64)> {
        let Record::Held(held) = &self.stores[who.store].record else {
            return None;
        };
        let mine = |request: &&Request| request.is_of(who) && request.saved_at.is_none();
        let mut requests = self.judge.requests.iter().enumerate();
        let (id, request) = requests.rfind(|(_, request)| mine(request))?;
        let brought = request.brought()?;
        let facts = &self.judge.generations[request.generation?];
        let stands = (&facts.login, facts.generation) == (&held.login, held.generation);
        let void = self.is_void_forgotten(who.store, request);
        let access = brought.access.clone();
        (stands && !void && !self.claim_lost_since(id)).then_some((
            access,
            request.called_at,
            request.delivered_at,
        ))
    }

    /// A command line says whether all is stored.
    pub(crate) fn judge_said(&mut self, who: Who, began: &Began, stored: bool) {
        let now = self.now;
        let held = self.in_hand(who);
        self.tell_of(who.process, || {
            format!("client {} says: {stored}", who.client)
        });
        if self.processes[who.process].pauses != began.pauses {
            return;
        }
        match held {
            Some((access, ..)) if stored => {
                let words = format!("a program says that all is stored, and {access} is not");
                self.violated(Promised::P12, words);
            }
            Some((access, _, came)) if now < came.max(began.at) + TRIED => {
                let words = format!("a program gives up to store {access} which came at {came}");
                self.violated(Promised::P12, words);
            }
            Some(_) | None => {}
        }
    }

    /// A program has let go of its session.
    pub(crate) fn judge_ended(&mut self, who: Who, began: &Began) {
        let (now, since) = (self.now, began.at);
        let held = self.in_hand(who);
        let Some((access, called_at, came)) = held else {
            return;
        };
        if self.processes[who.process].pauses != began.pauses {
            return;
        }
        // What it has asked for since has the rest of the time, and then is left for others.
        let tried_from = if called_at <= since {
            came.max(since)
        } else {
            since
        };
        if now < tried_from + TRIED {
            let words = format!(
                "a program ends {} ms after it began to, and {access} is not stored",
                now - since
            );
            self.violated(Promised::P12, words);
        }
        if self.works_since(who, now.saturating_sub(WORKS)) {
            let words = format!("a program ends, its store works, and {access} is not stored");
            self.violated(Promised::P12, words);
        }
        let rescued = self.rescued(who.store);
        let left = rescued.is_some_and(|(held, _)| held.grant.access_token == Some(access.clone()));
        if self.plan.extras.rescues() && !left && !self.rescue_failed(who, since) {
            let words = format!("a program ends and leaves no rescue of {access}");
            self.violated(Promised::P12, words);
        }
    }

    /// Whether nothing has kept a client from writing since then.
    fn works_since(&self, who: Who, since: u64) -> bool {
        let (store, host) = (
            &self.stores[self.shared(who.store)],
            self.processes[who.process].host,
        );
        let cut = store.kind == Kind::Fleet && self.hosts[host].cut_until > since;
        let troubles = &self.plan.troubles;
        let fails = troubles.store > 0 && !self.weather.healed;
        store.full_until <= since
            && !cut
            && !fails
            && !troubles.slow_store
            && !self.is_kept_away(who)
    }

    /// A client could not leave a rescue.
    pub(crate) fn judge_rescue_failed(&mut self, who: Who) {
        let now = self.now;
        let past = self.judge.past(who.store);
        past.rescue_failures.push((now, who.client));
    }

    fn rescue_failed(&self, who: Who, since: u64) -> bool {
        let past = self.judge.pasts.get(&who.store);
        let mut failures = past.into_iter().flat_map(|past| &past.rescue_failures);
        failures.any(|(at, client)| *at >= since && *client == who.client)
    }

    /// A refresh is decided on: what it would bring was not left there for whoever comes next.
    pub(super) fn judge_rescue_seen(&mut self, who: Who, name: &str) {
        let leased_at = self.stores[who.store].leased_at(who.client);
        let left = self
            .rescued(who.store)
            .is_some_and(|(_, at)| at < leased_at);
        if left {
            let words = format!("{name} is to be presented, and its successor lies rescued");
            self.violated(Promised::P12, words);
        }
    }
}
