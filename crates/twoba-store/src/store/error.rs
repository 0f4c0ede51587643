//! Why a store did not do what it was asked to.

use std::io;
use std::path::PathBuf;

use twoba_core::{StoredGrant, Topic};

/// Why a store could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process or thread has had the lease for as long as the caller would wait.
    #[error("another process is busy with this session")]
    Busy,
    /// The same, where the store knows which process it is. One that is stopped has to be
    /// continued or ended.
    #[error("process {process} is busy with this session, or is stopped")]
    HeldBy {
        /// The number of the process.
        process: u32,
    },
    /// The lease is over: somebody else may have it.
    #[error("the right to refresh this session was lost to somebody else")]
    LeaseLost,
    /// This store has no place for a grant that could not be stored.
    #[error("the store has no place for a grant that could not be stored")]
    NoRescue,
    /// The operating system said no.
    #[error("cannot {doing} {}: {source}", .path.display())]
    Io {
        /// What was tried, as a verb.
        doing: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A change was written, and the operating system could not bring it to the disk. Whether
    /// it stands there after a crash is not known: read again.
    #[error("it is not known whether the change was stored: cannot sync {}: {source}", .path.display())]
    OutcomeUnknown {
        /// The folder that could not be synced.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The folder belongs to another user of this machine.
    #[error("the store's folder {} belongs to the user with number {owner}, and this program runs as {user}", .path.display())]
    OwnedByAnother {
        /// The folder.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
        /// Who runs this program.
        user: u32,
    },
    /// The folder can be read or written by other users of this machine.
    #[error("the store's folder {} is open to other users", .path.display())]
    OpenToOthers {
        /// The folder.
        path: PathBuf,
    },
    /// The store is a copy of another one, as a restored backup or a cloned machine has it: what
    /// lies in it is read, and nothing of it is spent until somebody says that the other one is out
    /// of use.
    #[error("the store's folder {} is a copy: its sessions are refreshed where they were copied from", .path.display())]
    Copied {
        /// The folder.
        path: PathBuf,
    },
    /// A store's own task came to an end before it answered.
    #[error("the store's work was cut off: the program is shutting down")]
    CutOff,
}

impl StoreError {
    /// What it is about.
    #[must_use]
    pub fn topic(&self) -> Topic {
        match self {
            Self::Busy | Self::HeldBy { .. } | Self::LeaseLost => Topic::StoreBusy,
            Self::NoRescue | Self::Io { .. } | Self::OutcomeUnknown { .. } => Topic::StoreUnusable,
            Self::OwnedByAnother { .. } | Self::OpenToOthers { .. } => Topic::StorePermissions,
            Self::Copied { .. } => Topic::StoreCopied,
            Self::CutOff => Topic::Canceled,
        }
    }
}

/// Why a change was not applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// This is stored instead of what the change expects.
    #[error("another writer was first")]
    Conflict(Option<StoredGrant>),
    /// The store could not be used. The change may have been applied all the same: read again
    /// to know.
    #[error("{0}")]
    Store(#[from] StoreError),
}
