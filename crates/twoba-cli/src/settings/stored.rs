//! The store of this call: its place, its key, and how it is opened. No other file opens one.

use std::error::Error as StdError;
use std::path::PathBuf;
use std::sync::Arc;

use twoba_blocking::Error;
use twoba_store::seal::{EncryptionKey, KeyFile, KeysFrom, Sealer, parse_keys};
use twoba_store::{FileStore, Maintained, Protection, Protector, StoreError};
use twoba_store_sqlite::SqliteStore;

use super::found::{Found, Origin};
use super::place::Place;
use super::secret::{SecretSource, fetched};
use crate::failure::Failure;

/// The store of a call.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) place: Place,
    /// What seals and opens the records. Its keys are fetched when the first one is needed, and once
    /// for all that a call opens.
    pub(crate) protector: Protector,
}

/// The place of a store's keys.
pub(crate) type StoreKey = Found<SecretSource>;

/// A source of keys that is a file.
pub(crate) fn key_file(flag: &'static str, file: PathBuf) -> StoreKey {
    Found {
        name: "store-key",
        value: SecretSource::File(file),
        origin: Origin::Flag(flag),
    }
}

impl Stored {
    /// The store in this place, with the place of its keys if it is encrypted.
    pub(crate) fn new(place: Place, key: Option<&StoreKey>) -> Self {
        let protector = key.map_or_else(Protector::without_keys, protector);
        Self { place, protector }
    }

    /// Opens the store. It is made if it does not exist.
    pub(crate) fn open(&self) -> Result<Arc<dyn Maintained>, Failure> {
        Ok(self.try_open().map_err(Error::from)?)
    }

    /// The same with the error of the store.
    pub(crate) fn try_open(&self) -> Result<Arc<dyn Maintained>, StoreError> {
        let protector = self.protector.clone();
        match &self.place {
            Place::Folder(folder) => {
                // A folder is not encrypted.
                let place = format!("the store's folder {}", folder.display());
                let checked = protector.check(Protection::Plain, &place);
                checked
                    .and_then(|()| FileStore::open(folder))
                    .map(|store| -> Arc<dyn Maintained> { Arc::new(store) })
            }
            Place::Sqlite(path) => SqliteStore::open_with(path, protector)
                .map(|store| -> Arc<dyn Maintained> { Arc::new(store) }),
        }
    }
}

fn protector(key: &StoreKey) -> Protector {
    Protector::with_keys(match &key.value {
        // It has to be closed to others, which is looked at there.
        SecretSource::File(path) => Sealer::new(KeyFile::new(path)),
        SecretSource::Env(_) | SecretSource::Command(_) => {
            let source = key.clone();
            Sealer::new(KeysFrom::new(key.told(), move || keys(&source)))
        }
    })
}

/// The keys that a variable or a command has.
fn keys(
    source: &Found<SecretSource>,
) -> Result<Vec<EncryptionKey>, Box<dyn StdError + Send + Sync>> {
    let text = fetched(source).map_err(|failure| failure.message().to_owned())?;
    Ok(parse_keys(&text)?)
}
