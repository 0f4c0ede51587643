//! How a session logs in by itself where it was given the means: once for each end of a grant.

use twoba_core::{self as core, AccessToken, SignIn, Verdict};
use twoba_store::{Credentials, Error, Want};

use crate::inner::Inner;

/// Brings the credentials for a login that a verdict asks for.
pub(crate) type Hook = dyn Fn(&Verdict) -> Option<Credentials> + Send + Sync;

impl Inner {
    /// What the hook makes of `error`, which says that a login is needed.
    pub(crate) fn sign_in(
        &self,
        state: &mut core::Session,
        error: Error,
    ) -> Result<AccessToken, Error> {
        let Some(hook) = &self.hook else {
            return Err(error);
        };
        self.store.probe(&self.key)?;
        let stored = self.store.read(&self.key)?;
        let claim = state.claim_sign_in(self.clock.now(), stored);
        let verdict = match self.carry_out(claim) {
            Ok(SignIn::Claimed(verdict)) => verdict,
            // Somebody else has logged in meanwhile.
            Ok(SignIn::NotNeeded) => return self.renew(state, Want::Usable, self.patience),
            // It was tried before, or the person has logged out.
            Ok(_) | Err(_) => return Err(error),
        };
        let Some(credentials) = hook(&verdict) else {
            self.release(state)?;
            return Err(error);
        };
        let granted = self.password(credentials.username(), credentials.password());
        drop(credentials);
        match granted {
            Ok(fresh) => self.keep(state, fresh),
            Err(error) if error.is_unsent_login() => {
                self.release(state)?;
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    /// Gives the claim back: no password has left.
    fn release(&self, state: &mut core::Session) -> Result<(), Error> {
        let stored = self.store.read(&self.key)?;
        self.carry_out(state.release_sign_in(stored)).map(drop)
    }
}
