//! What is held against what callers get: tokens, waits and reasons to log in.

use std::time::Duration;

use super::{Login, Logout, Promised, State};
use crate::record::Record;
use crate::sim::Sim;
use crate::store::Who;
use twoba_core::limits::LEASE_PATIENCE;
use twoba_core::{Cause, RefreshError, Timestamp};

impl Sim {
    /// A caller has got a token that it asked for at `began`.
    pub(crate) fn judge_handed_out(&mut self, who: Who, token: &str, began: u64) {
        self.tell_of(who.process, || {
            format!("client {} hands out {token}", who.client)
        });
        let past = self.judge.past(who.store);
        if !past.access.contains(token) {
            let words = format!("{token} was never durable");
            return self.violated(Promised::P1, words);
        }
        if self.is_own(who.store) {
            return self.judge_own_handed_out(who, token, began);
        }
        let mut logouts = self.judge.logouts.iter().rev();
        let last = logouts.find(|logout| logout.client == who.client);
        let done_at = last
            .and_then(|logout| logout.done_at)
            .filter(|at| *at < began);
        let past = self.judge.past(who.store);
        if done_at.is_some_and(|at| past.only_since(at, &State::Gone)) {
            let words = format!("{token} is handed out by a client that was logged out");
            self.violated(Promised::P14, words);
        }
    }

    /// A caller was told why there is no token.
    pub(crate) fn judge_turned_down(&mut self, who: Who, error: &RefreshError, began: u64) {
        self.tell_of(who.process, || {
            format!("client {} says: {error}", who.client)
        });
        let RefreshError::LoginRequired(verdict) = error else {
            return;
        };
        if self.is_own(who.store) {
            let words = format!("a program itself is told that {verdict}");
            return self.violated(Promised::Own, words);
        }
        let state = match verdict.cause {
            Cause::NoLogin => State::Nothing,
            Cause::LoggedOut => State::Gone,
            Cause::Refused => State::Dead("refused".to_owned()),
            Cause::AnswerLost => State::Dead("answer_lost".to_owned()),
            _ => State::Held,
        };
        let past = self.judge.past(who.store);
        if past.held_since(began, &state) {
            return;
        }
        // A verdict that could not be stored holds in its process at least, and for whoever finds the
        // word that it left.
        let dead = matches!(state, State::Dead(_));
        let told = (state, verdict.at.map(Timestamp::unix_millis));
        let left = past.left_verdicts.contains(&told);
        if !(left || dead && self.knows_in_vain(who, began)) {
            let words = format!("a caller is told that {verdict}, which was not stored");
            self.violated(Promised::P7, words);
        }
    }

    /// Whether the store has failed a client since it was called, or before, and the client knows of
    /// an end of what is stored there.
    fn knows_in_vain(&self, who: Who, began: u64) -> bool {
        let past = self.judge.pasts.get(&who.store);
        let failures = past.iter().flat_map(|past| &past.failures);
        let mut own = failures.filter(|(_, client)| *client == who.client);
        let Some(last) = own.next_back() else {
            return false;
        };
        let held = self.stores[who.store].record.held();
        let standing = held.and_then(|held| self.generation_of(who, held));
        // A login or a logout may have come since it looked.
        let generations = &self.judge.generations;
        let login = standing.map(|standing| &generations[standing].login);
        let before = generations
            .iter()
            .rposition(|facts| facts.store == who.store && Some(&facts.login) != login);
        let replaced = past.is_some_and(|past| {
            let logged_in = past.logins.iter().any(|at| *at >= began);
            logged_in || standing.is_none() && past.held_since(began, &State::Held)
        });
        // And it may have gone back since, behind what the client has seen.
        let went_back = self.went_back_since(who.store, began);
        let behind = self.last_seen_generations(who).filter(|_| went_back);
        let known = [standing, before.filter(|_| replaced)];
        let ended = known.into_iter().flatten().chain(behind).any(|generation| {
            let mut requests = generations[generation].requests.iter();
            let refused = requests.any(|id| self.judge.requests[*id].is_refused());
            refused || self.why_lost(generation).is_some()
        });
        last.0 >= began || ended
    }

