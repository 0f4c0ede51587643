//! The errors of a store.

use std::error::Error as StdError;
use std::io;
use std::path::PathBuf;

use twoba_core::{StoredGrant, Topic};

use super::key_id::KeyId;

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
    #[error("{place} is a copy: its sessions are refreshed where they were copied from")]
    Copied {
        /// The store, such as "the store's folder ~/.twoba".
        place: String,
    },
    /// The sessions have moved to another store, or are moving there. Nothing is used here any more.
    #[error("the sessions of {place} have moved to {to}")]
    Moved {
        /// The store.
        place: String,
        /// The store to which they have moved.
        to: String,
    },
    /// Sessions are moving into this store. They are not used here before the move has ended.
    #[error("{place} is being filled with the sessions of {from}, and that has not ended")]
    Arriving {
        /// The store.
        place: String,
        /// The store from which they come.
        from: String,
    },
    /// Another process has finished the move of this store's sessions, or somebody has given it up.
    /// Nothing was changed.
    #[error("the move of the sessions of {place} is over: another process has ended it")]
    MoveOver {
        /// The store.
        place: String,
    },
    /// The database refused an operation, or did not answer. A change may still have been applied.
    #[error("cannot {doing} {place}: {failure}: {source}")]
    Database {
        /// The attempted operation, as a verb.
        doing: &'static str,
        /// The database, without a password.
        place: String,
        /// What failed, sorted by who has to act.
        failure: DatabaseFailure,
        /// The error of the database or its client.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// A newer release of this program has changed the database, and programs of this release must
    /// not write it any more.
    #[error("{place} has the schema {found}, and this program knows up to {known}")]
    SchemaNewer {
        /// The database, without a password.
        place: String,
        /// The schema that the database asks for.
        found: u32,
        /// The newest schema that this program knows.
        known: u32,
    },
    /// The store is encrypted, and it was opened without keys. Nothing is read or written.
    #[error("{place} is encrypted, and no key was given")]
    Encrypted {
        /// The store.
        place: String,
    },
    /// The store is not encrypted, and it was opened with keys. Its protection changes only by a
    /// move to a new store.
    #[error("{place} is not encrypted, and a key was given")]
    NotEncrypted {
        /// The store.
        place: String,
    },
    /// The store is encrypted with a key that was not found. Nothing is written.
    #[error("the store is encrypted with the key {id}, which is not in {place}")]
    KeyUnknown {
        /// The id of the key.
        id: KeyId,
        /// The place with the keys.
        place: String,
    },
    /// The place with the keys cannot be read. Nothing is written.
    #[error("cannot read the store's key from {place}: {source}")]
    KeyUnavailable {
        /// The place with the keys.
        place: String,
        /// Its error.
        source: Box<dyn StdError + Send + Sync>,
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
            Self::Database { .. } | Self::SchemaNewer { .. } => Topic::StoreDatabase,
            Self::Encrypted { .. }
            | Self::NotEncrypted { .. }
            | Self::KeyUnknown { .. }
            | Self::KeyUnavailable { .. } => Topic::StoreKey,
            Self::OwnedByAnother { .. } | Self::OpenToOthers { .. } => Topic::StorePermissions,
            Self::Copied { .. } => Topic::StoreCopied,
            Self::Moved { .. } | Self::Arriving { .. } | Self::MoveOver { .. } => Topic::StoreMoved,
            Self::CutOff => Topic::Canceled,
        }
    }
}

/// What failed in a database. `Display` writes it as a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum DatabaseFailure {
    /// There is no connection. Nothing was changed, if this was the first operation.
    #[error("the database cannot be reached")]
    Unreachable,
    /// The database did not answer in time.
    #[error("the database did not answer in time")]
    TimedOut,
    /// The database ends, starts or was ended by its administrator.
    #[error("the database is going down or coming up")]
    Restarting,
    /// The database is busy with other writers. The operation can be tried again.
    #[error("the database is busy")]
    Busy,
    /// The database takes no writes: it is a replica, or was set so.
    #[error("the database is read-only")]
    ReadOnly,
    /// The disk, the memory or the connections of the database are used up.
    #[error("the database has no room left")]
    Full,
    /// The user may not do this, or the password is wrong.
    #[error("the database refuses this user")]
    Denied,
    /// The tables are missing.
    #[error("the database has no tables for sessions")]
    NoTables,
    /// The settings do not promise that a committed change survives a crash.
    #[error("the database does not promise to keep what it has committed")]
    NotDurable,
    /// The connection cannot be made as it is configured.
    #[error("the address of the database cannot be used")]
    Misconfigured,
    /// The content of the database is damaged.
    #[error("the database is damaged")]
    Damaged,
    /// Anything else.
    #[error("the database has failed")]
    Other,
}

impl DatabaseFailure {
    /// Whether the operation may succeed later although nobody has repaired anything.
    #[must_use]
    pub fn is_passing(self) -> bool {
        match self {
            Self::Unreachable | Self::TimedOut | Self::Restarting | Self::Busy => true,
            Self::ReadOnly
            | Self::Full
            | Self::Denied
            | Self::NoTables
            | Self::NotDurable
            | Self::Misconfigured
            | Self::Damaged
            | Self::Other => false,
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
