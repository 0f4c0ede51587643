//! A grant that the server has given and the store has not taken. It stays in memory with the
//! lease. The keeper tries to store it again and again, even after the program has dropped the
//! session. So it does with an intent that never left and could not be taken back.

use std::sync::Arc;

use twoba_core::RefreshError;
use twoba_core::limits::TOKEN_REQUEST_TOTAL;
use twoba_store::Error;

use crate::aim::Aim;
use crate::detached::detached;
use crate::entry::{Entry, Looking};
use crate::keeper::Keeper;
use crate::place::{Landing, Place};
use crate::refresh::released;
use crate::runtime::{Pause, Runtime};
use crate::settings::{SAVE_AT_END, SAVE_BESIDE};
use crate::tries::Tries;
use crate::unharmed::unharmed;

impl<R: Runtime> Keeper<R> {
    /// Starts a worker that looks after what the store has not taken, unless there is one.
    pub(crate) fn begin_looking(self: &Arc<Self>, entry: &Arc<Entry>) {
        if let Some(looking) = Looking::begin(entry) {
            // Where nobody can be had for it, the next caller tries to store it, and the end of
            // the program.
            let work = Arc::clone(self).look_after(looking);
            self.runtime.beside(Box::pin(work));
        }
    }

    /// Tries to settle until it succeeds or its time is over.
    async fn look_after(self: Arc<Self>, mut looking: Looking) {
        let entry = Arc::clone(looking.entry());
        let revision = || entry.unsaved().map(|record| record.revision());
        let mut tries = Tries::new(SAVE_BESIDE, self.runtime.elapsed());
        let mut program = Pause::Over;
        let mut unsaved = revision();
        while looking.goes_on() {
            let left = revision();
            if left.is_some() && left != unsaved {
                // Another one has come since, which has its own time.
                tries = Tries::new(tries.limit(), self.runtime.elapsed());
                unsaved = left;
            }
            let Some(pause) = tries.pause(self.runtime.elapsed()) else {
                if program == Pause::Ending {
                    // Whoever ends the program gives it up, after a last try.
                    if left.is_some() {
                        entry.try_no_more();
                    }
                    return;
                }
                self.give_up(&entry).await;
                if looking.is_given_up() {
                    return;
                }
                self.laid_down(&entry).await;
                continue;
            };
            match program {
                Pause::Over => program = self.runtime.pause(pause).await,
                Pause::Ending => self.runtime.sleep(pause).await,
            }
            if program == Pause::Ending && tries.limit() == SAVE_BESIDE {
                tries = Tries::new(SAVE_AT_END, self.runtime.elapsed());
            }
            // Of a program itself it may have been forgotten, and nobody wants another token.
            if entry.program().is_none() || entry.keeps_unsaved() {
                // What came of it for a caller is no matter here.
                drop(self.flight(&entry, Aim::Settled).await);
            }
        }
    }

    /// Stores what the store has not taken yet, in a program that ends at once. It tries for some
    /// seconds, and returns whether there was something to store.
    ///
    /// # Errors
    ///
    /// - the store still fails, and the server's grant is in this memory only
    pub async fn save(self: &Arc<Self>, entry: &Arc<Entry>) -> Result<bool, Error> {
        if !entry.may_bring_unsaved() {
            return Ok(false);
        }
        // What comes with an answer that is out has the whole time.
        self.laid_down(entry).await;
        let mut tries = Tries::new(SAVE_AT_END, self.runtime.elapsed());
        let revision = || entry.unsaved().map(|record| record.revision());
        let mut unsaved = revision();
        while entry.may_bring_unsaved() {
            let outcome = self.flight(entry, Aim::Settled).await;
            self.laid_down(entry).await;
            let left = revision();
            if left.is_none() {
                break;
            }
            if left != unsaved {
                // Another one has come since.
                tries = Tries::new(SAVE_AT_END, self.runtime.elapsed());
                unsaved = left;
            }
            match (tries.pause(self.runtime.elapsed()), outcome) {
                (Some(pause), _) => self.runtime.sleep(pause).await,
                (None, Err(error)) => return Err(error),
                (None, Ok(_)) => return Err(RefreshError::NotStored.into()),
            }
        }
        Ok(true)
    }

