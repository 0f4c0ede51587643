//! The acts on the disk by which a change survives a crash: a seam at which tests see their
//! order and let one of them fail.

use std::fmt::Debug;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Each act as the operating system carries it out.
pub(super) trait Disk: Debug + Send + Sync {
    /// Writes the bytes of the file that stands at `path`.
    fn write(&self, file: &mut File, _path: &Path, bytes: &[u8]) -> io::Result<()> {
        file.write_all(bytes)
    }

    /// Brings the bytes of the file that stands at `path` to the disk.
    fn sync_file(&self, file: &File, _path: &Path) -> io::Result<()> {
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    /// Brings the names of a folder's files to the disk.
    #[cfg(unix)]
    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }

    /// Folders cannot be synced here; the rename is journaled by the file system.
    #[cfg(not(unix))]
    fn sync_folder(&self, _folder: &Path) -> io::Result<()> {
        Ok(())
    }

    /// The names of all files of a folder; those that are no text are none of ours.
    fn names(&self, folder: &Path) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(folder)? {
            names.extend(entry?.file_name().into_string());
        }
        Ok(names)
    }
}

/// The disk of this machine.
#[derive(Debug)]
pub(super) struct System;

impl Disk for System {}

/// Whether a sync failed because the file system has none for folders, as on CIFS, 9p and some
/// of FUSE. SQLite, git and PostgreSQL pass over it: there is nothing more to be had.
pub(super) fn is_unsupported(error: &io::Error) -> bool {
    /// What some systems say of a folder that was opened for reading.
    #[cfg(unix)]
    const EBADF: i32 = 9;

    #[cfg(unix)]
    if error.raw_os_error() == Some(EBADF) {
        return true;
    }
    matches!(
        error.kind(),
        io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
    )
}
