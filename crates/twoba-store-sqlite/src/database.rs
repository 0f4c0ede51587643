//! The connections to one database, and the transactions on them.

use std::cell::Cell;
use std::fs::{self, OpenOptions};
use std::io;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, FileControl, OpenFlags, Row};
use twoba_store::machine::{FileNumber, failed, make_private_folder, private};
use twoba_store::{DatabaseFailure, Protection, Protector, StoreError};

use crate::failure::Fault;
use crate::holder::Holder;
use crate::schema::{self, Facts};

/// How long a write waits for other writes to the database, which take milliseconds each.
const WRITE_PATIENCE: Duration = Duration::from_secs(10);

/// The pause between two attempts where SQLite itself does not wait.
const PAUSE: Duration = Duration::from_millis(10);

/// How many connections stay open between two operations. Each one is a few file descriptors.
const IDLE_MAX: usize = 8;

/// The length, in bytes, to which the log of writes shrinks once its content is in the database. It
/// is twice what the log usually has by then (1,000 pages): a log that shrinks has to grow again,
/// and a sync of a file that grows takes twice as long as of one that is overwritten.
const LOG_MAX: i64 = 8 * 1024 * 1024;

/// What a transaction promises when it has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It survives a crash of the machine.
    Durable,
    /// It survives its process. That is enough for a lease, which does not outlive the machine.
    Passing,
}

/// A connection, and what its transactions promise as it is set now.
#[derive(Debug)]
struct Open {
    connection: Connection,
    ending: Cell<Ending>,
}

/// The database.
#[derive(Debug)]
pub(crate) struct Database {
    path: PathBuf,
    place: String,
    protector: Protector,
    idle: Mutex<Vec<Open>>,
    holder: Mutex<Option<Arc<Holder>>>,
}

impl Database {
    pub(crate) fn open(path: &Path, protector: Protector) -> Result<Self, StoreError> {
        // Where its key cannot be had, no database is made.
        let new = match path.exists() {
            true => None,
            false => Some(protector.of_a_new_store()?),
        };
        let path = make_file(path)?;
        let database = Self {
            place: format!("the database {}", path.display()),
            path,
            protector,
            idle: Mutex::default(),
            holder: Mutex::default(),
        };
        database
            .prepare(new)
            .map_err(|fault| fault.told("open", &database.place))?;
        Ok(database)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    pub(crate) fn protector(&self) -> &Protector {
        &self.protector
    }

    /// Makes the tables where there are none, and looks whether this program may use them.
    fn prepare(&self, new: Option<Protection>) -> Result<(), Fault> {
        let open = self.connect()?;
        let connection = &open.connection;
        if schema::is_empty(connection)? {
            let transaction = open.begin(Ending::Durable)?;
            // Another process may have been first.
            if schema::is_empty(&transaction)? {
                let protection = match new {
                    Some(protection) => protection,
                    None => self.protector.of_a_new_store()?,
                };
                schema::make(&transaction, protection, self.number()?)?;
            }
            transaction.commit()?;
        }
        let mut facts = schema::facts(connection, &self.place)?;
        self.protector.check(facts.protection, &self.place)?;
        if facts.schema < schema::KNOWN {
            let transaction = open.begin(Ending::Durable)?;
            facts = schema::facts(&transaction, &self.place)?;
            schema::migrate(&transaction, facts.schema)?;
            transaction.commit()?;
        }
        self.give_back(open);
        Ok(())
    }

    /// The number of the file, which its copies do not have.
    pub(crate) fn number(&self) -> Result<FileNumber, StoreError> {
        FileNumber::at(&self.path).map_err(failed("look at", &self.path))
    }

    /// A connection that is not used. A connection to a file that is not in its place any more, for
    /// example because a backup has replaced it, is closed.
    fn connection(&self) -> Result<Open, Fault> {
        loop {
            let Some(idle) = self.idle().pop() else {
                return self.connect();
            };
            if !has_moved(&idle.connection) {
                return Ok(idle);
            }
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Open>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn give_back(&self, open: Open) {
        let mut idle = self.idle();
        if idle.len() < IDLE_MAX && open.connection.is_autocommit() {
            idle.push(open);
        }
    }

    fn connect(&self) -> Result<Open, Fault> {
        // SQLite makes no file here: a database that is gone is not an empty one.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(WRITE_PATIENCE)?;
        // The log stays when the last program ends. Programs that run for a second would otherwise
        // make and remove it each time, and a folder that is read-only could not be read.
        connection.file_control(None::<&str>, FileControl::PersistWal(&mut 1))?;
        // Spent tokens are overwritten and not only forgotten.
        connection.execute_batch("PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF;")?;
        connection.pragma_update(None, "journal_size_limit", LOG_MAX)?;
        if cfg!(target_os = "macos") {
            // Without it, macOS leaves the bytes in the cache of the disk.
            connection.execute_batch("PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;")?;
        }
        schema::check_owner(&connection, &self.place)?;
        self.use_log(&connection)?;
        let ending = Cell::new(Ending::Durable);
        Ending::Durable.set(&connection)?;
        Ok(Open { connection, ending })
    }

    /// Has the database keep a log of writes, by which readers never wait for writers. Two
    /// connections that both wait for the other here would wait in vain, so each of them gives up
    /// at once, pauses without a lock, and tries again.
    fn use_log(&self, connection: &Connection) -> Result<(), Fault> {
        connection.busy_timeout(Duration::ZERO)?;
        self.try_to_use_log(connection)?;
        Ok(connection.busy_timeout(WRITE_PATIENCE)?)
    }

    fn try_to_use_log(&self, connection: &Connection) -> Result<(), Fault> {
        let started = Instant::now();
        loop {
            let mode = connection.query_row("PRAGMA journal_mode = WAL", (), |row| {
                row.get::<_, String>(0)
            });
            match mode {
                Ok(mode) if mode == "wal" => return Ok(()),
                Ok(_) => return Err(Fault::Store(self.without_log())),
                Err(error) => {
                    let fault = Fault::Sqlite(error);
                    if !fault.is_busy() || started.elapsed() > WRITE_PATIENCE {
                        return Err(fault);
                    }
                    thread::sleep(PAUSE);
                }
            }
        }
    }

    fn without_log(&self) -> StoreError {
        StoreError::Database {
            doing: "open",
            place: self.place.clone(),
            failure: DatabaseFailure::Misconfigured,
            source: "this file system shares no memory between processes; \
                     the database has to lie on a disk of this machine"
                .into(),
        }
    }

    /// Carries out what only reads.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Connection, &Facts) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.using(|open| {
            let facts = schema::facts(&open.connection, &self.place)?;
            work(&open.connection, &facts)
        })
    }

