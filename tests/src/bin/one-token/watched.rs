//! Decides what of a store is looked at: the lease, and the two writes of a refresh; all work is the file store's.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use twoba_blocking::{SessionKey, Store, StoreError};
use twoba_core::{Change, Durable, StoredGrant};
use twoba_store::{Apply, ApplyError, FileStore, Lease};
use twoba_tests::KillPoint;

use crate::points::Points;

/// A file store whose leases are looked at.
pub(crate) struct Watched {
    inner: FileStore,
    points: Arc<Points>,
}

impl Watched {
    pub(crate) fn new(inner: FileStore, points: &Arc<Points>) -> Self {
        Self {
            inner,
            points: Arc::clone(points),
        }
    }
}

impl Store for Watched {
    fn read(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        self.inner.read(key)
    }

    fn lease(&self, key: &SessionKey, patience: Duration) -> Result<Box<dyn Lease>, StoreError> {
        self.points.reach(KillPoint::BeforeLease);
        Ok(Box::new(WatchedLease {
            inner: self.inner.lease(key, patience)?,
            folder: self.inner.folder().to_path_buf(),
            name: key.as_str().to_owned(),
            next: Writing::Intent,
            points: Arc::clone(&self.points),
        }))
    }

    fn change(&self, key: &SessionKey, change: &Change) -> Result<Durable, ApplyError> {
        self.inner.change(key, change)
    }

    fn probe(&self, key: &SessionKey) -> Result<(), StoreError> {
        self.inner.probe(key)
    }
}

/// What a write is for: a refresh writes its intent, and then what came of it.
#[derive(Clone, Copy)]
enum Writing {
    Intent,
    Rotation,
}

struct WatchedLease {
    inner: Box<dyn Lease>,
    folder: PathBuf,
    name: String,
    next: Writing,
    points: Arc<Points>,
}

impl Lease for WatchedLease {
    fn load(&mut self) -> Result<Option<StoredGrant>, StoreError> {
        self.inner.load()
    }
}

impl Apply for WatchedLease {
    fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        let (half, whole) = match self.next {
            Writing::Intent => {
                self.points.reach(KillPoint::RecordRead);
                (KillPoint::IntentHalfWritten, KillPoint::IntentStored)
            }
            Writing::Rotation => (KillPoint::RotationHalfWritten, KillPoint::RotationStored),
        };
        self.next = Writing::Rotation;
        if self.points.is(half) {
            self.write_a_part(half, change.record().expose());
        }
        let durable = self.inner.apply(change)?;
        self.points.reach(whole);
        Ok(durable)
    }
}

impl WatchedLease {
    /// Does what the file store does until a write is cut off: the lock of the write is held, and a
    /// temporary file of the same name holds the first bytes.
    fn write_a_part(&self, point: KillPoint, record: &[u8]) {
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.folder.join(format!("{}.write", self.name)))
            .unwrap();
        lock.lock().unwrap();
        let mut file = tempfile::Builder::new()
            .prefix(".writing-default.")
            .tempfile_in(&self.folder)
            .unwrap();
        let part = record.get(..self.points.cut(record.len())).unwrap();
        file.write_all(part).unwrap();
        self.points.reach(point);
    }
}
