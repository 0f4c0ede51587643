//! Notes the records that were found in the place of the expected ones. What a login, an import or a
//! logout has met counts as seen, though it has replaced that since.

use async_trait::async_trait;
use twoba_core::{Change, Durable, StoredGrant};
use twoba_store::{ApplyError, AsyncApply};

use crate::entry::Entry;
use crate::keeper::Keeper;
use crate::runtime::Runtime;

/// Applies changes, and remembers what they met.
pub(crate) struct Noting<'a, A: ?Sized> {
    under: &'a mut A,
    met: Vec<StoredGrant>,
}

impl<'a, A: AsyncApply + ?Sized> Noting<'a, A> {
    pub(crate) fn over(under: &'a mut A) -> Self {
        Self {
            under,
            met: Vec::new(),
        }
    }

    /// Notes for this session what was met.
    pub(crate) fn note<R: Runtime>(self, keeper: &Keeper<R>, entry: &Entry) {
        for met in &self.met {
            // Without randomness it is not noted. What was stored is stored all the same.
            drop(keeper.seen_by(entry, Some(met)));
        }
    }
}

#[async_trait]
impl<A: AsyncApply + ?Sized> AsyncApply for Noting<'_, A> {
    async fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        let applied = self.under.apply(change).await;
        if let Err(ApplyError::Conflict(Some(stored))) = &applied {
            self.met.push(stored.clone());
        }
        applied
    }
}
