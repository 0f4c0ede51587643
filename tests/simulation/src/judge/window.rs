//! Whether a lost answer is asked for again while the server still gives it.

use super::{Promised, Request};
use crate::plan::SECOND;
use crate::sim::Sim;
use crate::store::Who;
use twoba_core::Replay;

/// How long somebody who asks may take to have the request sent again.
const HASTE: u64 = 3 * SECOND;

/// How long a refresh is not tried again that came to nothing.
const EARLY_PAUSE: u64 = 1_100;

/// Somebody has asked while a window was open.
pub(crate) struct Asked {
    who: Who,
    generation: usize,
    at: u64,
    pauses: u32,
}

impl Sim {
    /// Somebody asks for a token: if an answer was lost whose window is open for a while yet, it is
    /// asked for again, whether or not a refresh is due. Who has a usable token in its hands and has
    /// not seen that somebody else's answer was lost looks at no store.
    pub(crate) fn asks_in_window(&self, who: Who, usable: bool) -> Option<Asked> {
        let Replay::Within(window) = self.plan.replay else {
            return None;
        };
        let held = self.stores[who.store].record.held()?;
        let intent = held.intent.as_ref().filter(|_| held.verdict.is_none())?;
        let window = i64::try_from(window.as_millis()).unwrap_or(i64::MAX);
        let wall = self.wall_of(who.process);
        let haste = i64::try_from(HASTE).unwrap_or(i64::MAX);
        let open = intent.first_at <= wall && wall - intent.first_at + haste < window;
        let waits = held
            .trouble
            .as_ref()
            .is_some_and(|trouble| wall < trouble.until);
        // Nobody asks a server that refreshes late before the end of the token by his clock.
        let late = held.grant.late_at().filter(|_| held.refreshes_late);
        let waits = waits || late.is_some_and(|late| wall < late);
        let generation = self.generation_of(who, held).filter(|_| open && !waits)?;
        let facts = &self.judge.generations[generation];
        let mut requests = facts.requests.iter().map(|&id| &self.judge.requests[id]);
        let lost = requests.next_back().is_some_and(|last| {
            let dead = !self.lives(last.who.process, last.who.life);
            let doubtful = dead || intent.over && last.is_lost();
            // What has just come to nothing is not tried again at once, nor is what was stopped in
            // the middle of that.
            let resumed = self.processes[who.process].resumed_at.unwrap_or(0);
            let early = wall < intent.at + EARLY_PAUSE.cast_signed()
                || self.now < last.delivered_at.max(resumed) + EARLY_PAUSE;
            let sees = !early && (!usable || last.is_of(who));
            // Whose clock was set back takes a window for open that is over at the server.
            let over = i64::try_from(self.now - last.called_at).is_ok_and(|since| since >= window);
            last.left_at.is_some() && doubtful && sees && !over
        });
        // Who knows that the store went back presents nothing that is spent.
        let spent = self.is_over_a_login(who);
        // Who has a token does not wait for a lease that somebody else has.
        let busy = self.stores[who.store].is_held();
        (lost && !spent && !busy && self.has_peace(who)).then(|| Asked {
            who,
            generation,
            at: self.now,
            pauses: self.processes[who.process].pauses,
        })
    }

    /// Who asked has got an answer. Whoever goes away before that starts nothing.
    pub(crate) fn judge_asked(&mut self, asked: Asked) {
        self.after(HASTE, move |sim| sim.judge_repeated(&asked));
    }

    /// Nothing keeps a client from a refresh.
    fn has_peace(&self, who: Who) -> bool {
        let troubles = &self.plan.troubles;
        let busy = self.stores[who.store].is_leased(who);
        !busy && !troubles.slow_network && !troubles.slow_store && !self.is_kept_away(who)
    }

    fn judge_repeated(&mut self, asked: &Asked) {
        let &Asked {
            who,
            generation,
            at: asked_at,
            pauses,
        } = asked;
        let facts = &self.judge.generations[generation];
        let requests = facts.requests.iter().map(|&id| &self.judge.requests[id]);
        let again = requests
            .clone()
            .any(|request: &Request| request.called_at >= asked_at);
        let wall = self.wall_of(who.process);
        let held = self.stores[who.store].record.held();
        let stands = held.is_some_and(|held| {
            (&held.login, held.generation) == (&facts.login, facts.generation)
                && held.intent.is_some()
                && held.verdict.is_none()
                && held.trouble.as_ref().is_none_or(|wait| wall >= wait.until)
        });
        let process = &self.processes[who.process];
        let set = self.hosts[process.host]
            .set_at
            .is_some_and(|at| at >= asked_at);
        let ran = self.lives(who.process, who.life) && process.pauses == pauses && !set;
        let failed = self.stores[who.store]
            .troubled_at
            .is_some_and(|at| at + EARLY_PAUSE >= asked_at);
        // By another's clock the window may be over, who holds the lease meanwhile and asks nothing.
        let met = self.stores[who.store].was_anothers_since(who.client, asked_at);
        if !again && stands && ran && !failed && !met && self.has_peace(who) {
            let words = format!(
                "somebody asked, and the lost answer of {} was not asked for again in its window",
                facts.name()
            );
            self.violated(Promised::Kept, words);
        }
    }
}
