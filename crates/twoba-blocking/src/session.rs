//! A session that any number of threads share: what a caller sees of it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::thread::{self, JoinHandle};

use twoba_core::{
    self as core, AccessToken, Client, LoggedOut, Login, Password, RedirectUri, RefreshToken,
    Status, TokenId,
};
use twoba_store::{EarlyRefresh, Error, Want};

use crate::builder::Builder;
use crate::inner::{Inner, Named};
use crate::transport::Transport;

/// One person's session, to be shared by reference between threads.
///
/// Dropping it waits for an early refresh that is under way, at most for the total time-out
/// of a token request, and tries once more to store what could not be stored.
pub struct Session {
    pub(crate) inner: Arc<Inner>,
    /// The thread that refreshes early.
    pub(crate) thread: Mutex<Option<JoinHandle<()>>>,
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
        let mut state = self.inner.lock();
        self.inner.observe(&mut state)?;
        let want = state.token_id().map_or(Want::Usable, Want::Other);
        Ok(self.inner.obtain(&mut state, want)?.0)
    }

    /// What is stored of the session, without its tokens. Nothing is refreshed.
    ///
    /// # Errors
    ///
    /// - the store cannot be read: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
    /// - what is there is damaged or somebody else's: [`RefreshError::Record`](twoba_core::RefreshError::Record)
    pub fn status(&self) -> Result<Status, Error> {
        let mut state = self.inner.lock();
        self.inner.observe(&mut state)?;
        Ok(state.status(self.inner.clock.now()))
    }

    /// Logs in by user name and password, over whatever session is stored.
    ///
    /// # Errors
    ///
    /// - the server refuses, cannot be reached or breaks the protocol: [`ErrorKind::Login`](twoba_store::ErrorKind::Login)
    /// - the store cannot be written, which is asked first: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
    pub fn login(&self, username: &str, password: &Password) -> Result<AccessToken, Error> {
        let inner = &self.inner;
        inner.store.probe(&inner.key)?;
        let fresh = inner.password(username, password)?;
        inner.adopt(fresh)
    }

    /// Takes over a refresh token that was got elsewhere, over whatever session is stored,
    /// and refreshes it at once: whoever had it must not use it any more. Where the server
    /// cannot be reached it stays stored, and a later call refreshes.
    ///
    /// # Errors
    ///
    /// - as for [`token`](Self::token)
    pub fn import(&self, token: RefreshToken, user: Option<String>) -> Result<AccessToken, Error> {
        self.inner.import(token, user)
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
    pub fn finish_login(&self, login: Login, query: &str) -> Result<AccessToken, Error> {
        let exchange = login.callback(self.inner.clock.now(), query)?;
        self.inner.exchange(exchange)
    }

    /// Finishes a login by browser with what the person has pasted: the URL that the
    /// browser came back with, its query, or the code alone.
    ///
    /// # Errors
    ///
    /// - as for [`finish_login`](Self::finish_login)
    pub fn finish_pasted_login(&self, login: Login, text: &str) -> Result<AccessToken, Error> {
        let exchange = login.pasted(self.inner.clock.now(), text)?;
        self.inner.exchange(exchange)
    }

    /// Ends the session: revokes it where the provider can, and removes it here in any case.
    ///
    /// # Errors
    ///
    /// - the store cannot be written: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
    pub fn logout(&self) -> Result<LoggedOut, Error> {
        self.inner.end(core::Session::logout)
    }

    /// Removes the session here and tells the server nothing.
    ///
    /// # Errors
    ///
    /// - the store cannot be written: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
    pub fn forget(&self) -> Result<LoggedOut, Error> {
        self.inner.end(core::Session::forget)
    }

    pub(crate) fn token_with_id(&self) -> Result<Named, Error> {
        let now = self.inner.clock.now();
        let current = self.inner.published.get();
        let usable = current.as_ref().and_then(|current| {
            let token = current.token(now)?.clone();
            Some((token, Some(current.id())))
        });
        let due = current.and_then(|current| current.refresh_due());
        let Some(usable) = usable else {
            let mut state = self.inner.lock();
            return self.inner.usable(&mut state);
        };
        if due.is_none_or(|due| now < due) {
            return Ok(usable);
        }
        if self.inner.early == EarlyRefresh::Beside {
            self.refresh_beside();
            return Ok(usable);
        }
        // Somebody who refreshes already is not waited for.
        let mut state = match self.inner.state.try_lock() {
            Ok(state) => state,
            Err(TryLockError::Poisoned(error)) => error.into_inner(),
            Err(TryLockError::WouldBlock) => return Ok(usable),
        };
        self.inner.usable(&mut state)
    }

    /// Refreshes in a thread of its own, if none does so already.
    fn refresh_beside(&self) {
        let Some(claim) = self.inner.published.claim_refresh() else {
            return;
        };
        let inner = Arc::clone(&self.inner);
        let started = thread::Builder::new()
            .name("twoba-refresh".to_owned())
            .spawn(move || inner.refresh_early(claim));
        // Without a thread the caller keeps its token, and a later one refreshes.
        if let Ok(thread) = started {
            let mut slot = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
            *slot = Some(thread);
        }
    }

    /// Another token, because a service answered 401 to this one.
    pub(crate) fn rejected(&self, id: TokenId) -> Result<AccessToken, Error> {
        let obtained = self
            .inner
            .obtain(&mut self.inner.lock(), Want::Rejected(id));
        Ok(obtained?.0)
    }

    pub(crate) fn transport(&self) -> &Transport {
        &self.inner.transport
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let slot = self.thread.get_mut();
        if let Some(thread) = slot.unwrap_or_else(PoisonError::into_inner).take() {
            // A panic of it has been reported by the panic itself.
            let _ended: thread::Result<()> = thread.join();
        }
        self.inner.kept.end();
        self.inner.store_unsaved();
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
