//! Stores that are sound until a process that uses them is killed.

use std::process::Command;

use tempfile::TempDir;
use twoba_core::{Change, Durable, SessionKey, StoredGrant, Timestamp};

use super::super::workers;
use crate::conformance::{Folder, Subject};
use crate::{ApplyError, Due, FileStore, Lease, Listed, Store, StoreError};

/// What can be wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loss {
    /// What is said to be stored is in the memory of the process.
    Records,
    /// A lease is held for as long as a file says so, whoever wrote it.
    LeasesOfTheDead,
}

/// Each loss and the case that finds it.
pub(crate) const FOUND: [(Loss, &str); 2] = [
    (Loss::Records, "what_a_killed_process_had_stored_is_there"),
    (Loss::LeasesOfTheDead, "a_lease_ends_with_its_process"),
];

pub(crate) struct Losing {
    folder: Folder,
    loss: Loss,
    _home: TempDir,
}

impl Losing {
    pub(crate) fn new(loss: Loss) -> Self {
        let home = tempfile::tempdir().unwrap();
        Self {
            folder: Folder::new(home.path().join("store")),
            loss,
            _home: home,
        }
    }
}

impl Subject for Losing {
    fn open(&self) -> Box<dyn Store> {
        let store = self.folder.store();
        match self.loss {
            Loss::Records => Box::new(store),
            Loss::LeasesOfTheDead => Box::new(Trusting(store)),
        }
    }

    fn plant(&self, key: &SessionKey, bytes: &[u8]) {
        self.folder.plant(key, bytes);
    }

    fn kept_aside(&self, key: &SessionKey) -> Vec<Vec<u8>> {
        self.folder.kept_aside(key)
    }

    fn worker(&self) -> Option<Command> {
        let folder = self.folder.store();
        let forgetful = self.loss == Loss::Records;
        Some(workers::in_folder(folder.folder(), forgetful))
    }
}

/// A store that believes the line of a lease, and looks at no lock.
struct Trusting(FileStore);

impl Store for Trusting {
    fn try_lease(&self, key: &SessionKey) -> Result<Option<Box<dyn Lease>>, StoreError> {
        match self.0.holder(key)? {
            Some(_) => Ok(None),
            None => self.0.try_lease(key),
        }
    }

    fn read(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        self.0.read(key)
    }

    fn change(&self, key: &SessionKey, change: &Change) -> Result<Durable, ApplyError> {
        self.0.change(key, change)
    }

    fn probe(&self, key: &SessionKey) -> Result<(), StoreError> {
        self.0.probe(key)
    }

    fn due(
        &self,
        which: Due,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<SessionKey>, StoreError> {
        self.0.due(which, before, limit)
    }

    fn list(&self, after: Option<&SessionKey>, limit: usize) -> Result<Vec<Listed>, StoreError> {
        self.0.list(after, limit)
    }

    fn rescue(&self, key: &SessionKey, record: &StoredGrant) -> Result<(), StoreError> {
        self.0.rescue(key, record)
    }

    fn rescued(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        self.0.rescued(key)
    }
}