    /// A client leaves what the store has not taken.
    pub(crate) fn judge_rescue_left(&mut self, who: Who, record: &Record) {
        let verdict = record.held().and_then(|held| held.verdict.as_ref());
        if let Some(verdict) = verdict {
            let told = (State::Dead(verdict.cause.clone()), verdict.at);
            self.judge.past(who.store).left_verdicts.push(told);
        }
    }

    /// A caller had to wait although a usable token lay there.
    pub(crate) fn judge_waited(&mut self, who: Who) {
        let words = format!("a caller of client {} had to wait", who.client);
        self.violated(Promised::P10, words);
    }

    /// A caller without a usable token was told to come again when the server refreshes, until
    /// when it would have waited.
    pub(crate) fn judge_sent_away(&mut self, who: Who, began: u64, until: Timestamp) {
        let wait = until.unix_millis() - self.wall_of(who.process);
        let gone = Duration::from_millis(self.now - began);
        let left = LEASE_PATIENCE.saturating_sub(gone).as_millis();
        let beyond = i64::try_from(left).is_ok_and(|left| wait > left);
        let process = &self.processes[who.process];
        let set = self.hosts[process.host]
            .set_at
            .is_some_and(|at| at >= began);
        // Nobody waits in a program that ends.
        if process.is_ending || beyond || set {
            return;
        }
        let words = format!("a caller of client {} is sent away", who.client);
        self.violated(Promised::P10, words);
    }

    /// A service has answered 401.
    pub(crate) fn judge_rejected(&mut self, token: &str) {
        self.tell("service", || format!("rejects {token}"));
        self.judge.rejected.insert(token.to_owned());
    }

    /// Somebody logs in, or brings this refresh token; returns the number of the call.
    pub(crate) fn judge_logging_in(&mut self, who: Who, refresh: Option<String>) -> usize {
        self.tell_of(who.process, || format!("client {} logs in", who.client));
        self.judge.logins.push(Login {
            who,
            began: self.now,
            ended: None,
            access: None,
            refresh,
            by_hook: false,
        });
        self.judge.logins.len() - 1
    }

    /// A client asks the server for a login; which one it is.
    pub(super) fn judge_login_asked(&mut self, who: Who, by_hook: bool) -> Option<usize> {
        if by_hook {
            let call = self.judge_logging_in(who, None);
            self.judge.logins[call].by_hook = true;
            return Some(call);
        }
        self.judge.logins.iter().rposition(|login| {
            (login.who.client, login.who.life) == (who.client, who.life)
                && login.ended.is_none()
                && !login.by_hook
        })
    }

    /// A program logs in by itself: once for each claim that is stored.
    pub(super) fn judge_signed_in(&mut self, who: Who) {
        let past = self.judge.past(who.store);
        past.sign_ins += 1;
        if past.sign_ins > past.sign_in_claims {
            let words = format!("client {} logs in by itself without a claim", who.client);
            self.violated(Promised::SignIn, words);
        }
    }

    pub(crate) fn judge_login_ended(&mut self, call: usize) {
        self.judge.logins[call].ended = Some(self.now);
    }

    /// Somebody logs out; returns the number of the call.
    pub(crate) fn judge_logging_out(&mut self, who: Who) -> usize {
        self.tell_of(who.process, || format!("client {} logs out", who.client));
        self.judge.logouts.push(Logout {
            client: who.client,
            began: self.now,
            done_at: None,
        });
        self.judge.logouts.len() - 1
    }

    pub(crate) fn judge_logged_out(&mut self, who: Who, call: usize) {
        let began = self.judge.logouts[call].began;
        self.judge.logouts[call].done_at = Some(self.now);
        let past = self.judge.past(who.store);
        past.newest = past.newest.max(began);
        let gone = past.held_since(began, &State::Gone);
        // What a store has gone back to nobody has seen who logs out.
        let went_back = past.went_back_at.is_some_and(|at| at >= began);
        // A login that it has never seen stands.
        let login = past.logins.iter().any(|at| *at >= began);
        if !gone && !login && !went_back && !past.held_since(began, &State::Nothing) {
            let words = "a logout has left no tombstone".to_owned();
            self.violated(Promised::P14, words);
        }
    }
}
