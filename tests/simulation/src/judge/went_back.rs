//! What is held against clients of a store that goes back: who has seen a later generation never
//! presents an earlier one, and stores the later one again.

use super::{Generation, Promised, State};
use crate::record::{Held, Intent, Record};
use crate::server::Standing;
use crate::sim::{Sim, StoreId};
use crate::store::{Way, Who};

/// How many logins a client remembers.
const LOGINS: usize = 4;

impl Sim {
    /// A copy of the store was made; the oldest one may be gone.
    pub(crate) fn judge_backed_up(&mut self, store: StoreId, full: bool) {
        let facts = self.latest(store).cloned();
        let past = self.judge.past(store);
        if full {
            past.backups.remove(0);
        }
        past.backups.push(facts);
    }

    /// What is known of the generation that is stored.
    fn latest(&self, store: StoreId) -> Option<&Generation> {
        let held = self.stores[store].record.held()?;
        self.judge.generations.iter().rev().find(|facts| {
            (facts.store, &facts.login, facts.generation) == (store, &held.login, held.generation)
        })
    }

    /// A store is what it was before. What came of its generation since is forgotten there.
    pub(crate) fn judge_went_back(&mut self, store: StoreId, which: usize) {
        let now = self.now;
        let gone = matches!(self.stores[store].record, Record::Gone);
        let past = self.judge.past(store);
        past.states
            .push((now, if gone { State::Gone } else { State::Held }));
        past.went_back_at = Some(now);
        past.rejections.clear();
        let facts = past.backups.get(which).cloned().flatten();
        self.judge.generations.extend(facts);
    }

    pub(super) fn went_back_since(&self, store: StoreId, since: u64) -> bool {
        let past = self.judge.pasts.get(&store);
        let at = past.and_then(|past| past.went_back_at);
        at.is_some_and(|at| at >= since)
    }

    /// A client has learnt that this is or was stored.
    pub(crate) fn judge_seen(&mut self, who: Who, bytes: &[u8]) {
        if !self.plan.troubles.goes_back || self.is_own(who.store) {
            return;
        }
        let Record::Held(held) = Record::read(Some(bytes)) else {
            return;
        };
        let once = self.judge.once_seen.entry(held.login.clone()).or_default();
        *once = (*once).max(held.generation);
        let seen = self.judge.seen.entry((who.client, who.life)).or_default();
        let known = seen.iter().position(|(login, _)| *login == held.login);
        match known {
            Some(at) if seen[at].1 > held.generation => return,
            Some(at) => drop(seen.remove(at)),
            None => {}
        }
        seen.push((held.login, held.generation));
        if seen.len() > LOGINS {
            seen.remove(0);
        }
    }

    /// A client has met this as it wrote: who sees another login goes by that, and a login or a
    /// logout by all that it meets.
    pub(crate) fn judge_met(&mut self, who: Who, way: Way, bytes: &[u8]) {
        if self.is_own(who.store) {
            return;
        }
        if way == Way::Unleased {
            return self.judge_seen(who, bytes);
        }
        let login = self.last_seen(who).map(|(login, _)| login.clone());
        let record = Record::read(Some(bytes));
        if record
            .held()
            .is_some_and(|held| Some(&held.login) != login.as_ref())
        {
            self.judge_seen(who, bytes);
        }
    }

    /// Whether anybody has ever seen a later generation than the one that is stored: who has seen
    /// another login since may remember it all the same.
    pub(super) fn is_seen_later(&self, held: &Held) -> bool {
        let seen = self.judge.once_seen.get(&held.login);
        seen.is_some_and(|seen| *seen > held.generation)
    }

    /// Whether a later generation takes the place of an earlier one to which the store went back,
    /// rather than the next one that of the one before.
    pub(super) fn is_healed(&self, who: Who, was: &Held, held: &Held) -> bool {
        if !self.went_back_since(who.store, 0) {
            return false;
        }
        // What was under way as the store went back comes after what was stored then.
        self.known(who, held).is_some() || was.generation + 1 < held.generation
    }

    /// What is known of these very tokens: after a store went back a generation can have others.
    fn known(&self, who: Who, held: &Held) -> Option<&Generation> {
        let its = |facts: &&Generation| {
            let its = (facts.store, &facts.login, facts.generation);
            its == (who.store, &held.login, held.generation)
                && facts.access == held.grant.access_token
                && facts.refresh == held.grant.refresh_token
        };
        let mut known = self.judge.generations.iter().rev().filter(its);
        // It can have been stored again before, and presented since.
        let intent = held.intent.as_ref();
        let mut asked = known.clone();
        let asked = asked.find(|facts| intent.is_some_and(|intent| facts.has_intended(intent)));
        let dead = held.verdict.is_some();
        let mut same = known.clone();
        let same = same.find(|facts| facts.verdict_at.is_some() == dead);
        asked.or(same).or_else(|| known.next())
    }

