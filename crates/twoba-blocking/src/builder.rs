//! The builder of sessions, and its defaults.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use twoba_core::{Client, Verdict};
use twoba_keeper::{Authorities, Credentials, Keeper, Parts};
use twoba_store::{Direct, Error, MemoryStore, Store};
use ureq::{Agent, config::ConfigBuilder, typestate::AgentScope};

use crate::home::Home;
use crate::runtime::{Hook, Threads};
use crate::session::Session;
use crate::sessions::Sessions;
use crate::transport::{Transport, http_defaults, trusting};

/// A builder of [`Sessions`] or of a single [`Session`]. Everything but the client has a default.
pub struct Builder {
    client: Client,
    parts: Parts,
    http: ConfigBuilder<AgentScope>,
    service: Option<Agent>,
    hook: Option<Arc<Hook>>,
}

impl Builder {
    fn new(client: Client) -> Self {
        Self {
            client,
            parts: Parts::new(Direct::new(MemoryStore::new())),
            http: http_defaults(),
            service: None,
            hook: None,
        }
    }

    /// Sets the store of the sessions. By default they are kept in memory and end with the process.
    #[must_use]
    pub fn store(mut self, store: impl Store + 'static) -> Self {
        self.parts.store = Arc::new(Direct::new(store));
        self
    }

    /// Sets how requests are sent: proxy, certificates, user agent.
    ///
    /// Redirects, retries, status handling, time-outs, decoding and the reuse of connections are
    /// set after `http`, as a refresh token needs them.
    ///
    /// The [environment](twoba_keeper::proxy) names the proxy, unless `http` sets one or none.
    /// Plain http is for this machine only, and never goes through a proxy.
    #[must_use]
    pub fn http(
        mut self,
        change: impl FnOnce(ConfigBuilder<AgentScope>) -> ConfigBuilder<AgentScope>,
    ) -> Self {
        self.http = change(self.http);
        self
    }

    /// Sets the trusted certificate authorities, instead of the platform's. Use it for a server
    /// whose certificate comes from your own authority. Anybody with that authority's key can
    /// impersonate any server.
    #[must_use]
    pub fn authorities(mut self, authorities: &Authorities) -> Self {
        self.http = trusting(self.http, authorities);
        self
    }

    /// Sets the HTTP client for service calls, for example one that the program uses elsewhere. Its
    /// settings count for them as they are: its proxy, its certificates, its time-outs, and whether
    /// it follows redirects, to which other servers it takes no token. Token requests never go
    /// through it, because a refresh token needs the settings of [`http`](Self::http).
    #[must_use]
    pub fn service_agent(mut self, agent: Agent) -> Self {
        self.service = Some(agent);
        self
    }

    /// Sets the credentials for a login without a person. The session calls `credentials` when a
    /// login is needed, unless the person has logged out. The verdict gives the reason.
    /// `credentials` returns a user name and a password, or nothing.
    ///
    /// Each end of a grant leads to at most one such login, over all callers, processes and
    /// restarts that share the store. A wrong password is therefore not tried twice. The session
    /// calls `credentials` again only if it returned nothing [in time](Self::sign_in_within), or if
    /// the server could not be reached. The password is wiped after use and never stored.
    /// `credentials` runs on a thread of its own. A call of the same session from inside it gets
    /// the error that led to it, because there is no token yet.
    #[must_use]
    pub fn sign_in(
        mut self,
        credentials: impl Fn(&Verdict) -> Option<Credentials> + Send + Sync + 'static,
    ) -> Self {
        self.hook = Some(Arc::new(credentials));
        self
    }

    /// Builds the sessions of this client.
    #[must_use]
    pub fn build(self) -> Sessions {
        let transport = Transport::new(self.http, self.service, &self.parts.settings);
        let runtime = Threads {
            parts: self.parts,
            transport,
            hook: self.hook,
            beside: Mutex::default(),
            ending: AtomicBool::new(false),
        };
        let keeper = Keeper::new(self.client, runtime);
        let home = Arc::new(Home { keeper });
        Sessions { home }
    }

    /// Opens the session that is stored under `key`, whether or not anybody has logged in yet. Use
    /// it in a program with a single session.
    ///
    /// # Errors
    ///
    /// - the key is empty, longer than 128 bytes or has control characters:
    ///   [`ErrorKind::Key`](twoba_store::ErrorKind::Key)
    pub fn open(self, key: &str) -> Result<Session, Error> {
        self.build().open(key)
    }
}

twoba_keeper::builder!(Client, Builder of Sessions, Session);
