//! How a program ends that has a session in its hands.

use super::{Close, Session};
use crate::sabotage::Sabotage;

impl Session {
    /// The program ends: what the store has not taken is tried to be stored, and else left for
    /// whoever comes next.
    pub(crate) async fn end_program(self, how: Close) {
        let (sim, who) = (&self.sim, self.who);
        let began = sim.with(|sim| sim.begins_to_end(who));
        if sim.with(|sim| sim.has(Sabotage::EndsWithoutRetry)) {
            self.keeper.rescue().await;
        } else {
            if how == Close::Saying {
                let outcome = self.keeper.save(&self.entry).await;
                sim.with(|sim| sim.judge_said(who, &began, outcome.is_ok()));
            }
            self.keeper.runtime().ends();
            self.keeper.close().await;
        }
        sim.with(|sim| sim.judge_ended(who, &began));
    }
}
