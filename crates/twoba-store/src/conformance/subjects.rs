//! The stores of this crate as subjects, for its own tests and for stores that wrap them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use twoba_core::{SessionKey, StoredGrant};

use super::{MaintainedSubject, Subject};
use crate::file::FileStore;
use crate::memory::MemoryStore;
use crate::protection::Protector;
use crate::sealed::key_of;
use crate::store::{ListedKind, Maintained, Store};

/// A memory store.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    /// The store.
    pub store: MemoryStore,
}

impl Subject for Memory {
    fn open(&self) -> Box<dyn Store> {
        Box::new(self.store.clone())
    }

    fn plant(&self, key: &SessionKey, bytes: &[u8]) {
        self.store.plant(key, bytes);
    }

    fn kept_aside(&self, key: &SessionKey) -> Vec<Vec<u8>> {
        let aside = self.store.kept_aside_of(key);
        let bytes = aside.iter().map(StoredGrant::expose);
        bytes.map(<[u8]>::to_vec).collect()
    }

    fn many(&self) -> usize {
        2_000
    }
}

/// A file store in a folder.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
    many: usize,
    /// Whether the disk reports failures of what it has done.
    lost: Arc<AtomicBool>,
    protector: Protector,
}

impl Folder {
    /// Makes a file store in a folder that is empty or does not exist. The folder is not removed
    /// afterwards.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            many: 200,
            lost: Arc::default(),
            protector: Protector::without_keys(),
        }
    }

    /// Sets how many keys count as many.
    #[must_use]
    pub fn with_many(mut self, many: usize) -> Self {
        self.many = many;
        self
    }

    /// Sets how the sessions are protected.
    #[must_use]
    pub fn with_protector(mut self, protector: Protector) -> Self {
        self.protector = protector;
        self
    }

    /// The file store.
    #[must_use]
    pub fn store(&self) -> FileStore {
        FileStore::open_losing(&self.path, &self.lost, self.protector.clone()).unwrap()
    }
}

impl Subject for Folder {
    fn open(&self) -> Box<dyn Store> {
        Box::new(self.store())
    }

    fn plant(&self, key: &SessionKey, bytes: &[u8]) {
        self.store().plant(key, bytes).unwrap();
    }

    fn kept_aside(&self, key: &SessionKey) -> Vec<Vec<u8>> {
        let aside = self.store().all_aside(key).unwrap();
        aside.iter().map(|kept| kept.expose().to_vec()).collect()
    }

    fn protection(&self, key: &SessionKey, kind: ListedKind) -> String {
        let paths = self.store().files_of(key, kind);
        let of_each = paths.iter().map(|path| {
            let sealed = match key_of(&fs::read(path).unwrap()) {
                Some(key) => format!("sealed with {key}"),
                None => "not sealed".to_owned(),
            };
            format!("{}, {sealed}", permissions(path))
        });
        of_each.collect::<Vec<_>>().join(", ")
    }

    /// Puts a folder where every write begins. It is in the way even for root.
    fn obstruct(&self, key: &SessionKey, obstructed: bool) -> bool {
        let path = self.store().temporary_of(key);
        if obstructed {
            fs::create_dir(path).unwrap();
        } else {
            fs::remove_dir(path).unwrap();
        }
        true
    }

    fn lapse(&self, key: &SessionKey) -> bool {
        self.store().lapse(key)
    }

    fn lose_answers(&self, lost: bool) -> bool {
        self.lost.store(lost, Ordering::SeqCst);
        true
    }

    fn hold_back(&self, key: &SessionKey) -> Option<Box<dyn Send>> {
        Some(Box::new(self.store().hold_back(key).unwrap()))
    }

    fn many(&self) -> usize {
        self.many
    }
}

impl MaintainedSubject for Folder {
    fn open_maintained(&self) -> Box<dyn Maintained> {
        Box::new(self.store())
    }
}

#[cfg(unix)]
fn permissions(path: &Path) -> String {
    use std::os::unix::fs::MetadataExt;

    let found = fs::metadata(path).unwrap();
    let (mode, owner) = (found.mode() & 0o7777, found.uid());
    format!("mode {mode:o} of user {owner}")
}

#[cfg(not(unix))]
fn permissions(path: &Path) -> String {
    let found = fs::metadata(path).unwrap();
    format!("{:?}", found.permissions())
}
