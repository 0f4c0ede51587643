//! Grants that die if nobody uses them: whoever is asked to refreshes what has to be.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use twoba_core::{RecordError, RefreshError, SessionKey, Want};
use twoba_store::{Due, Error, ErrorKind};

use crate::keeper::Keeper;
use crate::runtime::{Pause, Runtime};
use crate::unharmed::unharmed;

/// How many sessions the store is asked for at once.
const BATCH: usize = 64;

/// The longest pause between two refreshes: a nightly job has time, and the server has others.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// What has become of the sessions that had to be kept alive.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct KeptAlive {
    /// How many have been refreshed, here or by somebody else meanwhile.
    pub refreshed: usize,
    /// Those that have not, and why. What is only passing is tried again by the next call.
    pub failed: Vec<(SessionKey, Error)>,
}

impl<R: Runtime> Keeper<R> {
    /// Refreshes each session of this client whose grant has to be used lest the server forgets it,
    /// one after the other, with pauses drawn by chance.
    ///
    /// # Errors
    ///
    /// - the store cannot say which sessions these are
    pub async fn keep_alive(self: &Arc<Self>) -> Result<KeptAlive, Error> {
        let mut kept = KeptAlive::default();
        let mut tried = HashSet::new();
        let mut limit = BATCH;
        loop {
            let now = self.runtime.now();
            let due = self.runtime.store().due(Due::KeepBy, now, limit);
            let due = unharmed(due).await?;
            let is_all = due.len() < limit;
            let new: Vec<SessionKey> = due.into_iter().filter(|key| !tried.contains(key)).collect();
            for key in &new {
                if !tried.is_empty() && self.chance_pause().await? == Pause::Ending {
                    return Ok(kept);
                }
                tried.insert(key.clone());
                match self.kept_alive(key).await {
                    Ok(()) => kept.refreshed += 1,
                    Err(error) if is_of_others(&error) => {}
                    Err(error) => kept.failed.push((key.clone(), error)),
                }
            }
            if is_all && new.is_empty() {
                return Ok(kept);
            }
            // Those that failed stay due, and stand before the others.
            limit = tried.len().saturating_add(BATCH);
        }
    }

    async fn kept_alive(self: &Arc<Self>, key: &SessionKey) -> Result<(), Error> {
        let entry = self.open(key.as_str())?;
        let mut hold = self.hold(&entry)?;
        self.look(&entry, &mut hold).await?;
        let Some(id) = hold.session.token_id() else {
            return Ok(());
        };
        // Whoever was faster has done what was to be done.
        self.obtain(&entry, Want::Other(id)).await.map(drop)
    }

    async fn chance_pause(&self) -> Result<Pause, Error> {
        let [byte, ..] = self.runtime.entropy()?;
        Ok(self.runtime.pause(PAUSE_MAX * u32::from(byte) / 255).await)
    }
}

/// Sessions of other clients in the same store are theirs to keep.
fn is_of_others(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Refresh(RefreshError::Record(RecordError::Foreign(_)))
    )
}
