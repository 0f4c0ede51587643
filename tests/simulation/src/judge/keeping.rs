//! What is held against a refresh for which there seems to be no reason: it comes of keeping a grant
//! alive, when that is due and somebody has asked for it, or of nothing.

use super::Promised;
use crate::plan::{MINUTE, SECOND};
use crate::record::Held;
use crate::sim::Sim;
use crate::store::Who;

/// How long somebody may be under way who wants another token.
const ASKING: u64 = 3 * MINUTE;

/// The margin of shorter lifetimes is another one.
const SHORTEST: i64 = 30 * SECOND.cast_signed();

/// Somebody keeps alive what would die unused.
pub(crate) struct Began {
    at: u64,
    /// The generation that is to be refreshed.
    due: Option<(String, u64)>,
}

impl Sim {
    /// Whether a grant is to be kept alive, by a client's clock.
    fn is_to_be_kept(&self, who: Who, held: &Held) -> bool {
        let after = self.plan.extras.keep_alive.map(u64::cast_signed);
        let wall = self.wall_of(who.process);
        after.is_some_and(|after| held.grant.issued_at + after <= wall) && held.verdict.is_none()
    }

    pub(crate) fn keeps_alive(&mut self, who: Who) -> Began {
        let at = self.now;
        self.tell_of(who.process, || format!("client {} keeps alive", who.client));
        let held = self.stores[who.store].record.held();
        let due = held.filter(|held| self.is_to_be_kept(who, held));
        let due = due.map(|held| (held.login.clone(), held.generation));
        self.judge.past(who.store).kept_alive.push((at, who.client));
        if due.is_some() {
            self.judge_forced(who.store);
        }
        Began { at, due }
    }

    /// All that was to be kept alive is.
    pub(crate) fn judge_kept_alive(&mut self, who: Who, began: &Began, all: bool) {
        self.tell_of(who.process, || {
            format!("client {} has kept alive: {all}", who.client)
        });
        let host = &self.hosts[self.processes[who.process].host];
        let set = host.set_at.is_some_and(|at| at >= began.at);
        let held = self.stores[who.store].record.held();
        let stands = held.filter(|held| held.verdict.is_none());
        let stands = stands.map(|held| (held.login.clone(), held.generation));
        let went_back = self.went_back_since(who.store, began.at);
        if all && !set && !went_back && began.due.is_some() && stands == began.due {
            let words = "a grant that was to be kept alive was not refreshed".to_owned();
            self.violated(Promised::Kept, words);
        }
    }

    /// A refresh is decided on that no caller needs: it is for a grant that is to be kept alive.
    pub(super) fn judge_reason(&mut self, who: Who, held: &Held) {
        let wall = self.wall_of(who.process);
        let (age, millis) = (wall - held.grant.issued_at, held.grant.millis());
        let early = millis.is_some_and(|millis| {
            // A refresh is due at 80 % of a lifetime, or up to a tenth of it earlier.
            millis >= SHORTEST && (0..millis * 69 / 100).contains(&age)
        });
        let since = self.now.saturating_sub(ASKING);
        let resumed = self.processes[who.process].resumed_at;
        let resumed = resumed.is_some_and(|at| at >= since);
        let to_be_kept = self.is_to_be_kept(who, held);
        let other = self.plan.extras.keep_alive.is_none()
            || self.plan.window.is_some()
            || self.is_clock_set(who.store, since)
            || self.went_back_since(who.store, 0);
        let past = self.judge.past(who.store);
        let forced = past.forced.iter().any(|at| *at >= since);
        let mut kept = past.kept_alive.iter();
        let kept = kept.any(|(at, client)| *at >= since && *client == who.client);
        let asked = forced || to_be_kept && kept;
        let excused = resumed || other;
        if early && !asked && !excused {
            let words = format!(
                "{} is refreshed at an age of {age} ms for no reason",
                held.name()
            );
            self.violated(Promised::P4, words);
        }
    }
}
