//! What SQLite's error codes mean for whoever has to act.

use std::time::Duration;

use rusqlite::ffi;
use twoba_store::{DatabaseFailure, StoreError};

/// Why an operation ended early, before it is told as an error of the store.
#[derive(Debug)]
pub(crate) enum Fault {
    /// SQLite refused something.
    Sqlite(rusqlite::Error),
    /// SQLite refused the end of a transaction. It may still have been carried out.
    Commit(rusqlite::Error),
    /// Others have written for as long as this one has waited to begin.
    Waited(Duration, rusqlite::Error),
    /// The store refused something.
    Store(StoreError),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Fault {
    /// A transaction did not begin after this time.
    pub(crate) fn of_beginning(waited: Duration, error: rusqlite::Error) -> Self {
        if meaning(&error) == DatabaseFailure::Busy {
            return Self::Waited(waited, error);
        }
        Self::Sqlite(error)
    }

    /// The error of an operation on `place`.
    pub(crate) fn told(self, doing: &'static str, place: &str) -> StoreError {
        let (failure, source) = match self {
            Self::Sqlite(error) | Self::Commit(error) => (meaning(&error), Box::new(error) as _),
            Self::Waited(waited, error) => {
                let why = format!(
                    "another process has kept it for {} s; if that one was stopped in the middle \
                     of a write (Ctrl-Z), continue or end it: {error}",
                    waited.as_secs()
                );
                (DatabaseFailure::Busy, why.into())
            }
            Self::Store(error) => return error,
        };
        StoreError::Database {
            doing,
            place: place.to_owned(),
            failure,
            source,
        }
    }

    /// Whether another connection holds what this one needs, so that the same can be tried again.
    pub(crate) fn is_busy(&self) -> bool {
        match self {
            Self::Sqlite(error) | Self::Commit(error) => meaning(error) == DatabaseFailure::Busy,
            Self::Waited(..) => true,
            Self::Store(_) => false,
        }
    }
}

fn meaning(error: &rusqlite::Error) -> DatabaseFailure {
    let Some(extended) = error.sqlite_extended_error_code() else {
        // What a column holds is of another type than this program has put there.
        return DatabaseFailure::Damaged;
    };
    match extended & 0xff {
        ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => DatabaseFailure::Busy,
        ffi::SQLITE_READONLY => DatabaseFailure::ReadOnly,
        ffi::SQLITE_FULL | ffi::SQLITE_NOMEM => DatabaseFailure::Full,
        ffi::SQLITE_CORRUPT | ffi::SQLITE_NOTADB => DatabaseFailure::Damaged,
        ffi::SQLITE_CANTOPEN => DatabaseFailure::Unreachable,
        ffi::SQLITE_PERM | ffi::SQLITE_AUTH => DatabaseFailure::Denied,
        // The file beside the database that processes share cannot be made as long as it has to be.
        ffi::SQLITE_IOERR if extended == ffi::SQLITE_IOERR_SHMSIZE => DatabaseFailure::Full,
        _ => DatabaseFailure::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_says_who_has_to_act() {
        for (code, failure) in [
            (ffi::SQLITE_BUSY, DatabaseFailure::Busy),
            (ffi::SQLITE_BUSY_RECOVERY, DatabaseFailure::Busy),
            (ffi::SQLITE_READONLY_DBMOVED, DatabaseFailure::ReadOnly),
            (ffi::SQLITE_FULL, DatabaseFailure::Full),
            (ffi::SQLITE_IOERR_SHMSIZE, DatabaseFailure::Full),
            (ffi::SQLITE_IOERR_FSYNC, DatabaseFailure::Other),
            (ffi::SQLITE_CORRUPT, DatabaseFailure::Damaged),
            (ffi::SQLITE_NOTADB, DatabaseFailure::Damaged),
            (ffi::SQLITE_CANTOPEN_ISDIR, DatabaseFailure::Unreachable),
            (ffi::SQLITE_PERM, DatabaseFailure::Denied),
        ] {
            let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
            assert_eq!(meaning(&error), failure, "{code}");
        }
    }
}
