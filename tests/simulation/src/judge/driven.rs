//! What must stand in the store when a client's loop has come to its end.

use super::{Promised, Request, RequestId, State};
use crate::record::Record;
use crate::sim::{Sim, StoreId};
use crate::store::Who;

impl Sim {
    /// The store has failed a client: what it has in hand may stay unsaved for now.
    pub(crate) fn judge_not_written(&mut self, who: Who) {
        let now = self.now;
        let mut requests = self.judge.requests.iter_mut().rev();
        let last = requests.find(|request| request.is_of(who) && request.generation.is_some());
        if let Some(request) = last.filter(|request| request.delivered.is_some()) {
            request.not_written = true;
        }
        self.judge.past(who.store).failures.push((now, who.client));
    }

    /// The store has failed a client, whatever it was asked.
    pub(crate) fn judge_trouble_of(&mut self, who: Who) {
        let now = self.now;
        self.judge.past(who.store).troubles.push((now, who.client));
    }

    /// A client has given its last lease back: its loop has come to its end.
    pub(crate) fn judge_driven(&mut self, who: Who) {
        if !self.lives(who.process, who.life) || self.stores[who.store].is_leased(who) {
            return;
        }
        let mine = |request: &Request| request.is_of(who) && request.generation.is_some();
        let Some(id) = self.judge.requests.iter().rposition(mine) else {
            return;
        };
        // Over what it cannot read it stores nothing, but keeps what it has in hand.
        let called_at = self.judge.requests[id].called_at;
        let unreadable =
            |(at, state): &(u64, State)| *at >= called_at && matches!(state, State::Unreadable);
        if self.judge.past(who.store).states.iter().any(unreadable) {
            return;
        }
        let request = &mut self.judge.requests[id];
        if request.driven || request.not_written {
            return;
        }
        request.driven = true;
        self.judge_kept(who, id);
    }

    /// What this request has brought is stored, or somebody else was first.
    fn judge_kept(&mut self, who: Who, id: RequestId) {
        let request = &self.judge.requests[id];
        let attempt = Some(request.intent_at);
        let unsaved = request.brought().is_some() && request.saved_at.is_none();
        let Some(generation) = request.generation else {
            return;
        };
        let facts = &self.judge.generations[generation];
        let refused = request.is_refused() && !request.too_early;
        // In the place of its intent there may stand what the store has gone back to, be it before
        // the request was made.
        let went_back = self.went_back_since(who.store, request.leased_at);
        let forgotten = self.is_void_forgotten(who.store, request);
        let record = &self.stores[who.store].record;
        let same_login = record.held().filter(|held| held.login == facts.login);
        let stands = same_login.filter(|held| held.generation == facts.generation);
        let name = facts.name();
        // A late refusal counts only against its own attempt.
        let other = stands.is_some_and(|held| {
            let stored = held.intent.as_ref().map(|intent| intent.at);
            stored.is_some() && stored != attempt
        });
        // Of its own login nothing is revoked: that could end what is stored.
        let own = self.judge.generations.iter().any(|other| {
            (other.store, &other.login) == (facts.store, &facts.login)
                && other.generation > facts.generation
        });
        let latched = facts.verdict_at.is_some();
        let overtaken = same_login.is_none() && matches!(record, Record::Held(_) | Record::Gone);
        let mut later = self.judge.requests.iter().skip(id);
        let revoked = later.any(|request| request.is_of(who) && request.revokes);
        let stands = stands.is_some();
        if unsaved && stands && !forgotten {
            let words = format!("the successor of {name} was dropped");
            self.violated(Promised::P12, words);
        }
        if refused && stands && !latched && !other && !went_back {
            let words = format!("the refusal of {name} was dropped");
            self.violated(Promised::P12, words);
        }
        if unsaved && overtaken && !own && self.plan.revocation && !revoked {
            let words = format!("the late successor of {name} was dropped and not revoked");
            self.violated(Promised::P14, words);
        }
    }

    /// Whether what this request has brought can have been dropped, as a login, a logout or another
    /// rotation had come before it, and the store has forgotten that since.
    pub(super) fn is_void_forgotten(&self, store: StoreId, request: &Request) -> bool {
        // What came between the intent and the request counts too.
        let since = request.leased_at;
        let Some(past) = self.judge.pasts.get(&store) else {
            return false;
        };
        let mut later = past.states.iter().rev().take_while(|(at, _)| *at >= since);
        let overtaken = past.logins.iter().any(|at| *at >= since)
            || later.any(|(_, state)| matches!(state, State::Gone));
        // What was stored since then, be it that the store went back to another login.
        let followed = request.generation.is_some_and(|at| {
            let asked = &self.judge.generations[at];
            let mut since = self.judge.generations[at..].iter().skip(1);
            since.any(|other| {
                let same = other.login == asked.login;
                other.store == store && (!same || other.generation > asked.generation)
            })
        });
        (overtaken || followed) && self.went_back_since(store, since)
    }
}
