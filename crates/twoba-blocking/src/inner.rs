//! How a session reads, leases and drives; shared with the thread that refreshes early.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use twoba_core::{
    self as core, AccessToken, Advice, Client, CodeExchange, FreshGrant, Imported, LoggedOut,
    LoginReply, Password, RefreshError, RefreshToken, Seed, SessionKey, Step, StoredGrant,
    Timestamp, TokenId,
};
use twoba_store::{
    Clock, EarlyRefresh, Error, Lease, Published, RefreshClaim, Store, Unleased, Want, drive,
    fallback,
};

use crate::builder::{Entropy, seed};
use crate::retry::Kept;
use crate::sign_in::Hook;
use crate::transport::Transport;

/// What a session and its early refresh share.
pub(crate) struct Inner {
    pub(crate) client: Client,
    pub(crate) key: SessionKey,
    pub(crate) state: Mutex<core::Session>,
    /// The token as `state` last had it, to be read while that is busy.
    pub(crate) published: Arc<Published>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) transport: Transport,
    pub(crate) patience: Duration,
    pub(crate) hook: Option<Box<Hook>>,
    pub(crate) entropy: Option<Entropy>,
    /// The lease, where a grant could not be stored: nobody else may refresh then.
    pub(crate) kept: Kept,
    pub(crate) early: EarlyRefresh,
    pub(crate) me: Weak<Self>,
}

/// A token, and which one it is.
pub(crate) type Named = (AccessToken, Option<TokenId>);

impl Inner {
    pub(crate) fn seed(&self) -> Result<Seed, Error> {
        seed(self.entropy.as_ref())
    }

    // A panic while the state was held leaves it as it was before a step, which is sound.
    pub(crate) fn lock(&self) -> MutexGuard<'_, core::Session> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A usable token: another process's, or a refreshed one where that is due.
    pub(crate) fn usable(&self, state: &mut core::Session) -> Result<Named, Error> {
        // Another process may have refreshed; reading takes no lock.
        self.observe(state)?;
        let now = self.clock.now();
        let due = state.has_unsaved() || state.refresh_due().is_some_and(|due| now >= due);
        match state.token(now) {
            Some(token) if !due => Ok((token.clone(), state.token_id())),
            Some(_) | None => self.obtain(state, Want::Usable),
        }
    }

    /// Refreshes early, beside the callers: its failure is nobody's error.
    pub(crate) fn refresh_early(&self, claim: RefreshClaim) {
        let renewed = self.usable(&mut self.lock()).is_ok();
        claim.finish(self.clock.now(), renewed);
    }

    pub(crate) fn observe(&self, state: &mut core::Session) -> Result<(), Error> {
        let reading = self.published.begin_reading();
        let stored = self.store.read(&self.key)?;
        let observed = state.observe(stored.as_ref());
        self.published.show_read(reading, state);
        observed.map_err(|error| Error::from(RefreshError::Record(error)))
    }

    /// The slow path. Its failure is nobody's error who has a usable token.
    pub(crate) fn obtain(&self, state: &mut core::Session, want: Want) -> Result<Named, Error> {
        let usable = fallback(want, state, self.clock.now());
        // By what comes now the session may have another token.
        let usable = usable.map(|token| (token, state.token_id()));
        // Who has a usable token does not wait for somebody else's refresh.
        let patience = match &usable {
            Some(_) => Duration::ZERO,
            None => self.patience,
        };
        let renewed = match self.renew(state, want, patience) {
            Err(error) if error.advice() == Advice::LogIn => self.sign_in(state, error),
            outcome => outcome,
        };
        self.published.show(state);
        match (renewed, usable) {
            (Err(error), Some(token)) if error.advice() != Advice::LogIn => Ok(token),
            (outcome, _) => outcome.map(|token| (token, state.token_id())),
        }
    }

