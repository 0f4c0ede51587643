//! A session that any number of tasks share: it reads, leases, drives and hands out.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::ClientBuilder;
use tokio::sync::Mutex;
use twoba_core::limits::LEASE_PATIENCE;
use twoba_core::{
    self as core, AccessToken, Client, CodeExchange, FreshGrant, LoggedOut, Login, LoginReply,
    Password, RedirectUri, RefreshError, Seed, SessionKey, Status, TokenId,
};
use twoba_store::{
    AsyncStore, Clock, Error, ErrorKind, MemoryStore, Store, StoreError, SystemClock, Unleased,
    drive_async,
};

use crate::blocking::SpawnBlocking;
use crate::transport::{Transport, http_defaults};

/// What a [`Session`] is made of; everything but the client has a default.
pub struct Builder {
    client: Client,
    store: Arc<dyn AsyncStore>,
    clock: Arc<dyn Clock>,
    http: ClientBuilder,
    patience: Duration,
}

impl Builder {
    /// Keeping the session in `store`; without, it is kept in memory and ends with the
    /// process.
    #[must_use]
    pub fn store(mut self, store: impl AsyncStore + 'static) -> Self {
        self.store = Arc::new(store);
        self
    }

    /// Keeping the session in a store that blocks, as a file store does; its work runs on
    /// threads that may wait.
    #[must_use]
    pub fn blocking_store(self, store: impl Store + 'static) -> Self {
        self.store(SpawnBlocking::new(store))
    }

