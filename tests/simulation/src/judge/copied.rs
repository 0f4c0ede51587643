//! What is held against clients of a copy of a store: until somebody adopts it nothing is spent from
//! it.

use super::{Generation, Promised, State};
use crate::sim::{Sim, StoreId};
use crate::store::Who;

impl Sim {
    /// What is stored in one store is stored in another too, and nothing has come of it there.
    pub(crate) fn judge_copied(&mut self, original: StoreId, copy: StoreId) {
        let now = self.now;
        let Some(held) = self.stores[copy].record.held() else {
            return;
        };
        let its = |facts: &&Generation| {
            (facts.store, &facts.login, facts.generation)
                == (original, &held.login, held.generation)
        };
        let known = self.judge.generations.iter().rfind(its).cloned();
        let past = self.judge.pasts.get(&original);
        let (rejections, doubts) = past.map_or_else(Default::default, |past| {
            (past.rejections.clone(), past.doubts.clone())
        });
        let access = held.grant.access_token.clone();
        let past = self.judge.past(copy);
        past.access.extend(access);
        past.states.push((now, State::Held));
        (past.rejections, past.doubts) = (rejections, doubts);
        self.judge.generations.extend(known.map(|known| Generation {
            store: copy,
            intents: 0,
            used: 0,
            skipped: false,
            intent: None,
            intent_of: None,
            past_intents: Vec::new(),
            intent_by: None,
            most_attempts: 0,
            requests: Vec::new(),
            verdict_at: None,
            ..known
        }));
    }

    /// A refresh token is presented.
    pub(super) fn judge_spent_from(&mut self, who: Who) {
        if self.is_copy(who.store) {
            let words = format!("client {} spends from a copy of a store", who.client);
            self.violated(Promised::Copied, words);
        }
    }
}