    /// Carries out what writes, as a whole or not at all. No other process writes meanwhile.
    pub(crate) fn write<T>(
        &self,
        ending: Ending,
        work: impl FnOnce(&Connection, &Facts) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.using(|open| {
            let transaction = open.begin(ending)?;
            let facts = schema::facts(&transaction, &self.place)?;
            let done = work(&transaction, &facts)?;
            transaction.commit()?;
            Ok(done)
        })
    }

    fn using<T>(&self, work: impl FnOnce(&Open) -> Result<T, Fault>) -> Result<T, Fault> {
        let open = self.connection()?;
        let outcome = work(&open);
        match &outcome {
            Ok(_) | Err(Fault::Store(_)) => self.give_back(open),
            Err(fault) if fault.is_busy() => self.give_back(open),
            // The next operation looks at the database anew.
            Err(_) => drop(open),
        }
        outcome
    }

    /// Who holds the leases that are taken with this handle.
    pub(crate) fn holder(&self) -> Result<Arc<Holder>, Fault> {
        let mut holder = self.holder.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(holder) = &*holder {
            return Ok(Arc::clone(holder));
        }
        let draw = || {
            self.using(|open| {
                let random = "SELECT lower(hex(randomblob(16)))";
                let name = |row: &Row<'_>| row.get::<_, String>(0);
                Ok(open.connection.query_row(random, (), name)?)
            })
        };
        let new = Arc::new(Holder::new(&self.path, draw)?);
        *holder = Some(Arc::clone(&new));
        Ok(new)
    }
}

impl Ending {
    fn set(self, connection: &Connection) -> rusqlite::Result<()> {
        connection.execute_batch(match self {
            Self::Durable => "PRAGMA synchronous = FULL",
            Self::Passing => "PRAGMA synchronous = NORMAL",
        })
    }
}

impl Open {
    /// Begins a transaction that writes, once no other connection writes any more.
    fn begin(&self, ending: Ending) -> Result<Writing<'_>, Fault> {
        if self.ending.get() != ending {
            ending.set(&self.connection)?;
            self.ending.set(ending);
        }
        let mut begin = self.connection.prepare_cached("BEGIN IMMEDIATE")?;
        let started = Instant::now();
        let begun = begin.execute(());
        begun.map_err(|error| Fault::of_beginning(started.elapsed(), error))?;
        Ok(Writing {
            connection: &self.connection,
        })
    }
}

/// A transaction that writes. It is rolled back if it is dropped before its end.
struct Writing<'a> {
    connection: &'a Connection,
}

impl Writing<'_> {
    fn commit(self) -> Result<(), Fault> {
        let mut commit = self.connection.prepare_cached("COMMIT")?;
        commit.execute(()).map(drop).map_err(Fault::Commit)
    }
}

impl Deref for Writing<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        if !self.connection.is_autocommit() {
            // A connection that is still in a transaction is not used again.
            drop(self.connection.execute_batch("ROLLBACK"));
        }
    }
}

/// Whether the file of a connection is not in its place any more.
#[cfg(unix)]
fn has_moved(connection: &Connection) -> bool {
    let mut moved = 0;
    let asked = connection.file_control(None::<&str>, FileControl::HasMoved(&mut moved));
    asked.is_err() || moved != 0
}

/// An open file cannot be replaced here.
#[cfg(not(unix))]
fn has_moved(_: &Connection) -> bool {
    false
}

/// Makes the file of the database if there is none, in a folder for its owner only. SQLite gives
/// the mode of this file to the files that it makes beside it. Returns the path without symbolic
/// links, because all programs have to look for the holders of leases in the same folder.
fn make_file(path: &Path) -> Result<PathBuf, StoreError> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        // An error names the folder, and "." would say nothing.
        Some(_) | None => std::path::absolute(".").map_err(failed("look at", path))?,
    };
    make_private_folder(&folder)?;
    // Only a new file is opened here: closing one ends the locks that SQLite has on it.
    match private(OpenOptions::new().write(true).create_new(true)).open(path) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(failed("make the database", path)(error)),
    }
    let path = fs::canonicalize(path).map_err(failed("look at", path))?;
    // A link leads to another folder, in which the log and the holders of leases lie, too.
    if let Some(folder) = path.parent() {
        make_private_folder(folder)?;
    }
    #[cfg(unix)]
    close_to_others(&path)?;
    Ok(path)
}

/// Takes away what a restored file gives to other users. The folder keeps them out in any case.
#[cfg(unix)]
fn close_to_others(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    let found = path.metadata().map_err(failed("look at", path))?;
    if found.is_file() && found.mode() & 0o077 != 0 {
        let closed = fs::Permissions::from_mode(found.mode() & 0o700);
        // Where that is not possible, the folder has to do.
        drop(fs::set_permissions(path, closed));
    }
    Ok(())
}