    /// Telling the time by `clock`, for tests; without, by the machine's clock.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Changing how requests are sent: proxy, certificates, user agent. Redirects, retries
    /// and time-outs are set afterwards, as a refresh token needs them.
    #[must_use]
    pub fn http(mut self, change: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Self {
        self.http = change(self.http);
        self
    }

    /// Waiting no longer than this for another process that refreshes; a minute without.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The session that is stored under `key`, whether or not anybody has logged in yet.
    ///
    /// # Errors
    ///
    /// - a key that is empty, over 128 bytes or has control characters: [`ErrorKind::Key`]
    /// - no randomness from the system: [`ErrorKind::Entropy`]
    /// - settings that make no HTTP client: [`ErrorKind::Http`]
    pub fn open(self, key: &str) -> Result<Session, Error> {
        let key = SessionKey::parse(key).map_err(|error| Error::new(ErrorKind::Key(error)))?;
        let state = core::Session::new(Arc::new(self.client.clone()), &key, seed()?);
        let transport = Transport::new(self.http)
            .map_err(|error| Error::new(ErrorKind::Http).caused_by(Box::new(error)))?;
        Ok(Session {
            inner: Arc::new(Inner {
                client: self.client,
                key,
                state: Mutex::new(state),
                store: self.store,
                clock: self.clock,
                transport,
                patience: self.patience,
            }),
        })
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}

/// One person's session. Its clones are the same session.
///
/// Whatever reaches a server or the store runs in a task of its own: dropping a future of
/// this type ends the waiting, never the exchange.
#[derive(Clone)]
pub struct Session {
    inner: Arc<Inner>,
}

struct Inner {
    client: Client,
    key: SessionKey,
    state: Mutex<core::Session>,
    store: Arc<dyn AsyncStore>,
    clock: Arc<dyn Clock>,
    transport: Transport,
    patience: Duration,
}

/// Why a caller is not content with the token at hand.
#[derive(Clone, Copy)]
enum Want {
    Usable,
    Other(TokenId),
    Rejected(TokenId),
}

/// How a session ends.
#[derive(Clone, Copy)]
enum End {
    Revoke,
    Forget,
}

impl Session {
    /// A builder for sessions of this client.
    #[must_use]
    pub fn builder(client: Client) -> Builder {
        Builder {
            client,
            store: Arc::new(SpawnBlocking::new(MemoryStore::new())),
            clock: Arc::new(SystemClock),
            http: http_defaults(),
            patience: LEASE_PATIENCE,
        }
    }

    /// The client of this session.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.inner.client
    }

    /// A usable access token: the stored one, or a refreshed one where that is due.
    ///
    /// A refresh that fails while the old token is usable is nobody's error: the old one is
    /// handed out.
    ///
    /// # Errors
    ///
    /// - nobody is logged in, or the grant is dead: [`RefreshError::LoginRequired`]
    /// - the server cannot be reached or is out of order: [`RefreshError::Unavailable`]
    /// - the server refuses the client: [`RefreshError::Misconfigured`]
    /// - another process holds the lease for too long: [`StoreError::Busy`]
    /// - the store cannot be used: [`ErrorKind::Store`]
    pub async fn token(&self) -> Result<AccessToken, Error> {
        Ok(self.token_with_id().await?.0)
    }

    /// An access token that is not the current one: refreshed, unless another process has
    /// done so meanwhile.
    ///
    /// # Errors
    ///
    /// - as for [`token`](Self::token)
    pub async fn refresh(&self) -> Result<AccessToken, Error> {
        let inner = Arc::clone(&self.inner);
        detached(async move {
            let mut state = inner.state.lock().await;
            inner.observe(&mut state).await?;
            let want = state.token_id().map_or(Want::Usable, Want::Other);
            inner.obtain(&mut state, want).await
        })
        .await
    }

    /// What is stored of the session, without its tokens. Nothing is refreshed.
    ///
    /// # Errors
    ///
    /// - the store cannot be read: [`ErrorKind::Store`]
    /// - what is there is damaged or somebody else's: [`RefreshError::Record`]
    pub async fn status(&self) -> Result<Status, Error> {
        let mut state = self.inner.state.lock().await;
        self.inner.observe(&mut state).await?;
        Ok(state.status(self.inner.clock.now()))
    }

    /// Logs in by user name and password, over whatever session is stored.
    ///
    /// # Errors
    ///
    /// - the server refuses, cannot be reached or breaks the protocol: [`ErrorKind::Login`]
    /// - the store cannot be written, which is asked first: [`ErrorKind::Store`]
    pub async fn login(&self, username: &str, password: &Password) -> Result<AccessToken, Error> {
        let inner = Arc::clone(&self.inner);
        let (username, password) = (username.to_owned(), password.clone());
        detached(async move {
            inner.store.probe(&inner.key).await?;
            let now = inner.clock.now();
            let (request, reply) = inner.client.password(&username, &password, now);
            let fresh = inner.granted(request, reply).await?;
            inner.adopt(fresh).await
        })
        .await
    }

    /// Starts a login by browser: the URL to open, and what
    /// [`finish_login`](Self::finish_login) needs when the browser comes back to `redirect`.
    ///
    /// # Errors
    ///
    /// - the provider has no login page: [`ErrorKind::Client`]
    pub fn start_login(&self, redirect: RedirectUri) -> Result<(String, Login), Error> {
        let now = self.inner.clock.now();
        Ok(self.inner.client.authorize(redirect, seed()?, now)?)
    }

    /// Finishes a login by browser with the query that it came back with.
    ///
    /// # Errors
    ///
    /// - as for [`login`](Self::login), and when the query does not answer this login
    pub async fn finish_login(&self, login: Login, query: &str) -> Result<AccessToken, Error> {
        let exchange = login.callback(self.inner.clock.now(), query)?;
        self.exchange(exchange).await
    }

    /// Finishes a login by browser with what the person has pasted: the URL that the
    /// browser came back with, its query, or the code alone.
    ///
    /// # Errors
    ///
    /// - as for [`finish_login`](Self::finish_login)
    pub async fn finish_pasted_login(
        &self,
        login: Login,
        text: &str,
    ) -> Result<AccessToken, Error> {
        let exchange = login.pasted(self.inner.clock.now(), text)?;
        self.exchange(exchange).await
    }

    async fn exchange(&self, exchange: CodeExchange) -> Result<AccessToken, Error> {
        let inner = Arc::clone(&self.inner);
        detached(async move {
            inner.store.probe(&inner.key).await?;
            let (request, reply) = exchange.request(&inner.client, inner.clock.now());
            let fresh = inner.granted(request, reply).await?;
            inner.adopt(fresh).await
        })
        .await
    }

    /// Ends the session: revokes it where the provider can, and removes it here in any case.
    ///
    /// # Errors
    ///
    /// - the store cannot be written: [`ErrorKind::Store`]
    pub async fn logout(&self) -> Result<LoggedOut, Error> {
        let inner = Arc::clone(&self.inner);
        detached(async move { inner.end(End::Revoke).await }).await
    }

    /// Removes the session here and tells the server nothing.
    ///
    /// # Errors
    ///
    /// - the store cannot be written: [`ErrorKind::Store`]
    pub async fn forget(&self) -> Result<LoggedOut, Error> {
        let inner = Arc::clone(&self.inner);
        detached(async move { inner.end(End::Forget).await }).await
    }

    pub(crate) async fn token_with_id(&self) -> Result<(AccessToken, Option<TokenId>), Error> {
        {
            let state = self.inner.state.lock().await;
            if let Some(token) = self.inner.fresh(&state) {
                return Ok((token, state.token_id()));
            }
        }
        let inner = Arc::clone(&self.inner);
        detached(async move {
            let mut state = inner.state.lock().await;
            // Another process may have refreshed; reading takes no lock.
            inner.observe(&mut state).await?;
            let token = match inner.fresh(&state) {
                Some(token) => token,
                None => inner.obtain(&mut state, Want::Usable).await?,
            };
            Ok((token, state.token_id()))
        })
        .await
    }

    /// Another token, because a service answered 401 to this one.
    pub(crate) async fn rejected(&self, id: TokenId) -> Result<AccessToken, Error> {
        let inner = Arc::clone(&self.inner);
        detached(async move {
            let mut state = inner.state.lock().await;
            inner.obtain(&mut state, Want::Rejected(id)).await
        })
        .await
    }

    pub(crate) fn transport(&self) -> &Transport {
        &self.inner.transport
    }
}

impl Inner {
    /// The token at hand, if it is usable and not due.
    fn fresh(&self, state: &core::Session) -> Option<AccessToken> {
        let now = self.clock.now();
        let due = state.refresh_due().is_some_and(|due| now >= due);
        state.token(now).filter(|_| !due).cloned()
    }

