//! The fact of how a folder is protected. It is a file that is written before the first record, and
//! replaced when the store gets another key.

use std::io;
use std::path::{Path, PathBuf};

use super::disk::Disk;
use super::lock::{LockedFile, WRITE_PATIENCE};
use super::temporary::Temporary;
use crate::machine::failed;
use crate::protection::Protection;
use crate::store::StoreError;

/// The name of the file.
const FACT: &str = ".protection";

/// The most bytes of the file that are read.
const FACT_MAX: u64 = 64;

/// Reads the fact. `None` if the folder has none: it is new, or of an earlier release.
pub(super) fn read(disk: &dyn Disk, folder: &Path) -> Result<Option<Protection>, StoreError> {
    let path = folder.join(FACT);
    let bytes = match disk.read(&path, FACT_MAX) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        outcome => outcome.map_err(failed("read", &path))?,
    };
    let text = String::from_utf8(bytes).unwrap_or_default();
    let fact = text.strip_suffix('\n').and_then(Protection::parse);
    let why = "it does not say how the sessions are protected";
    let damaged = || failed("read", &path)(io::Error::new(io::ErrorKind::InvalidData, why));
    fact.ok_or_else(damaged).map(Some)
}

/// The error of a folder whose fact is gone while its records are sealed.
pub(super) fn missing(folder: &Path) -> StoreError {
    let why = "it is gone, and the sessions are encrypted";
    failed("read", &folder.join(FACT))(io::Error::new(io::ErrorKind::NotFound, why))
}

/// The right to write the fact of a folder, which one process at a time has.
pub(super) struct Writer<'a> {
    disk: &'a dyn Disk,
    folder: &'a Path,
    _writing: LockedFile,
}

impl<'a> Writer<'a> {
    pub(super) fn begin(disk: &'a dyn Disk, folder: &'a Path) -> Result<Self, StoreError> {
        Ok(Self {
            disk,
            folder,
            _writing: LockedFile::acquire(lock(folder), WRITE_PATIENCE)?,
        })
    }

    /// Replaces the fact as a whole. The caller syncs the folder.
    pub(super) fn write(&self, protection: Protection) -> Result<(), StoreError> {
        let text = format!("{protection}\n");
        let path = self.folder.join(format!("{FACT}.new"));
        Temporary::write(self.disk, path, text.as_bytes())?.rename(&self.folder.join(FACT))
    }
}

fn lock(folder: &Path) -> PathBuf {
    folder.join(format!("{FACT}.lock"))
}
