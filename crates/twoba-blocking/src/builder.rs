//! What sessions are made of, and what they are made of when nothing is said.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use twoba_core::{Client, Verdict};
use twoba_keeper::{Credentials, EarlyRefresh, Keeper, Origin, Settings};
use twoba_store::{AsyncStore, Clock, Direct, Error, MemoryStore, Store};
use ureq::config::ConfigBuilder;
use ureq::typestate::AgentScope;

use crate::home::Home;
use crate::runtime::{Beside, Hook, Threads};
use crate::session::Session;
use crate::sessions::Sessions;
use crate::transport::{Transport, http_defaults};

/// What [`Sessions`] or a single [`Session`] are made of; everything but the client has a default.
pub struct Builder {
    client: Client,
    settings: Settings,
    origin: Origin,
    store: Box<dyn AsyncStore>,
    http: ConfigBuilder<AgentScope>,
    hook: Option<Arc<Hook>>,
}

impl Sessions {
    /// A builder for sessions of this client.
    #[must_use]
    pub fn builder(client: Client) -> Builder {
        Builder::new(client)
    }
}

impl Session {
    /// A builder for a session of this client.
    #[must_use]
    pub fn builder(client: Client) -> Builder {
        Builder::new(client)
    }
}

impl Builder {
    fn new(client: Client) -> Self {
        Self {
            client,
            settings: Settings::default(),
            origin: Origin::default(),
            store: Box::new(Direct::new(MemoryStore::new())),
            http: http_defaults(),
            hook: None,
        }
    }

    /// Sets where sessions are kept; without, they are kept in memory and end with the process.
    #[must_use]
    pub fn store(mut self, store: impl Store + 'static) -> Self {
        self.store = Box::new(Direct::new(store));
        self
    }

    /// Sets the clock, for tests; without, it is the machine's.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.origin = self.origin.with_clock(clock);
        self
    }

    /// Sets how requests are sent: proxy, certificates, user agent. Redirects, retries, status
    /// handling, time-outs and the keeping of connections are set afterwards, as a refresh token
    /// needs them.
    #[must_use]
    pub fn http(
        mut self,
        change: impl FnOnce(ConfigBuilder<AgentScope>) -> ConfigBuilder<AgentScope>,
    ) -> Self {
        self.http = change(self.http);
        self
    }

    /// Sets how long a caller waits for somebody else's refresh; a minute without.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.settings.patience = patience;
        self
    }

    /// Sets who refreshes early.
    #[must_use]
    pub fn early_refresh(mut self, early: EarlyRefresh) -> Self {
        self.settings.early = early;
        self
    }

    /// Sets how long a session that nobody holds stays in memory; ten minutes without.
    #[must_use]
    pub fn idle(mut self, idle: Duration) -> Self {
        self.settings.idle = idle;
        self
    }

    /// Sets what logs in by user name and password whenever a login is needed and the person has
    /// not logged out: `credentials` is told why, and brings them or nothing.
    ///
    /// Each end of a grant leads to one such login at most, over all callers, processes and
    /// restarts that share the store: a wrong password is not tried twice. It is asked again
    /// only if it brought nothing [in time](Self::sign_in_within), or the server could not be reached. The
    /// password is wiped after use and never stored. It runs on a thread of its own, and a call of
    /// its own session from inside gets the error that led to it.
    #[must_use]
    pub fn sign_in(
        mut self,
        credentials: impl Fn(&Verdict) -> Option<Credentials> + Send + Sync + 'static,
    ) -> Self {
        self.hook = Some(Arc::new(credentials));
        self
    }

    /// Sets how long a sign-in waits for its credentials; a minute without. A vault answers in
    /// seconds; where a person is asked, it may take longer. Everybody else who needs a token
    /// waits meanwhile.
    #[must_use]
    pub fn sign_in_within(mut self, limit: Duration) -> Self {
        self.settings.credentials = limit;
        self
    }

    /// Sets where all randomness is drawn from, for tests that have to repeat; without, it is the
    /// system. It decides the state and the verifier of browser logins: who can guess it can
    /// steal them.
    #[must_use]
    pub fn entropy(mut self, entropy: impl Fn() -> [u8; 32] + Send + Sync + 'static) -> Self {
        self.origin = self.origin.with_entropy(entropy);
        self
    }

    /// The sessions of this client.
    #[must_use]
    pub fn build(self) -> Sessions {
        let runtime = Threads {
            origin: self.origin,
            store: self.store,
            transport: Transport::new(self.http),
            hook: self.hook,
            started: Instant::now(),
            beside: Mutex::new(Beside::default()),
            ending: Condvar::new(),
        };
        let keeper = Keeper::new(self.client, runtime, self.settings);
        Sessions {
            home: Arc::new(Home(keeper)),
        }
    }

    /// The session that is stored under `key`, whether or not anybody has logged in yet, for a
    /// program that has but one.
    ///
    /// # Errors
    ///
    /// - a key that is empty, over 128 bytes or has control characters:
    ///   [`ErrorKind::Key`](twoba_store::ErrorKind::Key)
    pub fn open(self, key: &str) -> Result<Session, Error> {
        self.build().open(key)
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}
