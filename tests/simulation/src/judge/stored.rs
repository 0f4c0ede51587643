//! What is held against a change at the moment when it becomes durable.

use super::{Delivered, Generation, Promised, State};
use crate::network::Class;
use crate::plan::{MINUTE, SECOND};
use crate::record::{Held, Intent, Record, Verdict};
use crate::sim::Sim;
use crate::store::{Way, Who};
use twoba_core::Replay;

/// How long an attempt may be under way whose end nobody has seen.
const ATTEMPT: i64 = 30_000;

/// Least time between two refreshes that a 401 has caused.
const REJECTIONS: i64 = 60_000;

/// The longest that a server can ask to wait for, in seconds.
const RETRY_AFTER: u64 = 3_600;

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
        let past = self.judge.past(who.store);
        past.states.push((now, state));
        self.judge_claim(who, before, &after);
        let Record::Held(held) = &after else {
            return self.judge_buried(who, way, &after);
        };
        let past = self.judge.past(who.store);
        past.access.extend(held.grant.access_token.clone());
        match before.held() {
            Some(was) if was.login == held.login && was.generation == held.generation => {
                self.judge_same(who, way, was, held);
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

    /// A tombstone, or what a sabotaged store makes of one.
    fn judge_buried(&mut self, who: Who, way: Way, after: &Record) {
        if matches!(after, Record::Nobody(_)) {
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
        let refresh = &held.grant.refresh_token;
        let login = logins.find(|login| match access {
            Some(_) => login.access == *access,
            None => login.refresh.is_some() && login.refresh == *refresh,
        });
        let Some((began, ended)) = login.map(|login| (login.began, login.ended)) else {
            let words = format!("{} comes from no login", held.name());
            return self.violated(Promised::P14, words);
        };
        let past = self.judge.past(who.store);
        let newest = past.newest;
        past.newest = newest.max(began);
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
    fn add(&mut self, who: Who, held: &Held) -> Option<i64> {
        let now = self.now;
        let access = &held.grant.access_token;
        let mut requests = self.judge.requests.iter_mut();
        let bringer = requests.find(|request| {
            let brought = request.brought();
            let brought = brought.map(|brought| &brought.access);
            let its = request.is_of(who) && request.saved_at.is_none();
            its && brought.is_some() && brought == access.as_ref()
        });
        let decided_at = bringer.map(|request| {
            request.saved_at = Some(now);
            request.intent_at
        });
        self.judge.generations.push(Generation {
            store: who.store,
            login: held.login.clone(),
            generation: held.generation,
            access: held.grant.access_token.clone(),
            refresh: held.grant.refresh_token.clone(),
            lifetime_known: held.grant.lifetime != "unknown",
            born_of_rejection: held.born_of_rejection,
            intents: 0,
            used: 0,
            skipped: false,
            intent: None,
            intent_of: None,
            intent_stored_at: 0,
            most_attempts: 0,
            requests: Vec::new(),
            verdict_at: None,
        });
        decided_at
    }

    fn judge_rotated(&mut self, who: Who, was: &Held, held: &Held) {
        let now = self.now;
        let generation = self.generation_of(who, was);
        let Some(at) = self.add(who, held).filter(|_| held.born_of_rejection) else {
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

    fn generation_of(&self, who: Who, held: &Held) -> Option<usize> {
        self.judge.generations.iter().rposition(|facts| {
            facts.store == who.store
                && facts.login == held.login
                && facts.generation == held.generation
        })
    }

    /// Something changed about a generation.
    fn judge_same(&mut self, who: Who, way: Way, was: &Held, held: &Held) {
        let Some(generation) = self.generation_of(who, held) else {
            let words = format!("{} was never stored", held.name());
            return self.violated(Promised::P14, words);
        };
        let name = self.judge.generations[generation].name();
        let same = was.grant.access_token == held.grant.access_token
            && was.grant.refresh_token == held.grant.refresh_token;
        if !same && held.generation > 1 {
            let words = format!("{} has other tokens now", held.name());
            self.violated(Promised::P14, words);
        }
        if let Some(intent) = held.intent.as_ref().filter(|intent| !intent.over)
            && was
                .intent
                .as_ref()
                .is_none_or(|old| (old.at, old.attempt) != (intent.at, intent.attempt) || old.over)
        {
            let same = was.intent.as_ref().is_some_and(|old| {
                !old.over
                    && old.attempt == intent.attempt
                    && old.token_digest == intent.token_digest
            });
            if same {
                self.judge_same_intent(who, way, generation, intent);
            } else {
                self.judge_intent(who, way, generation, was, intent);
            }
        }
        let blank =
            |held: &Held| held.intent.is_none() && held.trouble.is_none() && held.verdict.is_none();
        if blank(held) && !blank(was) {
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
        self.judge_trouble(generation, was, held);
    }

    fn judge_way(&mut self, way: Way, generation: usize) {
        let name = self.judge.generations[generation].name();
        match way {
            // A lease keeps others from waiting in vain; what keeps two holders apart once one
            // of them has lapsed is the swap: this intent replaces just what its holder has
            // read, and whoever comes later finds it.
            Way::LeasedAndRead | Way::Lapsed => {}
            other => {
                let words = format!("the intent of {name} is stored {other:?}");
                self.violated(Promised::P3, words);
            }
        }
    }

    /// The intent of an attempt has another time now: its own client has waited with it and
    /// saved it anew, or another whose clock is behind begins the wait for it anew.
    fn judge_same_intent(&mut self, who: Who, way: Way, generation: usize, intent: &Intent) {
        let facts = &mut self.judge.generations[generation];
        let own = facts.intent_of == Some((who.client, who.life));
        facts.intent = Some(intent.clone());
        if own {
            facts.intents += 1;
            self.judge_way(way, generation);
        }
    }

    fn judge_intent(&mut self, who: Who, way: Way, generation: usize, was: &Held, intent: &Intent) {
        let name = self.judge.generations[generation].name();
        self.judge_way(way, generation);
        if let Some(trouble) = &was.trouble
            && intent.at < trouble.since
        {
            let words = format!("{name} does not wait, as its clock is behind the wait's start");
            self.violated(Promised::P9, words);
        }
        if let Some(trouble) = &was.trouble
            && (trouble.since..trouble.until).contains(&intent.at)
        {
            let left = trouble.until - intent.at;
            let words = format!("{name} is tried {left} ms before its wait is over");
            self.violated(Promised::P9, words);
        }
        let first_at = intent.first_at;
        let window = match self.plan.replay {
            Replay::Within(window) => i64::try_from(window.as_millis()).unwrap_or(i64::MAX),
            _ => 0,
        };
        // Inside a window the server answers a repetition as it did the first time, so that
        // nothing has to be waited for.
        if let Some(old) = &was.intent
            && !old.over
            && old.attempt < intent.attempt
            && !(first_at..first_at.saturating_add(window)).contains(&intent.at)
            && (old.at..old.at.saturating_add(ATTEMPT)).contains(&intent.at)
        {
            let words = format!("{name} is tried again while its last attempt may be out");
            self.violated(Promised::P4, words);
        }
        if let Some(old) = &was.intent
            && !old.over
            && old.attempt < intent.attempt
            && intent.at < old.at
        {
            let words = format!("{name} is tried again, as its clock is behind the last attempt");
            self.violated(Promised::P4, words);
        }
        let most = match self.plan.replay {
            Replay::Never => 1,
            Replay::Once => 2,
            _ => u32::MAX,
        };
        if intent.attempt > most {
            let words = format!("attempt {} of {name}", intent.attempt);
            self.violated(Promised::P4, words);
        }
        self.judge_window(generation, intent);
        let now = self.now;
        let facts = &mut self.judge.generations[generation];
        let rejected = facts
            .access
            .as_ref()
            .is_some_and(|access| self.judge.rejected.contains(access));
        let last = facts.intent.as_ref().map_or(0, |last| last.attempt);
        facts.skipped |= facts.used < facts.intents && last < intent.attempt;
        facts.intents += 1;
        facts.intent_stored_at = now;
        facts.most_attempts = facts.most_attempts.max(intent.attempt);
        facts.intent = Some(intent.clone());
        facts.intent_of = Some((who.client, who.life));
        if intent.rejection && !rejected {
            let words = format!("no service has rejected {name}");
            self.violated(Promised::P11, words);
        }
    }

    /// With a window, a lost token is presented again as often as wanted inside it, and once
    /// after it.
    fn judge_window(&mut self, generation: usize, intent: &Intent) {
        let Replay::Within(window) = self.plan.replay else {
            return;
        };
        let window = i64::try_from(window.as_millis()).unwrap_or(i64::MAX);
        let facts = &self.judge.generations[generation];
        let requests = facts.requests.iter().map(|&id| &self.judge.requests[id]);
        let lost = requests.filter(|request| request.left_at.is_some() && request.is_lost());
        let lost: Vec<i64> = lost.map(|request| request.intent_at).collect();
        let Some(first) = lost.iter().copied().min() else {
            return;
        };
        let late = |at: i64| at.saturating_sub(first) >= window;
        let requests = facts.requests.iter().map(|&id| &self.judge.requests[id]);
        let since = requests.map(|request| request.called_at).min();
        let agree = since.is_none_or(|since| self.clocks_agree_on(facts.store, since));
        if agree && late(intent.at) && lost.iter().any(|&at| late(at)) {
            let words = format!("{} is presented twice after its window", facts.name());
            self.violated(Promised::P4, words);
        }
    }

    fn judge_verdict(&mut self, generation: usize, was: &Held, verdict: &Verdict) {
        self.judge_haste(generation, was, verdict);
        let cause = verdict.cause.as_str();
        let lost = self.why_lost(generation);
        let facts = &mut self.judge.generations[generation];
        facts.verdict_at = Some(self.now);
        let name = facts.name();
        let requests = facts.requests.iter().map(|&id| &self.judge.requests[id]);
        let refused = requests.clone().any(|request| request.is_refused());
        let attempts = facts.most_attempts;
        let intent = facts.intent.clone();
        let sound = match cause {
            "refused" => refused,
            "answer_lost" => lost.is_some(),
            _ => false,
        };
        if !sound {
            let words = format!("the verdict on {name} is {cause}, which never happened");
            return self.violated(Promised::P7, words);
        }
        let exhausted = match self.plan.replay {
            Replay::Never => true,
            Replay::Once => attempts >= 2,
            Replay::Within(window) => {
                let window = i64::try_from(window.as_millis()).unwrap_or(i64::MAX);
                intent.is_none_or(|last| last.at.saturating_sub(last.first_at) >= window)
            }
            _ => true,
        };
        if cause == "answer_lost" && !exhausted && !refused {
            let words = format!("{name} is given up although it may be presented once more");
            self.violated(Promised::Kept, words);
        }
    }

    /// Nobody is given up while an attempt may be out whose end nobody has seen.
    fn judge_haste(&mut self, generation: usize, was: &Held, verdict: &Verdict) {
        let facts = &self.judge.generations[generation];
        let name = facts.name();
        let last = facts.requests.last().map(|&id| &self.judge.requests[id]);
        let sent = facts.used == facts.intents;
        let ended = sent && last.is_some_and(|request| request.delivered.is_some());
        let Some(intent) = was.intent.as_ref().filter(|intent| !intent.over && !ended) else {
            return;
        };
        let since = verdict.at.unwrap_or(i64::MAX).saturating_sub(intent.at);
        if verdict.cause != "answer_lost" {
            return;
        }
        if since < 0 {
            let words = format!("{name} is given up, as its clock is behind the last attempt");
            self.violated(Promised::P7, words);
        } else if since < ATTEMPT {
            let words = format!("{name} is given up while its last attempt may be out");
            self.violated(Promised::P7, words);
        }
    }

    /// A server that asks to wait is obeyed.
    fn judge_trouble(&mut self, generation: usize, was: &Held, held: &Held) {
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
        let last = facts.requests.last().map(|&id| &self.judge.requests[id]);
        let asked = last.and_then(|request| match &request.delivered {
            Some(Delivered::Answer(Class::Transient(asked))) => *asked,
            Some(_) | None => None,
        });
        let seconds = asked.unwrap_or(0).min(RETRY_AFTER);
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
