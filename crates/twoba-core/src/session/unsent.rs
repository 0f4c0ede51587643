//! An intent that a store may hold although it said that it had failed, so that its request never
//! left.

use alloc::boxed::Box;
use core::fmt;

use super::intent::Intent;
use super::known::Known;
use super::transition::{self, Held};

/// An intent whose request never left, and the grant as it was before. Keep it with the session's
/// other state in memory until it is taken back.
#[derive(Clone)]
pub struct Unsent {
    pub(super) before: Box<Held>,
    pub(super) intent: Intent,
    /// The intent of the same attempt that was stored before, and waited too long to leave.
    pub(super) replaced: Option<Intent>,
}

impl Unsent {
    /// What is to be taken back of an intent that a store failed to write for this grant.
    pub(super) fn new(before: Held, intent: Intent, replaced: Option<Intent>) -> Self {
        Self {
            before: Box::new(transition::not_asking(before, &intent)),
            intent,
            replaced,
        }
    }

    /// Whether this intent is what is stored, or the one that it was to replace.
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
