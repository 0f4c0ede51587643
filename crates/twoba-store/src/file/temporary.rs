//! A file that is written beside its place, and renamed into it as a whole.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
#[cfg(feature = "encryption")]
use std::time::SystemTime;

use super::disk::Disk;
use crate::machine::{failed, private};
use crate::store::StoreError;

/// A complete file that is not in its place yet. It may hold tokens, so it is removed if it never
/// gets there.
pub(super) struct Temporary<'a> {
    disk: &'a dyn Disk,
    path: PathBuf,
    is_in_place: bool,
}

impl<'a> Temporary<'a> {
    /// Writes the file under the lock of its place, readable by its owner only.
    pub(super) fn write(
        disk: &'a dyn Disk,
        path: PathBuf,
        bytes: &[u8],
    ) -> Result<Self, StoreError> {
        // What a process has left that was killed while it wrote.
        match disk.remove(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(failed("remove", &path)(error));
            }
            Ok(()) | Err(_) => {}
        }
        let mut file = private(OpenOptions::new().write(true).create_new(true))
            .open(&path)
            .map_err(failed("write", &path))?;
        let temporary = Self {
            disk,
            path,
            is_in_place: false,
        };
        disk.write(&mut file, &temporary.path, bytes)
            .and_then(|()| disk.sync_file(&file, &temporary.path))
            .map_err(failed("write", &temporary.path))?;
        Ok(temporary)
    }

    /// Gives the file the time of the one that it replaces.
    #[cfg(feature = "encryption")]
    pub(super) fn dated(self, at: SystemTime) -> Result<Self, StoreError> {
        let file = OpenOptions::new().write(true).open(&self.path);
        file.and_then(|file| file.set_modified(at))
            .map_err(failed("date", &self.path))?;
        Ok(self)
    }

    pub(super) fn rename(mut self, to: &Path) -> Result<(), StoreError> {
        self.disk
            .rename(&self.path, to)
            .map_err(failed("replace", to))?;
        self.is_in_place = true;
        Ok(())
    }
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        if !self.is_in_place {
            // Where even this fails, the next write removes it.
            drop(self.disk.remove(&self.path));
        }
    }
}
