//! What is held against the session of a program itself: it rotates nothing, so that one request for
//! all who share a store, and no token behind its end, is all that it promises.

use super::{OwnToken, Probed, Promised, Request, RequestId};
use crate::plan::{MINUTE, SECOND};
use crate::record::{Held, Record};
use crate::sim::Sim;
use crate::store::{Way, Who};

/// Least time between two tokens that a 401 has caused.
const REJECTIONS: i64 = 60_000;

/// How long somebody may be under way who wants another token.
const ASKING: u64 = 3 * MINUTE;

/// Of shorter lifetimes the margin is half.
const SHORT: i64 = 5 * SECOND.cast_signed();

impl Held {
    /// Whether nobody has to ask for another token yet, by a clock.
    fn is_fresh(&self, wall: i64) -> bool {
        let (Some(_), age) = (&self.grant.access_token, wall - self.grant.issued_at) else {
            return false;
        };
        match self.grant.millis() {
            // A refresh is due at 80 % of a lifetime, or up to a tenth of it earlier.
            Some(millis) => {
                let due = if millis < SHORT {
                    millis * 49 / 100
                } else {
                    millis * 69 / 100
                };
                (0..due).contains(&age)
            }
            None => age >= 0 && self.grant.lifetime == "unknown",
        }
    }
}

impl Sim {
    /// A program asks for a token of its own: under the lease, and because none that will do is
    /// stored.
    pub(super) fn judge_own_asked(&mut self, who: Who) {
        let leased_at = self.stores[who.store].leased_at(who.client);
        if self.is_own_claim_lost(who, leased_at) {
            return;
        }
        if !self.stores[who.store].has_looked_leased(who.client) {
            let words = "a program asks for a token without having read under the lease";
            self.violated(Promised::P3, words.to_owned());
        }
        // A holder whose claim is lost may still write, and who has the next one may have looked by
        // then.
        if self.stores[who.store].written_at >= Some(leased_at) {
            return;
        }
        let Record::Held(held) = &self.stores[who.store].record else {
            return;
        };
        let wall = self.wall_of(who.process);
        let (name, since) = (held.generation, self.now.saturating_sub(ASKING));
        let access = held.grant.access_token.as_ref();
        let rejected = access.is_some_and(|access| self.judge.rejected.contains(access));
        let fresh = held.is_fresh(wall) && !rejected;
        let resumed = self.processes[who.process].resumed_at;
        let resumed = resumed.is_some_and(|at| at >= since);
        let wait = held.trouble.as_ref().map(|trouble| trouble.until - wall);
        let past = self.judge.past(who.store);
        let forced = resumed || past.forced.iter().any(|at| *at >= since);
        if fresh && !forced {
            let words = format!("a program asks for a token though generation {name} is stored");
            self.violated(Promised::P4, words);
        }
        if let Some(left) = wait.filter(|left| *left > 0) {
            let words = format!("a program asks {left} ms before its wait is over");
            self.violated(Promised::P9, words);
        }
    }

    /// Its request leaves: no other one of the fleet is out whose sender holds the lease.
    pub(super) fn judge_own_left(&mut self, id: RequestId) {
        let mine = &self.judge.requests[id];
        if mine.paused || self.is_own_claim_lost(mine.who, mine.leased_at) {
            return;
        }
        let store = mine.who.store;
        let out = |other: &Request| {
            let who = other.who;
            other.own
                && who.store == store
                && other.left_at.is_some()
                && other.delivered.is_none()
                && self.lives(who.process, who.life)
                && !self.is_own_claim_lost(who, other.leased_at)
        };
        let mut others = self.judge.requests.iter().enumerate();
        let other = others.find(|(other, request)| *other != id && out(request));
        if let Some((other, _)) = other {
            let words = format!("request {other} for a token of its own is out, and {id} leaves");
            self.violated(Promised::P4, words);
        }
    }

    fn is_own_claim_lost(&self, who: Who, since: u64) -> bool {
        let lost_at = self.processes[who.process].own_claim_lost_at;
        lost_at.is_some_and(|at| at >= since)
    }

