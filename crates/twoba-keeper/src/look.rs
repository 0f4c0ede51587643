//! How the keeper looks at the store. What it reads there counts as seen.

use std::sync::Arc;

use twoba_core::{AccessToken, RefreshError, Session, Status, StoredGrant};
use twoba_store::{AsyncLease, Error, Found, StoreError};

use crate::entry::{Came, Entry, Hold};
use crate::keeper::Keeper;
use crate::runtime::Runtime;
use crate::settings::LEASE_FRESH_FOR;
use crate::unharmed::unharmed;

impl<R: Runtime> Keeper<R> {
    /// The record under a lease, and what was rescued: what came with the lease, or a look at the
    /// store. A process that was stopped meanwhile may have lost the lease, and looks in any case.
    pub(crate) async fn under(
        &self,
        entry: &Entry,
        lease: &mut dyn AsyncLease,
        came: Option<Came>,
    ) -> Result<Came, Error> {
        let now = self.runtime.elapsed();
        if let Some(came) = came {
            if now.saturating_sub(came.asked_at) <= LEASE_FRESH_FOR {
                return Ok(came);
            }
            // The store may have gone back behind it.
            self.seen_by(entry, came.found.record.as_ref())?;
        }
        let reading = entry.published().begin_reading();
        let record = lease.load().await?;
        // What cannot be read may be the successor of a token that is spent.
        let rescued = match unharmed(self.runtime.store().rescued(entry.key())).await {
            Err(StoreError::NoRescue) => None,
            rescued => rescued?,
        };
        Ok(Came {
            reading,
            asked_at: now,
            found: Found { record, rescued },
        })
    }

    /// Tells a session what it has to know besides the stored record: rescued copies, and what this
    /// process has seen.
    pub(crate) fn prepare(
        &self,
        entry: &Entry,
        session: &mut Session,
        stored: Option<&StoredGrant>,
        rescued: Option<StoredGrant>,
    ) {
        // What is wrong with it is said by the next step.
        let _readable = session.observe(stored);
        // Noted before anything else: by the end the store may have gone back.
        entry.seen().note(session);
        if let Some(rescued) = rescued {
            session.offer(&rescued);
        }
        entry.seen().tell(session);
    }

    /// A session that has seen this record. If the store goes back later, what a login, an import
    /// or a logout has seen counts.
    pub(crate) fn seen_by(
        &self,
        entry: &Entry,
        stored: Option<&StoredGrant>,
    ) -> Result<Session, Error> {
        let mut session = self.hold(entry)?.session;
        if session.observe(stored).is_ok() {
            entry.seen().note(&session);
        }
        Ok(session)
    }

    /// Reads the store for a change that needs no lease. What it holds counts as seen.
    pub(crate) async fn read(&self, entry: &Entry) -> Result<Option<StoredGrant>, Error> {
        let stored = self.runtime.store().read(entry.key()).await?;
        self.seen_by(entry, stored.as_ref())?;
        Ok(stored)
    }

    /// Reads the store without a lease, and publishes what it holds.
    pub(crate) async fn look(
        &self,
        entry: &Arc<Entry>,
        hold: &mut Hold,
    ) -> Result<Option<StoredGrant>, Error> {
        let reading = entry.published().begin_reading();
        let stored = self.runtime.store().read(entry.key()).await?;
        let observed = hold.session.observe(stored.as_ref());
        // The token at hand is as good as before where its record cannot be read.
        observed.map_err(|error| Error::from(RefreshError::Record(error)))?;
        entry.seen().note(&hold.session);
        entry
            .published()
            .show(reading, &hold.session, self.runtime.now());
        Ok(stored)
    }

    /// Returns the state of the stored session, without its tokens. Nothing is refreshed.
    ///
    /// # Errors
    ///
    /// - the store cannot be read, or the stored bytes are damaged or of another owner
    pub async fn status(&self, entry: &Arc<Entry>) -> Result<Status, Error> {
        let mut hold = self.hold(entry)?;
        self.look(entry, &mut hold).await?;
        Ok(hold.session.status(self.runtime.now()))
    }

    /// Returns the stored token, if it is usable and not due. Nothing is sent.
    ///
    /// # Errors
    ///
    /// - as for [`status`](Self::status)
    pub async fn stored_token(&self, entry: &Arc<Entry>) -> Result<Option<AccessToken>, Error> {
        let mut hold = self.hold(entry)?;
        self.look(entry, &mut hold).await?;
        drop(hold);
        Ok(self.with_fresh(entry, AccessToken::clone))
    }
}
