//! All sessions of one client: the parts that they share, and how they end.

use std::sync::Arc;

use twoba_keeper::Keeper;
use twoba_store::Error;

use crate::home::Home;
use crate::runtime::Threads;
use crate::session::Session;
use crate::waiting::block_on;

/// Any number of sessions of one client. They share one store, one HTTP client and one clock. The
/// clones of this value are the same sessions.
///
/// Dropping the last of them and of their sessions waits for early refreshes that are under way.
/// The wait takes at most the total time-out of a token request, and some seconds more to store
/// what could not be stored.
#[derive(Debug, Clone)]
pub struct Sessions {
    pub(crate) home: Arc<Home>,
}

twoba_keeper::sessions!([] block_on; Sessions);

impl Sessions {
    pub(crate) fn keeper(&self) -> &Arc<Keeper<Threads>> {
        &self.home.keeper
    }

    /// Opens the session that is stored under `key`, whether or not anybody has logged in yet. All
    /// sessions of one key share one state, so opening one again costs next to nothing.
    ///
    /// # Errors
    ///
    /// - the key is empty, longer than 128 bytes or has control characters:
    ///   [`ErrorKind::Key`](twoba_store::ErrorKind::Key)
    pub fn open(&self, key: &str) -> Result<Session, Error> {
        Ok(Session {
            entry: self.home.keeper.open(key)?,
            home: Arc::clone(&self.home),
        })
    }
}
