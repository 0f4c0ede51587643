//! One person's session: what a caller sees of it.

use std::sync::Arc;

use twoba_core::{AccessToken, Login, Password, RedirectUri, RefreshToken};
use twoba_keeper::{Entry, Keeper};
use twoba_store::Error;

use crate::runtime::Tokio;
use crate::waiting::awaited;

/// One person's session, of [`Sessions`](crate::Sessions) or by itself. Its clones are the same
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
}
