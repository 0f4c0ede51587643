//! A person's session, as its callers see it.

use std::sync::Arc;

use twoba_core::{AccessToken, Login, Password, RedirectUri, RefreshToken};
use twoba_keeper::{Entry, Keeper};
use twoba_store::Error;

use crate::runtime::Tokio;
use crate::streamed::Streamed;
use crate::waiting::awaited;

/// A person's session, opened from [`Sessions`](crate::Sessions) or alone. Its clones are the same
/// session.
#[derive(Debug, Clone)]
pub struct Session {
    pub(crate) keeper: Arc<Keeper<Tokio>>,
    pub(crate) entry: Arc<Entry>,
}

twoba_keeper::handle!([async] awaited; Session);

impl Session {
    fn keeper(&self) -> &Arc<Keeper<Tokio>> {
        &self.keeper
    }

    /// Logs in by user name and password. The new session replaces the stored one.
    ///
    /// # Errors
    ///
    /// - the server refuses, cannot be reached or breaks the protocol:
    ///   [`ErrorKind::Login`](twoba_store::ErrorKind::Login)
    /// - the store cannot be written, which is checked first:
    ///   [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
    pub async fn login(&self, username: &str, password: &Password) -> Result<AccessToken, Error> {
        self.keeper.login(&self.entry, username, password).await
    }

    /// Exchanges a refresh token from another client, and stores the result as this session. The
    /// other client must not use the token again. The stored session stays until the server accepts
    /// the token, and it stays if the server refuses it or cannot be reached.
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

    /// Starts a login by browser. It returns the URL to open, and the login for
    /// [`finish_login`](Self::finish_login) when the browser comes back to `redirect`.
    ///
    /// # Errors
    ///
    /// - the provider has no login page: [`ErrorKind::Client`](twoba_store::ErrorKind::Client)
    pub fn start_login(&self, redirect: RedirectUri) -> Result<(String, Login), Error> {
        self.keeper.start_login(redirect)
    }

    /// Finishes a login by browser with the query that the browser came back with.
    ///
    /// # Errors
    ///
    /// - as for [`login`](Self::login)
    /// - the query does not answer this login: [`ErrorKind::Login`](twoba_store::ErrorKind::Login)
    pub async fn finish_login(&self, login: Login, query: &str) -> Result<AccessToken, Error> {
        self.keeper.finish_login(&self.entry, login, query).await
    }

    /// Finishes a login by browser with the text that the person has pasted: the URL that the
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
}
