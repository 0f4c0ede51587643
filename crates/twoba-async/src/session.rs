//! One person's session: what a caller sees of it.

use std::sync::Arc;

use twoba_core::{
    AccessToken, Client, LoggedOut, Login, Password, RedirectUri, RefreshToken, Status,
};
use twoba_keeper::{End, Entry, Keeper};
use twoba_store::Error;

use crate::runtime::Tokio;

/// One person's session, of [`Sessions`](crate::Sessions) or by itself. Its clones are the same
/// session.
#[derive(Debug, Clone)]
pub struct Session {
    pub(crate) keeper: Arc<Keeper<Tokio>>,
    pub(crate) entry: Arc<Entry>,
}

impl Session {
    /// The client of this session.
    #[must_use]
    pub fn client(&self) -> &Client {
        self.keeper.client()
    }

    /// A usable access token: the stored one, or a refreshed one where that is due.
    ///
    /// While the old token is usable it is handed out at once: an early refresh runs beside
    /// the callers, or as [`EarlyRefresh`](crate::EarlyRefresh) says, and its failure is not
    /// reported to them. Callers who have to wait share one refresh and its outcome.
    ///
    /// # Errors
    ///
    /// - nobody is logged in, or the grant is dead: [`RefreshError::LoginRequired`](twoba_core::RefreshError::LoginRequired)
    /// - the server cannot be reached or is out of order: [`RefreshError::Unavailable`](twoba_core::RefreshError::Unavailable)
    /// - the server refuses the client: [`RefreshError::Misconfigured`](twoba_core::RefreshError::Misconfigured)
    /// - somebody else's refresh takes longer than the patience: [`StoreError::Busy`](twoba_store::StoreError::Busy),
    ///   or [`StoreError::HeldBy`](twoba_store::StoreError::HeldBy) where its process is known
    /// - the store cannot be used: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
    pub async fn token(&self) -> Result<AccessToken, Error> {
        if let Some(token) = self.keeper.with_fresh(&self.entry, AccessToken::clone) {
            return Ok(token);
        }
        // Out of the way of the future that most calls are done with at once.
        Ok(Box::pin(self.keeper.token(&self.entry)).await?.token)
    }

    /// What `look` makes of a usable access token, without a copy of it: for who only writes a
    /// header.
    ///
    /// # Errors
    ///
    /// - as for [`token`](Self::token)
    pub async fn with_token<T>(&self, look: impl Fn(&AccessToken) -> T) -> Result<T, Error> {
        if let Some(seen) = self.keeper.with_fresh(&self.entry, &look) {
            return Ok(seen);
        }
        Ok(look(&self.token().await?))
    }

    /// An access token that is not the current one: refreshed, unless another process has
    /// done so meanwhile.
    ///
    /// # Errors
    ///
    /// - as for [`token`](Self::token)
    pub async fn refresh(&self) -> Result<AccessToken, Error> {
        Ok(self.keeper.refresh(&self.entry).await?.token)
    }

    /// What is stored of the session, without its tokens. Nothing is refreshed.
    ///
    /// # Errors
    ///
    /// - the store cannot be read: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
    /// - what is there is damaged or somebody else's: [`RefreshError::Record`](twoba_core::RefreshError::Record)
    pub async fn status(&self) -> Result<Status, Error> {
        self.keeper.status(&self.entry).await
    }

    /// Stores what the server has given and the store has not taken yet, for a program that ends
    /// at once: it is tried for some seconds. In a program that goes on this happens by itself.
    /// Whether there was something to store.
    ///
    /// # Errors
    ///
    /// - the store still fails: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
    pub async fn save(&self) -> Result<bool, Error> {
        self.keeper.save(&self.entry).await
    }

    /// Logs in by user name and password, over whatever session is stored.
    ///
    /// # Errors
    ///
    /// - the server refuses, cannot be reached or breaks the protocol: [`ErrorKind::Login`](twoba_store::ErrorKind::Login)
    /// - the store cannot be written, which is asked first: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
    pub async fn login(&self, username: &str, password: &Password) -> Result<AccessToken, Error> {
        self.keeper.login(&self.entry, username, password).await
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
        self.keeper.import(&self.entry, token, user).await
    }

    /// Starts a login by browser: the URL to open, and what
    /// [`finish_login`](Self::finish_login) needs when the browser comes back to `redirect`.
    ///
    /// # Errors
    ///
    /// - the provider has no login page: [`ErrorKind::Client`](twoba_store::ErrorKind::Client)
    pub fn start_login(&self, redirect: RedirectUri) -> Result<(String, Login), Error> {
        self.keeper.start_login(redirect)
    }

    /// Finishes a login by browser with the query that it came back with.
    ///
    /// # Errors
    ///
    /// - as for [`login`](Self::login), and when the query does not answer this login
    pub async fn finish_login(&self, login: Login, query: &str) -> Result<AccessToken, Error> {
        self.keeper.finish_login(&self.entry, login, query).await
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
        let keeper = &self.keeper;
        keeper.finish_pasted_login(&self.entry, login, text).await
    }

    /// Ends the session: revokes it where the provider can, and removes it here in any case.
    ///
    /// # Errors
    ///
    /// - the store cannot be written: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
    pub async fn logout(&self) -> Result<LoggedOut, Error> {
        self.keeper.end(&self.entry, End::Revoke).await
    }

    /// Removes the session here and tells the server nothing.
    ///
    /// # Errors
    ///
    /// - the store cannot be written: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
    pub async fn forget(&self) -> Result<LoggedOut, Error> {
        self.keeper.end(&self.entry, End::Forget).await
    }
}
