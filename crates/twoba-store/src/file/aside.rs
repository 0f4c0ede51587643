//! The bytes that logins and logouts have kept aside: how they are listed, restored and removed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use twoba_core::SessionKey;

use super::FileStore;
use super::folder::Thing;
use super::place::Place;
use crate::machine::failed;
use crate::store::{KeptAside, ListedKind, StoreError};

/// How many of them are kept for one session. A person who wants one back has put it aside lately.
const ASIDE_MAX: usize = 4;

impl FileStore {
    /// Lists the bytes that were kept aside of all sessions, or of one. The latest comes first. The
    /// last four of each session are kept, and those that an earlier release has kept.
    ///
    /// # Errors
    ///
    /// - the folder cannot be read: [`StoreError::Io`]
    /// - the bytes cannot be decrypted: as for [`open_with`](Self::open_with)
    pub fn kept_aside(&self, of: Option<&SessionKey>) -> Result<Vec<KeptAside>, StoreError> {
        let mut things = self.folder.things()?;
        things.retain(|thing| {
            thing.kind == ListedKind::KeptAside && of.is_none_or(|of| *of == thing.key)
        });
        self.read_aside(things)
    }

    /// Reads bytes that were kept aside. The latest comes first.
    fn read_aside(&self, things: Vec<Thing>) -> Result<Vec<KeptAside>, StoreError> {
        let mut found = Vec::new();
        for Thing { key, path, .. } in things {
            let place = self.place(&key);
            // One that went meanwhile is none.
            let Some(record) = place.open(&path, place.label())? else {
                continue;
            };
            let name = path.file_name().and_then(|name| name.to_str());
            let name = name.unwrap_or_default().to_owned();
            found.push(KeptAside::new(key, name, written(&path), record));
        }
        found.sort_by(|one, other| (other.since, &other.name).cmp(&(one.since, &one.name)));
        Ok(found)
    }

    /// Puts bytes that were kept aside back in the place of the session. The bytes that they
    /// replace are kept aside in turn. No program may use the session meanwhile. A program that has
    /// seen the present record takes the restored one for a store that went back.
    ///
    /// # Errors
    ///
    /// - a program has the lease of the session: [`StoreError::Busy`]
    /// - the bytes are gone or cannot be a record, or the folder cannot be written:
    ///   [`StoreError::Io`]
    pub fn restore(&self, kept: &KeptAside) -> Result<(), StoreError> {
        use crate::store::Store as _;

        let lease = self.try_lease(&kept.key)?.ok_or(StoreError::Busy)?;
        self.place(&kept.key).restore(&kept.name)?;
        lease.release();
        Ok(())
    }

    /// Removes bytes that were kept aside. They may hold the only copy of a refresh token. It is no
    /// error if they are already gone.
    ///
    /// # Errors
    ///
    /// - the folder cannot be written: [`StoreError::Io`]
    pub fn discard(&self, kept: &KeptAside) -> Result<(), StoreError> {
        let place = self.place(&kept.key);
        place.discard(&place.kept(&kept.name))
    }

    /// Removes all but the last few bytes that were kept aside of a session. What cannot be removed
    /// waits for the next time.
    pub(super) fn bound_aside(&self, key: &SessionKey) -> Result<(), StoreError> {
        let place = self.place(key);
        let things = self.folder.aside_in(&place.aside_folder())?;
        let mut paths: Vec<_> = things.into_iter().map(|thing| thing.path).collect();
        paths.sort_by_cached_key(|path| (written(path), path.clone()));
        for path in paths.iter().rev().skip(ASIDE_MAX) {
            place.discard(path)?;
        }
        Ok(())
    }
}

/// When a file was written.
fn written(path: &Path) -> SystemTime {
    let written = path.metadata().and_then(|found| found.modified());
    written.unwrap_or(SystemTime::UNIX_EPOCH)
}

impl Place {
    /// The path of a file that was kept aside, by this release or by an earlier one.
    fn kept(&self, name: &str) -> PathBuf {
        let path = self.aside_folder().join(name);
        if path.symlink_metadata().is_ok() {
            return path;
        }
        self.folder.path().join(name)
    }

    fn restore(&self, name: &str) -> Result<(), StoreError> {
        let writing = self.begin_writing()?;
        let aside = self.kept(name);
        let missing = || failed("read", &aside)(io::ErrorKind::NotFound.into());
        if self.cannot_be_a_record(&aside) {
            return Err(failed("restore", &aside)(io::ErrorKind::InvalidData.into()));
        }
        let record = self.open(&aside, self.label())?.ok_or_else(missing)?;
        let grant = self.path("grant");
        if let Some(stored) = self.read()?.filter(|_| !self.cannot_be_a_record(&grant)) {
            self.keep_aside(&writing, &stored)?;
        }
        self.write(&writing, &grant, self.label(), &record)?;
        self.remove_aside(&aside)
    }

    fn discard(&self, path: &Path) -> Result<(), StoreError> {
        let _writing = self.begin_writing()?;
        // A folder that stood in the place of a record.
        if path.is_dir() {
            return fs::remove_dir_all(path).map_err(failed("remove", path));
        }
        self.remove_aside(path)
    }

    fn remove_aside(&self, path: &Path) -> Result<(), StoreError> {
        self.remove(path)?;
        if path.starts_with(self.aside_folder()) {
            return self.settle_aside();
        }
        Ok(())
    }
}
