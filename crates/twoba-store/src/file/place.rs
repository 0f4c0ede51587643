//! The files of one session: how they are read, and replaced as a whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use twoba_core::limits::RECORD_MAX;
use twoba_core::{Change, Durable, SessionKey, StoredGrant};

use super::failure::failed;
use super::folder::Folder;
use super::lock::LockedFile;
use super::name;
use crate::store::{ApplyError, StoreError};

/// How long a write waits for another write of the same session, which takes milliseconds.
const WRITE_PATIENCE: Duration = Duration::from_secs(10);

/// What a probe writes: as much as a session with long tokens needs, because a disk that is
/// full still takes an empty file.
const PROBE_LEN: usize = 16 * 1024;

/// The files of one session.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) folder: Arc<Folder>,
    pub(super) key: SessionKey,
    pub(super) name: String,
}

impl Place {
    pub(super) fn path(&self, ending: &str) -> PathBuf {
        self.folder.path().join(format!("{}.{ending}", self.name))
    }

    /// Where a file is written before it replaces another: one name for the session, so that
    /// the next write finds what a killed process has left.
    pub(super) fn temporary(&self) -> PathBuf {
        self.folder.path().join(format!(".writing-{}", self.name))
    }

    pub(super) fn read(&self) -> Result<Option<StoredGrant>, StoreError> {
        read(self.path("grant"))
    }

    pub(super) fn rescued(&self) -> Result<Option<StoredGrant>, StoreError> {
        read(self.path("rescue"))
    }

    pub(super) fn apply(&self, change: &Change) -> Result<Durable, ApplyError> {
        let _writing = self.begin_writing()?;
        let stored = self.read()?;
        if stored.as_ref().map(StoredGrant::revision) != change.expected() {
            return Err(ApplyError::Conflict(stored));
        }
        if let Some(stored) = stored
            && change.keeps_replaced()
        {
            let ending = name::aside_ending(stored.revision().to_bytes());
            let aside = format!("{}.{ending}", name::aside_name(&self.key));
            self.write(&self.folder.path().join(aside), stored.expose())?;
        }
        self.write(&self.path("grant"), change.record().expose())?;
        if change.ends_rescue() {
            self.end_rescue()?;
        }
        Ok(Durable::assertion(change))
    }

    /// Removes the rescued grant, once the change that ends it is on the disk. The other way
    /// round a crash between the two would lose the only copy of a refresh token. This way it
    /// leaves a grant whose generation is no higher than the stored one, or one of another
    /// login; such a one is adopted by nobody.
    fn end_rescue(&self) -> Result<(), StoreError> {
        let path = self.path("rescue");
        match fs::remove_file(&path) {
            Ok(()) => self.folder.sync(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(failed("remove", &path)(error)),
        }
    }

    pub(super) fn rescue(&self, record: &StoredGrant) -> Result<(), StoreError> {
        let _writing = self.begin_writing()?;
        self.write(&self.path("rescue"), record.expose())
    }

    /// Writes as much as a record takes, and removes it again.
    pub(super) fn probe(&self) -> Result<(), StoreError> {
        let _writing = self.begin_writing()?;
        let temporary = Temporary::write(self.temporary(), &[0; PROBE_LEN])?;
        drop(temporary);
        self.folder.sync()
    }

    /// The right to write files of this session.
    fn begin_writing(&self) -> Result<LockedFile, StoreError> {
        self.folder.sweep()?;
        LockedFile::acquire(self.path("write"), WRITE_PATIENCE)
    }

    /// Replaces a file as a whole; it survives a crash once this has returned.
    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
        let temporary = Temporary::write(self.temporary(), bytes)?;
        temporary.rename(path)?;
        self.folder.sync()
    }
}

/// A file that is written in full and not in its place yet. It may hold tokens, so it is
/// removed again if it never gets there.
struct Temporary {
    path: PathBuf,
    is_in_place: bool,
}

impl Temporary {
    /// Writes it under the lock of its session, for its owner's eyes only.
    fn write(path: PathBuf, bytes: &[u8]) -> Result<Self, StoreError> {
        // What a process has left that was killed while it wrote.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(failed("remove", &path)(error));
            }
            Ok(()) | Err(_) => {}
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).map_err(failed("write", &path))?;
        let temporary = Self {
            path,
            is_in_place: false,
        };
        file.write_all(bytes)
            .and_then(|()| file.sync_all())
            .map_err(failed("write", &temporary.path))?;
        Ok(temporary)
    }

    fn rename(mut self, to: &Path) -> Result<(), StoreError> {
        fs::rename(&self.path, to).map_err(failed("replace", to))?;
        self.is_in_place = true;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.is_in_place {
            // Where even this fails, the next write removes it.
            drop(fs::remove_file(&self.path));
        }
    }
}

fn read(path: PathBuf) -> Result<Option<StoredGrant>, StoreError> {
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed("read", &path)(error)),
    };
    let limit = u64::try_from(RECORD_MAX).unwrap_or(u64::MAX);
    let mut bytes = Vec::with_capacity(4096);
    file.take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(failed("read", &path))?;
    if bytes.len() > RECORD_MAX {
        return Err(StoreError::TooLarge { path });
    }
    Ok(Some(StoredGrant::from_bytes(bytes)))
}
