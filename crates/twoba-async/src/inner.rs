//! How a session reads, leases and drives; it runs in tasks that no caller can end.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::Mutex;
use twoba_core::{
    self as core, AccessToken, Advice, Client, Current, FreshGrant, LoggedOut, LoginReply,
    RefreshError, SessionKey, TokenId,
};
use twoba_store::{AsyncStore, Clock, Error, Unleased, drive_async};

use crate::builder::seed;
use crate::transport::Transport;

/// How long an early refresh that came to nothing is not tried again.
const EARLY_PAUSE: Duration = Duration::from_secs(1);

/// What all clones of a session share.
pub(crate) struct Inner {
    pub(crate) client: Client,
    pub(crate) key: SessionKey,
    pub(crate) state: Mutex<core::Session>,
    /// The token as `state` last had it, to be read while that is busy.
    pub(crate) published: RwLock<Option<Current>>,
    /// Whether a logout has changed what is stored behind the back of `state`.
    pub(crate) outdated: AtomicBool,
    /// Whether a task refreshes early.
    pub(crate) refreshing: AtomicBool,
    pub(crate) store: Arc<dyn AsyncStore>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) transport: Transport,
    pub(crate) patience: Duration,
}

/// Why a caller is not content with the token at hand.
#[derive(Clone, Copy)]
pub(crate) enum Want {
    Usable,
    Other(TokenId),
    Rejected(TokenId),
}

/// How a session ends.
#[derive(Clone, Copy)]
pub(crate) enum End {
    Revoke,
    Forget,
}

impl Inner {
    /// The token at hand, unless a logout has outdated it.
    pub(crate) fn published(&self) -> Option<Current> {
        if self.outdated.load(Ordering::Acquire) {
            return None;
        }
        let published = self.published.read();
        published.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn publish(&self, current: Option<Current>) {
        let published = self.published.write();
        *published.unwrap_or_else(PoisonError::into_inner) = current;
    }

    /// A usable token: another process's, or a refreshed one where that is due.
    pub(crate) async fn usable(&self, state: &mut core::Session) -> Result<AccessToken, Error> {
        // Another process may have refreshed; reading takes no lock.
        self.observe(state).await?;
        let now = self.clock.now();
        let due = state.refresh_due().is_some_and(|due| now >= due);
        match state.token(now) {
            Some(token) if !due => Ok(token.clone()),
            Some(_) | None => self.obtain(state, Want::Usable).await,
        }
    }

    /// Refreshes early, beside the callers: its failure is nobody's error.
    pub(crate) async fn refresh_early(&self) {
        let outcome = {
            let mut state = self.state.lock().await;
            self.usable(&mut state).await
        };
        let now = self.clock.now();
        let later = now.saturating_add(EARLY_PAUSE);
        if let Some(current) = self.published()
            && (outcome.is_err() || current.refresh_due().is_some_and(|due| now >= due))
        {
            self.publish(Some(current.postponed(later)));
        }
    }

    pub(crate) async fn observe(&self, state: &mut core::Session) -> Result<(), Error> {
        self.outdated.store(false, Ordering::Release);
        let stored = self.store.read(&self.key).await;
        if stored.is_err() {
            self.outdated.store(true, Ordering::Release);
        }
        let stored = stored?;
        let observed = state.observe(stored.as_ref());
        self.publish(state.current());
        observed.map_err(|error| Error::from(RefreshError::Record(error)))
    }

    /// The slow path. Its failure is nobody's error who has a usable token.
    pub(crate) async fn obtain(
        &self,
        state: &mut core::Session,
        want: Want,
    ) -> Result<AccessToken, Error> {
        let usable = match want {
            Want::Usable => state.token(self.clock.now()).cloned(),
            Want::Other(_) | Want::Rejected(_) => None,
        };
        // Who has a usable token does not wait for somebody else's refresh.
        let patience = match &usable {
            Some(_) => Duration::ZERO,
            None => self.patience,
        };
        let renewed = self.renew(state, want, patience).await;
        self.publish(state.current());
        match (renewed, usable) {
            (Err(error), Some(token)) if error.advice() != Advice::LogIn => Ok(token),
            (outcome, _) => outcome,
        }
    }

    /// Carries out what the session makes of the record under the lease.
    async fn renew(
        &self,
        state: &mut core::Session,
        want: Want,
        patience: Duration,
    ) -> Result<AccessToken, Error> {
        let mut lease = self.store.lease(&self.key, patience).await?;
        let stored = lease.load().await?;
        let now = self.clock.now();
        let step = match want {
            Want::Usable => state.refresh(now, stored),
            Want::Other(id) => state.replace(now, id, stored),
            Want::Rejected(id) => state.rejected(now, id, stored),
        };
        drive_async(step, &*self.clock, &mut *lease, |request| {
            self.transport.send(request)
        })
        .await
    }

    pub(crate) async fn granted(
        &self,
        request: http::Request<core::Form>,
        reply: LoginReply<'_>,
    ) -> Result<FreshGrant, Error> {
        match self.transport.send(request).await {
            Ok(response) => Ok(reply.received(self.clock.now(), &response)?),
            Err(error) => Err(Error::from(reply.failed(error.failure)).caused_by(error.cause)),
        }
    }

    pub(crate) async fn adopt(&self, fresh: FreshGrant) -> Result<AccessToken, Error> {
        let stored = self.store.read(&self.key).await?;
        let mut state = self.state.lock().await;
        let adopted = self.carry_out(state.adopt(fresh, stored)).await;
        self.publish(state.current());
        adopted
    }

    pub(crate) async fn end(&self, how: End) -> Result<LoggedOut, Error> {
        let stored = self.store.read(&self.key).await?;
        // Not the shared state: a refresh that is out must not delay a logout.
        let mut state = core::Session::new(Arc::new(self.client.clone()), &self.key, seed()?);
        let now = self.clock.now();
        let step = match how {
            End::Revoke => state.logout(now, stored),
            End::Forget => state.forget(now, stored),
        };
        let ended = self.carry_out(step).await;
        self.outdated.store(true, Ordering::Release);
        ended
    }

    /// Carries out steps that need no lease.
    async fn carry_out<T: core::Goal>(&self, step: core::Step<'_, T>) -> Result<T, Error> {
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
