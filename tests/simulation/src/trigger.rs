//! Troubles that wait for their moment: a crash, a pause or a rival exactly when a request has
//! left, an intent is stored, an answer is on its way. Chance alone would seldom meet those.

use crate::operation::Operation;
use crate::sim::{Happening, ProcessId, Sim};

/// A moment in the life of a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trigger {
    IntentStored,
    Called,
    Left,
    Committed,
    Delivered,
    RotationStored,
    VerdictStored,
}

impl Trigger {
    pub(crate) const ALL: [Self; 7] = [
        Self::IntentStored,
        Self::Called,
        Self::Left,
        Self::Committed,
        Self::Delivered,
        Self::RotationStored,
        Self::VerdictStored,
    ];
}

/// What happens at a moment, once.
#[derive(Debug)]
pub(crate) struct Armed {
    pub(crate) trigger: Trigger,
    /// Of this process only.
    pub(crate) process: ProcessId,
    /// How long after the moment, in milliseconds.
    pub(crate) after: u64,
    pub(crate) then: Operation,
}

impl Sim {
    /// The moment has come for a process.
    pub(crate) fn pull(&mut self, trigger: Trigger, process: ProcessId) {
        let fits = |armed: &Armed| armed.trigger == trigger && armed.process == process;
        while let Some(at) = self.armed.iter().position(fits) {
            let Armed { after, then, .. } = self.armed.swap_remove(at);
            self.schedule(after, Happening::Operation(then));
        }
    }
}
