//! All sessions of one client: what they share, and where each comes from.

use std::sync::Arc;

use twoba_core::Client;
use twoba_keeper::{Keeper, KeptAlive};
use twoba_store::Error;

use crate::runtime::Tokio;
use crate::session::Session;

/// Any number of sessions of one client, with one store, one HTTP client and one clock. Its clones
/// are the same.
///
/// Whatever reaches a server or the store runs in a task of its own: dropping a future of a
/// session ends the waiting, never the exchange. What a store does not take is tried again for
/// minutes, whoever lets go of the session; it ends with the Tokio runtime.
#[derive(Debug, Clone)]
pub struct Sessions {
    pub(crate) keeper: Arc<Keeper<Tokio>>,
}

impl Sessions {
    pub(crate) fn keeper(&self) -> &Arc<Keeper<Tokio>> {
        &self.keeper
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
            entry: self.keeper.open(key)?,
            keeper: Arc::clone(&self.keeper),
        })
    }

    /// The client of all its sessions.
    #[must_use]
    pub fn client(&self) -> &Client {
        self.keeper.client()
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
    pub async fn keep_alive(&self) -> Result<KeptAlive, Error> {
        self.keeper.keep_alive().await
    }

    /// Gives back the memory of sessions that nobody holds and nobody has opened lately; opening
    /// others does so too, now and then. How many are left in memory.
    #[must_use = "it tells how many are left"]
    pub fn clear_up(&self) -> usize {
        self.keeper.clear_up()
    }

    /// Stores what is not stored yet, for a program that ends: it is tried for some seconds.
    pub async fn close(&self) {
        self.keeper.close().await;
    }
}
