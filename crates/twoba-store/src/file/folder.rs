//! The folder that all clones of a store share. It is synced, listed, and cleaned of files that
//! earlier releases have left.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use twoba_core::SessionKey;

use super::disk::{Disk, is_unsupported};
use super::home;
use super::lock::LockedFile;
use super::name;
use crate::machine::{failed, private};
use crate::store::{ListedKind, StoreError};

/// The file that says that no file of an earlier release is left.
const SWEPT: &str = ".swept";

/// The folder.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    disk: Box<dyn Disk>,
    /// Whether this file system cannot sync folders.
    is_never_synced: AtomicBool,
    /// Whether the folder has been cleaned, as far as this process knows.
    swept: Mutex<bool>,
}

impl Folder {
    pub(super) fn new(path: PathBuf, disk: Box<dyn Disk>) -> Self {
        Self {
            path,
            disk,
            is_never_synced: AtomicBool::new(false),
            swept: Mutex::new(false),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn disk(&self) -> &dyn Disk {
        &*self.disk
    }

    /// Syncs the names of the files to the disk, if the file system can.
    pub(super) fn sync(&self) -> io::Result<()> {
        if self.is_never_synced.load(Ordering::Relaxed) {
            return Ok(());
        }
        match self.disk.sync_folder(&self.path) {
            Err(error) if is_unsupported(&error) => {
                self.is_never_synced.store(true, Ordering::Relaxed);
                Ok(())
            }
            outcome => outcome,
        }
    }

    /// Prepares the folder for writing.
    ///
    /// Processes of earlier releases that were killed during a write have left files. These may
    /// hold tokens, and nobody writes their names any more, so they are removed. That takes a look
    /// at all names. A file therefore says that it was done, for every later process.
    ///
    /// A session that is being written now is left alone, and the next process looks again.
    pub(super) fn prepare(&self) -> Result<(), StoreError> {
        let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
        if *swept {
            return Ok(());
        }
        let mark = self.path.join(SWEPT);
        if !mark.exists() && self.remove_old()? {
            // Where it cannot be made, the write that follows says so.
            drop(private(OpenOptions::new().write(true).create(true)).open(mark));
        }
        // Before a copy can be made of what is written now. It is tried again for a lease.
        drop(home::mark(&self.path));
        *swept = true;
        Ok(())
    }

    /// Removes the files that are left. Returns whether those are all.
    fn remove_old(&self) -> Result<bool, StoreError> {
        let mut is_all = true;
        for file in self.files()? {
            let Some((session, _)) = file
                .strip_prefix(".writing-")
                .and_then(|rest| rest.split_once('.'))
            else {
                continue;
            };
            let lock = self.path.join(format!("{session}.write"));
            match LockedFile::acquire(lock, Duration::ZERO) {
                Ok(_writing) => {
                    let path = self.path.join(&file);
                    match self.disk.remove(&path) {
                        // Another process was here first.
                        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                        outcome => outcome.map_err(failed("remove", &path))?,
                    }
                }
                Err(StoreError::Busy) => is_all = false,
                Err(error) => return Err(error),
            }
        }
        Ok(is_all)
    }

    /// The content of the folder for each session, in the order of keys and kinds.
    pub(super) fn sessions(&self) -> Result<BTreeMap<SessionKey, Vec<ListedKind>>, StoreError> {
        let mut sessions = BTreeMap::<_, Vec<_>>::new();
        for file in self.files()? {
            if let Some((key, kind)) = name::parse(&file) {
                sessions.entry(key).or_default().push(kind);
            }
        }
        for kinds in sessions.values_mut() {
            kinds.sort_unstable();
        }
        Ok(sessions)
    }

    /// The names of all files.
    pub(super) fn files(&self) -> Result<Vec<String>, StoreError> {
        self.disk
            .names(&self.path)
            .map_err(failed("read", &self.path))
    }
}
