//! The place of a store for what it could not take: whoever ends leaves it there, and whoever comes
//! next takes it up.

use twoba_core::StoredGrant;

use super::{Failed, Rescued, Who};
use crate::record::{Held, Record};
use crate::sabotage::Sabotage;
use crate::sim::{Sim, StoreId};
use crate::task::Promise;

impl Sim {
    /// Leaves a record there.
    pub(super) fn leave_rescue(
        &mut self,
        who: Who,
        bytes: StoredGrant,
    ) -> Promise<Result<(), Failed>> {
        self.at_store(who, move |sim| {
            let full = sim.now < sim.stores[who.store].rescue_full_until;
            if full || sim.is_cut_off(who) || sim.store_fails() {
                sim.tell_of(who.process, || "cannot leave a rescue".to_owned());
                sim.judge_rescue_failed(who);
                return Err(Failed::Io("nothing can be left there"));
            }
            let record = Record::read(Some(bytes.expose()));
            sim.tell_of(who.process, || format!("leaves {}", record.words()));
            sim.judge_rescue_left(who, &record);
            if !sim.has(Sabotage::RescueNotLeft) {
                sim.stores[who.store].rescued = Some(Rescued {
                    bytes,
                    held: record.held().cloned().map(Box::new),
                    left_at: sim.now,
                });
            }
            Ok(())
        })
    }

    /// What lies there.
    pub(super) fn find_rescue(&mut self, who: Who) -> Promise<Result<Option<StoredGrant>, Failed>> {
        self.at_store(who, move |sim| {
            if sim.is_cut_off(who) || sim.store_fails() {
                return Err(Failed::Io("nothing can be found there"));
            }
            Ok(sim.rescued_bytes(who.store))
        })
    }

    /// The bytes that lie there, for a client that looks.
    pub(super) fn rescued_bytes(&self, store: StoreId) -> Option<StoredGrant> {
        let looks = self.plan.extras.rescues() && !self.has(Sabotage::RescueIgnored);
        let rescued = self.stores[store].rescued.as_ref().filter(|_| looks);
        rescued.map(|rescued| rescued.bytes.clone())
    }

    /// What lies there that comes after what is stored, and since when.
    pub(crate) fn rescued(&self, store: StoreId) -> Option<(&Held, u64)> {
        let store = &self.stores[store];
        let stored = store.record.held()?;
        let rescued = store.rescued.as_ref()?;
        let held = rescued.held.as_deref()?;
        let later = held.login == stored.login && held.generation > stored.generation;
        later.then_some((held, rescued.left_at))
    }

    /// Where a store is full, nothing more can be left there either for a while, or it can.
    pub(crate) fn fill_rescue(&mut self, store: StoreId, span: u64) {
        if self.plan.extras.rescues() && self.random.chance(300) {
            let span = self.random.spread(20, span.max(20));
            self.stores[store].rescue_full_until = self.now + span;
        }
    }

    pub(crate) fn heal_rescues(&mut self) {
        for store in &mut self.stores {
            store.rescue_full_until = self.now;
        }
    }
}
