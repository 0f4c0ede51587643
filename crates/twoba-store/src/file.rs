//! A store for one machine, with one file for each session. A file is always replaced as a whole.
//!
//! A record is written to a temporary file in the same folder and synced. That file is renamed over
//! the old one, and the folder is synced. After a crash, either the old or the new record is there.
//! Two sidecar files carry the locks: one for the lease, and one for the moment of a write. They
//! are never deleted, because a lock on a deleted file excludes nobody.

mod aside;
mod disk;
mod fact;
mod folder;
mod home;
mod lease;
mod lock;
mod maintained;
mod mark;
mod name;
mod place;
#[cfg(feature = "encryption")]
mod rotation;
mod temporary;

use std::fs::File;
use std::io;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use twoba_core::{Change, Durable, SessionKey, StoredGrant, Timestamp};

use crate::machine::{failed, make_private_folder};
use crate::protection::{Protection, Protector};
use crate::store::{ApplyError, Due, Lease, Listed, ListedKind, Store, StoreError, earliest};
use disk::{Disk, System};
use folder::Folder;
use lease::{FileLease, Line};
use place::Place;

/// A store in a folder of its own, for any number of processes of one user. Its clones share the
/// folder.
///
/// The folder has mode 0700 and each file 0600 from its creation. A folder that is open to a group
/// or belongs to another user is refused. Use a local file system: locks of network file systems
/// promise less.
///
/// A lease lasts until it is released or its process ends. A stopped process (Ctrl-Z) keeps it for
/// 45 seconds after its last renewal. Then another process goes on, and the stopped one learns of
/// it when it continues. There are two exceptions, in which a stopped process keeps the lease for
/// as long as it is stopped. Windows does not let others read a locked file. And the process may be
/// stopped in the microseconds between its lock and its line, or during a write.
///
/// On request, the sessions are encrypted: [`open_with`](Self::open_with).
///
/// There is no index. [`list`](Store::list) reads the names of all files, and [`due`](Store::due)
/// reads every record. Use a database for many thousands of sessions.
///
/// ```
/// use twoba_store::FileStore;
///
/// let home = tempfile::tempdir()?;
/// let store = FileStore::open(home.path().join("twoba"))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct FileStore {
    folder: Arc<Folder>,
}

impl FileStore {
    /// Opens a store in `folder` that is not encrypted. It makes the folder if it does not exist.
    ///
    /// # Errors
    ///
    /// - as for [`open_with`](Self::open_with)
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, StoreError> {
        Self::open_with(folder, Protector::without_keys())
    }

    /// Opens a store in `folder`. It makes the folder if it does not exist.
    ///
    /// The folder itself says how its sessions are protected. That is written before the first
    /// session. If the folder is new and the program has keys, the folder is encrypted with the
    /// first of them. A folder of an earlier release is not encrypted. Each operation reads again
    /// how the folder is protected, and does nothing if the keys of the program do not fit.
    ///
    /// # Errors
    ///
    /// - the folder cannot be made, or is no folder, or does not say how it is protected:
    ///   [`StoreError::Io`]
    /// - the folder belongs to another user, even if root opens it: [`StoreError::OwnedByAnother`]
    /// - other users may read the folder, its group included: [`StoreError::OpenToOthers`]
    /// - the folder is encrypted, and the program has no keys: [`StoreError::Encrypted`]
    /// - the folder is not encrypted, and the program has keys: [`StoreError::NotEncrypted`]
    /// - the folder is encrypted with a key that the program does not have:
    ///   [`StoreError::KeyUnknown`]
    /// - the keys cannot be had: [`StoreError::KeyUnavailable`]
    pub fn open_with(folder: impl Into<PathBuf>, protector: Protector) -> Result<Self, StoreError> {
        Self::on(Box::new(System), folder.into(), protector)
    }

    fn on(disk: Box<dyn Disk>, folder: PathBuf, protector: Protector) -> Result<Self, StoreError> {
        make_private_folder(&folder)?;
        let folder = Folder::new(folder, disk, protector);
        folder.open()?;
        Ok(Self {
            folder: Arc::new(folder),
        })
    }

    /// How the store in `folder` is protected, for a program that has to know that before it opens
    /// the store. `None` if there is no store yet. This makes and writes nothing.
    ///
    /// # Errors
    ///
    /// - the folder cannot be read, or does not say how it is protected: [`StoreError::Io`]
    pub fn protection_of(folder: &Path) -> Result<Option<Protection>, StoreError> {
        folder::protection_of(&System, folder)
    }

    /// How the folder is protected now.
    ///
    /// # Errors
    ///
    /// - as for [`open_with`](Self::open_with)
    pub fn protection(&self) -> Result<Protection, StoreError> {
        self.folder.protection()
    }

    /// Declares that this copy of a store replaces the original, and that nobody uses the original
    /// any more. If both are used, each spends the refresh tokens of the other, and the sessions are
    /// lost. A move of the sessions that was cut off is given up.
    ///
    /// The store detects a copy by the number (inode) of a file in it. The folder may be renamed
    /// and moved within its file system. Windows, FAT, CIFS, 9p and FUSE give no lasting number, so
    /// copies are not detected there.
    ///
    /// # Errors
    ///
    /// - the folder cannot be written: [`StoreError::Io`]
    pub fn adopt(&self) -> Result<(), StoreError> {
        home::adopt(self.folder())?;
        mark::set(&self.folder, None)
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn place(&self, key: &SessionKey) -> Place {
        Place {
            folder: Arc::clone(&self.folder),
            name: name::file_name(key),
            key: key.clone(),
        }
    }

    /// The date of a stored session, if it has one and can be read. An unreadable file is reported
    /// to the caller that asks for that session, and must not hide the others.
    fn date(&self, which: Due, key: &SessionKey) -> Option<Timestamp> {
        let stored = self.place(key).read().ok().flatten()?;
        which.in_schedule(&stored.schedule()?)
    }
}

#[cfg(any(test, feature = "conformance"))]
impl FileStore {
    /// Opens a store whose writes are applied and reported as failed while `lost` is set.
    pub(crate) fn open_losing(
        folder: &Path,
        lost: &Arc<std::sync::atomic::AtomicBool>,
        protector: Protector,
    ) -> Result<Self, StoreError> {
        let disk = disk::Losing(Arc::clone(lost));
        Self::on(Box::new(disk), folder.to_path_buf(), protector)
    }

