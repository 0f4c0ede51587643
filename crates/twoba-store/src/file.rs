//! A store for one machine: a file for each session, replaced as a whole.
//!
//! A record is written to a temporary file in the same folder, synced, renamed over the old
//! one, and the folder is synced: after a crash the old record stands there or the new one.
//! Two sidecar files carry the locks, one for the lease and one for the moment of a write.
//! They are never deleted: a lock on a deleted file excludes nobody.

mod lock;

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use twoba_core::limits::RECORD_MAX;
use twoba_core::{Change, Durable, SessionKey, StoredGrant};

use crate::store::{Apply, ApplyError, Lease, Store, StoreError};
use lock::LockedFile;

/// How long a write waits for another write of the same session, which takes milliseconds.
const WRITE_PATIENCE: Duration = Duration::from_secs(10);

/// A store in a folder of its own, for any number of processes of one user.
///
/// The folder has mode 0700 and each file 0600 from its creation. Use a local file system:
/// locks of network file systems promise less.
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
    folder: Arc<PathBuf>,
}

impl FileStore {
    /// A store in `folder`, which is made where it is missing.
    ///
    /// # Errors
    ///
    /// - the folder cannot be made, or is none: [`StoreError::Io`]
    /// - it is there and other users may look into it: [`StoreError::OpenToOthers`]
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let folder = folder.into();
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(&folder)
            .map_err(failed("make the folder", &folder))?;
        #[cfg(unix)]
        {
            let found = fs::metadata(&folder).map_err(failed("look at", &folder))?;
            // Never tightened here: the folder may be one that others need.
            if std::os::unix::fs::MetadataExt::mode(&found) & 0o077 != 0 {
                return Err(StoreError::OpenToOthers { path: folder });
            }
        }
        Ok(Self {
            folder: Arc::new(folder),
        })
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn place(&self, key: &SessionKey) -> Place {
        Place {
            folder: Arc::clone(&self.folder),
            name: file_name(key),
        }
    }
}

/// What a probe writes: as much as a session with long tokens needs, because a disk that is
/// full still takes an empty file.
const PROBE_LEN: usize = 16 * 1024;

/// The key with everything but letters, digits, `-` and `_` as `%XX`: no two keys share a
/// name, and none leads out of the folder. Letters are kept in lower case only, for file
/// systems that do not tell the cases apart.
fn file_name(key: &SessionKey) -> String {
    let mut name = String::new();
    for byte in key.as_str().bytes() {
        if byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_' {
            name.push(char::from(byte));
        } else {
            name.push_str(&format!("%{byte:02x}"));
        }
    }
    name
}

/// An error maker for one operation on one path.
fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let path = path.to_path_buf();
    move |source| StoreError::Io {
        doing,
        path,
        source,
    }
}

/// The files of one session.
#[derive(Debug, Clone)]
struct Place {
    folder: Arc<PathBuf>,
    name: String,
}

impl Place {
    fn path(&self, ending: &str) -> PathBuf {
        self.folder.join(format!("{}.{ending}", self.name))
    }

    fn read(&self) -> Result<Option<StoredGrant>, StoreError> {
        let path = self.path("grant");
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

    fn apply(&self, change: &Change) -> Result<Durable, ApplyError> {
        let _writing = self.begin_writing()?;
        let stored = self.read()?;
        if stored.as_ref().map(StoredGrant::revision) != change.expected() {
            return Err(ApplyError::Conflict(stored));
        }
        if let Some(stored) = stored
            && change.keeps_replaced()
        {
            let revision = stored.revision().to_bytes();
            let aside = format!("replaced-{:032x}", u128::from_be_bytes(revision));
            self.write(&self.path(&aside), stored.expose())?;
        }
        self.write(&self.path("grant"), change.record().expose())?;
        Ok(Durable::assertion(change))
    }

    /// The right to write files of this session. What a process has left that was killed
    /// while it wrote is removed: it may hold tokens.
    fn begin_writing(&self) -> Result<LockedFile, StoreError> {
        let lock = LockedFile::acquire(self.path("write"), WRITE_PATIENCE)?;
        let begun = self.prefix();
        let entries = fs::read_dir(&*self.folder).map_err(failed("read", &self.folder))?;
        for entry in entries.flatten() {
            let name = entry.file_name();
            if name.to_str().is_some_and(|name| name.starts_with(&begun)) {
                let path = entry.path();
                fs::remove_file(&path).map_err(failed("remove", &path))?;
            }
        }
        Ok(lock)
    }

    /// How the names of files begin that are being written. A session's name has no dot.
    fn prefix(&self) -> String {
        format!(".writing-{}.", self.name)
    }

    /// Replaces a file as a whole; it survives a crash once this has returned.
    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
        // Made with mode 0600 and removed again if anything below fails.
        let mut file = tempfile::Builder::new()
            .prefix(&self.prefix())
            .tempfile_in(&*self.folder)
            .map_err(failed("write into", &self.folder))?;
        file.write_all(bytes).map_err(failed("write", path))?;
        file.as_file().sync_all().map_err(failed("write", path))?;
        file.persist(path)
            .map_err(|error| failed("replace", path)(error.error))?;
        self.sync_folder()
    }

    #[cfg(unix)]
    fn sync_folder(&self) -> Result<(), StoreError> {
        File::open(&*self.folder)
            .and_then(|folder| folder.sync_all())
            .map_err(failed("sync", &self.folder))
    }

    /// Folders cannot be synced here; the rename is journaled by the file system.
    #[cfg(not(unix))]
    fn sync_folder(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

impl Store for FileStore {
    fn read(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        self.place(key).read()
    }

    fn lease(&self, key: &SessionKey, patience: Duration) -> Result<Box<dyn Lease>, StoreError> {
        let place = self.place(key);
        let lock = LockedFile::acquire(place.path("lease"), patience)?;
        Ok(Box::new(FileLease { place, _lock: lock }))
    }

    fn change(&self, key: &SessionKey, change: &Change) -> Result<Durable, ApplyError> {
        self.place(key).apply(change)
    }

    fn probe(&self, key: &SessionKey) -> Result<(), StoreError> {
        let place = self.place(key);
        let _writing = place.begin_writing()?;
        let probe = place.path("probe");
        place.write(&probe, &[0; PROBE_LEN])?;
        fs::remove_file(&probe).map_err(failed("remove", &probe))
    }
}

#[derive(Debug)]
struct FileLease {
    place: Place,
    _lock: LockedFile,
}

impl Lease for FileLease {
    fn load(&mut self) -> Result<Option<StoredGrant>, StoreError> {
        self.place.read()
    }
}

impl Apply for FileLease {
    fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        self.place.apply(change)
    }
}

#[cfg(test)]
mod tests;
