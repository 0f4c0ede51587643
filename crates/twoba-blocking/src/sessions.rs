//! All sessions of one client: what they share, where each comes from, and how they end.

use std::sync::Arc;

use twoba_core::Client;
use twoba_keeper::{Keeper, KeptAlive};
use twoba_store::{Error, block_on};

use crate::home::Home;
use crate::runtime::Threads;
use crate::session::Session;

/// Any number of sessions of one client, with one store, one HTTP client and one clock. Its clones
/// are the same.
///
/// When the last of them and of their sessions is dropped, that waits for early refreshes that are
/// under way, at most for the total time-out of a token request, and goes on for some seconds
/// trying to store what could not be stored.
#[derive(Debug, Clone)]
pub struct Sessions {
    pub(crate) home: Arc<Home>,
}

impl Sessions {
    pub(crate) fn keeper(&self) -> &Arc<Keeper<Threads>> {
        &self.home.keeper
    }

    /// The session that is stored under `key`, whether or not anybody has logged in yet. All
    /// sessions of one key share one state, so that opening one again costs next to nothing.
    ///
    /// # Errors
    ///
    /// - a key that is empty, over 128 bytes or has control characters:
    ///   [`ErrorKind::Key`](twoba_store::ErrorKind::Key)
    pub fn open(&self, key: &str) -> Result<Session, Error> {
        Ok(Session {
            entry: self.home.keeper.open(key)?,
            home: Arc::clone(&self.home),
        })
    }

    /// The client of all its sessions.
    #[must_use]
    pub fn client(&self) -> &Client {
        self.home.keeper.client()
    }

    /// Refreshes each session whose grant has to be used lest the server forgets it (see
    /// [`Provider::with_keep_alive`](twoba_core::Provider::with_keep_alive)), one after the other,
    /// with pauses of up to a second: for a nightly job. Nothing of this happens unless it is
    /// called.
    ///
    /// # Errors
    ///
    /// - the store cannot say which sessions these are:
    ///   [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
    pub fn keep_alive(&self) -> Result<KeptAlive, Error> {
        block_on(self.home.keeper.keep_alive())
    }

    /// Gives back the memory of sessions that nobody holds and nobody has opened lately; opening
    /// others does so too, now and then. How many are left in memory.
    #[must_use = "it tells how many are left"]
    pub fn clear_up(&self) -> usize {
        self.home.keeper.clear_up()
    }
}
