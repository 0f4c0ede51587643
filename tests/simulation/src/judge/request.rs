//! What is held against a request at each moment of its life.

use super::{Delivered, Generation, Promised, Request, RequestId};
use crate::network::{Ask, Class, Fate};
use crate::plan::{MINUTE, SECOND};
use crate::server::{Granted, Standing};
use crate::sim::Sim;
use crate::store::Who;
use crate::trigger::Trigger;
use twoba_core::Replay;

/// How old an intent may be when its request is made, in milliseconds.
const INTENT_FRESH: i64 = 5_000;

/// How long connecting may take.
const CONNECT: u64 = 10 * SECOND;

/// How long a program that goes on tries to save what it has got: it holds its lease as long.
const TRIED: u64 = 5 * MINUTE;

/// How often one generation may be presented in a minute: a backoff that begins with an eighth
/// of a second and doubles comes to nine or ten.
const STORM: usize = 12;

impl Sim {
    /// A request is made: the moment at which the product looks at its intent.
    pub(crate) fn judge_called(&mut self, who: Who, ask: &Ask, fate: &Fate) -> RequestId {
        let id = self.judge.requests.len();
        self.tell_of(who.process, || {
            format!(
                "client {} sends request {id}: {ask:?}; fate: {fate:?}",
                who.client
            )
        });
        let exchange = match ask {
            Ask::Refresh(token) => self.exchanged(who, token),
            Ask::Login { .. } | Ask::Own | Ask::Revocation(_) => None,
        };
        let presented = match ask {
            Ask::Refresh(token) if exchange.is_none() => self.presented(who, token),
            Ask::Refresh(_) | Ask::Login { .. } | Ask::Own | Ask::Revocation(_) => None,
        };
        let login = match ask {
            Ask::Login { by_hook } => self.judge_login_asked(who, *by_hook),
            Ask::Refresh(_) | Ask::Own | Ask::Revocation(_) => exchange,
        };
        let own = matches!(ask, Ask::Own);
        if own {
            self.judge_own_asked(who);
        }
        let (generation, intent_at) = presented.unzip();
        if generation.is_some() {
            self.judge_spent_from(who);
        }
        if let Some(generation) = generation {
            self.judge.generations[generation].requests.push(id);
        }
        self.judge.requests.push(Request {
            who,
            generation,
            login,
            revokes: matches!(ask, Ask::Revocation(_)),
            own,
            intent_at: intent_at.unwrap_or(0),
            called_at: self.now,
            left_at: None,
            leased_at: self.stores[who.store].leased_at(who.client),
            paused: false,
            under_way: false,
            outcome: None,
            delivered: None,
            delivered_at: 0,
            saved_at: None,
            not_written: false,
            driven: false,
            too_early: false,
            excuse: None,
        });
        id
    }

    /// For which import a refresh token is presented, which is no login's here yet: its intent
    /// stands beside the state.
    fn exchanged(&mut self, who: Who, token: &str) -> Option<usize> {
        let brought = |refresh: &Option<String>| refresh.as_deref() == Some(token);
        let login = self.judge.logins.iter();
        let login = login.rev().position(|login| brought(&login.refresh))?;
        let login = self.judge.logins.len() - 1 - login;
        // Where tokens stay good, it is the login's own by now.
        let mut generations = self.judge.generations.iter();
        let is_own = generations
            .any(|facts| facts.store == who.store && facts.refresh.as_deref() == Some(token));
        if is_own {
            return None;
        }
        let wall = self.wall_of(who.process);
        // What was durable once is its intent, though somebody may have logged out since.
        let mut candidates = self.judge.past(who.store).candidates.iter().rev();
        let intent = candidates
            .find(|candidate| candidate.token == token)
            .cloned();
        let Some(intent) = intent.map(|candidate| candidate.intent) else {
            let words = format!("{token} is exchanged without a durable intent of its own");
            self.violated(Promised::P2, words);
            return Some(login);
        };
        if !(0..=INTENT_FRESH).contains(&(wall - intent.at)) {
            let words = format!("the intent of {token} is {} ms old", wall - intent.at);
            self.violated(Promised::P2, words);
        }
        Some(login)
    }

