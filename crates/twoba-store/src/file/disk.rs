//! The disk operations by which a session is read, and by which a change survives a crash. Tests
//! replace them to observe their order, to count them, and to let one fail.

use std::fmt::Debug;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use crate::machine::make_folder;

/// The disk operations, as the operating system carries them out.
pub(super) trait Disk: Debug + Send + Sync {
    /// Reads at most so many bytes of the file at `path`.
    fn read(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(4096);
        File::open(path)?.take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Makes a folder for its owner only, if there is none.
    fn make_folder(&self, path: &Path) -> io::Result<()> {
        make_folder(path)
    }

    /// Writes bytes to the file at `path`.
    fn write(&self, file: &mut File, _path: &Path, bytes: &[u8]) -> io::Result<()> {
        file.write_all(bytes)
    }

    /// Syncs the bytes of the file at `path` to the disk.
    fn sync_file(&self, file: &File, _path: &Path) -> io::Result<()> {
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    /// Syncs the names in a folder to the disk.
    #[cfg(unix)]
    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }

    /// Does nothing. Folders cannot be synced here; the file system journals the rename.
    #[cfg(not(unix))]
    fn sync_folder(&self, _folder: &Path) -> io::Result<()> {
        Ok(())
    }

    /// The names of all files in a folder. A name that is no text does not belong to the store.
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

/// The disk of this machine that reports the sync of a folder as failed while it is told to, and
/// carries it out.
#[cfg(any(test, feature = "conformance"))]
#[derive(Debug)]
pub(super) struct Losing(pub(super) std::sync::Arc<std::sync::atomic::AtomicBool>);

#[cfg(any(test, feature = "conformance"))]
impl Disk for Losing {
    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        System.sync_folder(folder)?;
        if self.0.load(std::sync::atomic::Ordering::SeqCst) {
            return Err(io::Error::other("the answer was lost"));
        }
        Ok(())
    }
}

/// Whether a sync failed because the file system cannot sync folders, such as CIFS, 9p and some
/// kinds of FUSE. SQLite, git and PostgreSQL ignore this failure too: nothing more can be done.
pub(super) fn is_unsupported(error: &io::Error) -> bool {
    /// The error of some systems for a folder that was opened for reading.
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
