//! The files of a synchronization, and what is said when one cannot be used.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Kind};

/// The files of a synchronization.
pub(super) struct Files {
    pub(super) whole: PathBuf,
    pub(super) part: PathBuf,
    pub(super) state: PathBuf,
    /// Is locked while a run works on the others. It is never taken away, or it would lock nobody out.
    lock: PathBuf,
}

impl Files {
    pub(super) fn of(file: &Path) -> Self {
        let beside = |ending: &str| {
            let mut name = file.as_os_str().to_owned();
            name.push(ending);
            PathBuf::from(name)
        };
        Self {
            whole: file.to_path_buf(),
            part: beside(".part"),
            state: beside(".sync"),
            lock: beside(".lock"),
        }
    }

    /// Keeps other runs away until what is returned is dropped.
    pub(super) fn hold(&self) -> Result<File, Failure> {
        let mut options = OpenOptions::new();
        let opened = options.write(true).create(true).truncate(false);
        let file = opened
            .open(&self.lock)
            .map_err(|error| unusable(&self.lock, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(Failure::new(
                Kind::Store,
                format!("another twoba works on {}", self.whole.display()),
            )
            .advise("wait for its end; nothing was asked")),
            Err(TryLockError::Error(error)) => Err(unusable(&self.lock, &error)),
        }
    }
}

/// A file that was there is gone, or is not as it was left.
pub(super) fn damaged(path: &Path, what: &str) -> Failure {
    Failure::configuration(format!("{} {what}", path.display())).advise("use --full to begin again")
}

/// A file of the synchronization cannot be used.
pub(super) fn unusable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(
        Kind::Other,
        format!("cannot use {}: {error}", path.display()),
    )
    .advise("see that there is room and permission, then run the command again: it goes on where it was")
}