    /// Whose refresh token is presented, and the time of its intent, if that is in order.
    fn presented(&mut self, who: Who, token: &str) -> Option<(usize, i64)> {
        let wall = self.wall_of(who.process);
        // A clock that is set back by as much as a pause has taken makes an old intent new.
        let process = &self.processes[who.process];
        let unnoticed = process.pauses > 0 && self.hosts[process.host].set_at.is_some();
        let agree = self.clocks_agree_on(
            who.store,
            self.now.saturating_sub(INTENT_FRESH.unsigned_abs()),
        );
        let went_back = self.went_back_since(who.store, 0);
        let of = Some((who.client, who.life));
        let its = |generation: &Generation| {
            generation.store == who.store && generation.refresh.as_deref() == Some(token)
        };
        // An intent was durable though the store has gone back since.
        let own = |generation: &Generation| {
            let unused = generation.used < generation.intents && generation.intent_of == of;
            its(generation) && went_back && unused
        };
        let owned = self.judge.generations.iter().enumerate();
        let owned = owned.filter(|(_, generation)| own(generation));
        let found = owned.max_by_key(|(_, generation)| generation.intent_stored_at);
        let found = found.map(|(at, _)| at);
        let mut generations = self.judge.generations.iter();
        let found = found.or_else(|| generations.rposition(its));
        let Some(at) = found else {
            self.violated(Promised::P2, format!("{token} was never stored"));
            return None;
        };
        let found = &self.judge.generations[at];
        let (name, number) = (found.name(), found.generation);
        let seen = self.seen_of(who, &found.login);
        if let Some(seen) = seen.filter(|seen| *seen > number) {
            self.judge_gone_back(who, &name, seen);
            return None;
        }
        let generation = &mut self.judge.generations[at];
        let fresh = generation.used < generation.intents;
        generation.used = generation.intents;
        // Inside a window whoever comes later begins an attempt of his own beside this one, and so does whose clock is an hour ahead.
        let beside = matches!(self.plan.replay, Replay::Within(_)) || !agree;
        let mut past = generation.past_intents.iter().rev();
        let own = past.find(|(_, owner)| beside && *owner == of);
        let own = own.map(|(intent, _)| intent.clone());
        let intent = own.or_else(|| generation.intent.clone());
        let Some(intent) = intent.filter(|_| fresh || beside) else {
            if unnoticed {
                return None;
            }
            let words = format!("{name} is presented without a durable intent of its own");
            self.violated(Promised::P2, words);
            return Some((at, 0));
        };
        if !(0..=INTENT_FRESH).contains(&(wall - intent.at)) {
            let words = format!("the intent of {name} is {} ms old", wall - intent.at);
            self.violated(Promised::P2, words);
        }
        Some((at, intent.at))
    }

    /// Its first byte leaves.
    pub(crate) fn judge_left(&mut self, id: RequestId, paused: bool) {
        let request = &mut self.judge.requests[id];
        request.left_at = Some(self.now);
        request.paused = paused;
        request.under_way = true;
        let since = self.now - request.called_at;
        let (generation, who) = (request.generation, request.who);
        self.tell_of(who.process, || format!("request {id} leaves"));
        let Some(generation) = generation else {
            if self.judge.requests[id].own {
                return self.judge_own_left(id);
            }
            let login = self.judge.requests[id].login;
            if login.is_some_and(|login| self.judge.logins[login].by_hook) {
                self.judge_signed_in(who);
            }
            return;
        };
        // The one residual risk: no client can fence a server against a request that was
        // looked at, held up, and then left.
        if paused {
            return;
        }
        if since > CONNECT {
            let words = format!("request {id} was kept back for {since} ms");
            self.violated(Promised::P2, words);
        }
        let verdict_at = self.judge.generations[generation].verdict_at;
        let stored_at = self.judge.generations[generation].intent_stored_at;
        // Inside a window attempts stand beside each other: one can be decided on, and then
        // another's verdict be stored before it leaves.
        let held_up = CONNECT + INTENT_FRESH.unsigned_abs();
        let beside = matches!(self.plan.replay, Replay::Within(_));
        let verdict_at = verdict_at.filter(|at| !beside || at + held_up < self.now);
        // Where clocks disagree, a rival can give up an attempt that has just begun.
        if verdict_at.is_some_and(|at| at < stored_at || self.clocks_agree_on(who.store, stored_at))
        {
            let words = format!("{} is dead", self.judge.generations[generation].name());
            self.violated(Promised::P8, words);
        }
        self.judge_presentations(generation);
        self.judge_company(id, generation);
        self.judge_storm(generation);
    }

    /// No more presentations than the replay rule allows; what came back with "not now" does
    /// not count.
    fn judge_presentations(&mut self, generation: usize) {
        let allowed = match self.plan.replay {
            Replay::Never => 1,
            Replay::Once => 2,
            _ => usize::MAX,
        };
        let facts = &self.judge.generations[generation];
        let requests = facts.requests.iter().map(|&id| &self.judge.requests[id]);
        let counted = requests
            .filter(|request| request.left_at.is_some() && !request.paused)
            .filter(|request| !request.is_transient() && !request.too_early)
            .count();
        if counted > allowed {
            let words = format!("{} is presented {counted} times", facts.name());
            self.violated(Promised::P4, words);
        }
    }