    /// Waits until no flight holds an unsaved grant. After a failed flight the next one may try at
    /// once, and until then no one else can keep the grant or leave it for another process.
    async fn laid_down(self: &Arc<Self>, entry: &Arc<Entry>) {
        let mut tries = Tries::new(TOKEN_REQUEST_TOTAL, self.runtime.elapsed());
        while !entry.is_idle()
            && !entry.keeps_unsaved()
            && let Some(pause) = tries.pause(self.runtime.elapsed())
        {
            match Place::of_exchange(entry) {
                Some(place) => {
                    let landed = self.landed(&place);
                    drop(self.runtime.within(TOKEN_REQUEST_TOTAL, landed).await);
                }
                None => self.runtime.sleep(pause).await,
            }
        }
    }

    /// The sessions with an answer on its way, with a grant that is not stored yet, or with an intent
    /// that others may count. Who but waits for a lease has nothing to lose.
    fn unsettled(&self) -> Vec<Arc<Entry>> {
        let mut unsettled = self.busy();
        unsettled.retain(|entry| entry.is_unsettled());
        unsettled
    }

    /// Whether an answer is still on its way, or a grant is not stored yet.
    pub fn is_exchanging(&self) -> bool {
        let busy = self.busy();
        busy.iter().any(|entry| entry.may_bring_unsaved())
    }

    /// Leaves every grant that the store has not taken for another process, at once.
    pub async fn rescue(self: &Arc<Self>) {
        let keeper = Arc::clone(self);
        let work = async move {
            let busy = keeper.busy();
            for entry in &busy {
                keeper.give_up(entry).await;
            }
            for entry in busy.iter().filter(|entry| entry.has_unsaved_in_hand()) {
                keeper.laid_down(entry).await;
                keeper.give_up(entry).await;
            }
            Ok(())
        };
        // Cut off, it leaves what it has not come to in memory.
        drop(detached(&self.runtime, work).await);
    }

    /// Leaves the grant that the store does not take for another process, and lets others refresh.
    /// The grant stays in its place meanwhile, so that flights find it.
    async fn give_up(self: &Arc<Self>, entry: &Arc<Entry>) {
        let record = entry.unsaved();
        if let Some(record) = &record {
            // A store that has no place for it, or fails again, leaves it in this memory.
            let rescue = self.runtime.store().rescue(entry.key(), record);
            drop(unharmed(rescue).await);
        }
        let revision = record.map(|record| record.revision());
        if let Some(lease) = entry.take_lease_of(revision) {
            released(lease).await;
        }
    }

    /// Drops the unsaved token of a program itself, and its lease.
    pub(crate) async fn forget_unsaved(&self, entry: &Entry) {
        if let Some(mut hold) = entry.remove_unsaved() {
            self.give_back(&mut hold).await;
        }
    }

    /// Starts a worker for a grant that a login or a logout has made void. The worker revokes the
    /// grant and releases its lease.
    pub(crate) fn settle(self: &Arc<Self>, entry: &Arc<Entry>) {
        if !entry.keeps_unsaved() {
            return;
        }
        match Landing::settle(entry, self.runtime.elapsed()) {
            Some(landing) => {
                self.runtime.beside(Box::pin(Arc::clone(self).fly(landing)));
            }
            // A flight that is out sees to it. One that nobody carries out in the end does not.
            None => self.begin_looking(entry),
        }
    }

    /// Stores what is not stored yet when the program drops its sessions. It tries for some
    /// seconds, after the refreshes that are on their way. It goes on if the caller does not.
    pub async fn close(self: &Arc<Self>) {
        let out: Vec<Place> = self
            .unsettled()
            .iter()
            .filter_map(Place::of_exchange)
            .collect();
        let keeper = Arc::clone(self);
        let work = async move {
            keeper.closed(out).await;
            Ok(())
        };
        drop(detached(&self.runtime, work).await);
    }

    async fn closed(self: &Arc<Self>, out: Vec<Place>) {
        for place in out {
            let landed = self.landed(&place);
            drop(self.runtime.within(TOKEN_REQUEST_TOTAL, landed).await);
        }
        let mut looking = Vec::new();
        let mut tries = Tries::new(SAVE_AT_END, self.runtime.elapsed());
        loop {
            // A flight that waited for its lease may have got it only now.
            for entry in self.unsettled() {
                looking.extend(Looking::begin(&entry));
                let tried = Box::pin(self.flight(&entry, Aim::Settled));
                drop(self.runtime.within(TOKEN_REQUEST_TOTAL, tried).await);
            }
            let left = self.unsettled();
            let is_tried = left.iter().all(|entry| entry.was_tried_to_the_end());
            match tries.pause(self.runtime.elapsed()) {
                Some(pause) if !is_tried => self.runtime.sleep(pause).await,
                Some(_) | None => break,
            }
        }
        for entry in self.unsettled() {
            self.laid_down(&entry).await;
            self.give_up(&entry).await;
        }
        drop(looking);
    }
}
