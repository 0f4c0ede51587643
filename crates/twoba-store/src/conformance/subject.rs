//! The interface between the cases and a store under test.

use std::process::Command;
use std::time::Duration;

use twoba_core::SessionKey;

use super::awaited::Driven;
use crate::block_on::block_on;
use crate::store::{AsyncStore, ListedKind, Store};

/// A store under test, empty at first, with the hooks that the cases need.
pub trait Subject: Send + Sync {
    /// Opens the store once more, as another process would open it.
    fn open(&self) -> Box<dyn Store>;

    /// Puts bytes in the place of the record of `key`, bypassing the store. A damaged disk or
    /// another program would leave such bytes. If the store keeps a revision beside them, it is
    /// that of these bytes. If it keeps dates, there are none.
    fn plant(&self, key: &SessionKey, bytes: &[u8]);

    /// The bytes that the store has kept aside of `key`, read bypassing the store.
    fn kept_aside(&self, key: &SessionKey) -> Vec<Vec<u8>>;

    /// How the stored thing of this kind is protected, in the store's own words. The cases compare
    /// these words. By default, everything is in one place with one protection.
    fn protection(&self, _: &SessionKey, _: ListedKind) -> String {
        "as everything in the store".to_owned()
    }

    /// Makes all writes of `key` fail from now on, or lets them succeed again. Returns false if a
    /// test cannot do that.
    fn obstruct(&self, _: &SessionKey, _obstructed: bool) -> bool {
        false
    }

    /// Makes the lease of `key` expire, as if its holder had been silent for too long. Returns
    /// false if leases do not expire.
    fn lapse(&self, _: &SessionKey) -> bool {
        false
    }

    /// Has the answers of all writes get lost from now on, or arrive again. A write whose answer is
    /// lost is applied, and the store cannot know that. Returns false if a test cannot do that.
    fn lose_answers(&self, _lost: bool) -> bool {
        false
    }

    /// Holds back all writes of `key` until the returned value is dropped, as another writer does
    /// that is stopped in the middle. `None` if a test cannot do that.
    fn hold_back(&self, _: &SessionKey) -> Option<Box<dyn Send>> {
        None
    }

    /// The time after which a write that is held back has certainly failed.
    fn patience(&self) -> Duration {
        Duration::from_secs(15)
    }

    /// A command that calls [`work_until_killed`](super::work_until_killed) in another process with
    /// this store. `None` if a test cannot do that, for example because the store is in memory.
    fn worker(&self) -> Option<Command> {
        None
    }

    /// [Plants](Self::plant) bytes under many keys.
    fn plant_all(&self, planted: &[(SessionKey, Vec<u8>)]) {
        for (key, bytes) in planted {
            self.plant(key, bytes);
        }
    }

    /// The number of keys that counts as many.
    fn many(&self) -> usize {
        200
    }
}

/// An async store under test. Its [`open`](Subject::open) returns an [`Awaited`](super::Awaited) of the same store.
pub trait AsyncSubject: Subject {
    /// Opens the store once more.
    fn open_async(&self) -> Box<dyn AsyncStore>;

    /// Runs a future to its end, on the runtime that the store's futures need.
    fn drive(&self, future: Driven<'_>) {
        block_on(future);
    }
}
