//! How a session logs in by itself if it has the means: once for each end of a grant.

use std::sync::Arc;

use twoba_core::SignIn;
use twoba_store::Error;

use crate::aim::Outcome;
use crate::entry::{Entry, Hold};
use crate::inside::Asking;
use crate::keeper::Keeper;
use crate::place::Landing;
use crate::runtime::{Credentials, Runtime};
use crate::settings::SAVE_AT_END;
use crate::tries::Tries;
use crate::unharmed::unharmed;

impl<R: Runtime> Keeper<R> {
    /// Handles `error`, which says that a login is needed.
    pub(crate) async fn sign_in(
        self: &Arc<Self>,
        entry: &Arc<Entry>,
        hold: &mut Hold,
        landing: &Landing,
        error: Error,
    ) -> Outcome {
        let Some(verdict) = error.verdict().cloned() else {
            return Err(error);
        };
        // Nothing is claimed where nobody can be asked.
        let asking = Asking::new(&**entry, verdict.clone());
        let limit = self.settings.credentials;
        let Some(credentials) = self.runtime.credentials(verdict, asking, limit) else {
            return Err(error);
        };
        self.runtime.store().probe(entry.key()).await?;
        let stored = self.read(entry).await?;
        let step = hold.session.claim_sign_in(self.runtime.now(), stored);
        // A claim that was written though the store said it had failed would stand for ever.
        match self.carry_out_patiently(entry, step).await {
            Ok(SignIn::Claimed(_)) => {}
            // Somebody else has logged in meanwhile.
            Ok(SignIn::NotNeeded) => return self.renew(entry, hold, landing, false).await,
            // It was tried before, or the person has logged out.
            Ok(_) | Err(_) => return Err(error),
        }
        let Some(credentials) = credentials.await else {
            self.release(entry, hold).await?;
            return Err(error);
        };
        self.signed_in(entry, hold, &credentials).await
    }

    async fn signed_in(
        self: &Arc<Self>,
        entry: &Arc<Entry>,
        hold: &mut Hold,
        credentials: &Credentials,
    ) -> Outcome {
        // Read before the password leaves: what comes back must not wait for a look. Where this
        // fails the compare-and-swap finds out.
        let stored = unharmed(self.read(entry)).await;
        let stored = stored.ok().flatten();
        let granted = self.password(credentials.username(), credentials.password());
        match granted.await {
            Ok(fresh) => self.adopt(entry, fresh, stored).await,
            Err(error) if error.is_unsent_login() => {
                self.release(entry, hold).await?;
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    /// Gives the claim back because no password has left. If the store fails for a moment, the
    /// keeper tries again for some seconds, because a remaining claim would block every sign-in.
    async fn release(&self, entry: &Arc<Entry>, hold: &mut Hold) -> Result<(), Error> {
        let mut tries = Tries::new(SAVE_AT_END, self.runtime.elapsed());
        let stored = loop {
            let read = unharmed(self.read(entry)).await;
            match (read, tries.pause(self.runtime.elapsed())) {
                (Ok(stored), _) => break stored,
                (Err(_), Some(pause)) => self.runtime.sleep(pause).await,
                (Err(error), None) => return Err(error),
            }
        };
        // Read once: a claim that stands there after a try to write is somebody else's.
        let step = hold.session.release_sign_in(stored);
        self.carry_out_patiently(entry, step).await.map(drop)
    }
}
