//! Lets the programs of one user make keys one after the other.

use std::env;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use crate::error::KeychainError;

/// How often somebody looks whether it is his turn.
const PAUSE: Duration = Duration::from_millis(10);

/// A turn, which ends when this is dropped or its process ends.
#[derive(Debug)]
pub(crate) struct Turn {
    _file: File,
}

/// Waits for the turn of this program, for as long as others may take.
pub(crate) fn begin(patience: Duration) -> Result<Turn, KeychainError> {
    let path = lock();
    let failed = |why: String| KeychainError::Failed {
        why: format!("cannot lock {}: {why}", path.display()),
    };
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path);
    let file = file.map_err(|error| failed(error.to_string()))?;
    let started = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Turn { _file: file }),
            Err(TryLockError::Error(error)) => return Err(failed(error.to_string())),
            Err(TryLockError::WouldBlock) if started.elapsed() < patience => thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => {
                return Err(failed("another program makes a key".to_owned()));
            }
        }
    }
}

/// The file of the lock, in a folder of this user for as long as the user is logged in.
fn lock() -> PathBuf {
    let folder = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let folder = folder.filter(|folder| folder.is_dir());
    folder
        .unwrap_or_else(env::temp_dir)
        .join("twoba-keychain.lock")
}
