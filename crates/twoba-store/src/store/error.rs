//! The errors of a store.

use std::io;
use std::path::PathBuf;

use twoba_core::{StoredGrant, Topic};

/// Why a store could not carry out an operation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process or thread has had the lease for as long as the caller would wait.
    #[error("another process is busy with this session")]
    Busy,
    /// Another process has had the lease for as long as the caller would wait. The store knows
    /// which one. If it is stopped, somebody has to continue or end it.
    #[error("process {process} is busy with this session, or is stopped")]
    HeldBy {
        /// The number of the process.
        process: u32,
    },
    /// The lease has ended, and another caller may have it.
    #[error("the right to refresh this session was lost to somebody else")]
    LeaseLost,
    /// This store has no place for a grant that could not be stored.
    #[error("the store has no place for a grant that could not be stored")]
    NoRescue,
    /// The operating system refused an operation.
    #[error("cannot {doing} {}: {source}", .path.display())]
    Io {
        /// The attempted operation, as a verb.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// A change was written, but the operating system could not sync it to the disk. It is unknown
    /// whether it survives a crash. Read again.
    #[error("it is not known whether the change was stored: cannot sync {}: {source}", .path.display())]
    OutcomeUnknown {
        /// The folder that could not be synced.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The folder belongs to another user of this machine.
    #[error("the store's folder {} belongs to the user with number {owner}, and this program runs as {user}", .path.display())]
    OwnedByAnother {
        /// The folder.
        path: PathBuf,
        /// The id of the folder's owner.
        owner: u32,
        /// The id of the user who runs this program.
        user: u32,
    },
    /// The folder can be read or written by other users of this machine.
    #[error("the store's folder {} is open to other users", .path.display())]
    OpenToOthers {
        /// The folder.
        path: PathBuf,
    },
    /// The store is a copy of another one, such as a restored backup or a cloned machine. Its
    /// sessions are read, but not refreshed, until somebody declares that the original is out of
    /// use.
    #[error("the store's folder {} is a copy: its sessions are refreshed where they were copied from", .path.display())]
    Copied {
        /// The folder.
        path: PathBuf,
    },
    /// The store's own task ended before it answered.
    #[error("the store's work was cut off: the program is shutting down")]
    CutOff,
}

impl StoreError {
    /// The topic of this error.
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
    /// The stored bytes are these, and not those that the change expects.
    #[error("another writer was first")]
    Conflict(Option<StoredGrant>),
    /// The store could not be used. The change may still have been applied. Read again to find out.
    #[error("{0}")]
    Store(#[from] StoreError),
}