    /// Carries out what the session makes of the record under the lease.
    pub(crate) fn renew(
        &self,
        state: &mut core::Session,
        want: Want,
        patience: Duration,
    ) -> Result<AccessToken, Error> {
        let mut lease = match self.kept.take() {
            Some(lease) => lease,
            None => self.wait_for_lease(patience)?,
        };
        let outcome = self.renew_under(state, want, &mut *lease);
        if state.has_unsaved() {
            // Where this program cannot read the record, others may be able to.
            if !outcome.as_ref().is_err_and(Error::is_unreadable_record) {
                self.kept.keep(lease);
            }
            self.retry_beside();
        }
        outcome
    }

    fn renew_under(
        &self,
        state: &mut core::Session,
        want: Want,
        lease: &mut dyn Lease,
    ) -> Result<AccessToken, Error> {
        let stored = lease.load()?;
        let step = state.obtain(want, self.clock.now(), stored);
        drive(step, &*self.clock, lease, |request| {
            self.transport.send(request)
        })
    }

    /// The grant of a login by password.
    pub(crate) fn password(
        &self,
        username: &str,
        password: &Password,
    ) -> Result<FreshGrant, Error> {
        let now = self.clock.now();
        let (request, reply) = self.client.password(username, password, now);
        self.granted(request, reply)
    }

    pub(crate) fn exchange(&self, exchange: CodeExchange) -> Result<AccessToken, Error> {
        self.store.probe(&self.key)?;
        let (request, reply) = exchange.request(&self.client, self.clock.now())?;
        let fresh = self.granted(request, reply)?;
        self.adopt(fresh)
    }

    pub(crate) fn granted(
        &self,
        request: http::Request<core::Form>,
        reply: LoginReply<'_>,
    ) -> Result<FreshGrant, Error> {
        match self.transport.send(request) {
            Ok(response) => Ok(reply.received(self.clock.now(), &response)?),
            Err(error) => Err(Error::from(reply.failed(error.failure)).caused_by(error.cause)),
        }
    }

    pub(crate) fn adopt(&self, fresh: FreshGrant) -> Result<AccessToken, Error> {
        self.keep(&mut self.lock(), fresh)
    }

    /// Stores a login over whatever is stored.
    pub(crate) fn keep(
        &self,
        state: &mut core::Session,
        fresh: FreshGrant,
    ) -> Result<AccessToken, Error> {
        let stored = self.store.read(&self.key)?;
        let adopted = self.carry_out(state.adopt(fresh, stored));
        self.published.show(state);
        self.give_back(state);
        adopted
    }

    /// Stores a refresh token as a login, and refreshes it.
    pub(crate) fn import(
        &self,
        token: RefreshToken,
        user: Option<String>,
    ) -> Result<AccessToken, Error> {
        let mut state = self.lock();
        let stored = self.store.read(&self.key)?;
        let step = state.import(self.clock.now(), token, user, stored);
        let _imported: Imported = self.carry_out(step)?;
        self.published.show(&state);
        self.give_back(&state);
        let obtained = self.renew(&mut state, Want::Usable, self.patience);
        self.published.show(&state);
        obtained
    }

    pub(crate) fn end(
        &self,
        how: impl FnOnce(&mut core::Session, Timestamp, Option<StoredGrant>) -> Step<'_, LoggedOut>,
    ) -> Result<LoggedOut, Error> {
        let stored = self.store.read(&self.key)?;
        // Not the shared state: a refresh that is out must not delay a logout.
        let mut state = core::Session::new(Arc::new(self.client.clone()), &self.key, self.seed()?);
        let ended = self.carry_out(how(&mut state, self.clock.now(), stored));
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
    pub(crate) fn carry_out<T: core::Goal>(&self, step: Step<'_, T>) -> Result<T, Error> {
        let mut unleased = Unleased {
            store: &*self.store,
            key: &self.key,
        };
        drive(step, &*self.clock, &mut unleased, |request| {
            self.transport.send(request)
        })
    }
}
