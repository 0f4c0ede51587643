//! Decides what of a store is looked at: the lease, and the two writes of a refresh; all work is the store's.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use twoba_blocking::{SessionKey, Store, StoreError};
use twoba_core::{Change, Durable};
use twoba_store::{Apply, ApplyError, FileStore, Lease, pass_on};
use twoba_store_postgres::{Address, BlockingPostgresStore, PostgresStore};
use twoba_store_sqlite::SqliteStore;
use twoba_tests::{KillPoint, POSTGRES, SQLITE};

use crate::points::Points;

/// A store whose leases are looked at.
pub(crate) struct Watched {
    inner: Arc<dyn Store>,
    /// The folder of a file store.
    folder: Option<PathBuf>,
    points: Arc<Points>,
}

impl Watched {
    /// The store at this address: a folder, `sqlite:PATH`, or `postgres://..`.
    pub(crate) fn open(address: &str, points: &Arc<Points>) -> Self {
        let (inner, folder): (Arc<dyn Store>, _) = if address.starts_with(POSTGRES) {
            let settings = PostgresStore::builder(Address::parse(address).unwrap());
            let store = BlockingPostgresStore::open(settings.connections(1));
            (Arc::new(store.unwrap()), None)
        } else if let Some(path) = address.strip_prefix(SQLITE) {
            (Arc::new(SqliteStore::open(path).unwrap()), None)
        } else {
            let store = FileStore::open(address).unwrap();
            (Arc::new(store), Some(address.into()))
        };
        Self {
            inner,
            folder,
            points: Arc::clone(points),
        }
    }
}

impl Store for Watched {
    pass_on!(inner: read change probe due list rescue rescued);

    fn try_lease(&self, key: &SessionKey) -> Result<Option<Box<dyn Lease>>, StoreError> {
        self.points.reach(KillPoint::BeforeLease);
        let lease = self.inner.try_lease(key)?;
        Ok(lease.map(|inner| -> Box<dyn Lease> {
            Box::new(WatchedLease {
                inner,
                folder: self.folder.clone(),
                name: key.as_str().to_owned(),
                next: Writing::Intent,
                points: Arc::clone(&self.points),
            })
        }))
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
    folder: Option<PathBuf>,
    name: String,
    next: Writing,
    points: Arc<Points>,
}

impl Lease for WatchedLease {
    pass_on!(inner: found load renew);

    fn finish(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        self.write(change, |inner| inner.finish(change))
    }
}

impl Apply for WatchedLease {
    fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        self.write(change, |inner| inner.apply(change))
    }
}

impl WatchedLease {
    fn write(
        &mut self,
        change: &Change,
        write: impl FnOnce(&mut dyn Lease) -> Result<Durable, ApplyError>,
    ) -> Result<Durable, ApplyError> {
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
        let durable = write(&mut *self.inner)?;
        self.points.reach(whole);
        Ok(durable)
    }

    /// Does what the file store does until a write is cut off: the lock of the write is held, and the
    /// temporary file of the session holds the first bytes.
    fn write_a_part(&self, point: KillPoint, record: &[u8]) {
        let folder = self.folder.as_ref().expect("a database cuts no write");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join(format!("{}.write", self.name)))
            .unwrap();
        lock.lock().unwrap();
        let mut file = File::create(folder.join(format!(".writing-{}", self.name))).unwrap();
        let part = record.get(..self.points.cut(record.len())).unwrap();
        file.write_all(part).unwrap();
        self.points.reach(point);
    }
}