    /// What was stored of it before is stored again, and what had come of it is what its record
    /// says.
    pub(super) fn judge_healed(&mut self, who: Who, held: &Held) {
        let old = self.known(who, held).cloned();
        // When a 401 had last been obeyed is forgotten too.
        self.judge.past(who.store).rejections.clear();
        self.add(who, held);
        let (Some(old), Some(facts)) = (old, self.judge.generations.last_mut()) else {
            return;
        };
        let early = facts.refreshes_late || old.refreshes_late;
        let asked_for_401 = |intent: &Intent| intent.rejection;
        let rejected = held.rejected || held.intent.as_ref().is_some_and(asked_for_401);
        // What the server has answered as before counts from now, and is got for what is new.
        *facts = Generation {
            lifetime_known: facts.lifetime_known,
            late_at: facts.late_at,
            born_of_rejection: facts.born_of_rejection,
            refreshes_late: early,
            rejection_asked: rejected,
            ..old
        };
        if held.verdict.is_none() {
            facts.verdict_at = None;
        }
        match &held.intent {
            None if held.verdict.is_some() => {}
            None => {
                facts.requests.clear();
                facts.intent = None;
                facts.intent_of = None;
                facts.intent_by = None;
                (facts.intents, facts.used, facts.most_attempts) = (0, 0, 0);
                facts.skipped = false;
            }
            Some(intent) => {
                let its = |past: &Intent| (past.at, past.attempt) == (intent.at, intent.attempt);
                let last = facts.intent.as_ref().is_some_and(its);
                let past = facts.past_intents.iter().rposition(|(past, _)| its(past));
                // What was attempted since then is forgotten.
                if let Some(past) = past.filter(|_| !last) {
                    facts.restore(past);
                    facts.requests.clear();
                }
                // And perhaps what the server has answered.
                facts.skipped = true;
                facts.most_attempts = intent.attempt;
            }
        }
    }

    /// A refresh token is presented by somebody who has seen a later generation of its login.
    pub(super) fn judge_gone_back(&mut self, who: Who, name: &str, seen: u64) {
        let words = format!("client {} presents {name} and has seen {seen}", who.client);
        self.violated(Promised::WentBack, words);
    }

    /// Whether this client will store a generation again that its store has lost, and that nobody
    /// has presented.
    pub(crate) fn would_heal(&self, who: Who) -> bool {
        let Record::Held(held) = &self.stores[who.store].record else {
            return false;
        };
        let seen = self.last_seen(who);
        let seen = seen.filter(|(login, seen)| *login == held.login && *seen > held.generation);
        let Some((login, generation)) = seen else {
            return false;
        };
        let its = |facts: &&Generation| {
            (facts.store, &facts.login, facts.generation) == (who.store, login, *generation)
        };
        let mut generations = self.judge.generations.iter().filter(its);
        generations.all(|facts| {
            let refresh = facts.refresh.as_deref().unwrap_or_default();
            let good = self.server.standing(self.now, refresh) == Standing::Good;
            let left = self.leaves_attempt(facts.intent.as_ref()).unwrap_or(false);
            facts.requests.is_empty() && facts.verdict_at.is_none() && good && left
        })
    }

    /// The latest generation of the last login that a client has seen.
    fn last_seen(&self, who: Who) -> Option<&(String, u64)> {
        self.judge.seen.get(&(who.client, who.life))?.last()
    }

    /// What is known of the latest generation of the last login that a client has seen, as often as
    /// it was stored.
    pub(super) fn last_seen_generations(&self, who: Who) -> impl Iterator<Item = usize> {
        let seen = self.last_seen(who);
        let generations = self.judge.generations.iter().enumerate();
        let its = generations.filter(move |(_, facts)| {
            let of = (facts.store, &facts.login, facts.generation);
            seen.is_some_and(|(login, generation)| of == (who.store, login, *generation))
        });
        its.map(|(at, _)| at)
    }

    /// The latest generation of this login that a client has seen, if it remembers the login.
    pub(super) fn seen_of(&self, who: Who, login: &str) -> Option<u64> {
        let seen = self.judge.seen.get(&(who.client, who.life))?;
        let seen = seen.iter().find(|(seen, _)| seen == login);
        seen.map(|(_, generation)| *generation)
    }

    /// Whether the store went back over another login, to a generation that this client presents no
    /// more and that nobody stores again.
    pub(super) fn is_over_a_login(&self, who: Who) -> bool {
        let Record::Held(held) = &self.stores[who.store].record else {
            return false;
        };
        let last = self.last_seen(who).map(|(login, _)| login);
        let seen = self.seen_of(who, &held.login);
        last != Some(&held.login) && seen.is_some_and(|seen| seen > held.generation)
    }
}

impl Generation {
    /// Whether this attempt was stored of it.
    fn has_intended(&self, intent: &Intent) -> bool {
        let its = |past: &Intent| (past.at, past.attempt) == (intent.at, intent.attempt);
        self.past_intents.iter().any(|(past, _)| its(past))
    }
}
