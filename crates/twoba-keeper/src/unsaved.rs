//! A grant that the server has given and the store has not taken: it stays in memory with the
//! lease, and storing it is tried again and again, whoever lets go of the session.

use std::sync::Arc;

use twoba_core::Want;

use crate::entry::{Entry, Hold};
use crate::keeper::Keeper;
use crate::place::Landing;
use crate::runtime::{Pause, Runtime};
use crate::settings::{SAVE_AT_END, SAVE_BESIDE, SAVE_PAUSE_MAX, SAVE_PAUSE_MIN};

impl<R: Runtime> Keeper<R> {
    /// Keeps what the store has not taken, and has somebody look after it.
    pub(crate) fn keep_unsaved(self: &Arc<Self>, entry: &Arc<Entry>, hold: Box<Hold>) {
        if !entry.keep_unsaved(hold) {
            return;
        }
        let work = Arc::clone(self).look_after(Arc::clone(entry), Pause::Over);
        if !self.runtime.beside(Box::pin(work)) {
            // The next caller tries to store it, and the end of the program.
            entry.leave_unsaved();
        }
    }

    /// Tries to store a grant until that is done, or its time is over.
    async fn look_after(self: Arc<Self>, entry: Arc<Entry>, began: Pause) {
        let mut program = began;
        let mut at_once = began == Pause::Ending;
        let mut since = self.runtime.elapsed();
        let mut pause = SAVE_PAUSE_MIN;
        while entry.has_unsaved() {
            let limit = match program {
                Pause::Over => SAVE_BESIDE,
                Pause::Ending => SAVE_AT_END,
            };
            let left = limit.saturating_sub(self.runtime.elapsed().saturating_sub(since));
            if left.is_zero() {
                return self.give_up(&entry).await;
            }
            match program {
                Pause::Over => program = self.runtime.pause(pause.min(left)).await,
                Pause::Ending if at_once => {}
                Pause::Ending => self.runtime.sleep(pause.min(left)).await,
            }
            at_once = false;
            pause = pause.saturating_mul(2).min(SAVE_PAUSE_MAX);
            if program == Pause::Ending && limit == SAVE_BESIDE {
                // What is left is counted from here, and begins with a try.
                since = self.runtime.elapsed();
                pause = SAVE_PAUSE_MIN;
            }
            // What came of it for a caller is no matter here.
            drop(self.obtain(&entry, Want::Usable).await);
        }
    }

    /// Leaves what the store does not take for somebody who finds it, and lets others refresh.
    async fn give_up(self: Arc<Self>, entry: &Arc<Entry>) {
        if let Some(mut hold) = entry.take_unsaved() {
            if let Some(record) = hold.session.rescue() {
                // A store that has no place for it, or fails again, leaves it in this memory.
                drop(self.runtime.store().rescue(entry.key(), &record).await);
            }
            self.give_back(&mut hold).await;
            entry.keep_unsaved(hold);
        }
        entry.leave_unsaved();
    }

    /// Has somebody see to what a login or a logout has made void: the late grant is revoked, and
    /// its lease given back.
    pub(crate) fn settle(self: &Arc<Self>, entry: &Arc<Entry>) {
        if !entry.keeps_unsaved() {
            return;
        }
        // A flight that is out sees to it; so does whoever looks after it, a little later.
        if let Some(landing) = Landing::start(entry, Want::Usable, self.runtime.elapsed()) {
            self.runtime.beside(Box::pin(Arc::clone(self).fly(landing)));
        }
    }

    /// Stores what is not stored yet, as the program lets go of its sessions: tried for some
    /// seconds.
    pub async fn close(self: &Arc<Self>) {
        for entry in self.busy() {
            Arc::clone(self).look_after(entry, Pause::Ending).await;
        }
    }
}
