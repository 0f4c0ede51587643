//! The bytes that logins and logouts have kept aside: how they are listed, restored and removed.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::SystemTime;

use twoba_core::SessionKey;

use super::FileStore;
use super::name;
use super::place::{Place, cannot_be_a_record, read};
use crate::machine::failed;
use crate::store::{KeptAside, ListedKind, StoreError};

/// How many of them are kept for one session. A person who wants one back has put it aside lately.
const ASIDE_MAX: usize = 4;

impl FileStore {
    /// Lists the bytes that were kept aside of all sessions, or of one. The latest comes first. The
    /// last four of each session are kept.
    ///
    /// # Errors
    ///
    /// - the folder cannot be read: [`StoreError::Io`]
    pub fn kept_aside(&self, of: Option<&SessionKey>) -> Result<Vec<KeptAside>, StoreError> {
        let mut found = Vec::new();
        for name in self.folder.files()? {
            let Some((key, ListedKind::KeptAside)) = name::parse(&name) else {
                continue;
            };
            if of.is_some_and(|of| *of != key) {
                continue;
            }
            let path = self.folder().join(&name);
            // One that went meanwhile is none.
            let Some(record) = read(&path)? else {
                continue;
            };
            let written = path.metadata().and_then(|found| found.modified());
            let since = written.unwrap_or(SystemTime::UNIX_EPOCH);
            found.push(KeptAside::new(key, name, since, record));
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
        self.place(&kept.key).discard(&kept.name)
    }

    /// Removes all but the last few bytes that were kept aside of a session. What cannot be removed
    /// waits for the next time.
    pub(super) fn bound_aside(&self, key: &SessionKey) -> Result<(), StoreError> {
        for kept in self.kept_aside(Some(key))?.into_iter().skip(ASIDE_MAX) {
            self.discard(&kept)?;
        }
        Ok(())
    }
}

impl Place {
    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn restore(&self, name: &str) -> Result<(), StoreError> {
        let _writing = self.begin_writing()?;
        let aside = self.file(name);
        let missing = || failed("read", &aside)(io::ErrorKind::NotFound.into());
        if cannot_be_a_record(&aside) {
            return Err(failed("restore", &aside)(io::ErrorKind::InvalidData.into()));
        }
        let record = read(&aside)?.ok_or_else(missing)?;
        let grant = self.path("grant");
        if let Some(stored) = self.read()?.filter(|_| !cannot_be_a_record(&grant)) {
            self.write(&self.aside(stored.revision(), 0), stored.expose())?;
        }
        self.write(&grant, record.expose())?;
        self.remove(&aside)
    }

    fn discard(&self, name: &str) -> Result<(), StoreError> {
        let _writing = self.begin_writing()?;
        let path = self.file(name);
        // A folder that stood in the place of a record.
        if path.is_dir() {
            return fs::remove_dir_all(&path).map_err(failed("remove", &path));
        }
        self.remove(&path)
    }
}
