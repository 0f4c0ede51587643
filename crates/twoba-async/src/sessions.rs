//! All sessions of one client, and the parts that they share.

use std::sync::Arc;

use twoba_keeper::Keeper;
use twoba_store::Error;

use crate::runtime::Tokio;
use crate::session::Session;
use crate::waiting::awaited;

/// Any number of sessions of one client. They share one store, one HTTP client and one clock. The
/// clones of this value are the same sessions.
///
/// Everything that reaches a server or the store runs in a task of its own. Dropping a future of a
/// session ends only the wait, never the exchange. If the store does not take a grant, the task
/// tries again for minutes, even after the program has dropped the session. It ends with the Tokio
/// runtime.
#[derive(Debug, Clone)]
pub struct Sessions {
    pub(crate) keeper: Arc<Keeper<Tokio>>,
}

twoba_keeper::sessions!([async] awaited; Sessions);

impl Sessions {
    pub(crate) fn keeper(&self) -> &Arc<Keeper<Tokio>> {
        &self.keeper
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
            entry: self.keeper.open(key)?,
            keeper: Arc::clone(&self.keeper),
        })
    }

    /// Stores what is not stored yet, trying for some seconds. Call it before the program ends.
    pub async fn close(&self) {
        self.keeper.close().await;
    }
}
