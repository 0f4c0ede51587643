//! The builder of sessions, and its defaults.

use std::sync::Arc;

use reqwest::ClientBuilder;
use tokio::time::Instant;
use twoba_core::{Client, Verdict};
use twoba_keeper::{Authorities, Credentials, Keeper, Parts};
use twoba_store::{AsyncStore, Error, ErrorKind, MemoryStore, Offloaded, Store};

use crate::offload::OwnTasks;
use crate::runtime::{Hook, Tokio};
use crate::session::Session;
use crate::sessions::Sessions;
use crate::tls::Change;
use crate::transport::Transport;

/// A builder of [`Sessions`] or of a single [`Session`]. Everything but the client has a default.
pub struct Builder {
    client: Client,
    parts: Parts,
    http: Option<Box<Change>>,
    authorities: Option<Authorities>,
    service: Option<reqwest::Client>,
    hook: Option<Box<Hook>>,
}

impl Builder {
    fn new(client: Client) -> Self {
        Self {
            client,
            parts: Parts::new(MemoryStore::new().to_async()),
            http: None,
            authorities: None,
            service: None,
            hook: None,
        }
    }

    /// Sets the store of the sessions. By default they are kept in memory and end with the process.
    #[must_use]
    pub fn store(mut self, store: impl AsyncStore + 'static) -> Self {
        self.parts.store = Arc::new(store);
        self
    }

    /// Sets a store that blocks, such as a file store. Its work holds up no other task of the
    /// runtime.
    #[must_use]
    pub fn blocking_store(self, store: impl Store + 'static) -> Self {
        self.store(Offloaded::<_, OwnTasks>::new(store))
    }

    /// Sets how requests are sent: proxy, certificates, user agent.
    ///
    /// Redirects, retries, time-outs, decoding and the reuse of connections are set after `http`,
    /// as a refresh token needs them. `http` is called once for token requests and once for service
    /// calls. It may change certificates, so each of the two then reads the platform's certificates
    /// for itself.
    ///
    /// The [environment](twoba_keeper::proxy) names the proxy, unless `http` sets one or calls
    /// `no_proxy`. Plain http is for this machine only, and never goes through a proxy.
    #[must_use]
    pub fn http(
        mut self,
        change: impl Fn(ClientBuilder) -> ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.http = Some(Box::new(change));
        self
    }

    /// Sets the trusted certificate authorities, instead of the platform's. Use it for a server
    /// whose certificate comes from your own authority. Anybody with that authority's key can
    /// impersonate any server.
    #[must_use]
    pub fn authorities(mut self, authorities: &Authorities) -> Self {
        self.authorities = Some(authorities.clone());
        self
    }

    /// Sets the HTTP client for service calls, for example one that the program uses elsewhere. Its
    /// settings count for them as they are: its proxy, its certificates, its time-outs, and whether
    /// it follows redirects, to which other servers it takes no token. Token requests never go
    /// through it, because a refresh token needs the settings of [`http`](Self::http).
    #[must_use]
    pub fn service_client(mut self, client: reqwest::Client) -> Self {
        self.service = Some(client);
        self
    }

    /// Sets the credentials for a login without a person. The session calls `credentials` when a
    /// login is needed, unless the person has logged out. The verdict gives the reason.
    /// `credentials` returns a user name and a password, or nothing.
    ///
    /// Each end of a grant leads to at most one such login, over all callers, processes and
    /// restarts that share the store. A wrong password is therefore not tried twice. The session
    /// calls `credentials` again only if it returned nothing [in time](Self::sign_in_within), or if
    /// the server could not be reached. The password is wiped after use and never stored. A call of
    /// the same session from inside `credentials` gets the error that led to it, because there is
    /// no token yet.
    #[must_use]
    pub fn sign_in<F>(mut self, credentials: impl Fn(Verdict) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Option<Credentials>> + Send + 'static,
    {
        self.hook = Some(Box::new(move |verdict| Box::pin(credentials(verdict))));
        self
    }

    /// Builds the sessions of this client.
    ///
    /// # Errors
    ///
    /// - the settings make no HTTP client: [`ErrorKind::Http`]
    pub fn build(self) -> Result<Sessions, Error> {
        let (authorities, settings) = (self.authorities.as_ref(), &self.parts.settings);
        let transport = Transport::new(self.http, authorities, self.service, settings);
        let transport = transport.map_err(|error| Error::new(ErrorKind::Http).caused_by(error))?;
        let runtime = Tokio {
            parts: self.parts,
            transport,
            hook: self.hook,
            started: Instant::now(),
        };
        Ok(Sessions {
            keeper: Keeper::new(self.client, runtime),
        })
    }

    /// Opens the session that is stored under `key`, whether or not anybody has logged in yet. Use
    /// it in a program with a single session.
    ///
    /// # Errors
    ///
    /// - the key is empty, longer than 128 bytes or has control characters: [`ErrorKind::Key`]
    /// - the settings make no HTTP client: [`ErrorKind::Http`]
    pub fn open(self, key: &str) -> Result<Session, Error> {
        self.build()?.open(key)
    }
}

twoba_keeper::builder!(Client, Builder of Sessions, Session);
