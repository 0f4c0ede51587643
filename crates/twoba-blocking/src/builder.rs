//! What sessions are made of, and what they are made of when nothing is said.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use twoba_core::{Client, Verdict};
use twoba_keeper::{Authorities, Credentials, Keeper, Parts};
use twoba_store::{Direct, Error, MemoryStore, Store};
use ureq::{config::ConfigBuilder, typestate::AgentScope};

use crate::home::Home;
use crate::runtime::{Hook, Threads};
use crate::session::Session;
use crate::sessions::Sessions;
use crate::transport::{Transport, http_defaults, trusting};

/// What [`Sessions`] or a single [`Session`] are made of; everything but the client has a default.
pub struct Builder {
    client: Client,
    parts: Parts,
    http: ConfigBuilder<AgentScope>,
    hook: Option<Arc<Hook>>,
}

impl Builder {
    fn new(client: Client) -> Self {
        Self {
            client,
            parts: Parts::new(Direct::new(MemoryStore::new())),
            http: http_defaults(),
            hook: None,
        }
    }

    /// Sets where sessions are kept; without, they are kept in memory and end with the process.
    #[must_use]
    pub fn store(mut self, store: impl Store + 'static) -> Self {
        self.parts.store = Arc::new(Direct::new(store));
        self
    }

    /// Sets how requests are sent: proxy, certificates, user agent. Redirects, retries, status
    /// handling, time-outs, decoding and the keeping of connections are set afterwards, as a
    /// refresh token needs them.
    ///
    /// The [environment](twoba_keeper::proxy) names the proxy, unless this sets one or none.
    /// Plain http, which is for this machine only, never goes through one.
    #[must_use]
    pub fn http(
        mut self,
        change: impl FnOnce(ConfigBuilder<AgentScope>) -> ConfigBuilder<AgentScope>,
    ) -> Self {
        self.http = change(self.http);
        self
    }

    /// Sets whose certificates are good, in the place of the authorities that the platform trusts:
    /// for a server whose authority is one's own. Whoever has that authority's key can pose as any
    /// server.
    #[must_use]
    pub fn authorities(mut self, authorities: &Authorities) -> Self {
        self.http = trusting(self.http, authorities);
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

    /// The sessions of this client.
    #[must_use]
    pub fn build(self) -> Sessions {
        let transport = Transport::new(self.http, &self.parts.settings);
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

twoba_keeper::builder!(Client, Builder of Sessions, Session);
