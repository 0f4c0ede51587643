//! A session that any number of tasks share: what a caller sees of it.

use std::fmt;
use std::sync::Arc;

use tokio::task::JoinHandle;
use twoba_core::{
    AccessToken, Client, CodeExchange, LoggedOut, Login, Password, RedirectUri, RefreshToken,
    Status, TokenId,
};
use twoba_store::{EarlyRefresh, Error, StoreError, Want};

use crate::builder::Builder;
use crate::inner::{End, Inner, Named};
use crate::transport::Transport;

/// One person's session. Its clones are the same session.
///
/// Whatever reaches a server or the store runs in a task of its own: dropping a future of
/// this type ends the waiting, never the exchange.
#[derive(Clone)]
pub struct Session {
    pub(crate) inner: Arc<Inner>,
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
        &self.inner.client
    }

    /// A usable access token: the stored one, or a refreshed one where that is due.
    ///
    /// While the old token is usable it is handed out at once: an early refresh runs beside
    /// the callers, or as [`EarlyRefresh`] says, and its failure is nobody's error.
    ///
    /// # Errors
    ///
    /// - nobody is logged in, or the grant is dead: [`RefreshError::LoginRequired`](twoba_core::RefreshError::LoginRequired)
    /// - the server cannot be reached or is out of order: [`RefreshError::Unavailable`](twoba_core::RefreshError::Unavailable)
    /// - the server refuses the client: [`RefreshError::Misconfigured`](twoba_core::RefreshError::Misconfigured)
    /// - another process holds the lease for too long: [`StoreError::Busy`](twoba_store::StoreError::Busy)
    /// - the store cannot be used: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
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
            Ok(inner.obtain(&mut state, want).await?.0)
        })
        .await
    }

    /// What is stored of the session, without its tokens. Nothing is refreshed.
    ///
    /// # Errors
    ///
    /// - the store cannot be read: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
    /// - what is there is damaged or somebody else's: [`RefreshError::Record`](twoba_core::RefreshError::Record)
    pub async fn status(&self) -> Result<Status, Error> {
        let mut state = self.inner.state.lock().await;
        self.inner.observe(&mut state).await?;
        Ok(state.status(self.inner.clock.now()))
    }

    /// Logs in by user name and password, over whatever session is stored.
    ///
    /// # Errors
    ///
    /// - the server refuses, cannot be reached or breaks the protocol: [`ErrorKind::Login`](twoba_store::ErrorKind::Login)
    /// - the store cannot be written, which is asked first: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
    pub async fn login(&self, username: &str, password: &Password) -> Result<AccessToken, Error> {
        let inner = Arc::clone(&self.inner);
        let (username, password) = (username.to_owned(), password.clone());
        detached(async move {
            inner.store.probe(&inner.key).await?;
            let fresh = inner.password(&username, &password).await?;
            inner.adopt(fresh).await
        })
        .await
    }

    /// Takes over a refresh token that was got elsewhere, over whatever session is stored,
    /// and refreshes it at once: whoever had it must not use it any more. Where the server
    /// cannot be reached it stays stored, and a later call refreshes.
    ///
    /// # Errors
    ///
    /// - as for [`token`](Self::token)
    pub async fn import(
        &self,
        token: RefreshToken,
        user: Option<String>,
    ) -> Result<AccessToken, Error> {
        let inner = Arc::clone(&self.inner);
        detached(async move { inner.import(token, user).await }).await
    }

    /// Starts a login by browser: the URL to open, and what
    /// [`finish_login`](Self::finish_login) needs when the browser comes back to `redirect`.
    ///
    /// # Errors
    ///
    /// - the provider has no login page: [`ErrorKind::Client`](twoba_store::ErrorKind::Client)
    pub fn start_login(&self, redirect: RedirectUri) -> Result<(String, Login), Error> {
        let now = self.inner.clock.now();
        Ok(self
            .inner
            .client
            .authorize(redirect, self.inner.seed()?, now)?)
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
            let (request, reply) = exchange.request(&inner.client, inner.clock.now())?;
            let fresh = inner.granted(request, reply).await?;
            inner.adopt(fresh).await
        })
        .await
    }

    /// Ends the session: revokes it where the provider can, and removes it here in any case.
    ///
    /// # Errors
    ///
    /// - the store cannot be written: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
    pub async fn logout(&self) -> Result<LoggedOut, Error> {
        let inner = Arc::clone(&self.inner);
        detached(async move { inner.end(End::Revoke).await }).await
    }

    /// Removes the session here and tells the server nothing.
    ///
    /// # Errors
    ///
    /// - the store cannot be written: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
    pub async fn forget(&self) -> Result<LoggedOut, Error> {
        let inner = Arc::clone(&self.inner);
        detached(async move { inner.end(End::Forget).await }).await
    }

    pub(crate) async fn token_with_id(&self) -> Result<Named, Error> {
        let now = self.inner.clock.now();
        if let Some(current) = self.inner.published.get()
            && let Some(token) = current.token(now)
        {
            let usable = (token.clone(), Some(current.id()));
            if current.refresh_due().is_none_or(|due| now < due) {
                return Ok(usable);
            }
            if self.inner.early == EarlyRefresh::Beside {
                self.refresh_beside();
                return Ok(usable);
            }
            // Somebody who refreshes already is not waited for.
            if self.inner.state.try_lock().is_err() {
                return Ok(usable);
            }
        }
        let inner = Arc::clone(&self.inner);
        detached(async move {
            let mut state = inner.state.lock().await;
            inner.usable(&mut state).await
        })
        .await
    }

    /// Refreshes in a task of its own, if none does so already.
    fn refresh_beside(&self) {
        let Some(claim) = self.inner.published.claim_refresh() else {
            return;
        };
        let inner = Arc::clone(&self.inner);
        let _detached: JoinHandle<()> =
            tokio::spawn(async move { inner.refresh_early(claim).await });
    }

    /// Another token, because a service answered 401 to this one.
    pub(crate) async fn rejected(&self, id: TokenId) -> Result<AccessToken, Error> {
        let inner = Arc::clone(&self.inner);
        detached(async move {
            let mut state = inner.state.lock().await;
            Ok(inner.obtain(&mut state, Want::Rejected(id)).await?.0)
        })
        .await
    }

    pub(crate) fn transport(&self) -> &Transport {
        &self.inner.transport
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
