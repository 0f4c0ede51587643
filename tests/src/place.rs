//! Decides where a test keeps its sessions: stores that can be opened again, as a new process would.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use twoba_store::{FileStore, MemoryStore};

use crate::hindered::Hindered;
use crate::traced::Traced;

/// Which store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// In memory.
    Memory,
    /// In files of a temporary folder.
    File,
}

/// A store's place. What was kept there is found again by every session that is opened on it.
#[derive(Debug)]
pub enum Place {
    /// A store whose clones share what is stored.
    Memory(MemoryStore),
    /// A folder that goes with this value.
    File(TempDir),
    /// A store in memory that notes what is done with it.
    Traced(Traced),
    /// A store that can be hindered.
    Hindered(Hindered),
}

impl Place {
    /// A new, empty place.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        match kind {
            Kind::Memory => Self::Memory(MemoryStore::new()),
            Kind::File => Self::File(tempfile::tempdir().unwrap()),
        }
    }

    /// The folder of a file store.
    #[must_use]
    pub fn folder(&self) -> Option<PathBuf> {
        match self {
            Self::Memory(_) | Self::Traced(_) | Self::Hindered(_) => None,
            Self::File(folder) => Some(store_in(folder.path())),
        }
    }

    pub(crate) fn open(&self) -> Opened {
        match self {
            Self::Memory(store) => Opened::Memory(store.clone()),
            Self::Traced(store) => Opened::Traced(store.clone()),
            Self::Hindered(store) => Opened::Hindered(store.clone()),
            Self::File(folder) => Opened::File(FileStore::open(store_in(folder.path())).unwrap()),
        }
    }
}

/// A store that was just opened.
pub(crate) enum Opened {
    Memory(MemoryStore),
    File(FileStore),
    Traced(Traced),
    Hindered(Hindered),
}

fn store_in(folder: &Path) -> PathBuf {
    folder.join("store")
}
