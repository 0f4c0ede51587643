//! An intent that the store may hold although its end is known. Either the store reported a failure
//! while writing it, and its request never left, or the store did not take what came of the request.
//! Before the call returns, the intent is taken back, or that end is stored in its place.

use std::sync::Arc;

use twoba_core::Session;
use twoba_store::{AsyncLease, Error, StoreError, drive_async};

use crate::entry::Entry;
use crate::keeper::Keeper;
use crate::refresh::Now;
use crate::runtime::Runtime;
use crate::unharmed::unharmed;

impl<R: Runtime> Keeper<R> {
    /// Takes the intent back under the lease, or leaves a note of its end: for other processes in
    /// the store's place for copies, and for this process in memory.
    pub(crate) async fn take_back(
        &self,
        entry: &Arc<Entry>,
        session: &mut Session,
        lease: &mut dyn AsyncLease,
    ) {
        if !session.has_unsent() || self.taken_back(session, lease).await.is_ok() {
            return;
        }
        if let Some(record) = session.rescue() {
            // A store that has no place for it, or fails again, leaves it in this memory.
            let rescue = self.runtime.store().rescue(entry.key(), &record);
            drop(unharmed(rescue).await);
        }
        entry.seen().keep_unsent(session);
    }

    async fn taken_back(
        &self,
        session: &mut Session,
        lease: &mut dyn AsyncLease,
    ) -> Result<(), Error> {
        let stored = unharmed::<_, StoreError>(lease.load()).await?;
        let step = session.take_back(stored);
        let send = |request| self.send(request);
        let now = Now(&self.runtime);
        unharmed(drive_async(step, &now, lease, send))
            .await
            .map(drop)
    }
}
