//! A store for twoba sessions in one SQLite database: many users, any number of programs, one
//! machine.
//!
//! SQLite is compiled in. The database has a log of writes (WAL), so that readers never wait for
//! writers. A change that is reported as stored is on the disk (`synchronous=FULL`). The dates of
//! sessions are indexed, so that [`Store::due`] costs the same for ten sessions and for a hundred
//! thousand.
//!
//! ```
//! use twoba_store_sqlite::SqliteStore;
//!
//! let home = tempfile::tempdir()?;
//! let store = SqliteStore::open(home.path().join("twoba").join("sessions.db"))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod database;
mod failure;
mod holder;
mod lease;
mod listing;
mod maintained;
mod rows;
mod schema;

use std::path::Path;
use std::sync::Arc;

use twoba_core::{Change, Durable, SessionKey, StoredGrant, Timestamp};
use twoba_store::{ApplyError, Due, Lease, Listed, Protector, Store, StoreError};

use crate::database::{Database, Ending};
use crate::failure::Fault;
use crate::lease::{SqliteLease, Taking, process_of};
use crate::schema::Facts;

/// A store in one SQLite database, for any number of processes of one user on one machine. Its
/// clones share their connections.
///
/// The database has a folder of its own, or shares one that is closed to others: a folder that is
/// open to a group or belongs to another user is refused. The folder is made with mode 0700, and
/// the database and the files beside it have mode 0600. Use a disk of this machine: network file
/// systems cannot carry the log of writes, and are refused where SQLite notices it.
///
/// A lease lasts until it is released or its process ends: the next process goes on at once. A
/// stopped process (Ctrl-Z) keeps it for 45 seconds after its last renewal. Then another process
/// goes on, and the stopped one learns of it when it continues. A process that is stopped in the
/// microseconds of a write keeps all other writers waiting; they give up after 10 seconds with
/// [`DatabaseFailure::Busy`](twoba_store::DatabaseFailure::Busy).
#[derive(Debug, Clone)]
pub struct SqliteStore {
    database: Arc<Database>,
}

impl SqliteStore {
    /// Opens the database at `path`, without keys. It makes the database and its folder if they do
    /// not exist.
    ///
    /// # Errors
    ///
    /// - as for [`open_with`](Self::open_with)
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_with(path, Protector::without_keys())
    }

    /// Opens the database at `path`. It makes the database and its folder if they do not exist. A
    /// new database is encrypted if the protector has keys.
    ///
    /// # Errors
    ///
    /// - the folder or the file cannot be made or looked at: [`StoreError::Io`]
    /// - the folder belongs to another user, even if root opens it: [`StoreError::OwnedByAnother`]
    /// - other users may read the folder, its group included: [`StoreError::OpenToOthers`]
    /// - the file is no database, is damaged, or is one of another program:
    ///   [`StoreError::Database`]
    /// - a newer release has changed the database: [`StoreError::SchemaNewer`]
    /// - the keys do not fit the database: as for [`Protector::check`]
    pub fn open_with(path: impl AsRef<Path>, protector: Protector) -> Result<Self, StoreError> {
        Ok(Self {
            database: Arc::new(Database::open(path.as_ref(), protector)?),
        })
    }

    /// The path of the database, without symbolic links.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.database.path()
    }

    /// Declares that this copy of a database replaces the original, and that nobody uses the
    /// original any more. A move of the sessions that was cut off is given up. If both are used, each
    /// spends the refresh tokens of the other, and the sessions are lost.
    ///
    /// The store detects a copy by the number (inode) of the file. The file may be renamed and
    /// moved within its file system. A backup that is written over the same file keeps the number:
    /// this is no copy, and programs that have seen a newer grant put it back. Windows, FAT, CIFS,
    /// 9p and FUSE give no lasting number, so copies are not detected there.
    ///
    /// # Errors
    ///
    /// - the database cannot be written: [`StoreError::Database`]
    pub fn adopt(&self) -> Result<(), StoreError> {
        let home = self.database.number()?.mark();
        let adopted = self.database.write(Ending::Durable, |connection, _| {
            schema::set(connection, "home", &home)?;
            Ok(schema::set_mark(connection, None)?)
        });
        adopted.map_err(|fault| fault.told("write", self.database.place()))
    }
}

impl Database {
    /// Refuses a copy.
    fn is_home(&self, facts: &Facts) -> Result<(), Fault> {
        if self.number()?.has(&facts.home) {
            return Ok(());
        }
        Err(Fault::Store(StoreError::Copied {
            place: self.place().to_owned(),
        }))
    }
}

impl Store for SqliteStore {
    fn read(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        self.database.read_session(key, |rows| rows.record())
    }

    fn try_lease(&self, key: &SessionKey) -> Result<Option<Box<dyn Lease>>, StoreError> {
        let lease = SqliteLease::try_take(&self.database, key, Taking::InUse)?;
        Ok(lease.map(|lease| -> Box<dyn Lease> { Box::new(lease) }))
    }

    fn holder(&self, key: &SessionKey) -> Result<Option<u32>, StoreError> {
        self.database.read_session(key, process_of)
    }

    fn change(&self, key: &SessionKey, change: &Change) -> Result<Durable, ApplyError> {
        // In one transaction with the change, which is then not applied.
        self.database.apply(key, change, |rows| rows.is_used_here())
    }

    fn probe(&self, key: &SessionKey) -> Result<(), StoreError> {
        self.database.probe(key)
    }

    fn due(
        &self,
        which: Due,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<SessionKey>, StoreError> {
        let due = self
            .database
            .read(|connection, _| Ok(listing::due(connection, which, before, limit)?));
        due.map_err(|fault| fault.told("read", self.database.place()))
    }

    fn list(&self, after: Option<&SessionKey>, limit: usize) -> Result<Vec<Listed>, StoreError> {
        let listed = self
            .database
            .read(|connection, _| Ok(listing::list(connection, after, limit)?));
        listed.map_err(|fault| fault.told("read", self.database.place()))
    }

    fn rescue(&self, key: &SessionKey, record: &StoredGrant) -> Result<(), StoreError> {
        self.database.rescue(key, record)
    }

    fn rescued(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        self.database.read_session(key, |rows| rows.rescued())
    }
}

#[cfg(test)]
mod tests;
