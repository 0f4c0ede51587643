//! How a session reads, leases and drives; it runs in tasks that no caller can end. It mirrors
//! the file of that name in `twoba-async`.

use std::sync::{Arc, Weak};
use std::time::Duration;

use twoba_core::{
    self as core, AccessToken, Advice, Client, FreshGrant, Imported, LoggedOut, LoginReply,
    Password, RefreshError, RefreshToken, Seed, SessionKey, TokenId,
};
use twoba_store::{
    AsyncLease, AsyncStore, Clock, EarlyRefresh, Error, Published, RefreshClaim, Unleased, Want,
    drive_async, fallback,
};

use super::lock::Mutex;
use super::retry::Kept;
use super::sign_in::Hook;
use crate::network::Transport;
use crate::sim::Handle;
use crate::store::Who;

/// What all clones of a session share.
pub(super) struct Inner {
    pub(super) client: Client,
    pub(super) key: SessionKey,
    pub(super) state: Mutex<core::Session>,
    /// The token as `state` last had it, to be read while that is busy.
    pub(super) published: Arc<Published>,
    pub(super) store: Arc<dyn AsyncStore>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) transport: Transport,
    pub(super) patience: Duration,
    pub(super) hook: Option<Box<Hook>>,
    /// The lease, where a grant could not be stored: nobody else may refresh then.
    pub(super) kept: Kept,
    pub(super) early: EarlyRefresh,
    pub(super) me: Weak<Self>,
    pub(super) sim: Handle,
    pub(super) who: Who,
}

/// How a session ends.
#[derive(Clone, Copy)]
pub(super) enum End {
    Revoke,
    Forget,
}

/// A token, and which one it is.
pub(super) type Named = (AccessToken, Option<TokenId>);

impl Inner {
    fn seed(&self) -> Result<Seed, Error> {
        Ok(Seed::from_bytes(self.sim.with(|sim| sim.random.bytes())))
    }

