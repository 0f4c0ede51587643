//! Decides where a test keeps its sessions: stores that can be opened again, as a new process would.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use twoba_store::{FileStore, MemoryStore, Store};
use twoba_store_postgres::BlockingPostgresStore;
use twoba_store_sqlite::SqliteStore;

use crate::hindered::Hindered;
use crate::traced::Traced;

/// Which store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// In memory.
    Memory,
    /// In files of a temporary folder.
    File,
    /// In a database in a temporary folder.
    Database,
}

/// A store's place. What was kept there is found again by every session that is opened on it.
#[derive(Debug)]
pub enum Place {
    /// A store whose clones share what is stored.
    Memory(MemoryStore),
    /// A folder that goes with this value.
    File(TempDir),
    /// A folder with a database, which goes with this value.
    Database(TempDir),
    /// A store in a PostgreSQL database, and its address.
    Fleet(BlockingPostgresStore, String),
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
            Kind::Database => Self::Database(tempfile::tempdir().unwrap()),
        }
    }

    /// The folder of a file store.
    #[must_use]
    pub fn folder(&self) -> Option<PathBuf> {
        match self {
            Self::Memory(_)
            | Self::Traced(_)
            | Self::Hindered(_)
            | Self::Database(_)
            | Self::Fleet(..) => None,
            Self::File(folder) => Some(store_in(folder.path())),
        }
    }

    /// The store, opened as a new process would open it.
    #[must_use]
    pub fn open(&self) -> Arc<dyn Store> {
        match self {
            Self::Fleet(store, _) => Arc::new(store.clone()),
            Self::Memory(store) => Arc::new(store.clone()),
            Self::Traced(store) => Arc::new(store.clone()),
            Self::Hindered(store) => Arc::new(store.clone()),
            Self::File(folder) => Arc::new(FileStore::open(store_in(folder.path())).unwrap()),
            Self::Database(folder) => {
                Arc::new(SqliteStore::open(database_in(folder.path())).unwrap())
            }
        }
    }

    /// The address of the store, as a program on the command line takes it.
    #[must_use]
    pub fn address(&self) -> Option<String> {
        match self {
            Self::Memory(_) | Self::Traced(_) | Self::Hindered(_) => None,
            Self::Fleet(_, address) => Some(address.clone()),
            Self::File(folder) => Some(store_in(folder.path()).display().to_string()),
            Self::Database(folder) => {
                Some(format!("{SQLITE}{}", database_in(folder.path()).display()))
            }
        }
    }
}

/// The beginning of a database's address.
pub const SQLITE: &str = "sqlite:";

/// The beginning of the address of a database of a fleet.
pub const POSTGRES: &str = "postgres://";

fn database_in(folder: &Path) -> PathBuf {
    folder.join("database").join("sessions.db")
}

fn store_in(folder: &Path) -> PathBuf {
    folder.join("store")
}
