//! Keeps unused grants alive. It refreshes those that the server would otherwise forget.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use twoba_core::{RecordError, RefreshError, SessionKey, StoredGrant, Want};
use twoba_store::{Due, Error, ErrorKind};

use crate::keeper::Keeper;
use crate::runtime::{Pause, Runtime};
use crate::unharmed::unharmed;

/// How many sessions the store lists at once.
const BATCH: usize = 64;

/// The longest pause between two refreshes. A nightly job has time, and the server has other
/// clients.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// The result of keeping sessions alive.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct KeptAlive {
    /// How many sessions have been refreshed, here or by another process meanwhile.
    pub refreshed: usize,
    /// The sessions that have not been refreshed, with the errors. The next call tries again what
    /// failed only for a time.
    pub failed: Vec<(SessionKey, Error)>,
}

impl<R: Runtime> Keeper<R> {
    /// Refreshes each session of this client whose grant would otherwise expire unused, one after
    /// the other, with random pauses.
    ///
    /// # Errors
    ///
    /// - the store cannot list these sessions
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
        let stored = self.look(&entry, &mut hold).await?;
        let schedule = stored.as_ref().and_then(StoredGrant::schedule);
        let keep_by = schedule.and_then(|schedule| schedule.keep_by);
        let is_due = keep_by.is_some_and(|keep_by| keep_by <= self.runtime.now());
        // Whoever was faster has done what was to be done.
        let Some(stored) = hold.session.token_id().filter(|_| is_due) else {
            return Ok(());
        };
        // If the store went back, the token that is published is not the stored one.
        let id = entry.seen().latest(stored);
        self.flight(&entry, Want::Other(id).into()).await.map(drop)
    }

    async fn chance_pause(&self) -> Result<Pause, Error> {
        let [byte, ..] = self.runtime.entropy()?;
        Ok(self.runtime.pause(PAUSE_MAX * u32::from(byte) / 255).await)
    }
}

/// Whether the session belongs to another client in the same store, which keeps its own sessions.
fn is_of_others(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Refresh(RefreshError::Record(RecordError::Foreign(_)))
    )
}