    /// Starts a task of this process.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let process = self.who.process;
        self.sim.with(|sim| sim.spawn(process, task));
    }

    /// A usable token: another process's, or a refreshed one where that is due.
    pub(super) async fn usable(&self, state: &mut core::Session) -> Result<Named, Error> {
        // Another process may have refreshed; reading takes no lock.
        self.observe(state).await?;
        let now = self.clock.now();
        let due = state.has_unsaved() || state.refresh_due().is_some_and(|due| now >= due);
        match state.token(now) {
            Some(token) if !due => Ok((token.clone(), state.token_id())),
            Some(_) | None => self.obtain(state, Want::Usable).await,
        }
    }

    /// Refreshes early, beside the callers: its failure is nobody's error.
    pub(super) async fn refresh_early(&self, claim: RefreshClaim) {
        let renewed = {
            let mut state = self.state.lock().await;
            self.usable(&mut state).await.is_ok()
        };
        claim.finish(self.clock.now(), renewed);
    }

    pub(super) async fn observe(&self, state: &mut core::Session) -> Result<(), Error> {
        let reading = self.published.begin_reading();
        let stored = self.store.read(&self.key).await?;
        let observed = state.observe(stored.as_ref());
        self.published.show_read(reading, state);
        observed.map_err(|error| Error::from(RefreshError::Record(error)))
    }

    /// The slow path. Its failure is nobody's error who has a usable token.
    pub(super) async fn obtain(
        &self,
        state: &mut core::Session,
        want: Want,
    ) -> Result<Named, Error> {
        let usable = fallback(want, state, self.clock.now());
        // By what comes now the session may have another token.
        let usable = usable.map(|token| (token, state.token_id()));
        // Who has a usable token does not wait for somebody else's refresh.
        let patience = match &usable {
            Some(_) => Duration::ZERO,
            None => self.patience,
        };
        let renewed = match self.renew(state, want, patience).await {
            Err(error) if error.advice() == Advice::LogIn => self.sign_in(state, error).await,
            outcome => outcome,
        };
        self.published.show(state);
        match (renewed, usable) {
            (Err(error), Some(token)) if error.advice() != Advice::LogIn => Ok(token),
            (outcome, _) => outcome.map(|token| (token, state.token_id())),
        }
    }

    /// Carries out what the session makes of the record under the lease.
    pub(super) async fn renew(
        &self,
        state: &mut core::Session,
        want: Want,
        patience: Duration,
    ) -> Result<AccessToken, Error> {
        let mut lease = match self.kept.take() {
            Some(lease) => lease,
            None => self.wait_for_lease(patience).await?,
        };
        let outcome = self.renew_under(state, want, &mut *lease).await;
        if state.has_unsaved() {
            // Where this program cannot read the record, others may be able to.
            if !outcome.as_ref().is_err_and(Error::is_unreadable_record) {
                self.kept.keep(lease);
            }
            self.retry_beside();
        }
        outcome
    }

    async fn renew_under(
        &self,
        state: &mut core::Session,
        want: Want,
        lease: &mut dyn AsyncLease,
    ) -> Result<AccessToken, Error> {
        let stored = lease.load().await?;
        let step = state.obtain(want, self.clock.now(), stored);
        drive_async(step, &*self.clock, lease, |request| {
            self.transport.send(request)
        })
        .await
    }

    /// The grant of a login by password.
    pub(super) async fn password(
        &self,
        username: &str,
        password: &Password,
    ) -> Result<FreshGrant, Error> {
        let now = self.clock.now();
        let (request, reply) = self.client.password(username, password, now);
        self.granted(request, reply).await
    }

    pub(super) async fn granted(
        &self,
        request: http::Request<core::Form>,
        reply: LoginReply<'_>,
    ) -> Result<FreshGrant, Error> {
        match self.transport.send(request).await {
            Ok(response) => Ok(reply.received(self.clock.now(), &response)?),
            Err(error) => Err(Error::from(reply.failed(error.failure)).caused_by(error.cause)),
        }
    }

    pub(super) async fn adopt(&self, fresh: FreshGrant) -> Result<AccessToken, Error> {
        let mut state = self.state.lock().await;
        self.keep(&mut state, fresh).await
    }

    /// Stores a login over whatever is stored.
    pub(super) async fn keep(
        &self,
        state: &mut core::Session,
        fresh: FreshGrant,
    ) -> Result<AccessToken, Error> {
        let stored = self.store.read(&self.key).await?;
        let adopted = self.carry_out(state.adopt(fresh, stored)).await;
        self.published.show(state);
        self.give_back(state);
        adopted
    }

    /// Stores a refresh token as a login, and refreshes it.
    pub(super) async fn import(
        &self,
        token: RefreshToken,
        user: Option<String>,
    ) -> Result<AccessToken, Error> {
        let mut state = self.state.lock().await;
        let stored = self.store.read(&self.key).await?;
        let step = state.import(self.clock.now(), token, user, stored);
        let _imported: Imported = self.carry_out(step).await?;
        self.published.show(&state);
        self.give_back(&state);
        let obtained = self.renew(&mut state, Want::Usable, self.patience).await;
        self.published.show(&state);
        obtained
    }

    pub(super) async fn end(&self, how: End) -> Result<LoggedOut, Error> {
        let stored = self.store.read(&self.key).await?;
        // Not the shared state: a refresh that is out must not delay a logout.
        let mut state = core::Session::new(Arc::new(self.client.clone()), &self.key, self.seed()?);
        let now = self.clock.now();
        let step = match how {
            End::Revoke => state.logout(now, stored),
            End::Forget => state.forget(now, stored),
        };
        let ended = self.carry_out(step).await;
        self.published.outdate();
        ended
    }

    /// Gives the lease back that was kept for a grant which a login has replaced.
    fn give_back(&self, state: &core::Session) {
        if !state.has_unsaved() {
            drop(self.kept.take());
        }
    }

    /// Carries out steps that need no lease.
    pub(super) async fn carry_out<T: core::Goal>(
        &self,
        step: core::Step<'_, T>,
    ) -> Result<T, Error> {
        let mut unleased = Unleased {
            store: &*self.store,
            key: &self.key,
        };
        drive_async(step, &*self.clock, &mut unleased, |request| {
            self.transport.send(request)
        })
        .await
    }
}
