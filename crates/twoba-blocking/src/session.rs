//! A session that any number of threads share: it reads, leases, drives and hands out.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use twoba_core::{
    self as core, AccessToken, Advice, Client, CodeExchange, FreshGrant, LoggedOut, Login,
    LoginReply, Password, RedirectUri, RefreshError, SessionKey, Status, Step, StoredGrant,
    Timestamp, TokenId,
};
use twoba_store::{Clock, Error, Store, Unleased, drive};

use crate::builder::{Builder, seed};
use crate::transport::Transport;

/// One person's session, to be shared by reference between threads.
pub struct Session {
    pub(crate) client: Client,
    pub(crate) key: SessionKey,
    pub(crate) state: Mutex<core::Session>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) transport: Transport,
    pub(crate) patience: Duration,
    /// Whether a logout has changed what is stored behind the back of `state`.
    pub(crate) outdated: AtomicBool,
}

/// Why a caller is not content with the token at hand.
#[derive(Clone, Copy)]
enum Want {
    Usable,
    Other(TokenId),
    Rejected(TokenId),
}

impl Session {
    /// A builder for sessions of this client.
    #[must_use]
    pub fn builder(client: Client) -> Builder {
        Builder::new(client)
    }

    /// The client of this session.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// A usable access token: the stored one, or a refreshed one where that is due.
    ///
    /// A refresh that fails while the old token is usable is nobody's error: the old one is
    /// handed out.
    ///
    /// # Errors
    ///
    /// - nobody is logged in, or the grant is dead: [`RefreshError::LoginRequired`](twoba_core::RefreshError::LoginRequired)
    /// - the server cannot be reached or is out of order: [`RefreshError::Unavailable`](twoba_core::RefreshError::Unavailable)
    /// - the server refuses the client: [`RefreshError::Misconfigured`](twoba_core::RefreshError::Misconfigured)
    /// - another process holds the lease for too long: [`StoreError::Busy`](twoba_store::StoreError::Busy)
    /// - the store cannot be used: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
    pub fn token(&self) -> Result<AccessToken, Error> {
        Ok(self.token_with_id()?.0)
    }

    /// An access token that is not the current one: refreshed, unless another process has
    /// done so meanwhile.
    ///
    /// # Errors
    ///
    /// - as for [`token`](Self::token)
    pub fn refresh(&self) -> Result<AccessToken, Error> {
        let mut state = self.lock();
        self.observe(&mut state)?;
        let want = state.token_id().map_or(Want::Usable, Want::Other);
        self.obtain(&mut state, want)
    }

    /// What is stored of the session, without its tokens. Nothing is refreshed.
    ///
    /// # Errors
    ///
    /// - the store cannot be read: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
    /// - what is there is damaged or somebody else's: [`RefreshError::Record`](twoba_core::RefreshError::Record)
    pub fn status(&self) -> Result<Status, Error> {
        let mut state = self.lock();
        self.observe(&mut state)?;
        Ok(state.status(self.clock.now()))
    }

    /// Logs in by user name and password, over whatever session is stored.
    ///
    /// # Errors
    ///
    /// - the server refuses, cannot be reached or breaks the protocol: [`ErrorKind::Login`](twoba_store::ErrorKind::Login)
    /// - the store cannot be written, which is asked first: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
    pub fn login(&self, username: &str, password: &Password) -> Result<AccessToken, Error> {
        self.store.probe(&self.key)?;
        let (request, reply) = self.client.password(username, password, self.clock.now());
        let fresh = self.granted(request, reply)?;
        self.adopt(fresh)
    }

    /// Starts a login by browser: the URL to open, and what
    /// [`finish_login`](Self::finish_login) needs when the browser comes back to `redirect`.
    ///
    /// # Errors
    ///
    /// - the provider has no login page: [`ErrorKind::Client`](twoba_store::ErrorKind::Client)
    pub fn start_login(&self, redirect: RedirectUri) -> Result<(String, Login), Error> {
        Ok(self.client.authorize(redirect, seed()?, self.clock.now())?)
    }

    /// Finishes a login by browser with the query that it came back with.
    ///
    /// # Errors
    ///
    /// - as for [`login`](Self::login), and when the query does not answer this login
    pub fn finish_login(&self, login: Login, query: &str) -> Result<AccessToken, Error> {
        self.exchange(login.callback(self.clock.now(), query)?)
    }

    /// Finishes a login by browser with what the person has pasted: the URL that the
    /// browser came back with, its query, or the code alone.
    ///
    /// # Errors
    ///
    /// - as for [`finish_login`](Self::finish_login)
    pub fn finish_pasted_login(&self, login: Login, text: &str) -> Result<AccessToken, Error> {
        self.exchange(login.pasted(self.clock.now(), text)?)
    }

    fn exchange(&self, exchange: CodeExchange) -> Result<AccessToken, Error> {
        self.store.probe(&self.key)?;
        let (request, reply) = exchange.request(&self.client, self.clock.now())?;
        let fresh = self.granted(request, reply)?;
        self.adopt(fresh)
    }

