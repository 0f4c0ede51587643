//! The folder that all clones of a store share. It is synced, listed, protected, and cleaned of
//! files that earlier releases have left.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use twoba_core::SessionKey;

use super::disk::{Disk, is_unsupported};
use super::fact;
use super::home;
use super::lock::LockedFile;
use super::name;
use crate::machine::{failed, private};
use crate::protection::{Protection, Protector};
use crate::sealed::{MAGIC, is_sealed};
use crate::store::{ListedKind, StoreError};

/// The file that says that no file of an earlier release is left.
const SWEPT: &str = ".swept";

/// How a folder is protected; `None` if no store was ever in it.
pub(super) fn protection_of(
    disk: &dyn Disk,
    folder: &Path,
) -> Result<Option<Protection>, StoreError> {
    if folder.metadata().is_ok_and(|found| !found.is_dir()) {
        // Whoever opens it is told that it is no folder.
        return Ok(None);
    }
    if let Some(protection) = fact::read(disk, folder)? {
        return Ok(Some(protection));
    }
    match disk.names(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", folder)(error)),
        Ok(files) => {
            let is_used = files.iter().any(|file| name::parse(file).is_some());
            Ok(is_used.then_some(Protection::Plain))
        }
    }
}

/// A file that belongs to a session.
#[derive(Debug)]
pub(super) struct Thing {
    pub(super) key: SessionKey,
    pub(super) kind: ListedKind,
    pub(super) path: PathBuf,
}

/// The folder.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    disk: Box<dyn Disk>,
    protector: Protector,
    /// Whether this file system cannot sync folders.
    is_never_synced: AtomicBool,
    /// Whether the folder has been prepared, as far as this process knows.
    prepared: Mutex<bool>,
}

