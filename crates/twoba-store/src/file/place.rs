//! The files of one session: how they are read, and replaced as a whole.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use twoba_core::limits::RECORD_MAX;
use twoba_core::{Change, Durable, Revision, SessionKey, StoredGrant};

use super::folder::Folder;
use super::lock::{LockedFile, WRITE_PATIENCE};
use super::mark;
use super::name;
use super::temporary::Temporary;
use crate::machine::failed;
use crate::store::{ApplyError, StoreError};

/// The length of a probe's write. It is as long as a session with long tokens, because a full disk
/// still takes an empty file.
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

    /// The path where a file is written before it replaces another. A session has one such path, so
    /// that the next write finds the file of a killed process.
    pub(super) fn temporary(&self) -> PathBuf {
        self.folder.path().join(format!(".writing-{}", self.name))
    }

    pub(super) fn read(&self) -> Result<Option<StoredGrant>, StoreError> {
        read(&self.path("grant"))
    }

    pub(super) fn rescued(&self) -> Result<Option<StoredGrant>, StoreError> {
        read(&self.path("rescue"))
    }

    /// Applies a change without the lease, if the sessions of the folder are used here.
    pub(super) fn apply_unleased(&self, change: &Change) -> Result<Durable, ApplyError> {
        let _writing = self.begin_writing()?;
        mark::check(&self.folder)?;
        self.apply_locked(change)
    }

    /// Applies a change under the lease, which whoever moves the sessions waits for.
    pub(super) fn apply(&self, change: &Change) -> Result<Durable, ApplyError> {
        let _writing = self.begin_writing()?;
        self.apply_locked(change)
    }

    fn apply_locked(&self, change: &Change) -> Result<Durable, ApplyError> {
        let stored = self.read()?;
        let revision = stored.as_ref().map(StoredGrant::revision);
        if revision != change.expected() {
            if revision == Some(change.revision()) {
                // Whoever applied it the first time may have been told that it is not known
                // whether it is on the disk. Now it is.
                self.settle()?;
            }
            return Err(ApplyError::Conflict(stored));
        }
        let path = self.path("grant");
        if let Some(stored) = stored
            && change.keeps_replaced()
            && !cannot_be_a_record(&path)
        {
            self.write(&self.aside(stored.revision(), 0), stored.expose())?;
        }
        self.write(&path, change.record().expose())?;
        if change.ends_rescue() {
            self.end_rescue()?;
        }
        Ok(Durable::assertion(change))
    }

    /// The path where bytes of this revision are kept aside. `further` tells such bytes apart if
    /// only their beginning was read.
    pub(super) fn aside(&self, revision: Revision, further: u128) -> PathBuf {
        let number = u128::from_be_bytes(revision.to_bytes()).wrapping_add(further);
        let (name, ending) = (name::aside_name(&self.key), name::aside_ending(number));
        self.folder.path().join(format!("{name}.{ending}"))
    }

    /// Moves aside a thing in the record's place that cannot be a record. It is moved as it is,
    /// because a folder cannot be replaced by a file, and a file of a gigabyte should not be
    /// copied.
    fn make_way(&self, path: &Path) -> Result<(), StoreError> {
        if !cannot_be_a_record(path) {
            return Ok(());
        }
        let Some(found) = read(path)? else {
            return Ok(());
        };
        let mut further = 0;
        while self
            .aside(found.revision(), further)
            .symlink_metadata()
            .is_ok()
        {
            further += 1;
        }
        let aside = self.aside(found.revision(), further);
        let moved = self.folder.disk().rename(path, &aside);
        moved.map_err(failed("move aside", path))
    }

    /// Removes the rescued grant after the change that ends it is on the disk. In the reverse
    /// order, a crash in between would lose the only copy of a refresh token. In this order, a
    /// crash leaves a grant whose generation is no higher than the stored one, or a grant of
    /// another login. No session adopts such a grant.
    fn end_rescue(&self) -> Result<(), StoreError> {
        let path = self.path("rescue");
        self.make_way(&path)?;
        self.remove(&path)
    }

    /// Removes a file, which need not exist.
    pub(super) fn remove(&self, path: &Path) -> Result<(), StoreError> {
        match self.folder.disk().remove(path) {
            Ok(()) => self.settle(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(failed("remove", path)(error)),
        }
    }

    pub(super) fn rescue(&self, record: &StoredGrant) -> Result<(), StoreError> {
        let _writing = self.begin_writing()?;
        self.write(&self.path("rescue"), record.expose())
    }

    /// Reads the record, writes as much as a record takes, and removes that again.
    pub(super) fn probe(&self) -> Result<(), StoreError> {
        let _writing = self.begin_writing()?;
        mark::check(&self.folder)?;
        self.read()?;
        drop(Temporary::write(
            self.folder.disk(),
            self.temporary(),
            &[0; PROBE_LEN],
        )?);
        let folder = self.folder.path();
        self.folder.sync().map_err(failed("sync", folder))
    }

    /// Takes the right to write files of this session.
    pub(super) fn begin_writing(&self) -> Result<LockedFile, StoreError> {
        self.folder.prepare()?;
        self.lock_writing(WRITE_PATIENCE)
    }

    /// Takes the lock for the moment of a write, which separates it from other readers and writers.
    pub(super) fn lock_writing(&self, patience: Duration) -> Result<LockedFile, StoreError> {
        LockedFile::acquire(self.path("write"), patience)
    }

    /// Replaces a file as a whole. The new file survives a crash after this has returned.
    pub(super) fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
        let temporary = Temporary::write(self.folder.disk(), self.temporary(), bytes)?;
        self.make_way(path)?;
        temporary.rename(path)?;
        self.settle()
    }

    /// Syncs a file that is already in its place.
    fn settle(&self) -> Result<(), StoreError> {
        self.folder
            .sync()
            .map_err(|source| StoreError::OutcomeUnknown {
                path: self.folder.path().to_path_buf(),
                source,
            })
    }
}

/// The most bytes of a file that are read: one more than a record may have.
fn most() -> u64 {
    u64::try_from(RECORD_MAX).map_or(u64::MAX, |most| most.saturating_add(1))
}

/// Whether the path is a folder, or a file of which only the beginning is read.
pub(super) fn cannot_be_a_record(path: &Path) -> bool {
    let found = path.metadata();
    found.is_ok_and(|found| found.is_dir() || found.len() >= most())
}

/// Reads the file. A folder reads as an empty file. Of a large file, only enough is read to tell
/// that it is too large. No session accepts either.
pub(super) fn read(path: &Path) -> Result<Option<StoredGrant>, StoreError> {
    let mut bytes = Vec::with_capacity(4096);
    let read = File::open(path).and_then(|file| file.take(most()).read_to_end(&mut bytes));
    match read {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) if !path.is_dir() => return Err(failed("read", path)(error)),
        Ok(_) | Err(_) => {}
    }
    Ok(Some(StoredGrant::from_bytes(bytes)))
}