    /// Nobody else's request for the same generation is out, or has brought what is not
    /// stored yet.
    fn judge_company(&mut self, id: RequestId, generation: usize) {
        let mine_at = self.judge.requests[id].called_at;
        let facts = &self.judge.generations[generation];
        let others = facts.requests.iter().copied().filter(|&other| other != id);
        for other in others.collect::<Vec<_>>() {
            let (mine, theirs) = (&self.judge.requests[id], &self.judge.requests[other]);
            // What a store has forgotten by going back binds nobody.
            let forgotten = self.went_back_since(mine.who.store, theirs.called_at);
            if theirs.left_at.is_none() || theirs.paused || forgotten {
                continue;
            }
            let (mine, theirs_who) = (mine.who, theirs.who);
            let since = theirs.called_at.min(mine_at);
            let lost = [id, other].map(|id| self.claim_lost_since(id));
            if lost.contains(&true) && !self.clocks_agree_on(mine.store, since) {
                continue;
            }
            let holds = self.lives(theirs_who.process, theirs_who.life) && lost == [false; 2];
            let name = self.judge.generations[generation].name();
            if holds && theirs.delivered.is_none() {
                let words = format!("{name}: request {other} is out, and {id} leaves");
                self.violated(Promised::P4, words);
            } else if holds
                && theirs.brought().is_some()
                && theirs.saved_at.is_none()
                && !theirs.was_tried_in_vain(self.now)
            {
                let words = format!(
                    "{name}: request {id} leaves while a living process holds the successor \
                     that request {other} brought"
                );
                self.violated(Promised::P12, words);
            } else if theirs.under_way && !matches!(self.plan.replay, Replay::Within(_)) {
                // A declared window is used at once. Where it is shorter than a request may
                // take, one that is stuck in the net can still arrive after it: that is the
                // price of using it at all.
                let host = |who: Who| self.processes[who.process].host;
                if self.clocks_agree(host(mine), host(theirs_who), since) {
                    let words =
                        format!("{name}: request {other} may still arrive, and {id} leaves");
                    self.violated(Promised::P4, words);
                }
            }
        }
    }

    /// Whether the process of a request has lost the claim under which that was made.
    pub(super) fn claim_lost_since(&self, request: RequestId) -> bool {
        let request = &self.judge.requests[request];
        let lost_at = self.processes[request.who.process].claim_lost_at;
        lost_at.is_some_and(|at| at >= request.leased_at)
    }

    fn judge_storm(&mut self, generation: usize) {
        let facts = &self.judge.generations[generation];
        let since = self.now.saturating_sub(MINUTE);
        let lately = |&&id: &&RequestId| {
            let left_at = self.judge.requests[id].left_at;
            left_at.is_some_and(|at| at >= since)
        };
        let count = facts.requests.iter().filter(lately).count();
        if count > STORM && self.clocks_agree_on(facts.store, since) {
            let words = format!("{} left {count} times in a minute", facts.name());
            self.violated(Promised::NoStorm, words);
        }
    }

    /// It has arrived, or never will.
    pub(crate) fn judge_arrived(&mut self, id: RequestId) {
        self.judge.requests[id].under_way = false;
    }

    /// The server has answered it, whatever becomes of the answer.
    pub(crate) fn judge_answered(&mut self, id: RequestId, outcome: &Result<Granted, Standing>) {
        self.judge.requests[id].outcome = Some(outcome.clone());
        if *outcome == Err(Standing::Spent) {
            self.judge_reuse(id);
        }
    }

    /// Its client has seen how it ended.
    pub(crate) fn judge_delivered(&mut self, id: RequestId, delivered: Delivered) {
        let request = &mut self.judge.requests[id];
        let (who, refreshes) = (request.who, request.generation.is_some() || request.own);
        let process = who.process;
        request.delivered = Some(delivered.clone());
        request.delivered_at = self.now;
        let facts = request.generation.map(|at| &self.judge.generations[at]);
        request.too_early = facts.is_some_and(|facts| request.came_too_early(facts));
        self.tell_of(process, || format!("request {id} ends with {delivered:?}"));
        if refreshes {
            self.pull(Trigger::Delivered, process);
        } else if let Delivered::Answer(Class::Granted(granted)) = delivered
            && let Some(login) = self.judge.requests[id].login
        {
            self.judge.logins[login].access = Some(granted.access);
        }
    }

    /// Nobody awaits its end any more.
    pub(crate) fn judge_dropped(&mut self, id: RequestId) {
        let request = &self.judge.requests[id];
        let who = request.who;
        if request.left_at.is_some() && self.lives(who.process, who.life) {
            let words = format!("request {id} was given up by a process that goes on");
            self.violated(Promised::P5, words);
        }
    }
}

impl Request {
    /// Whether its client has tried to save what it brought for as long as it must.
    pub(super) fn was_tried_in_vain(&self, now: u64) -> bool {
        self.not_written && now >= self.delivered_at + TRIED
    }
}
