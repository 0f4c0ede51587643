//! What a session is made of, and what it is made of when nothing is said.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use reqwest::ClientBuilder;
use tokio::sync::Mutex;
use twoba_core::limits::LEASE_PATIENCE;
use twoba_core::{self as core, Client, Seed, SessionKey, Verdict};
use twoba_store::{
    AsyncStore, Clock, Credentials, EarlyRefresh, Error, ErrorKind, MemoryStore, Store, SystemClock,
};

use crate::blocking::SpawnBlocking;
use crate::inner::Inner;
use crate::retry::Kept;
use crate::session::Session;
use crate::sign_in::Hook;
use crate::transport::{Transport, http_defaults};

/// What a [`Session`] is made of; everything but the client has a default.
pub struct Builder {
    client: Client,
    store: Arc<dyn AsyncStore>,
    clock: Arc<dyn Clock>,
    http: ClientBuilder,
    patience: Duration,
    early: EarlyRefresh,
    hook: Option<Box<Hook>>,
    entropy: Option<Entropy>,
}

/// Where a test's randomness comes from.
pub(crate) type Entropy = Box<dyn Fn() -> [u8; 32] + Send + Sync>;

impl Builder {
    pub(crate) fn new(client: Client) -> Self {
        Self {
            client,
            store: Arc::new(MemoryStore::new().to_async()),
            clock: Arc::new(SystemClock),
            http: http_defaults(),
            patience: LEASE_PATIENCE,
            early: EarlyRefresh::default(),
            hook: None,
            entropy: None,
        }
    }

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

    /// Refreshing early in this way.
    #[must_use]
    pub fn early_refresh(mut self, early: EarlyRefresh) -> Self {
        self.early = early;
        self
    }

    /// Logging in by user name and password whenever a login is needed and the person has
    /// not logged out: `credentials` is told why, and brings them or nothing.
    ///
    /// Each end of a grant leads to one such login at most, over all callers, processes and
    /// restarts that share the store: a wrong password is not tried twice. It is asked again
    /// only if it brought nothing or the server could not be reached. The password is wiped
    /// after use and never stored.
    #[must_use]
    pub fn sign_in<F>(mut self, credentials: impl Fn(Verdict) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Option<Credentials>> + Send + 'static,
    {
        self.hook = Some(Box::new(move |verdict| Box::pin(credentials(verdict))));
        self
    }

    /// Drawing all randomness from `entropy`, for tests that have to repeat; without, from the
    /// system. It decides the state and the verifier of browser logins: who can guess it can
    /// steal them.
    #[must_use]
    pub fn entropy(mut self, entropy: impl Fn() -> [u8; 32] + Send + Sync + 'static) -> Self {
        self.entropy = Some(Box::new(entropy));
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
        let state = core::Session::new(
            Arc::new(self.client.clone()),
            &key,
            seed(self.entropy.as_ref())?,
        );
        let transport = Transport::new(self.http)
            .map_err(|error| Error::new(ErrorKind::Http).caused_by(Box::new(error)))?;
        Ok(Session {
            inner: Arc::new_cyclic(|me| Inner {
                client: self.client,
                key,
                state: Mutex::new(state),
                published: Arc::default(),
                store: self.store,
                clock: self.clock,
                transport,
                patience: self.patience,
                hook: self.hook,
                entropy: self.entropy,
                kept: Kept::default(),
                early: self.early,
                me: Weak::clone(me),
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

/// Randomness from the system, or from what a test has given instead.
pub(crate) fn seed(entropy: Option<&Entropy>) -> Result<Seed, Error> {
    if let Some(entropy) = entropy {
        return Ok(Seed::from_bytes(entropy()));
    }
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::new(ErrorKind::Entropy).caused_by(Box::new(error)))?;
    Ok(Seed::from_bytes(bytes))
}
