//! Stores that go back: what was stored is restored from a copy of an earlier day.

use super::Backup;
use crate::record::Record;
use crate::sim::{Sim, StoreId};

/// How many copies are kept.
const KEPT: usize = 6;

impl Sim {
    /// Keeps a copy of what a store holds, where that is at rest: what is under way in a copy is
    /// over in each case, and the judge would have to know how.
    pub(super) fn back_up(&mut self, id: StoreId) {
        let store = &self.stores[id];
        let quiet = match &store.record {
            Record::Held(held) => held.is_quiet(),
            Record::Gone => true,
            Record::Nothing | Record::Nobody(_) | Record::Unreadable => false,
        };
        let known = self.plan.troubles.goes_back && !self.weather.settled;
        if !known || !quiet || store.candidate().is_some() {
            return;
        }
        let Some(bytes) = store.bytes.clone() else {
            return;
        };
        let record = store.record.clone();
        let backups = &mut self.stores[id].backups;
        let full = backups.len() >= KEPT;
        if full {
            backups.remove(0);
        }
        backups.push(Backup { bytes, record });
        self.judge_backed_up(id, full);
    }

    /// Sets a store back to one of its copies.
    pub(crate) fn go_back(&mut self, id: StoreId) {
        let count = self.stores[id].backups.len();
        if count == 0 {
            return;
        }
        let which = self.random.index(count);
        let Backup { bytes, record } = &self.stores[id].backups[which];
        let (bytes, record) = (bytes.clone(), record.clone());
        if self.stores[id].bytes.as_ref() == Some(&bytes) {
            return;
        }
        self.tell("store", || format!("{id} goes back to {}", record.words()));
        self.stores[id].bytes = Some(bytes);
        self.stores[id].record = record;
        self.judge_went_back(id, which);
    }
}
