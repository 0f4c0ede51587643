//! Who holds leases: a file with a lock of the operating system, which ends with its process.
//!
//! A row in the database says which holder has a lease. A process that was killed leaves its row,
//! and not its lock: whoever wants the lease finds the file unlocked, or gone, and goes on at once.
//! There is one such file for each store that a process has opened, and not one for each session.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use twoba_store::machine::{failed, private};

use crate::failure::Fault;

/// What stands between the name of the database and the name of the holder.
const MIDDLE: &str = "-holder-";

/// How many characters the name of a holder has: 128 random bits.
const NAME_LEN: usize = 32;

/// How often another name is drawn where somebody removes the new file at once.
const TRIES: usize = 16;

/// The holder of all leases that were taken with one handle. Its file is removed when the last
/// handle and the last lease are dropped.
#[derive(Debug)]
pub(crate) struct Holder {
    name: String,
    path: PathBuf,
    /// Locked as long as it is open.
    _file: File,
    leases: Mutex<Leases>,
}

#[derive(Debug, Default)]
struct Leases {
    last: i64,
    held: HashSet<i64>,
}

impl Holder {
    /// Makes the file beside the database, and locks it. `draw` makes random names.
    pub(crate) fn new(
        database: &Path,
        draw: impl Fn() -> Result<String, Fault>,
    ) -> Result<Self, Fault> {
        for _ in 0..TRIES {
            let name = draw()?;
            let path = path_of(database, &name);
            if let Some(file) = make(&path).map_err(failed("make", &path))? {
                remove_left(database);
                return Ok(Self {
                    name,
                    path,
                    _file: file,
                    leases: Mutex::default(),
                });
            }
        }
        let path = database.to_path_buf();
        Err(failed("lock a file beside", &path)(io::ErrorKind::WouldBlock.into()).into())
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The number of a new lease. It counts as held from now on.
    pub(crate) fn begin(&self) -> i64 {
        let mut leases = self.leases();
        leases.last += 1;
        let number = leases.last;
        leases.held.insert(number);
        number
    }

    pub(crate) fn end(&self, number: i64) {
        self.leases().held.remove(&number);
    }

    pub(crate) fn holds(&self, number: i64) -> bool {
        self.leases().held.contains(&number)
    }

    fn leases(&self) -> MutexGuard<'_, Leases> {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        // Where it cannot be removed, the next holder removes it.
        drop(fs::remove_file(&self.path));
    }
}

fn path_of(database: &Path, name: &str) -> PathBuf {
    let mut path = OsString::from(database);
    path.push(MIDDLE);
    path.push(name);
    path.into()
}

/// Makes the file and locks it. `None` if somebody took it for that of a process that was killed,
/// between its making and its locking.
fn make(path: &Path) -> io::Result<Option<File>> {
    let file = private(OpenOptions::new().write(true).create_new(true)).open(path)?;
    match file.try_lock() {
        // A name is drawn once, so that what stands there is this file.
        Ok(()) => Ok(path.exists().then_some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Whether the process of a holder has ended. What it has left is removed.
pub(crate) fn is_gone(database: &Path, name: &str) -> bool {
    // No holder was ever called otherwise, and a name is no path.
    let is_name = name.len() == NAME_LEN && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    !is_name || is_left(&path_of(database, name))
}

/// Whether nobody has locked this file. If it is there, it is removed.
fn is_left(path: &Path) -> bool {
    match File::open(path) {
        Err(error) => error.kind() == io::ErrorKind::NotFound,
        // A shared lock, so that two who look at the same time do not take each other for it.
        Ok(file) => {
            let is_left = file.try_lock_shared().is_ok();
            if is_left {
                drop(fs::remove_file(path));
            }
            is_left
        }
    }
}

/// Removes the files of all processes that were killed. What cannot be looked at stays.
fn remove_left(database: &Path) {
    let (Some(folder), Some(name)) = (database.parent(), database.file_name()) else {
        return;
    };
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let mut start = OsString::from(name);
    start.push(MIDDLE);
    for entry in entries.filter_map(Result::ok) {
        if begins_with(&entry.file_name(), &start) {
            is_left(&entry.path());
        }
    }
}

fn begins_with(name: &OsStr, start: &OsStr) -> bool {
    name.as_encoded_bytes()
        .starts_with(start.as_encoded_bytes())
}
