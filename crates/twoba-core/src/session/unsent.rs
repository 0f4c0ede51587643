//! An intent whose request never left, although it may stand in the store. The store reported a
//! failure while writing it.

use alloc::boxed::Box;
use core::fmt;

use super::intent::Intent;
use super::known::Known;
use super::transition::{self, Held};

/// An intent whose request never left, and the grant before it. Keep it in memory with the
/// session's other state until it is taken back.
#[derive(Clone)]
pub struct Unsent {
    pub(super) before: Box<Held>,
    pub(super) intent: Intent,
    /// The stored intent of the same attempt that this one was to replace, because it had waited
    /// too long.
    pub(super) replaced: Option<Intent>,
}

impl Unsent {
    /// The data for taking back an intent that a store failed to write for this grant.
    pub(super) fn new(before: Held, intent: Intent, replaced: Option<Intent>) -> Self {
        Self {
            before: Box::new(transition::not_asking(before, &intent)),
            intent,
            replaced,
        }
    }

    /// Whether the stored intent is this one, or the one that it was to replace.
    pub(super) fn stands_in(&self, known: &Known) -> bool {
        let Some(stored) = known.held().filter(|held| held.id() == self.before.id()) else {
            return false;
        };
        let mut own = [Some(&self.intent), self.replaced.as_ref()].into_iter();
        stored.intent().is_some() && own.any(|own| stored.intent() == own)
    }
}

impl fmt::Debug for Unsent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unsent")
            .field("id", &self.before.id())
            .finish_non_exhaustive()
    }
}