    /// What is stored of a program itself has changed.
    pub(crate) fn judge_own_stored(&mut self, who: Who, way: Way, before: &Record) {
        let after = self.stores[who.store].record.clone();
        let candidate = self.stores[who.store].candidate();
        let Record::Held(held) = &after else {
            let words = format!("{} is stored of a program itself", after.words());
            return self.violated(Promised::Own, words);
        };
        if !matches!(way, Way::LeasedAndRead | Way::Lapsed) {
            let words = format!("the token of a program itself is stored {way:?}");
            self.violated(Promised::P3, words);
        }
        let person = held.grant.refresh_token.is_some()
            || held.intent.is_some()
            || held.verdict.is_some()
            || held.sign_in_at.is_some()
            || candidate.is_some();
        if person {
            let words = format!("{} of a program itself is a person's", after.words());
            self.violated(Promised::Own, words);
        }
        match before.held() {
            Some(was) if was.generation == held.generation => {
                if was.grant.access_token != held.grant.access_token {
                    let words = format!("generation {} has another token now", held.generation);
                    self.violated(Promised::P14, words);
                }
            }
            Some(was) if (&was.login, was.generation) > (&held.login, held.generation) => {
                let words = format!("{} goes back to {}", before.words(), after.words());
                self.violated(Promised::P14, words);
            }
            was => self.judge_own_renewed(who, was, held),
        }
    }

    fn judge_own_renewed(&mut self, who: Who, was: Option<&Held>, held: &Held) {
        let now = self.now;
        let Some(access) = &held.grant.access_token else {
            return;
        };
        let ends_at = held.grant.ends_at();
        self.judge.past(who.store).access.insert(access.clone());
        let stored = OwnToken { at: now, ends_at };
        self.judge.own_tokens.insert(access.clone(), stored);
        let wall = self.wall_of(who.process);
        let rescues = self.plan.extras.rescues();
        let mut requests = self.judge.requests.iter_mut();
        let bringer = requests.find(|request| {
            let brought = request.brought().map(|brought| &brought.access);
            request.own && (rescues || request.is_of(who)) && brought == Some(access)
        });
        let Some(bringer) = bringer else {
            let words = format!("{access} is stored of a program itself, and came from nowhere");
            return self.violated(Promised::Own, words);
        };
        bringer.saved_at = Some(now);
        let called_at = bringer.called_at;
        let asked_at = wall - (now - called_at).cast_signed();
        if !held.born_of_rejection {
            return;
        }
        let before = was.filter(|was| was.generation + 1 == held.generation);
        let before = before.and_then(|was| was.grant.access_token.as_ref());
        if before.is_some_and(|access| !self.judge.rejected.contains(access)) {
            let words = format!("no service has rejected the token before {access}");
            self.violated(Promised::P11, words);
        }
        let past = self.judge.past(who.store);
        let last = past
            .rejections
            .insert(held.login.clone(), (asked_at, called_at));
        let (last, since) = last.unwrap_or_default();
        let after = asked_at - last;
        if (0..REJECTIONS).contains(&after) && self.clocks_agree_on(who.store, since) {
            let words = format!("{access} is got for a 401 {after} ms after another");
            self.violated(Promised::P11, words);
        }
    }

    /// A caller has got a token of the program's own, which is stored.
    pub(super) fn judge_own_handed_out(&mut self, who: Who, token: &str, began: u64) {
        let Some(&OwnToken { at, ends_at }) = self.judge.own_tokens.get(token) else {
            return;
        };
        let process = &self.processes[who.process];
        // Who comes in the moment when a process goes on can get what has just come to it.
        let paused = process.resumed_at.is_some_and(|resumed| resumed >= at);
        let host = process.host;
        let set = self.hosts[host].set_at.is_some_and(|at| at >= began);
        let wall = self.wall(host) - (self.now - began).cast_signed();
        // Who joins those that wait for a token can get it a little later than it was stored.
        if at + MINUTE < began && !set && !paused && ends_at.is_some_and(|ends_at| ends_at <= wall)
        {
            let words = format!("{token} is handed out to somebody who came after its end");
            self.violated(Promised::Own, words);
        }
    }

    /// A client of a program itself has come to its end of the world: nothing can end its session.
    pub(super) fn judge_own_probed(&mut self, who: Who, probed: &Probed) {
        self.tell_of(who.process, || {
            format!("client {} itself ends with {probed:?}", who.client)
        });
        if matches!(probed, Probed::Good) {
            return self.come_out(who.store, "kept by a program itself".to_owned());
        }
        let words = format!("client {} has no token of its own: {probed:?}", who.client);
        self.violated(Promised::Own, words);
    }
}
