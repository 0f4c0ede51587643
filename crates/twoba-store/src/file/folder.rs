//! The folder that all clones of a store share: synced, listed, and rid of what earlier
//! releases have left.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use twoba_core::SessionKey;

use super::failure::failed;
use super::lock::LockedFile;
use super::name;
use crate::store::{ListedKind, StoreError};

/// The folder.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// Whether it has been swept.
    swept: Mutex<bool>,
}

impl Folder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            swept: Mutex::new(false),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    #[cfg(unix)]
    pub(super) fn sync(&self) -> Result<(), StoreError> {
        fs::File::open(&self.path)
            .and_then(|folder| folder.sync_all())
            .map_err(failed("sync", &self.path))
    }

    /// Folders cannot be synced here; the rename is journaled by the file system.
    #[cfg(not(unix))]
    pub(super) fn sync(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Removes what processes of earlier releases have left that were killed while they wrote,
    /// once for each store that is opened: it may hold tokens, and has a name that nobody
    /// writes any more. A session that somebody writes now is left alone.
    pub(super) fn sweep(&self) -> Result<(), StoreError> {
        let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
        if *swept {
            return Ok(());
        }
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
                    fs::remove_file(&path).map_err(failed("remove", &path))?;
                }
                Err(StoreError::Busy) => {}
                Err(error) => return Err(error),
            }
        }
        *swept = true;
        Ok(())
    }

    /// What lies there of each session, in the order of keys and kinds.
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

    /// The names of all files; those that are no text are none of ours.
    pub(super) fn files(&self) -> Result<Vec<String>, StoreError> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(failed("read", &self.path))? {
            let entry = entry.map_err(failed("read", &self.path))?;
            files.extend(entry.file_name().into_string());
        }
        Ok(files)
    }
}