impl Folder {
    pub(super) fn new(path: PathBuf, disk: Box<dyn Disk>, protector: Protector) -> Self {
        Self {
            path,
            disk,
            protector,
            is_never_synced: AtomicBool::new(false),
            prepared: Mutex::new(false),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn disk(&self) -> &dyn Disk {
        &*self.disk
    }

    pub(super) fn protector(&self) -> &Protector {
        &self.protector
    }

    /// The folder as errors name it.
    pub(super) fn told(&self) -> String {
        format!("the store's folder {}", self.path.display())
    }

    /// The protection of the folder as it stands now. The program can use it.
    pub(super) fn protection(&self) -> Result<Protection, StoreError> {
        let fact = fact::read(self.disk(), &self.path)?;
        // The folder is new and gets its fact before its first record, or is of an earlier release.
        let protection = fact.unwrap_or(Protection::Plain);
        self.protector.check(protection, &self.told())?;
        Ok(protection)
    }

    /// Checks that the program can use the folder. A program with keys gives a new folder its fact
    /// now, others before their first write.
    pub(super) fn open(&self) -> Result<(), StoreError> {
        let is_new = fact::read(self.disk(), &self.path)?.is_none();
        if is_new && self.protector.has_keys() {
            self.prepare()?;
        }
        self.protection().map(drop)
    }

    /// Syncs the names of the files to the disk, if the file system can.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.sync_names(&self.path)
    }

    /// Syncs the names in a folder within this one, too.
    pub(super) fn sync_names(&self, folder: &Path) -> io::Result<()> {
        if self.is_never_synced.load(Ordering::Relaxed) {
            return Ok(());
        }
        match self.disk.sync_folder(folder) {
            Err(error) if is_unsupported(&error) => {
                self.is_never_synced.store(true, Ordering::Relaxed);
                Ok(())
            }
            outcome => outcome,
        }
    }

    /// Prepares the folder for writing.
    ///
    /// A new folder gets the fact of its protection. The folder of an earlier release has none, and
    /// is not encrypted.
    ///
    /// Processes of earlier releases that were killed during a write have left files. These may
    /// hold tokens, and nobody writes their names any more, so they are removed. A file says that
    /// it was done.
    ///
    /// Both take a look at all names, once for all processes. A session that is being written now
    /// is left alone, and the next process looks again.
    pub(super) fn prepare(&self) -> Result<(), StoreError> {
        let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        if *prepared {
            return Ok(());
        }
        let mark = self.path.join(SWEPT);
        let is_swept = mark.exists();
        let is_protected = fact::read(self.disk(), &self.path)?.is_some();
        if !is_swept || !is_protected {
            let files = self.files()?;
            if !is_protected {
                self.protect(&files)?;
            }
            if !is_swept && self.remove_old(&files)? {
                // Where it cannot be made, the write that follows says so.
                drop(private(OpenOptions::new().write(true).create(true)).open(mark));
            }
        }
        // Before a copy can be made of what is written now. It is tried again for a lease.
        drop(home::mark(&self.path));
        *prepared = true;
        Ok(())
    }

    /// Writes the fact of a folder that has none. The first process decides.
    fn protect(&self, files: &[String]) -> Result<(), StoreError> {
        let records = files.iter().filter(|file| name::parse(file).is_some());
        let records: Vec<_> = records.map(|file| self.path.join(file)).collect();
        let most = u64::try_from(MAGIC.len()).unwrap_or_default();
        let sealed = records.iter().any(|path| {
            let begin = self.disk.read(path, most);
            begin.is_ok_and(|begin| is_sealed(&begin))
        });
        if sealed {
            // The fact was removed. Programs with keys do not guess which of them the store has.
            return Err(if self.protector.has_keys() {
                fact::missing(&self.path)
            } else {
                StoreError::Encrypted { place: self.told() }
            });
        }
        if records.is_empty() {
            return self.make(self.protector.of_a_new_store()?);
        }
        self.protector.check(Protection::Plain, &self.told())?;
        // Such a folder is not encrypted with or without the fact. On a full disk it stays without.
        drop(self.make(Protection::Plain));
        Ok(())
    }

    fn make(&self, protection: Protection) -> Result<(), StoreError> {
        let writer = fact::Writer::begin(self.disk(), &self.path)?;
        if fact::read(self.disk(), &self.path)?.is_none() {
            writer.write(protection)?;
            self.sync().map_err(failed("sync", &self.path))?;
        }
        self.protection().map(drop)
    }

    /// Removes the files that are left. Returns whether those are all.
    fn remove_old(&self, files: &[String]) -> Result<bool, StoreError> {
        let mut is_all = true;
        for file in files {
            let Some((session, _)) = file
                .strip_prefix(".writing-")
                .and_then(|rest| rest.split_once('.'))
            else {
                continue;
            };
            let lock = self.path.join(format!("{session}.write"));
            match LockedFile::acquire(lock, Duration::ZERO) {
                Ok(_writing) => {
                    let path = self.path.join(file);
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
        for thing in self.things()? {
            sessions.entry(thing.key).or_default().push(thing.kind);
        }
        for kinds in sessions.values_mut() {
            kinds.sort_unstable();
        }
        Ok(sessions)
    }

    /// Everything that belongs to a session. What was kept aside is in a folder of its session, or
    /// beside the record if an earlier release has kept it.
    pub(super) fn things(&self) -> Result<Vec<Thing>, StoreError> {
        let mut things = Vec::new();
        for file in self.files()? {
            let path = self.path.join(&file);
            if let Some((key, kind)) = name::parse(&file) {
                things.push(Thing { key, kind, path });
            } else if name::key_of(&file, name::ASIDE).is_some() {
                things.extend(self.aside_in(&path)?);
            }
        }
        Ok(things)
    }

    /// Everything that was kept aside in the folder of one session.
    pub(super) fn aside_in(&self, folder: &Path) -> Result<Vec<Thing>, StoreError> {
        let files = match self.disk.names(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            outcome => outcome.map_err(failed("read", folder))?,
        };
        let things = files.into_iter().filter_map(|file| {
            let (key, kind) = name::parse(&file)?;
            let path = folder.join(file);
            (kind == ListedKind::KeptAside).then_some(Thing { key, kind, path })
        });
        Ok(things.collect())
    }

    /// The names of all files.
    pub(super) fn files(&self) -> Result<Vec<String>, StoreError> {
        self.disk
            .names(&self.path)
            .map_err(failed("read", &self.path))
    }
}
