//! An intent that may stand in the store although its end is known. Either its request never left,
//! because the store reported a failure while writing it, or the store did not take what came of the
//! request. Without this knowledge, the intent counts as one whose answer was lost.

use alloc::boxed::Box;
use core::fmt;

use super::intent::Intent;
use super::known::Known;
use super::transition::{self, Held};

/// An intent whose request never left, or came to an end that no store has taken, and the grant that
/// belongs in its place. Keep it in memory with the session's other state until it is taken back.
#[derive(Clone)]
pub struct Unsent {
    /// The grant before the intent, or with what came of the request.
    pub(super) instead: Box<Held>,
    pub(super) intent: Intent,
    /// The stored intent that this one was to replace. Either it is of the same attempt and had
    /// waited too long, or it never left either.
    pub(super) replaced: Option<Intent>,
}

impl Unsent {
    /// The data for taking back an intent that a store failed to write for this grant.
    pub(super) fn new(before: Held, intent: Intent, replaced: Option<Intent>) -> Self {
        Self {
            instead: Box::new(transition::not_asking(before, &intent)),
            intent,
            replaced,
        }
    }

    /// The data for replacing an intent by the end of its request, which a store failed to write.
    pub(super) fn ended(end: Box<Held>, intent: Intent) -> Self {
        Self {
            instead: end,
            intent,
            replaced: None,
        }
    }

    /// The stored intent, if it is this one or the one that it was to replace.
    pub(super) fn standing(&self, known: &Known) -> Option<Intent> {
        let stored = known.held().filter(|held| held.id() == self.instead.id())?;
        let intent = stored.intent()?;
        let own = *intent == self.intent || Some(intent) == self.replaced.as_ref();
        own.then(|| intent.clone())
    }

    /// Whether such an intent is stored.
    pub(super) fn stands_in(&self, known: &Known) -> bool {
        self.standing(known).is_some()
    }
}

impl fmt::Debug for Unsent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unsent")
            .field("id", &self.instead.id())
            .finish_non_exhaustive()
    }
}
