//! One person's session: what a caller sees of it.

use std::sync::Arc;

use twoba_core::{
    AccessToken, Client, LoggedOut, Login, Password, RedirectUri, RefreshToken, Status,
};
use twoba_keeper::{End, Entry};
use twoba_store::{Error, block_on};

use crate::home::Home;

/// One person's session, of [`Sessions`](crate::Sessions) or by itself. Its clones are the same
/// session, and any number of threads can use it.
#[derive(Debug, Clone)]
pub struct Session {
    pub(crate) home: Arc<Home>,
    pub(crate) entry: Arc<Entry>,
}

impl Session {
    /// The client of this session.
    #[must_use]
    pub fn client(&self) -> &Client {
        self.home.keeper.client()
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
    pub fn token(&self) -> Result<AccessToken, Error> {
        let keeper = &self.home.keeper;
        let fresh = keeper.with_fresh(&self.entry, AccessToken::clone);
        fresh.map_or_else(|| Ok(block_on(keeper.token(&self.entry))?.token), Ok)
    }

    /// What `look` makes of a usable access token, without a copy of it: for who only writes a
    /// header.
    ///
    /// # Errors
    ///
    /// - as for [`token`](Self::token)
    pub fn with_token<T>(&self, look: impl Fn(&AccessToken) -> T) -> Result<T, Error> {
        let seen = self.home.keeper.with_fresh(&self.entry, &look);
        seen.map_or_else(|| Ok(look(&self.token()?)), Ok)
    }

    /// An access token that is not the current one: refreshed, unless another process has
    /// done so meanwhile.
    ///
    /// # Errors
    ///
    /// - as for [`token`](Self::token)
    pub fn refresh(&self) -> Result<AccessToken, Error> {
        Ok(block_on(self.home.keeper.refresh(&self.entry))?.token)
    }

    /// What is stored of the session, without its tokens. Nothing is refreshed.
    ///
    /// # Errors
    ///
    /// - the store cannot be read: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
    /// - what is there is damaged or somebody else's: [`RefreshError::Record`](twoba_core::RefreshError::Record)
    pub fn status(&self) -> Result<Status, Error> {
        block_on(self.home.keeper.status(&self.entry))
    }

    /// Stores what the server has given and the store has not taken yet, for a program that ends
    /// at once: it is tried for some seconds. In a program that goes on this happens by itself.
    /// Whether there was something to store.
    ///
    /// # Errors
    ///
    /// - the store still fails: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
    pub fn save(&self) -> Result<bool, Error> {
        block_on(self.home.keeper.save(&self.entry))
    }

    /// Logs in by user name and password, over whatever session is stored.
    ///
    /// # Errors
    ///
    /// - the server refuses, cannot be reached or breaks the protocol: [`ErrorKind::Login`](twoba_store::ErrorKind::Login)
    /// - the store cannot be written, which is asked first: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
    pub fn login(&self, username: &str, password: &Password) -> Result<AccessToken, Error> {
        block_on(self.home.keeper.login(&self.entry, username, password))
    }

    /// Takes over a refresh token that was got elsewhere, over whatever session is stored,
    /// and refreshes it at once: whoever had it must not use it any more. Where the server
    /// cannot be reached it stays stored, and a later call refreshes.
    ///
    /// # Errors
    ///
    /// - as for [`token`](Self::token)
    pub fn import(&self, token: RefreshToken, user: Option<String>) -> Result<AccessToken, Error> {
        block_on(self.home.keeper.import(&self.entry, token, user))
    }

    /// Starts a login by browser: the URL to open, and what
    /// [`finish_login`](Self::finish_login) needs when the browser comes back to `redirect`.
    ///
    /// # Errors
    ///
    /// - the provider has no login page: [`ErrorKind::Client`](twoba_store::ErrorKind::Client)
    pub fn start_login(&self, redirect: RedirectUri) -> Result<(String, Login), Error> {
        self.home.keeper.start_login(redirect)
    }

    /// Finishes a login by browser with the query that it came back with.
    ///
    /// # Errors
    ///
    /// - as for [`login`](Self::login), and when the query does not answer this login
    pub fn finish_login(&self, login: Login, query: &str) -> Result<AccessToken, Error> {
        block_on(self.home.keeper.finish_login(&self.entry, login, query))
    }

    /// Finishes a login by browser with what the person has pasted: the URL that the
    /// browser came back with, its query, or the code alone.
    ///
    /// # Errors
    ///
    /// - as for [`finish_login`](Self::finish_login)
    pub fn finish_pasted_login(&self, login: Login, text: &str) -> Result<AccessToken, Error> {
        let keeper = &self.home.keeper;
        block_on(keeper.finish_pasted_login(&self.entry, login, text))
    }

    /// Ends the session: revokes it where the provider can, and removes it here in any case.
    ///
    /// # Errors
    ///
    /// - the store cannot be written: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
    pub fn logout(&self) -> Result<LoggedOut, Error> {
        block_on(self.home.keeper.end(&self.entry, End::Revoke))
    }

    /// Removes the session here and tells the server nothing.
    ///
    /// # Errors
    ///
    /// - the store cannot be written: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
    pub fn forget(&self) -> Result<LoggedOut, Error> {
        block_on(self.home.keeper.end(&self.entry, End::Forget))
    }
}
