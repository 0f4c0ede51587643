//! What is held against a change at the moment when it becomes durable.

use super::{Delivered, Generation, Promised, Request, State};
use crate::network::Class;
use crate::plan::{MINUTE, SECOND};
use crate::record::{Held, Intent, Record};
use crate::sim::{Sim, StoreId};
use crate::store::{Way, Who};

/// Least time between two refreshes that a 401 has caused.
const REJECTIONS: i64 = 60_000;

/// The longest that a server can ask to wait for, in seconds.
const RETRY_AFTER: u64 = 3_600;

/// Whether they say something else of an intent.
fn differs(was: &Held, held: &Held) -> bool {
    let of = |held: &Held| {
        let intent = held.intent.as_ref();
        intent.map(|intent| (intent.at, intent.attempt, intent.over))
    };
    of(was) != of(held)
}

impl Sim {
    /// A store holds something else now than `before`.
    pub(crate) fn judge_stored(&mut self, who: Who, way: Way, before: &Record) {
        let now = self.now;
        let after = self.stores[who.store].record.clone();
        let state = match &after {
            Record::Nothing | Record::Nobody(_) => State::Nothing,
            Record::Gone => State::Gone,
            Record::Held(held) => match &held.verdict {
                Some(verdict) => State::Dead(verdict.cause.clone()),
                None => State::Held,
            },
            Record::Unreadable => {
                let words = "what is stored cannot be read".to_owned();
                return self.violated(Promised::P12, words);
            }
        };
        let candidate = self.stores[who.store].candidate();
        let past = self.judge.past(who.store);
        past.candidates.extend(candidate);
        past.states.push((now, state));
        self.judge_claim(who, before, &after);
        let Record::Held(held) = &after else {
            return self.judge_buried(who, way, before, &after);
        };
        let past = self.judge.past(who.store);
        past.access.extend(held.grant.access_token.clone());
        match before.held() {
            Some(was) if was.login == held.login && was.generation == held.generation => {
                self.judge_same(who, way, was, held);
            }
            Some(was)
                if was.login == held.login
                    && was.generation < held.generation
                    && self.is_healed(who, was, held) =>
            {
                self.judge_healed(who, held);
            }
            Some(was) if was.login == held.login && was.generation + 1 == held.generation => {
                self.judge_rotated(who, was, held);
            }
            Some(was) if was.login == held.login => {
                let words = format!("{} goes back to {}", before.words(), after.words());
                self.violated(Promised::P14, words);
            }
            _ if held.generation == 1 => self.judge_login_stored(who, held),
            Some(_) | None => {
                let words = format!("{} is stored over {}", after.words(), before.words());
                self.violated(Promised::P14, words);
            }
        }
    }

    /// What is stored cannot be read any more.
    pub(crate) fn judge_torn(&mut self, store: StoreId) {
        let now = self.now;
        let past = self.judge.past(store);
        past.states.push((now, State::Unreadable));
    }

    /// What could not be read is replaced, by a person's will and with a copy kept aside.
    pub(crate) fn judge_replaced(&mut self, who: Who, kept: bool) {
        let willed = match &self.stores[who.store].record {
            Record::Gone => true,
            Record::Held(held) => held.generation == 1,
            // An import is a person's will.
            Record::Nobody(_) => self.stores[who.store].candidate().is_some(),
            Record::Nothing | Record::Unreadable => false,
        };
        if !kept || !willed {
            let words = "bytes that nobody can read are overwritten".to_owned();
            self.violated(Promised::P13, words);
        }
    }

    /// A tombstone, or what a sabotaged store makes of one.
    fn judge_buried(&mut self, who: Who, way: Way, before: &Record, after: &Record) {
        // Beside a tombstone a refresh token may be exchanged.
        if matches!(after, Record::Nobody(_)) || matches!(before, Record::Gone) {
            return;
        }
        if way != Way::Unleased {
            let words = "a refresh has buried the session".to_owned();
            self.violated(Promised::P14, words);
        }
        let mut logouts = self.judge.logouts.iter().rev();
        let began = logouts.find(|logout| logout.client == who.client);
        if let Some(began) = began.map(|logout| logout.began) {
            self.judge.past(who.store).newest = began;
        }
    }

