//! What a session is made of, and what it is made of when nothing is said.

use std::fmt;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use twoba_core::limits::LEASE_PATIENCE;
use twoba_core::{self as core, Client, Seed, SessionKey, Verdict};
use twoba_store::{
    Clock, Credentials, EarlyRefresh, Error, ErrorKind, MemoryStore, Store, SystemClock,
};
use ureq::config::ConfigBuilder;
use ureq::typestate::AgentScope;

use crate::inner::Inner;
use crate::retry::Kept;
use crate::session::Session;
use crate::sign_in::Hook;
use crate::transport::{Transport, http_defaults};

/// What a [`Session`] is made of; everything but the client has a default.
pub struct Builder {
    client: Client,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    http: ConfigBuilder<AgentScope>,
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
            store: Arc::new(MemoryStore::new()),
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
    pub fn store(mut self, store: impl Store + 'static) -> Self {
        self.store = Arc::new(store);
        self
    }

    /// Telling the time by `clock`, for tests; without, by the machine's clock.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Changing how requests are sent: proxy, certificates, user agent. Redirects, retries,
    /// status handling and time-outs are set afterwards, as a refresh token needs them.
    #[must_use]
    pub fn http(
        mut self,
        change: impl FnOnce(ConfigBuilder<AgentScope>) -> ConfigBuilder<AgentScope>,
    ) -> Self {
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
    pub fn sign_in(
        mut self,
        credentials: impl Fn(&Verdict) -> Option<Credentials> + Send + Sync + 'static,
    ) -> Self {
        self.hook = Some(Box::new(credentials));
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
    /// - a key that is empty, over 128 bytes or has control characters:
    ///   [`ErrorKind::Key`]
    /// - no randomness from the system: [`ErrorKind::Entropy`]
    pub fn open(self, key: &str) -> Result<Session, Error> {
        let key = SessionKey::parse(key).map_err(|error| Error::new(ErrorKind::Key(error)))?;
        let state = core::Session::new(
            Arc::new(self.client.clone()),
            &key,
            seed(self.entropy.as_ref())?,
        );
        Ok(Session {
            inner: Arc::new_cyclic(|me| Inner {
                client: self.client,
                key,
                state: Mutex::new(state),
                published: Arc::default(),
                store: self.store,
                clock: self.clock,
                transport: Transport::new(self.http),
                patience: self.patience,
                hook: self.hook,
                entropy: self.entropy,
                kept: Kept::default(),
                early: self.early,
                me: Weak::clone(me),
            }),
            thread: Mutex::new(None),
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
