//! Detects whether a folder is the one in which its sessions were made, or a copy of it.
//!
//! Two copies that refresh one session spend each other's refresh token. The folder therefore holds
//! a file with that file's own number (inode). A copy of the file carries the number of the
//! original, and has another number itself.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use super::lock::{LockedFile, WRITE_PATIENCE};
use crate::machine::{FileNumber, failed};
use crate::store::StoreError;

/// The name of the file. A process locks it before it writes it.
const HOME: &str = ".home";

/// The most bytes of the file that are read.
const LINE_MAX: u64 = 64;

/// Refuses a copy. A folder without the file, for example of an earlier release, is taken as the
/// original.
pub(super) fn check(folder: &Path) -> Result<(), StoreError> {
    if !FileNumber::TELLS {
        return Ok(());
    }
    let path = folder.join(HOME);
    match look(&path) {
        Ok(Found::Same) => Ok(()),
        Ok(Found::Other) => Err(StoreError::Copied {
            place: format!("the store's folder {}", folder.display()),
        }),
        Ok(Found::Nothing) => mark(folder),
        Err(error) => Err(failed("read", &path)(error)),
    }
}

/// Whether the folder is a copy. This looks only.
pub(super) fn is_copy(folder: &Path) -> Result<bool, StoreError> {
    if !FileNumber::TELLS {
        return Ok(false);
    }
    let path = folder.join(HOME);
    match look(&path).map_err(failed("read", &path))? {
        Found::Other => Ok(true),
        Found::Same | Found::Nothing => Ok(false),
    }
}

/// Makes this folder the home of its sessions.
pub(super) fn adopt(folder: &Path) -> Result<(), StoreError> {
    let path = folder.join(HOME);
    let writing = LockedFile::acquire(path.clone(), WRITE_PATIENCE)?;
    write(writing.file()).map_err(failed("write", &path))
}

/// Makes this folder the home of its sessions, unless the file names another one.
pub(super) fn mark(folder: &Path) -> Result<(), StoreError> {
    if !FileNumber::TELLS {
        return Ok(());
    }
    let path = folder.join(HOME);
    let writing = LockedFile::acquire(path.clone(), WRITE_PATIENCE)?;
    match found(writing.file()) {
        Ok(Found::Nothing) => write(writing.file()).map_err(failed("write", &path)),
        Ok(Found::Same | Found::Other) => Ok(()),
        Err(error) => Err(failed("read", &path)(error)),
    }
}

enum Found {
    /// The file was written here, or this file system gives no lasting number.
    Same,
    Other,
    Nothing,
}

fn look(path: &Path) -> io::Result<Found> {
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Found::Nothing),
        outcome => found(&outcome?),
    }
}

fn found(file: &File) -> io::Result<Found> {
    let mut line = String::new();
    file.take(LINE_MAX).read_to_string(&mut line)?;
    let Some(mark) = line.strip_suffix('\n') else {
        // Whoever wrote it was killed, or writes it now.
        return Ok(Found::Nothing);
    };
    let is_same = FileNumber::of(file)?.has(mark);
    Ok(if is_same { Found::Same } else { Found::Other })
}

fn write(mut file: &File) -> io::Result<()> {
    let line = FileNumber::of(file)?.mark() + "\n";
    file.rewind()?;
    file.write_all(line.as_bytes())?;
    file.set_len(u64::try_from(line.len()).unwrap_or(LINE_MAX))
}
