//! What is held against an intent and a verdict: the two changes that decide whether a refresh
//! token is presented again, or never.

use super::{Promised, Request};
use crate::record::{Held, Intent, Trouble, Verdict};
use crate::sim::Sim;
use crate::store::{Way, Who};
use twoba_core::Replay;

/// How long an attempt may be under way whose end nobody has seen.
const ATTEMPT: i64 = 35_000;

/// How far apart clocks may be that agree.
const CLOCK_APART: i64 = 60_000;

impl Sim {
    /// An intent is stored under a lease, by somebody who has read the record.
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
    pub(super) fn judge_same_intent(
        &mut self,
        who: Who,
        way: Way,
        generation: usize,
        intent: &Intent,
    ) {
        let facts = &mut self.judge.generations[generation];
        let own = facts.intent_of == Some((who.client, who.life));
        let owner = facts.intent_of.filter(|_| own);
        facts.past_intents.push((intent.clone(), owner));
        if own {
            facts.intent = Some(intent.clone());
            facts.intents += 1;
            self.judge_way(way, generation);
        }
    }

    /// An attempt that never left is taken back, and the wait for the one before it begins anew in
    /// the same change, as a clock was set back; whether it is that.
    pub(super) fn judge_begun_anew(
        &mut self,
        generation: usize,
        was: &Held,
        intent: &Intent,
    ) -> bool {
        let facts = &mut self.judge.generations[generation];
        let unsent = facts.used < facts.intents;
        let last = was.intent.as_ref().filter(|_| unsent);
        let earlier = last.is_some_and(|last| intent.attempt < last.attempt);
        let its = |past: &Intent| {
            past.attempt == intent.attempt
                && past.rejection == intent.rejection
                && past.name == intent.name
                && past.at > intent.at
        };
        let past = facts.past_intents.iter().rposition(|(past, _)| its(past));
        let Some(past) = past.filter(|_| earlier) else {
            return false;
        };
        facts.restore(past);
        facts.intent = Some(intent.clone());
        facts.past_intents.push((intent.clone(), facts.intent_of));
        true
    }

    pub(super) fn judge_intent(
        &mut self,
        who: Who,
        way: Way,
        generation: usize,
        [was, held]: [&Held; 2],
        intent: &Intent,
    ) {
        let name = self.judge.generations[generation].name();
        self.judge_way(way, generation);
        self.judge_rescue_seen(who, &name);
        if intent.attempt == 1 && !intent.rejection {
            self.judge_reason(who, was);
        }
        // Whoever could not store its wait, or finds the word of it, goes by that one.
        let last = self.last_delivered(generation);
        let unwritten = last.is_some_and(|request| request.not_written);
        let told = if unwritten { held } else { was };
        self.judge_wait(&name, told.trouble.as_ref(), intent);
        self.judge_repetition(&name, was, intent);
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
        self.judge_early(&name, generation, was, intent);
        let now = self.now;
        let process = &self.processes[who.process];
        let pauses = process.pauses - u32::from(process.is_paused());
        if was
            .intent
            .as_ref()
            .is_some_and(|old| old.attempt < intent.attempt)
        {
            self.judge_unsent(generation, was);
        }
        let facts = &mut self.judge.generations[generation];
        let rejected = facts
            .access
            .as_ref()
            .is_some_and(|access| self.judge.rejected.contains(access));
        let last = facts.intent.as_ref().map_or(0, |last| last.attempt);
        facts.skipped |= facts.used < facts.intents && last < intent.attempt;
        facts.intents += 1;
        facts.intent_stored_at = now;
        facts.intent_by = Some((who, pauses));
        facts.most_attempts = facts.most_attempts.max(intent.attempt);
        facts.intent = Some(intent.clone());
        facts.intent_of = Some((who.client, who.life));
        facts.past_intents.push((intent.clone(), facts.intent_of));
        facts.rejection_asked |= intent.rejection;
        // A store that went back has generations of one number with two tokens.
        let went_back = self.went_back_since(who.store, 0);
        if intent.rejection && !rejected && !went_back {
            let words = format!("no service has rejected {name}");
            self.violated(Promised::P11, words);
        }
    }

    /// Whether an intent that was never sent would be taken back by this.
    pub(crate) fn takes_back(&self, who: Who, held: &Held) -> bool {
        let generation = self.generation_of(who, held);
        let facts = generation.map(|at| &self.judge.generations[at]);
        let attempt = held.intent.as_ref().map_or(0, |intent| intent.attempt);
        facts.is_some_and(|facts| {
            let last = facts.intent.as_ref().map_or(0, |last| last.attempt);
            facts.used < facts.intents && attempt < last && held.verdict.is_none()
        })
    }

    /// An attempt follows another whose end nobody has seen.
    fn judge_repetition(&mut self, name: &str, was: &Held, intent: &Intent) {
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
    }

