//! How sessions end at their owner's request. A refresh on its way does not delay a logout.

use std::sync::Arc;

use twoba_core::LoggedOut;
use twoba_store::{Error, Unleased, drive_async};

use crate::detached::detached;
use crate::entry::Entry;
use crate::keeper::Keeper;
use crate::noting::Noting;
use crate::refresh::Now;
use crate::runtime::Runtime;

/// The way in which a session ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "the server is told or it is not")]
pub enum End {
    /// Revoke the grant if the provider can, and remove the session here.
    Revoke,
    /// Remove the session here, and tell nobody.
    Forget,
}

impl<R: Runtime> Keeper<R> {
    /// Ends the session. It is removed here in any case.
    ///
    /// # Errors
    ///
    /// - the store cannot be read or written
    pub async fn end(self: &Arc<Self>, entry: &Arc<Entry>, how: End) -> Result<LoggedOut, Error> {
        let (keeper, entry) = (Arc::clone(self), Arc::clone(entry));
        let work = async move {
            if how == End::Revoke {
                // A grant that is revoked and cannot be buried would seem to be alive here.
                keeper.runtime.store().probe(entry.key()).await?;
            }
            let stored = keeper.runtime.store().read(entry.key()).await?;
            // A session of its own: the one that refreshes learns of it by its compare-and-swap.
            let mut session = keeper.seen_by(&entry, stored.as_ref())?;
            let now = keeper.runtime.now();
            let step = match how {
                End::Revoke => session.logout(now, stored),
                End::Forget => session.forget(now, stored),
            };
            let ended = keeper.carry_out(&entry, step).await;
            entry.published().outdate();
            match entry.program() {
                None => keeper.settle(&entry),
                // What nobody has stored is forgotten too. To settle it would ask for another.
                Some(_) => keeper.forget_unsaved(&entry).await,
            }
            ended
        };
        detached(&self.runtime, work).await
    }

    /// Carries out steps that need no lease.
    pub(crate) async fn carry_out<T: twoba_core::Goal>(
        &self,
        entry: &Entry,
        step: twoba_core::Step<'_, T>,
    ) -> Result<T, Error> {
        let mut unleased = Unleased {
            store: self.runtime.store(),
            key: entry.key(),
        };
        let mut noting = Noting::over(&mut unleased);
        let send = |request| self.send(request);
        let outcome = drive_async(step, &Now(&self.runtime), &mut noting, send).await;
        noting.note(self, entry);
        outcome
    }
}
