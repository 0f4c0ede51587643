//! How a session logs in by itself where it was given the means: once for each end of a grant.
//! It mirrors the file of that name in `twoba-async`, but for the hook itself.

use std::pin::Pin;

use twoba_core::{self as core, AccessToken, Password, SignIn, Verdict};
use twoba_store::{Credentials, Error, Want};

use super::inner::Inner;
use crate::network::HOOK_USER;
use crate::plan::SECOND;
use crate::sim::Handle;
use crate::store::Who;

/// What a hook is awaited for.
pub(super) type Bringing = Pin<Box<dyn Future<Output = Option<Credentials>> + Send>>;

/// Brings the credentials for a login that a verdict asks for.
pub(super) type Hook = dyn Fn(Verdict) -> Bringing + Send + Sync;

/// A vault that has the password at hand, or takes its time, or has none today.
pub(super) fn hook(sim: &Handle, who: Who) -> Box<Hook> {
    let sim = sim.clone();
    Box::new(move |_| {
        let sim = sim.clone();
        Box::pin(async move {
            let (takes, has) = sim.with(|sim| {
                sim.tell_of(who.process, || {
                    format!("client {} asks its vault", who.client)
                });
                (sim.random.spread(1, 10 * SECOND), sim.random.chance(850))
            });
            sim.sleep(takes).await;
            let password = Password::parse("myPassword").ok().filter(|_| has)?;
            Some(Credentials::new(HOOK_USER, password))
        })
    })
}

impl Inner {
    /// What the hook makes of `error`, which says that a login is needed.
    pub(super) async fn sign_in(
        &self,
        state: &mut core::Session,
        error: Error,
    ) -> Result<AccessToken, Error> {
        let Some(hook) = &self.hook else {
            return Err(error);
        };
        self.store.probe(&self.key).await?;
        let stored = self.store.read(&self.key).await?;
        let claim = state.claim_sign_in(self.clock.now(), stored);
        let verdict = match self.carry_out(claim).await {
            Ok(SignIn::Claimed(verdict)) => verdict,
            // Somebody else has logged in meanwhile.
            Ok(SignIn::NotNeeded) => return self.renew(state, Want::Usable, self.patience).await,
            // It was tried before, or the person has logged out.
            Ok(_) | Err(_) => return Err(error),
        };
        let Some(credentials) = hook(verdict).await else {
            self.release(state).await?;
            return Err(error);
        };
        let granted = self.password(credentials.username(), credentials.password());
        let granted = granted.await;
        drop(credentials);
        match granted {
            Ok(fresh) => self.keep(state, fresh).await,
            Err(error) if error.is_unsent_login() => {
                self.release(state).await?;
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    /// Gives the claim back: no password has left.
    async fn release(&self, state: &mut core::Session) -> Result<(), Error> {
        let stored = self.store.read(&self.key).await?;
        let released = self.carry_out(state.release_sign_in(stored)).await;
        released.map(drop)
    }
}