    async fn observe(&self, state: &mut core::Session) -> Result<(), Error> {
        let stored = self.store.read(&self.key).await?;
        let observed = state.observe(stored.as_ref());
        observed.map_err(|error| Error::from(RefreshError::Record(error)))
    }

    /// The slow path: under the lease, from what is stored then.
    async fn obtain(&self, state: &mut core::Session, want: Want) -> Result<AccessToken, Error> {
        let usable = match want {
            Want::Usable => state.token(self.clock.now()).cloned(),
            Want::Other(_) | Want::Rejected(_) => None,
        };
        // Who has a usable token does not wait for somebody else's refresh.
        let patience = match &usable {
            Some(_) => Duration::ZERO,
            None => self.patience,
        };
        let mut lease = match (self.store.lease(&self.key, patience).await, usable) {
            (Ok(lease), _) => lease,
            (Err(_), Some(token)) => return Ok(token),
            (Err(error), None) => return Err(error.into()),
        };
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

    async fn granted(
        &self,
        request: http::Request<core::Form>,
        reply: LoginReply<'_>,
    ) -> Result<FreshGrant, Error> {
        match self.transport.send(request).await {
            Ok(response) => Ok(reply.received(self.clock.now(), &response)?),
            Err(error) => Err(Error::from(reply.failed(error.failure)).caused_by(error.cause)),
        }
    }

    async fn adopt(&self, fresh: FreshGrant) -> Result<AccessToken, Error> {
        let stored = self.store.read(&self.key).await?;
        let mut state = self.state.lock().await;
        self.carry_out(state.adopt(fresh, stored)).await
    }

    async fn end(&self, how: End) -> Result<LoggedOut, Error> {
        let stored = self.store.read(&self.key).await?;
        // Not the shared state: a refresh that is out must not delay a logout.
        let mut state = core::Session::new(Arc::new(self.client.clone()), &self.key, seed()?);
        let now = self.clock.now();
        let step = match how {
            End::Revoke => state.logout(now, stored),
            End::Forget => state.forget(now, stored),
        };
        self.carry_out(step).await
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

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("client", &self.inner.client)
            .field("key", &self.inner.key)
            .finish_non_exhaustive()
    }
}

/// Runs `work` to its end whatever becomes of the caller.
async fn detached<T: Send + 'static>(
    work: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    match tokio::spawn(work).await {
        Ok(outcome) => outcome,
        Err(_) => Err(StoreError::CutOff.into()),
    }
}

fn seed() -> Result<Seed, Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::new(ErrorKind::Entropy).caused_by(Box::new(error)))?;
    Ok(Seed::from_bytes(bytes))
}