    /// Puts bytes in the place of a record, protected as a record is.
    pub(crate) fn plant(&self, key: &SessionKey, bytes: &[u8]) -> Result<(), StoreError> {
        let (place, folder) = (self.place(key), &self.folder);
        let record = StoredGrant::from_bytes(bytes.to_vec());
        let protection = folder.protection()?;
        let protected =
            folder
                .protector()
                .protect(protection, &folder.told(), place.label(), &record)?;
        let path = self.record_of(key);
        std::fs::write(&path, protected).map_err(failed("write", &path))
    }

    /// Reads all bytes that were kept aside of a session, also those that cannot be a record.
    pub(crate) fn all_aside(&self, key: &SessionKey) -> Result<Vec<StoredGrant>, StoreError> {
        let (place, folder) = (self.place(key), &self.folder);
        let protection = folder.protection()?;
        let open = |path: PathBuf| {
            let stored = std::fs::read(&path).map_err(failed("read", &path))?;
            let protector = folder.protector();
            protector.open(protection, &folder.told(), place.label(), stored)
        };
        let paths = self.files_of(key, ListedKind::KeptAside).into_iter();
        paths.map(open).collect()
    }

    /// Keeps all others from writing a session until the returned value is dropped.
    pub(crate) fn hold_back(&self, key: &SessionKey) -> Result<impl Send + 'static, StoreError> {
        self.place(key).lock_writing(lock::WRITE_PATIENCE)
    }

    /// The path of a session's record.
    pub(crate) fn record_of(&self, key: &SessionKey) -> PathBuf {
        self.place(key).path("grant")
    }

    /// Makes the lease of a session expire, as if its holder had been stopped for long. Returns
    /// whether there is one.
    pub(crate) fn lapse(&self, key: &SessionKey) -> bool {
        let file = lock::open(&self.place(key).path("lease")).ok();
        let ended = file.and_then(|file| Line::read(&file)?.ended().write(&file).ok());
        ended.is_some()
    }

    /// The path where a session's files are written before they are renamed.
    pub(crate) fn temporary_of(&self, key: &SessionKey) -> PathBuf {
        self.place(key).temporary()
    }

    /// The files of one kind that belong to a session.
    pub(crate) fn files_of(&self, key: &SessionKey, kind: ListedKind) -> Vec<PathBuf> {
        let things = self.folder.things().unwrap_or_default().into_iter();
        let things = things.filter(|thing| thing.key == *key && thing.kind == kind);
        things.map(|thing| thing.path).collect()
    }
}

impl Store for FileStore {
    fn read(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        self.place(key).read()
    }

    fn try_lease(&self, key: &SessionKey) -> Result<Option<Box<dyn Lease>>, StoreError> {
        self.folder.protection()?;
        self.folder.prepare()?;
        home::check(self.folder())?;
        mark::check(&self.folder)?;
        let lease = FileLease::try_take(self.place(key))?;
        if lease.is_some() {
            // A move may have begun, and have looked at this session, between the two.
            mark::check(&self.folder)?;
        }
        Ok(lease.map(|lease| -> Box<dyn Lease> { Box::new(lease) }))
    }

    fn holder(&self, key: &SessionKey) -> Result<Option<u32>, StoreError> {
        let path = self.place(key).path("lease");
        match File::open(&path) {
            Ok(file) => Ok(Line::read(&file).map(|line| line.process)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed("read", &path)(error)),
        }
    }

    fn change(&self, key: &SessionKey, change: &Change) -> Result<Durable, ApplyError> {
        let durable = self.place(key).apply_unleased(change)?;
        if change.keeps_replaced() {
            // The change stands whatever becomes of what is older.
            drop(self.bound_aside(key));
        }
        Ok(durable)
    }

    fn probe(&self, key: &SessionKey) -> Result<(), StoreError> {
        self.place(key).probe()
    }

    fn due(
        &self,
        which: Due,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<SessionKey>, StoreError> {
        self.folder.protection()?;
        let sessions = self.folder.sessions()?.into_iter();
        let stored = sessions.filter(|(_, kinds)| kinds.contains(&ListedKind::Session));
        let dates = stored.filter_map(|(key, _)| Some((self.date(which, &key)?, key)));
        Ok(earliest(dates, before, limit))
    }

    fn list(&self, after: Option<&SessionKey>, limit: usize) -> Result<Vec<Listed>, StoreError> {
        let sessions = self.folder.sessions()?;
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let page = sessions.range((from, Bound::Unbounded)).take(limit);
        let listed =
            page.flat_map(|(key, kinds)| kinds.iter().map(|kind| Listed::new(key.clone(), *kind)));
        Ok(listed.collect())
    }

    fn rescue(&self, key: &SessionKey, record: &StoredGrant) -> Result<(), StoreError> {
        self.place(key).rescue(record)
    }

    fn rescued(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        self.place(key).rescued()
    }
}

#[cfg(test)]
mod tests;
