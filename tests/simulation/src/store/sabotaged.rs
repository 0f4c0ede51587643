//! What a sabotaged store shows, pretends and overlooks; any other one tells the truth.

use twoba_core::{Change, StoredGrant};

use super::{Way, Who};
use crate::plan::SECOND;
use crate::record::{self, Record};
use crate::sabotage::Sabotage;
use crate::sim::{Sim, StoreId};

impl Sim {
    /// What a reader sees: what is stored, unless the store is sabotaged.
    pub(super) fn shown(&mut self, id: StoreId) -> Option<StoredGrant> {
        let forgets: &[(&str, serde_json::Value)] = match self.sabotage {
            Some(Sabotage::AttemptNotCounted) => &[("/intent/attempt", 1.into())],
            Some(Sabotage::VerdictForgotten) => &[("/verdict", serde_json::Value::Null)],
            Some(Sabotage::BackoffForgotten) => &[("/trouble", serde_json::Value::Null)],
            Some(Sabotage::RejectionForgotten) => &[
                ("/rejected_at", serde_json::Value::Null),
                ("/born_of_rejection", serde_json::Value::Bool(false)),
            ],
            Some(Sabotage::LatenessForgotten) => &[("/refreshes_late", serde_json::Value::Null)],
            Some(Sabotage::OwnEndForgotten) if self.is_own(id) => &[
                ("/grant/lifetime", "unknown".into()),
                ("/grant/refresh_due_at", serde_json::Value::Null),
            ],
            Some(Sabotage::DoubtForgotten) => &[("/clock_doubted", false.into())],
            Some(_) | None => &[],
        };
        let hides = self.has(Sabotage::OwnNotShared) && self.is_own(id);
        let damage_is_nothing = self.has(Sabotage::DamageIsNothing);
        let store = &mut self.stores[id];
        let real = store.bytes.clone()?;
        if hides {
            return None;
        }
        if damage_is_nothing && matches!(store.record, Record::Unreadable) {
            return None;
        }
        if forgets.is_empty() {
            return Some(real);
        }
        let bytes = record::changed(real.expose(), |record| {
            for (place, value) in forgets {
                for whose in ["", "/state/held"] {
                    if let Some(found) = record.pointer_mut(&format!("{whose}{place}")) {
                        *found = value.clone();
                    }
                }
            }
        });
        let falsified = StoredGrant::from_bytes(bytes);
        store
            .falsified
            .push((falsified.revision(), real.revision()));
        Some(falsified)
    }

    /// Whether a sabotaged store says that it has kept what it has not.
    pub(super) fn pretends(&mut self, who: Who, way: Way, change: &Change, after: &Record) -> bool {
        let Some(held) = after.held() else {
            return false;
        };
        if self.has(Sabotage::NoIntent) && held.intent.as_ref().is_some_and(|it| !it.over) {
            return true;
        }
        if self.has(Sabotage::NotTakenBack) && self.takes_back(who, held) {
            return true;
        }
        let before = self.stores[who.store].record.held();
        let rotates = before.is_some_and(|before| {
            before.login == held.login && before.generation < held.generation
        });
        if self.has(Sabotage::SaveAfterHandOut) && rotates {
            let (change, after) = (change.clone(), after.clone());
            let later = self.random.spread(200, 20 * SECOND);
            self.after(later, move |sim| {
                let finds = sim.stores[who.store].finds(change.expected());
                if sim.lives(who.process, who.life) && finds {
                    sim.keep(who, way, &change, after);
                }
            });
            return true;
        }
        false
    }

    /// Whether a sabotaged store applies a change that finds something else.
    pub(super) fn overlooks(&self, store: StoreId, after: &Record) -> bool {
        match self.sabotage {
            Some(Sabotage::LostConflict) => true,
            Some(Sabotage::OwnNotShared) => self.is_own(store),
            Some(Sabotage::TombstoneForgotten) => self.stores[store].bytes.is_none(),
            Some(Sabotage::DamageIsNothing) => {
                matches!(self.stores[store].record, Record::Unreadable)
            }
            Some(Sabotage::GenerationWithoutLogin) => {
                let before = self.stores[store].record.held().map(|held| held.generation);
                let after = after.held().map(|held| held.generation);
                before.is_some() && before.map(|before| before + 1) == after
            }
            Some(_) | None => false,
        }
    }
}
