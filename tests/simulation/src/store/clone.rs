//! Copies of a store on another host: they do not carry the fact by which a store knows its home.

use crate::record::{Held, Record};
use crate::sim::{Sim, StoreId};

impl Sim {
    /// The store that is copied, and where to.
    fn original_and_copy(&self) -> (StoreId, StoreId) {
        (0, self.plan.stores.len() - 1)
    }

    /// Which store is copied to this one.
    pub(crate) fn original_of(&self, store: StoreId) -> Option<StoreId> {
        let (original, copy) = self.original_and_copy();
        (self.plan.extras.clones && store == copy).then_some(original)
    }

    /// Whether a store is a copy that nobody has adopted, or the original of one that somebody has.
    pub(crate) fn is_copy(&self, store: StoreId) -> bool {
        self.stores[self.shared(store)].copied
    }

    /// Copies a store that is at rest to where nothing is stored.
    pub(crate) fn copy_store(&mut self) {
        let (original, copy) = self.original_and_copy();
        let quiet = self.stores[original].record.held();
        let quiet = quiet.is_some_and(Held::is_quiet);
        let empty = matches!(self.stores[copy].record, Record::Nothing);
        let candidate = self.stores[original].candidate().is_some();
        let used = self.stores[copy].claims.is_held();
        if !quiet || !empty || candidate || used {
            return;
        }
        self.tell("store", || format!("{original} is copied to {copy}"));
        let (record, bytes) = {
            let original = &self.stores[original];
            (original.record.clone(), original.bytes.clone())
        };
        let store = &mut self.stores[copy];
        (store.record, store.bytes, store.copied) = (record, bytes, true);
        self.judge_copied(original, copy);
    }

    /// The copy is the store from now on, where it is as good as the original; that one is given
    /// up.
    pub(crate) fn adopt_copy(&mut self) {
        let (original, copy) = self.original_and_copy();
        let same = self.stores[original].bytes == self.stores[copy].bytes;
        let quiet = self.stores[original].record.held();
        let quiet = quiet.is_some_and(Held::is_quiet);
        let used = self.stores[original].claims.is_held();
        if !self.stores[copy].copied || !same || !quiet || used {
            return;
        }
        self.tell("store", || {
            format!("{copy} is adopted in the place of {original}")
        });
        self.stores[copy].copied = false;
        self.stores[original].copied = true;
    }
}
