//! What sessions are made of, and what they are made of when nothing is said.

use std::sync::Arc;

use reqwest::ClientBuilder;
use tokio::time::Instant;
use twoba_core::{Client, Verdict};
use twoba_keeper::{Authorities, Credentials, Keeper, Parts};
use twoba_store::{AsyncStore, Error, ErrorKind, MemoryStore, Store};

use crate::runtime::{Hook, SpawnBlocking, Tokio};
use crate::session::Session;
use crate::sessions::Sessions;
use crate::tls::Change;
use crate::transport::Transport;

/// What [`Sessions`] or a single [`Session`] are made of; everything but the client has a default.
pub struct Builder {
    client: Client,
    parts: Parts,
    http: Option<Box<Change>>,
    authorities: Option<Authorities>,
    hook: Option<Box<Hook>>,
}

impl Builder {
    fn new(client: Client) -> Self {
        Self {
            client,
            parts: Parts::new(MemoryStore::new().to_async()),
            http: None,
            authorities: None,
            hook: None,
        }
    }

    /// Sets where sessions are kept; without, they are kept in memory and end with the process.
    #[must_use]
    pub fn store(mut self, store: impl AsyncStore + 'static) -> Self {
        self.parts.store = Arc::new(store);
        self
    }

    /// Sets a store that blocks, as a file store does; its work runs on threads that may wait.
    #[must_use]
    pub fn blocking_store(self, store: impl Store + 'static) -> Self {
        self.store(SpawnBlocking::new(store))
    }

    /// Sets how requests are sent: proxy, certificates, user agent. Redirects, retries, time-outs,
    /// decoding and the keeping of connections are set afterwards, as a refresh token needs them.
    /// It is asked once for token requests and once for calls of services. As it may change
    /// certificates, each of the two then reads those of the platform for itself.
    ///
    /// The [environment](twoba_keeper::proxy) names the proxy, unless this sets one or calls
    /// `no_proxy`. Plain http, which is for this machine only, never goes through one.
    #[must_use]
    pub fn http(
        mut self,
        change: impl Fn(ClientBuilder) -> ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.http = Some(Box::new(change));
        self
    }

    /// Sets whose certificates are good, in the place of the authorities that the platform trusts:
    /// for a server whose authority is one's own. Whoever has that authority's key can pose as any
    /// server.
    #[must_use]
    pub fn authorities(mut self, authorities: &Authorities) -> Self {
        self.authorities = Some(authorities.clone());
        self
    }

    /// Sets what logs in by user name and password whenever a login is needed and the person has
    /// not logged out: `credentials` is told why, and brings them or nothing.
    ///
    /// Each end of a grant leads to one such login at most, over all callers, processes and
    /// restarts that share the store: a wrong password is not tried twice. It is asked again
    /// only if it brought nothing [in time](Self::sign_in_within), or the server could not be reached. The
    /// password is wiped after use and never stored. The session that asks it has no token for
    /// it: a call from inside gets the error that led to it.
    #[must_use]
    pub fn sign_in<F>(mut self, credentials: impl Fn(Verdict) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Option<Credentials>> + Send + 'static,
    {
        self.hook = Some(Box::new(move |verdict| Box::pin(credentials(verdict))));
        self
    }

    /// The sessions of this client.
    ///
    /// # Errors
    ///
    /// - settings that make no HTTP client: [`ErrorKind::Http`]
    pub fn build(self) -> Result<Sessions, Error> {
        let transport = Transport::new(self.http, self.authorities.as_ref(), &self.parts.settings)
            .map_err(|error| Error::new(ErrorKind::Http).caused_by(error))?;
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

    /// The session that is stored under `key`, whether or not anybody has logged in yet, for a
    /// program that has but one.
    ///
    /// # Errors
    ///
    /// - a key that is empty, over 128 bytes or has control characters: [`ErrorKind::Key`]
    /// - settings that make no HTTP client: [`ErrorKind::Http`]
    pub fn open(self, key: &str) -> Result<Session, Error> {
        self.build()?.open(key)
    }
}

twoba_keeper::builder!(Client, Builder of Sessions, Session);
