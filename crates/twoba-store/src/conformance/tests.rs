//! The stores of this crate go through the suite that every store goes through.

mod broken;
mod workers;

use std::process::Command;

use crate::conformance::{AsyncSubject, Awaited, Folder, MaintainedSubject, Memory, Subject};
#[cfg(feature = "encryption")]
use crate::seal::{EncryptionKey, tests::write_keys};
use crate::{AsyncStore, Direct, ListedKind, Maintained, Store};
use tempfile::TempDir;
use twoba_core::SessionKey;

/// How many keys make many, where the environment says so.
const MANY: &str = "TWOBA_CONFORMANCE_KEYS";

mod of_the_memory_store {
    crate::conformance!(crate::conformance::Memory::default());
}

mod of_the_memory_store_to_be_awaited {
    crate::conformance_async!(super::AwaitedMemory::default());
}

mod of_the_file_store {
    crate::conformance!(super::Files::new());
}

mod of_the_file_store_as_a_whole {
    crate::conformance_maintained!(super::Files::new());
}

mod of_the_file_store_called_in_place {
    crate::conformance_async!(super::AwaitedFiles(super::Files::new()));
}

#[cfg(feature = "encryption")]
mod of_the_encrypted_file_store {
    crate::conformance!(super::Files::encrypted());
}

#[derive(Default)]
struct AwaitedMemory(Memory);

impl Subject for AwaitedMemory {
    fn open(&self) -> Box<dyn Store> {
        Box::new(Awaited::new(self.0.store.to_async()))
    }

    fn plant(&self, key: &SessionKey, bytes: &[u8]) {
        self.0.plant(key, bytes);
    }

    fn kept_aside(&self, key: &SessionKey) -> Vec<Vec<u8>> {
        self.0.kept_aside(key)
    }
}

impl AsyncSubject for AwaitedMemory {
    fn open_async(&self) -> Box<dyn AsyncStore> {
        Box::new(self.0.store.to_async())
    }
}

impl MaintainedSubject for Files {
    fn open_maintained(&self) -> Box<dyn Maintained> {
        Box::new(self.folder.store())
    }
}

/// A file store in a folder that goes with it.
struct Files {
    folder: Folder,
    _home: TempDir,
}

impl Files {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::new(home.path().join("store"));
        let many = std::env::var(MANY).ok();
        let folder = match many {
            Some(many) => folder.with_many(many.parse().unwrap()),
            None => folder,
        };
        Self {
            folder,
            _home: home,
        }
    }
}

#[cfg(feature = "encryption")]
impl Files {
    /// Whose records are sealed with a key in a file beside the folder.
    fn encrypted() -> Self {
        let Self { folder, _home } = Self::new();
        let keys = [EncryptionKey::random().unwrap()];
        write_keys(&_home.path().join(workers::KEYS), &keys);
        let folder = folder.with_protector(workers::protector_in(_home.path()));
        Self { folder, _home }
    }
}

impl Subject for Files {
    fn open(&self) -> Box<dyn Store> {
        self.folder.open()
    }

    fn plant(&self, key: &SessionKey, bytes: &[u8]) {
        self.folder.plant(key, bytes);
    }

    fn kept_aside(&self, key: &SessionKey) -> Vec<Vec<u8>> {
        self.folder.kept_aside(key)
    }

    fn protection(&self, key: &SessionKey, kind: ListedKind) -> String {
        self.folder.protection(key, kind)
    }

    fn obstruct(&self, key: &SessionKey, obstructed: bool) -> bool {
        self.folder.obstruct(key, obstructed)
    }

    fn lapse(&self, key: &SessionKey) -> bool {
        self.folder.lapse(key)
    }

    fn lose_answers(&self, lost: bool) -> bool {
        self.folder.lose_answers(lost)
    }

    fn hold_back(&self, key: &SessionKey) -> Option<Box<dyn Send>> {
        self.folder.hold_back(key)
    }

    fn worker(&self) -> Option<Command> {
        Some(workers::in_folder(self.folder.store().folder(), false))
    }

    fn many(&self) -> usize {
        self.folder.many()
    }
}

struct AwaitedFiles(Files);

impl Subject for AwaitedFiles {
    fn open(&self) -> Box<dyn Store> {
        Box::new(Awaited::new(Direct::new(self.0.folder.store())))
    }

    fn plant(&self, key: &SessionKey, bytes: &[u8]) {
        self.0.plant(key, bytes);
    }

    fn kept_aside(&self, key: &SessionKey) -> Vec<Vec<u8>> {
        self.0.kept_aside(key)
    }

    fn protection(&self, key: &SessionKey, kind: ListedKind) -> String {
        self.0.protection(key, kind)
    }

    fn obstruct(&self, key: &SessionKey, obstructed: bool) -> bool {
        self.0.obstruct(key, obstructed)
    }

    fn lapse(&self, key: &SessionKey) -> bool {
        self.0.lapse(key)
    }

    fn lose_answers(&self, lost: bool) -> bool {
        self.0.lose_answers(lost)
    }

    fn worker(&self) -> Option<Command> {
        self.0.worker()
    }
}

impl AsyncSubject for AwaitedFiles {
    fn open_async(&self) -> Box<dyn AsyncStore> {
        Box::new(Direct::new(self.0.folder.store()))
    }
}
