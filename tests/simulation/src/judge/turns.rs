//! How often a grant is refreshed that nobody has asked to be: hosts whose clocks are apart must
//! not do it in turns.

use super::{Generation, Promised};
use crate::plan::{MINUTE, SECOND};
use crate::record::Held;
use crate::sim::{Sim, StoreId};

/// How far apart clocks may be that agree.
const CLOCK_APART: i64 = 60_000;

/// How long somebody may be under way who wants another token.
const ASKING: u64 = 3 * MINUTE;

/// Shorter lifetimes are over before an answer may come.
const SHORTEST: u64 = 120 * SECOND;

impl Sim {
    /// A generation is stored: within one life of a token a refresh is due twice at most, its
    /// clock is doubted once, and whoever is asked for another token may get it and see another
    /// host follow.
    pub(super) fn judge_turns(&mut self, store: StoreId, held: &Held) {
        let lifetime = self.plan.lifetime;
        let since = self.now.saturating_sub(lifetime);
        let unknown = self.plan.told.is_none() || lifetime < SHORTEST;
        if unknown || self.is_clock_set(store, since) || self.went_back_since(store, 0) {
            return;
        }
        let hosts = self.sharing(store);
        let hosts = hosts.map(|process| &self.hosts[process.host]);
        let offsets = hosts.map(|host| host.offset);
        let apart = offsets.clone().max().zip(offsets.min());
        let apart = apart.is_some_and(|(most, least)| most - least > 60_000);
        let its = |facts: &&Generation| facts.store == store && facts.login == held.login;
        let lately = |facts: &&Generation| facts.asked_at >= since;
        let generations = self.judge.generations.iter().rev();
        let born: Vec<_> = generations.filter(its).take_while(lately).collect();
        // A repetition in a window brings what is left of a token.
        let asked =
            |facts: &&&Generation| facts.born_of_rejection || facts.is_rest || facts.lag >= 1_000;
        let asked = born.iter().filter(asked).count();
        let forced = self.judge.pasts.get(&store).map_or(0, |past| {
            past.forced
                .iter()
                .filter(|at| **at >= since.saturating_sub(lifetime))
                .count()
        });
        // Behind each of the two another host can follow, by whose clock the token has ended.
        let doubts = if apart { 3 } else { 0 };
        let allowed = 2 + doubts + 2 * (asked + forced);
        if born.len() > allowed {
            let count = born.len();
            let words = format!(
                "{} is refreshed {count} times in the life of one token, and {allowed} are asked for",
                held.name()
            );
            self.violated(Promised::NoStorm, words);
        }
    }

    /// A grant was refreshed at `decided_at` by its host's clock: where nothing else asks for that,
    /// one that seems to come from the future is doubted, once in a login.
    pub(super) fn judge_doubt(&mut self, store: StoreId, was: &Held, held: &Held, decided_at: i64) {
        let ahead = was.grant.issued_at.saturating_sub(decided_at) > CLOCK_APART;
        let asked_at = self.judge.generations.last().map(|facts| facts.asked_at);
        let since = asked_at.unwrap_or(self.now).saturating_sub(ASKING);
        let set = self.is_clock_set(store, since) || self.went_back_since(store, 0);
        let past = self.judge.past(store);
        let forced = past.forced.iter().any(|at| *at >= since);
        let first = was.intent.as_ref().is_none_or(|intent| intent.attempt == 1);
        if !ahead
            || set
            || forced
            || !first
            || held.born_of_rejection
            || was.grant.late_at().is_none()
        {
            return;
        }
        let doubts = past.doubts.entry(held.login.clone()).or_default();
        *doubts += 1;
        if *doubts > 1 {
            let words = format!("the clock of {} is doubted {doubts} times", held.name());
            self.violated(Promised::NoStorm, words);
        }
    }

    pub(super) fn is_clock_set(&self, store: StoreId, since: u64) -> bool {
        let mut sharing = self.sharing(store);
        sharing.any(|process| {
            let set_at = self.hosts[process.host].set_at;
            set_at.is_some_and(|at| at >= since)
        })
    }

    /// Somebody wants another token than the current one.
    pub(crate) fn judge_forced(&mut self, store: StoreId) {
        let now = self.now;
        self.judge.past(store).forced.push(now);
    }
}
