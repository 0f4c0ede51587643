//! An intent that the store may hold although its end is known. Either the store reported a failure
//! while writing it, and its request never left, or the store did not take what came of the request.
//! Before the call returns, the intent is taken back, or that end is stored in its place.

use std::sync::Arc;

use twoba_store::{Error, StoreError, drive_async};

use crate::entry::{Entry, Hold};
use crate::keeper::Keeper;
use crate::refresh::{Now, is_contended};
use crate::runtime::Runtime;
use crate::unharmed::unharmed;

impl<R: Runtime> Keeper<R> {
    /// Takes the intent back under the lease, or leaves a note of its end: for other processes in
    /// the store's place for copies, and for this process in memory.
    pub(crate) async fn take_back(&self, entry: &Arc<Entry>, hold: &mut Hold) {
        if !hold.session.has_unsent() || self.taken_back(entry, hold).await.is_ok() {
            return;
        }
        let mut is_told = false;
        if let Some(record) = hold.session.rescue() {
            // A store that has no place for it, or fails again, leaves it in this memory.
            let rescue = self.runtime.store().rescue(entry.key(), &record);
            is_told = unharmed(rescue).await.is_ok();
        }
        entry.seen().keep_unsent(&mut hold.session, is_told);
    }

    /// Somebody may have the lease by now: then once more under a new one, if it is free.
    async fn taken_back(&self, entry: &Arc<Entry>, hold: &mut Hold) -> Result<(), Error> {
        match self.taken_back_leased(hold).await {
            Err(error) if is_contended(&error) => {}
            outcome => return outcome,
        }
        self.give_back(hold).await;
        unharmed(self.try_lease(entry, hold)).await?;
        self.taken_back_leased(hold).await
    }

    async fn taken_back_leased(&self, hold: &mut Hold) -> Result<(), Error> {
        let Some(lease) = &mut hold.lease else {
            return Err(StoreError::Busy.into());
        };
        let stored = match hold.came.take() {
            Some(came) => came.found.record,
            None => unharmed::<_, StoreError>(lease.load()).await?,
        };
        let step = hold.session.take_back(stored);
        let send = |request| self.send(request);
        let now = Now(&self.runtime);
        unharmed(drive_async(step, &now, &mut **lease, send))
            .await
            .map(drop)
    }
}