    /// Whether the generation before this one has shown, or known, that its server refreshes late,
    /// and was not refreshed any earlier.
    pub(super) fn refreshes_late_before(&self, who: Who, held: &Held) -> bool {
        // What a store that went back has learnt since, or learns anew, whoever was under way with
        // what it held before does not know.
        let access = held.grant.access_token.as_ref();
        let bringer = self.judge.requests.iter().rfind(|request| {
            let brought = request.brought().map(|brought| &brought.access);
            request.is_of(who) && request.saved_at.is_none() && brought == access
        });
        if !held.refreshes_late
            && bringer.is_some_and(|request| self.went_back_since(who.store, request.leased_at))
        {
            return false;
        }
        let mut generations = self.judge.generations.iter().enumerate().rev();
        let before = generations.find(|(_, facts)| {
            facts.store == who.store
                && facts.login == held.login
                && facts.generation + 1 == held.generation
        });
        before.is_some_and(|(at, facts)| {
            let late = facts
                .late_at
                .is_some_and(|late| held.grant.issued_at >= late);
            late && (facts.refreshes_late || self.is_known_early(at))
        })
    }

    /// Where a refusal came too early, of this generation or one before, nobody asks again before the end of the token.
    fn judge_early(&mut self, name: &str, generation: usize, was: &Held, intent: &Intent) {
        let facts = &self.judge.generations[generation];
        let early = facts.late_at;
        let stored = was.refreshes_late && self.came_too_early(generation);
        if (facts.refreshes_late || stored || self.is_known_early(generation))
            && !intent.rejection
            // An attempt before it was for a 401: that token serves nobody to its end.
            && !was.rejected
            && !was.intent.as_ref().is_some_and(|before| before.rejection)
            // A token by a clock that was ahead has no end that could be believed.
            && was.grant.issued_at <= intent.at.saturating_add(CLOCK_APART)
            && early.is_some_and(|late| intent.at < late)
        {
            let words = format!("{name} is asked for again before the end of its token");
            self.violated(Promised::P4, words);
        }
    }

    /// A generation that waits is not tried before its wait is over.
    fn judge_wait(&mut self, name: &str, wait: Option<&Trouble>, intent: &Intent) {
        if let Some(trouble) = wait
            && intent.at < trouble.since
        {
            let words = format!("{name} does not wait, as its clock is behind the wait's start");
            self.violated(Promised::P9, words);
        }
        if let Some(trouble) = wait
            && (trouble.since..trouble.until).contains(&intent.at)
        {
            let left = trouble.until - intent.at;
            let words = format!("{name} is tried {left} ms before its wait is over");
            self.violated(Promised::P9, words);
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

    pub(super) fn judge_verdict(&mut self, generation: usize, was: &Held, verdict: &Verdict) {
        self.judge_haste(generation, was, verdict);
        let cause = verdict.cause.as_str();
        if cause == "answer_lost" {
            self.judge_unsent(generation, was);
        }
        let lost = self.why_lost(generation);
        let facts = &mut self.judge.generations[generation];
        facts.verdict_at = Some(self.now);
        let name = facts.name();
        let requests = facts.requests.iter().map(|&id| &self.judge.requests[id]);
        let final_word = |request: &Request| request.is_refused() && !request.too_early;
        let refused = requests.clone().any(final_word);
        let attempts = facts.most_attempts;
        let intent = was.intent.clone();
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

    /// The last intent counts as an attempt: where nothing was sent, who stored it could neither
    /// send nor take it back.
    fn judge_unsent(&mut self, generation: usize, was: &Held) {
        let facts = &self.judge.generations[generation];
        let of = |intent: &Intent| (intent.at, intent.attempt, intent.over);
        let stands = was.intent.as_ref().map(of) == facts.intent.as_ref().map(of);
        let unsent = stands && facts.used < facts.intents;
        let Some((who, pauses)) = facts.intent_by.filter(|_| unsent) else {
            return;
        };
        let (name, stored_at) = (facts.name(), facts.intent_stored_at);
        let others = facts.intent_of != Some((who.client, who.life));
        let paused = self.processes[who.process].pauses != pauses;
        // Inside a window others go on beside it, and where clocks disagree they may.
        // Who stores again what was under way knows no more of it than its record says.
        let beside = matches!(self.plan.replay, Replay::Within(_))
            || self.went_back_since(who.store, stored_at)
            || !self.clocks_agree_on(who.store, stored_at);
        let killed = !self.lives(who.process, who.life);
        let troubles = self.judge.past(who.store).troubles.iter().rev();
        let troubles = troubles.take_while(|(at, _)| *at >= stored_at);
        let failed = troubles.filter(|(_, client)| *client == who.client).count();
        if !(others || paused || beside || killed) && failed < 2 {
            let words = format!("an attempt of {name} counts that never left");
            self.violated(Promised::P2, words);
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
}
