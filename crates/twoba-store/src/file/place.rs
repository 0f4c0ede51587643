//! The files of one session: how they are read, and replaced as a whole.

use std::io;
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
use crate::protection::Protection;
use crate::sealed::{Label, SEAL_OVERHEAD};
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

    pub(super) fn label(&self) -> Label<'_> {
        Label::Record(&self.key)
    }

    pub(super) fn read(&self) -> Result<Option<StoredGrant>, StoreError> {
        self.open(&self.path("grant"), self.label())
    }

    pub(super) fn rescued(&self) -> Result<Option<StoredGrant>, StoreError> {
        self.open(&self.path("rescue"), Label::Rescue(&self.key))
    }

    /// Reads a file of the session, and opens it as the folder says now.
    pub(super) fn open(
        &self,
        path: &Path,
        label: Label<'_>,
    ) -> Result<Option<StoredGrant>, StoreError> {
        let protection = self.folder.protection()?;
        self.open_as(protection, path, label)
    }

    /// The same in a folder that is protected like this.
    fn open_as(
        &self,
        protection: Protection,
        path: &Path,
        label: Label<'_>,
    ) -> Result<Option<StoredGrant>, StoreError> {
        let folder = &self.folder;
        let stored = self.stored(path)?;
        let open = |stored| {
            let protector = folder.protector();
            protector.open(protection, &folder.told(), label, stored)
        };
        stored.map(open).transpose()
    }

    /// The bytes of a file. A folder reads as an empty file. Of a large file, only enough is read to
    /// tell that it is too large. No session accepts either.
    pub(super) fn stored(&self, path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
        match self.folder.disk().read(path, self.most()) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(_) if path.is_dir() => Ok(Some(Vec::new())),
            Err(error) => Err(failed("read", path)(error)),
        }
    }

    /// The most bytes of a file that are read: one more than a record may have, or a sealed one.
    fn most(&self) -> u64 {
        let sealed = self.folder.protector().has_keys();
        let most = RECORD_MAX + if sealed { SEAL_OVERHEAD } else { 0 };
        u64::try_from(most).map_or(u64::MAX, |most| most.saturating_add(1))
    }

    /// Whether the path is a folder, or a file of which only the beginning is read.
    pub(super) fn cannot_be_a_record(&self, path: &Path) -> bool {
        let found = path.metadata();
        found.is_ok_and(|found| found.is_dir() || found.len() >= self.most())
    }

    /// Applies a change without the lease, if the sessions of the folder are used here.
    pub(super) fn apply_unleased(&self, change: &Change) -> Result<Durable, ApplyError> {
        let writing = self.begin_writing()?;
        mark::check(&self.folder)?;
        self.apply_locked(&writing, change)
    }

    /// Applies a change under the lease, which whoever moves the sessions waits for.
    pub(super) fn apply(&self, change: &Change) -> Result<Durable, ApplyError> {
        let writing = self.begin_writing()?;
        self.apply_locked(&writing, change)
    }

    fn apply_locked(&self, writing: &Writing, change: &Change) -> Result<Durable, ApplyError> {
        let path = self.path("grant");
        let stored = self.open_as(writing.protection, &path, self.label())?;
        let revision = stored.as_ref().map(StoredGrant::revision);
        if revision != change.expected() {
            if revision == Some(change.revision()) {
                // Whoever applied it the first time may have been told that it is not known
                // whether it is on the disk. Now it is.
                self.settle()?;
            }
            return Err(ApplyError::Conflict(stored));
        }
        if let Some(stored) = stored
            && change.keeps_replaced()
            && !self.cannot_be_a_record(&path)
        {
            self.keep_aside(writing, &stored)?;
        }
        self.write(writing, &path, self.label(), change.record())?;
        if change.ends_rescue() {
            self.end_rescue()?;
        }
        Ok(Durable::assertion(change))
    }

    /// The folder in which bytes of this session are kept aside. No other session has to be looked
    /// at to bound their number.
    pub(super) fn aside_folder(&self) -> PathBuf {
        self.path(name::ASIDE)
    }

    fn make_aside_folder(&self) -> Result<(), StoreError> {
        let path = self.aside_folder();
        let made = self.folder.disk().make_folder(&path);
        made.map_err(failed("make the folder", &path))
    }

    /// Keeps aside what was read, before it is replaced.
    pub(super) fn keep_aside(
        &self,
        writing: &Writing,
        stored: &StoredGrant,
    ) -> Result<(), StoreError> {
        self.make_aside_folder()?;
        let path = self.aside(stored.revision(), 0);
        self.write(writing, &path, self.label(), stored)?;
        self.settle_aside()
    }

    /// The path where bytes of this revision are kept aside. `further` tells such bytes apart if
    /// only their beginning was read.
    pub(super) fn aside(&self, revision: Revision, further: u128) -> PathBuf {
        let number = u128::from_be_bytes(revision.to_bytes()).wrapping_add(further);
        let (name, ending) = (name::aside_name(&self.key), name::aside_ending(number));
        self.aside_folder().join(format!("{name}.{ending}"))
    }

    /// Moves aside a thing in the record's place that cannot be a record. It is moved as it is,
    /// because a folder cannot be replaced by a file, and a file of a gigabyte should not be
    /// copied.
    fn make_way(&self, path: &Path) -> Result<(), StoreError> {
        if !self.cannot_be_a_record(path) {
            return Ok(());
        }
        let Some(found) = self.stored(path)? else {
            return Ok(());
        };
        let revision = StoredGrant::from_bytes(found).revision();
        let mut further = 0;
        while self.aside(revision, further).symlink_metadata().is_ok() {
            further += 1;
        }
        self.make_aside_folder()?;
        let aside = self.aside(revision, further);
        let moved = self.folder.disk().rename(path, &aside);
        moved.map_err(failed("move aside", path))?;
        self.settle_aside()
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
        let writing = self.begin_writing()?;
        let label = Label::Rescue(&self.key);
        self.write(&writing, &self.path("rescue"), label, record)
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

    /// Takes the right to write files of this session, as the folder says now.
    pub(super) fn begin_writing(&self) -> Result<Writing, StoreError> {
        // Who must not write here leaves no lock either.
        self.folder.protection()?;
        self.folder.prepare()?;
        let lock = self.lock_writing(WRITE_PATIENCE)?;
        // Whoever gives the store another key waits for this lock, and seals again what is written.
        let protection = self.folder.protection()?;
        Ok(Writing {
            protection,
            _lock: lock,
        })
    }

    /// Takes the lock for the moment of a write, which separates it from other readers and writers.
    pub(super) fn lock_writing(&self, patience: Duration) -> Result<LockedFile, StoreError> {
        LockedFile::acquire(self.path(name::WRITE), patience)
    }

    /// Replaces a file as a whole. The new file survives a crash after this has returned.
    pub(super) fn write(
        &self,
        writing: &Writing,
        path: &Path,
        label: Label<'_>,
        record: &StoredGrant,
    ) -> Result<(), StoreError> {
        let (folder, protection) = (&self.folder, writing.protection);
        let protector = folder.protector();
        let bytes = protector.protect(protection, &folder.told(), label, record)?;
        let temporary = Temporary::write(folder.disk(), self.temporary(), &bytes)?;
        self.make_way(path)?;
        temporary.rename(path)?;
        self.settle()
    }

    /// Syncs a file that is already in its place.
    pub(super) fn settle(&self) -> Result<(), StoreError> {
        self.settle_in(self.folder.path())
    }

    /// Syncs a file that was kept aside. The names of the store's folder are synced by the change
    /// that follows.
    pub(super) fn settle_aside(&self) -> Result<(), StoreError> {
        self.settle_in(&self.aside_folder())
    }

    fn settle_in(&self, folder: &Path) -> Result<(), StoreError> {
        let synced = self.folder.sync_names(folder);
        synced.map_err(|source| StoreError::OutcomeUnknown {
            path: folder.to_path_buf(),
            source,
        })
    }
}

/// The right to write files of one session.
#[derive(Debug)]
pub(super) struct Writing {
    /// How the folder is protected for as long as this is held.
    pub(super) protection: Protection,
    _lock: LockedFile,
}