    /// Ends the session: revokes it where the provider can, and removes it here in any case.
    ///
    /// # Errors
    ///
    /// - the store cannot be written: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
    pub fn logout(&self) -> Result<LoggedOut, Error> {
        self.end(core::Session::logout)
    }

    /// Removes the session here and tells the server nothing.
    ///
    /// # Errors
    ///
    /// - the store cannot be written: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
    pub fn forget(&self) -> Result<LoggedOut, Error> {
        self.end(core::Session::forget)
    }

    pub(crate) fn token_with_id(&self) -> Result<(AccessToken, Option<TokenId>), Error> {
        let mut state = self.lock();
        let token = match self.fresh(&state) {
            Some(token) => token,
            None => {
                // Another process may have refreshed; reading takes no lock.
                self.observe(&mut state)?;
                match self.fresh(&state) {
                    Some(token) => token,
                    None => self.obtain(&mut state, Want::Usable)?,
                }
            }
        };
        Ok((token, state.token_id()))
    }

    /// Another token, because a service answered 401 to this one.
    pub(crate) fn rejected(&self, id: TokenId) -> Result<AccessToken, Error> {
        self.obtain(&mut self.lock(), Want::Rejected(id))
    }

    pub(crate) fn transport(&self) -> &Transport {
        &self.transport
    }

    /// The token at hand, if it is usable, not due and not outdated by a logout.
    fn fresh(&self, state: &core::Session) -> Option<AccessToken> {
        if self.outdated.load(Ordering::Acquire) {
            return None;
        }
        let now = self.clock.now();
        let due = state.refresh_due().is_some_and(|due| now >= due);
        state.token(now).filter(|_| !due).cloned()
    }

    fn observe(&self, state: &mut core::Session) -> Result<(), Error> {
        self.outdated.store(false, Ordering::Release);
        let stored = self.store.read(&self.key);
        if stored.is_err() {
            self.outdated.store(true, Ordering::Release);
        }
        let stored = stored?;
        let observed = state.observe(stored.as_ref());
        observed.map_err(|error| Error::from(RefreshError::Record(error)))
    }

    /// The slow path. Its failure is nobody's error who has a usable token.
    fn obtain(&self, state: &mut core::Session, want: Want) -> Result<AccessToken, Error> {
        let usable = match want {
            Want::Usable => state.token(self.clock.now()).cloned(),
            Want::Other(_) | Want::Rejected(_) => None,
        };
        // Who has a usable token does not wait for somebody else's refresh.
        let patience = match &usable {
            Some(_) => Duration::ZERO,
            None => self.patience,
        };
        match (self.renew(state, want, patience), usable) {
            (Err(error), Some(token)) if error.advice() != Advice::LogIn => Ok(token),
            (outcome, _) => outcome,
        }
    }

    /// Carries out what the session makes of the record under the lease.
    fn renew(
        &self,
        state: &mut core::Session,
        want: Want,
        patience: Duration,
    ) -> Result<AccessToken, Error> {
        let mut lease = self.store.lease(&self.key, patience)?;
        let stored = lease.load()?;
        let now = self.clock.now();
        let step = match want {
            Want::Usable => state.refresh(now, stored),
            Want::Other(id) => state.replace(now, id, stored),
            Want::Rejected(id) => state.rejected(now, id, stored),
        };
        drive(step, &*self.clock, &mut *lease, |request| {
            self.transport.send(request)
        })
    }

    fn granted(
        &self,
        request: http::Request<core::Form>,
        reply: LoginReply<'_>,
    ) -> Result<FreshGrant, Error> {
        match self.transport.send(request) {
            Ok(response) => Ok(reply.received(self.clock.now(), &response)?),
            Err(error) => Err(Error::from(reply.failed(error.failure)).caused_by(error.cause)),
        }
    }

    fn adopt(&self, fresh: FreshGrant) -> Result<AccessToken, Error> {
        let stored = self.store.read(&self.key)?;
        let mut state = self.lock();
        self.carry_out(state.adopt(fresh, stored))
    }

    fn end(
        &self,
        how: impl FnOnce(&mut core::Session, Timestamp, Option<StoredGrant>) -> Step<'_, LoggedOut>,
    ) -> Result<LoggedOut, Error> {
        let stored = self.store.read(&self.key)?;
        // Not the shared state: a refresh that is out must not delay a logout.
        let mut state = core::Session::new(Arc::new(self.client.clone()), &self.key, seed()?);
        let ended = self.carry_out(how(&mut state, self.clock.now(), stored));
        self.outdated.store(true, Ordering::Release);
        ended
    }

    /// Carries out steps that need no lease.
    fn carry_out<T: core::Goal>(&self, step: Step<'_, T>) -> Result<T, Error> {
        let mut unleased = Unleased {
            store: &*self.store,
            key: &self.key,
        };
        drive(step, &*self.clock, &mut unleased, |request| {
            self.transport.send(request)
        })
    }

    // A panic while the state was held leaves it as it was before a step, which is sound.
    fn lock(&self) -> MutexGuard<'_, core::Session> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("client", &self.client)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}
