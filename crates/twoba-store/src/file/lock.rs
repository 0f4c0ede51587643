//! A lock of the operating system on a sidecar file, with a bounded wait.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::machine::{failed, private};
use crate::store::StoreError;

/// How long a write waits for another write of the same session, which takes milliseconds.
pub(super) const WRITE_PATIENCE: Duration = Duration::from_secs(10);

/// First pause between two attempts. The operating system has no bounded wait.
const PAUSE_FIRST: Duration = Duration::from_millis(1);
/// Longest pause between two attempts.
const PAUSE_MAX: Duration = Duration::from_millis(25);

/// Opens a file for locking. It makes the file if it does not exist, and never removes it.
pub(super) fn open(path: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    private(&mut options)
        .open(path)
        .map_err(failed("open", path))
}

/// A locked file. The lock ends with this value, or with the process.
#[derive(Debug)]
pub(super) struct LockedFile {
    file: File,
}

impl LockedFile {
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Takes the lock, or returns `Busy` if it is not free within `patience`.
    pub(super) fn acquire(path: PathBuf, patience: Duration) -> Result<Self, StoreError> {
        let file = open(&path)?;
        let started = Instant::now();
        let mut pause = PAUSE_FIRST;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { file }),
                Err(TryLockError::Error(error)) => return Err(failed("lock", &path)(error)),
                Err(TryLockError::WouldBlock) => {}
            }
            let left = patience.saturating_sub(started.elapsed());
            if left.is_zero() {
                return Err(StoreError::Busy);
            }
            std::thread::sleep(pause.min(left));
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }
}
