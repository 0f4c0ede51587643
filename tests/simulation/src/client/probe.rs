//! The last question to every client, when nothing fails any more: is there a good token?

use twoba_core::RefreshError;
use twoba_keeper::Named;
use twoba_store::Error;

use super::Session;
use super::caller::refused;
use crate::judge::Probed;
use crate::plan::{HOUR, SECOND};

/// How long a client may need. A clock that was set back an hour under a token of an hour,
/// and a wait of an hour, fit in.
const PATIENCE: u64 = 8 * HOUR;

/// How long to wait where nobody says how long.
const PAUSE: u64 = 20 * SECOND;

/// What one attempt has come to.
enum Attempt {
    Over(Probed),
    /// Wait so long, because of this.
    Wait(u64, String),
}

impl Session {
    pub(crate) async fn probe(self, owed: bool) {
        let who = self.who;
        let probed = self.probed().await;
        let sim = &self.sim;
        sim.with(|sim| sim.judge_probed(who, owed, &probed));
    }

    async fn probed(&self) -> Probed {
        let sim = &self.sim;
        let end = sim.with(|sim| sim.now) + PATIENCE;
        loop {
            match self.attempt().await {
                Attempt::Over(probed) => return probed,
                Attempt::Wait(_, words)
                    if sim.with(|sim| sim.now > end || sim.is_copy(self.who.store)) =>
                {
                    return Probed::Nothing(words);
                }
                Attempt::Wait(span, _) => sim.sleep(span).await,
            }
        }
    }

    async fn attempt(&self) -> Attempt {
        let Named { token, id } = match self.token_for_caller().await {
            Ok(found) => found,
            Err(error) => return self.failed(&error),
        };
        if self.present(&token).await {
            return Attempt::Over(Probed::Good);
        }
        let Some(id) = id else {
            return Attempt::Wait(PAUSE, "a token without a name".to_owned());
        };
        match self.other_for_caller(id).await {
            Ok(other) if self.present(&other).await => Attempt::Over(Probed::Good),
            Ok(_) => Attempt::Wait(PAUSE, "two tokens that no service takes".to_owned()),
            Err(error) => self.failed(&error),
        }
    }

    fn failed(&self, error: &Error) -> Attempt {
        if let Some(RefreshError::LoginRequired(verdict)) = refused(error) {
            return Attempt::Over(Probed::Lost(verdict.cause));
        }
        if let Some(RefreshError::Record(_)) = refused(error) {
            return Attempt::Over(Probed::Unreadable);
        }
        let wait = self.wait_advised(error).unwrap_or(PAUSE);
        Attempt::Wait(wait.max(SECOND), error.to_string())
    }
}