    /// A program claims to log in by itself, or gives its claim back.
    fn judge_claim(&mut self, who: Who, before: &Record, after: &Record) {
        let same = match (before.held(), after.held()) {
            (Some(was), Some(held)) => {
                (&was.login, was.generation) == (&held.login, held.generation)
            }
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        let past = self.judge.past(who.store);
        match (before.is_claimed() && same, after.is_claimed()) {
            (false, true) => past.sign_in_claims += 1,
            (true, false) if same && matches!(after, Record::Held(_) | Record::Nobody(_)) => {
                past.sign_in_claims = past.sign_in_claims.saturating_sub(1);
            }
            (false | true, _) => {}
        }
        if matches!((before, after), (Record::Gone, Record::Nobody(_))) {
            let words = "a program logs in by itself after a logout".to_owned();
            self.violated(Promised::SignIn, words);
        }
    }

    /// A login's own grant, perhaps long after the call for it has failed.
    fn judge_login_stored(&mut self, who: Who, held: &Held) {
        let access = &held.grant.access_token;
        let mut logins = self.judge.logins.iter();
        let login = logins.find(|login| access.is_some() && login.access == *access);
        let Some((began, ended)) = login.map(|login| (login.began, login.ended)) else {
            let words = format!("{} comes from no login", held.name());
            return self.violated(Promised::P14, words);
        };
        let past = self.judge.past(who.store);
        let newest = past.newest;
        past.newest = newest.max(began);
        past.logins.push(self.now);
        self.add(who, held);
        if ended.is_some_and(|ended| ended < newest) {
            let words = format!(
                "the login {} had come back to its caller before a newer login or logout began, \
                 and is stored over that",
                held.name()
            );
            self.violated(Promised::P14, words);
        }
    }

    /// Writes down a new generation; when the refresh that brought it was decided on, by its
    /// host's clock.
    pub(super) fn add(&mut self, who: Who, held: &Held) -> Option<i64> {
        let now = self.now;
        let access = &held.grant.access_token;
        let refreshes_late = self.refreshes_late_before(who, held);
        let ends_at = access
            .as_ref()
            .and_then(|access| self.server.ends_at(access));
        let told = self
            .plan
            .told
            .map(|seconds| (seconds * SECOND).cast_signed());
        let is_rest = held.grant.millis() < told;
        let lag = self.lag_of(who, held, ends_at.unwrap_or(now));
        let brings = |request: &Request| {
            let brought = request.brought().map(|brought| &brought.access);
            brought.is_some() && brought == access.as_ref() && request.saved_at.is_none()
        };
        // What was left there by one program is stored by another.
        let requests = &self.judge.requests;
        let own = |request: &Request| request.is_of(who) && brings(request);
        let bringer = requests.iter().position(own);
        let rescues = self.plan.extras.rescues();
        let bringer = bringer.or_else(|| requests.iter().position(brings).filter(|_| rescues));
        let bringer = bringer.map(|at| &mut self.judge.requests[at]);
        let mut asked_at = now;
        let decided_at = bringer.map(|request| {
            request.saved_at = Some(now);
            asked_at = request.called_at;
            request.intent_at
        });
        self.judge.generations.push(Generation {
            store: who.store,
            login: held.login.clone(),
            generation: held.generation,
            access: held.grant.access_token.clone(),
            refresh: held.grant.refresh_token.clone(),
            lifetime_known: held.grant.lifetime != "unknown",
            late_at: held.grant.late_at(),
            rejection_asked: false,
            refreshes_late,
            asked_at,
            lag,
            is_rest,
            born_of_rejection: held.born_of_rejection,
            intents: 0,
            used: 0,
            skipped: false,
            intent: None,
            intent_of: None,
            past_intents: Vec::new(),
            intent_stored_at: 0,
            intent_by: None,
            most_attempts: 0,
            requests: Vec::new(),
            verdict_at: None,
        });
        decided_at
    }

    /// By how much later a token ends than its client counts.
    fn lag_of(&self, who: Who, held: &Held, ends_at: u64) -> i64 {
        let left = ends_at.cast_signed() - self.now.cast_signed();
        let end = self.wall_of(who.process) + left;
        held.grant.ends_at().map_or(0, |counted| end - counted)
    }

    fn judge_rotated(&mut self, who: Who, was: &Held, held: &Held) {
        let now = self.now;
        let generation = self.generation_of(who, was);
        let born = self.add(who, held);
        self.judge_turns(who.store, held);
        if let Some(at) = born {
            self.judge_doubt(who.store, was, held, at);
        }
        let Some(at) = born.filter(|_| held.born_of_rejection) else {
            return;
        };
        let facts = generation.map(|at| &self.judge.generations[at]);
        let again = facts.is_some_and(|facts| facts.born_of_rejection && facts.lifetime_known);
        let past = self.judge.past(who.store);
        let last = past.rejections.insert(held.login.clone(), (at, now));
        let (before, since) = last.unwrap_or_default();
        let after = at.saturating_sub(before);
        let soon = (0..REJECTIONS).contains(&after) && self.clocks_agree_on(who.store, since);
        if soon || again {
            let words = format!(
                "{} generation {} is got for a 401 {after} ms after another (of its own kind: {again})",
                held.name(),
                held.generation
            );
            self.violated(Promised::P11, words);
        }
    }

    pub(super) fn generation_of(&self, who: Who, held: &Held) -> Option<usize> {
        self.judge.generations.iter().rposition(|facts| {
            facts.store == who.store
                && facts.login == held.login
                && facts.generation == held.generation
        })
    }

    /// Which intent of the past stands there again.
    fn known_intent(&self, generation: usize, intent: &Intent) -> Option<usize> {
        let mut past = self.judge.generations[generation].past_intents.iter();
        let (at, attempt) = (intent.at, intent.attempt);
        past.rposition(|(past, _)| (past.at, past.attempt) == (at, attempt))
    }

    /// Whether the intent that stood there was never sent, and stands there no more.
    fn taken_back(&self, generation: usize, held: &Held) -> bool {
        let facts = &self.judge.generations[generation];
        facts.used < facts.intents && held.intent.is_none()
    }

    /// Whether the last answer about a generation was that it is too early.
    pub(super) fn came_too_early(&self, generation: usize) -> bool {
        let last = self.last_delivered(generation);
        last.is_some_and(|request| request.too_early)
    }

    pub(super) fn last_delivered(&self, generation: usize) -> Option<&Request> {
        let facts = &self.judge.generations[generation];
        let requests = facts.requests.iter().map(|&id| &self.judge.requests[id]);
        let delivered = requests.filter(|request| request.delivered.is_some());
        delivered.max_by_key(|request| request.delivered_at)
    }

    /// The same, where its client could store what it had heard: what only one program knows
    /// binds nobody else.
    pub(super) fn is_known_early(&self, generation: usize) -> bool {
        let last = self.last_delivered(generation);
        last.is_some_and(|request| request.too_early && !request.not_written)
    }

    /// Something changed about a generation.
    fn judge_same(&mut self, who: Who, way: Way, was: &Held, held: &Held) {
        let Some(generation) = self.generation_of(who, held) else {
            let words = format!("{} was never stored", held.name());
            return self.violated(Promised::P14, words);
        };
        let facts = &mut self.judge.generations[generation];
        let name = facts.name();
        // The intent for a rejected token may never have been stored, and what led to it was.
        let rejected = facts.access.as_ref();
        let rejected = rejected.is_some_and(|access| self.judge.rejected.contains(access));
        facts.rejection_asked |= held.rejected && rejected;
        let same = was.grant.access_token == held.grant.access_token
            && was.grant.refresh_token == held.grant.refresh_token;
        if !same && held.generation > 1 {
            let words = format!("{} has other tokens now", held.name());
            self.violated(Promised::P14, words);
        }
        let known = held.intent.as_ref().filter(|_| was.intent.is_some());
        let known = known.and_then(|intent| self.known_intent(generation, intent));
        if let Some(known) = known.filter(|_| differs(was, held)) {
            self.judge.generations[generation].restore(known);
        } else if let Some(intent) = held.intent.as_ref().filter(|intent| !intent.over)
            && was
                .intent
                .as_ref()
                .is_none_or(|old| (old.at, old.attempt) != (intent.at, intent.attempt) || old.over)
        {
            let same = was.intent.as_ref().is_some_and(|old| {
                !old.over
                    && old.attempt == intent.attempt
                    && old.rejection == intent.rejection
                    && old.name == intent.name
            });
            if same {
                self.judge_same_intent(who, way, generation, intent);
            } else if !self.judge_begun_anew(generation, was, intent) {
                self.judge_intent(who, way, generation, [was, held], intent);
            }
        }
        let blank =
            |held: &Held| held.intent.is_none() && held.trouble.is_none() && held.verdict.is_none();
        // A refusal that comes too early is no failure: the generation is as it was before.
        let early = self.came_too_early(generation);
        // An intent whose request never left is taken back by who was told that it failed.
        let taken_back = self.taken_back(generation, held);
        if blank(held) && !blank(was) && !early && !taken_back {
            let words = format!("{name} goes back to before its intent");
            self.violated(Promised::P14, words);
        }
        match (&was.verdict, &held.verdict) {
            (None, Some(verdict)) => self.judge_verdict(generation, was, verdict),
            (Some(_), None) => {
                let words = format!("the verdict on {} is gone", held.name());
                self.violated(Promised::P8, words);
            }
            (None, None) | (Some(_), Some(_)) => {}
        }
        self.judge_trouble(who, generation, was, held);
    }

    /// A server that asks to wait is obeyed.
    fn judge_trouble(&mut self, who: Who, generation: usize, was: &Held, held: &Held) {
        let Some(trouble) = &held.trouble else {
            return;
        };
        let old = was.trouble.as_ref();
        // One that begins anew under another clock is as long as before.
        if old.is_some_and(|old| old.until - old.since == trouble.until - trouble.since) {
            return;
        }
        let facts = &self.judge.generations[generation];
        let name = facts.name();
        // Inside a window requests stand beside each other: whoever stores has heard his own answer, or
        // has taken up what was rescued of the last one.
        let mut requests = facts.requests.iter().map(|&id| &self.judge.requests[id]);
        let own = requests.clone().rfind(|request| request.is_of(who));
        let heard = [own, requests.next_back()].into_iter().flatten();
        let asked = heard.map(|request| match &request.delivered {
            Some(Delivered::Answer(Class::Transient(asked))) => asked.unwrap_or(0),
            Some(_) | None => 0,
        });
        let seconds = asked.min().unwrap_or(0).min(RETRY_AFTER);
        let least = i64::try_from(seconds * SECOND).unwrap_or(i64::MAX).max(125);
        if trouble.until - trouble.since < least {
            let words = format!("{name} waits less than {least} ms");
            self.violated(Promised::P9, words);
        }
        let most = i64::try_from(RETRY_AFTER * SECOND + MINUTE).unwrap_or(i64::MAX);
        if trouble.until - trouble.since > most {
            let words = format!("{name} waits more than {most} ms");
            self.violated(Promised::Kept, words);
        }
    }
}
