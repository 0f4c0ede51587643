//! All sessions of one client: what they share, and where each comes from.

use std::sync::Arc;

use twoba_keeper::Keeper;
use twoba_store::Error;

use crate::runtime::Tokio;
use crate::session::Session;
use crate::waiting::awaited;

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

twoba_keeper::sessions!([async] awaited; Sessions);

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

    /// Stores what is not stored yet, for a program that ends: it is tried for some seconds.
    pub async fn close(&self) {
        self.keeper.close().await;
    }
}
