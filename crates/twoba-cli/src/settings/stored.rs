//! The store of this call: its place, its key, and how it is opened. No other file opens one.

use std::error::Error as StdError;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use twoba_blocking::Error;
#[cfg(feature = "keychain")]
use twoba_keychain::KeychainError;
#[cfg(feature = "postgres")]
use twoba_store::DatabaseFailure;
#[cfg(feature = "keychain")]
use twoba_store::Protection;
use twoba_store::seal::{EncryptionKey, KeyFile, KeysFrom, Sealer, parse_keys};
use twoba_store::{FileStore, KeyId, Maintained, Protector, StoreError};
#[cfg(feature = "postgres")]
use twoba_store_postgres::{Address, BlockingPostgresStore, Builder, PostgresStore};
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

/// Refuses a store whose sessions have moved to another one, or still arrive. There is nothing in it,
/// as if nobody were logged in.
pub(crate) fn not_moved(store: &dyn Maintained) -> Result<(), Failure> {
    let about = store.about().map_err(Error::from)?;
    match about.mark {
        Some(mark) => Err(Error::from(mark.refusal(about.address)).into()),
        None => Ok(()),
    }
}

impl Stored {
    /// The store in this place, with the place of its keys if it is encrypted.
    pub(crate) fn new(place: Place, key: Option<&StoreKey>) -> Self {
        let protector = key.map_or_else(Protector::without_keys, protector);
        Self { place, protector }
    }

    /// Opens the store. A folder or an SQLite database is made if it does not exist.
    pub(crate) fn open(&self) -> Result<Arc<dyn Maintained>, Failure> {
        Ok(self.try_open().map_err(Error::from)?)
    }

    /// The same with the error of the store.
    pub(crate) fn try_open(&self) -> Result<Arc<dyn Maintained>, StoreError> {
        Ok(match &self.place {
            Place::Folder(folder) => {
                let protector = self.protector_of_folder(folder)?;
                Arc::new(FileStore::open_with(folder, protector)?)
            }
            Place::Sqlite(path) => Arc::new(SqliteStore::open_with(path, self.protector.clone())?),
            #[cfg(feature = "postgres")]
            Place::Postgres { address, .. } => {
                Arc::new(BlockingPostgresStore::open(self.of_a_fleet(address))?)
            }
        })
    }

    /// Opens the store like [`open`](Self::open). The tables of a PostgreSQL database, which `open`
    /// expects, are made, or brought up to date.
    pub(crate) fn make(&self) -> Result<Arc<dyn Maintained>, Failure> {
        let opened = self.try_open();
        #[cfg(feature = "postgres")]
        if let Place::Postgres { address, .. } = &self.place
            && let Err(StoreError::Database {
                failure: DatabaseFailure::NoTables,
                ..
            }) = &opened
        {
            let made = BlockingPostgresStore::migrate(self.of_a_fleet(address));
            return Ok(Arc::new(made.map_err(Error::from)?));
        }
        Ok(opened.map_err(Error::from)?)
    }

    #[cfg(feature = "postgres")]
    fn of_a_fleet(&self, address: &Address) -> Builder {
        PostgresStore::builder(address.clone()).protector(self.protector.clone())
    }

    /// The protector of a folder. If no key is set and the folder is encrypted, its key is in the
    /// keychain.
    #[cfg(feature = "keychain")]
    fn protector_of_folder(&self, folder: &Path) -> Result<Protector, StoreError> {
        let is_encrypted = || {
            let found = FileStore::protection_of(folder)?;
            Ok::<_, StoreError>(matches!(found, Some(Protection::Encrypted(_))))
        };
        if !self.protector.has_keys() && is_encrypted()? {
            return Ok(twoba_keychain::protector_for_store(folder)?.protector);
        }
        Ok(self.protector.clone())
    }

    #[cfg(not(feature = "keychain"))]
    fn protector_of_folder(&self, _: &Path) -> Result<Protector, StoreError> {
        Ok(self.protector.clone())
    }

    /// The key with which everything is encrypted again, if the keys of this store are in the
    /// keychain because no other place was set. `used` is the key that it has now.
    #[cfg(feature = "keychain")]
    pub(crate) fn next_key(&self, used: KeyId) -> Result<Option<KeyId>, Failure> {
        let Place::Folder(folder) = &self.place else {
            return Ok(None);
        };
        if self.protector.has_keys() {
            return Ok(None);
        }
        let next = twoba_keychain::next_key(folder, used);
        Ok(Some(next.map_err(Error::from)?))
    }

    #[cfg(not(feature = "keychain"))]
    pub(crate) fn next_key(&self, _: KeyId) -> Result<Option<KeyId>, Failure> {
        Ok(None)
    }

    /// Decides how a folder is protected that is about to get its first session. Where no key is
    /// set, the keychain gets one, if it can be used. Otherwise the folder will not be encrypted,
    /// and the note says why.
    #[cfg(feature = "keychain")]
    pub(crate) fn begin(&self) -> Result<Option<String>, Failure> {
        let Place::Folder(folder) = &self.place else {
            return Ok(None);
        };
        let is_there = FileStore::protection_of(folder).map_err(Error::from)?;
        if self.protector.has_keys() || is_there.is_some() {
            return Ok(None);
        }
        let chosen = twoba_keychain::protector_for_store(folder).map_err(Error::from)?;
        if let Some(why) = chosen.not_encrypted {
            let why = if matches!(why, KeychainError::Absent { .. }) {
                // On a server that is as it should be.
                "this session has no keychain".to_owned()
            } else {
                why.to_string()
            };
            return Ok(Some(format!(
                "the sessions in {} are not encrypted, because {why}; no other user can read them",
                folder.display()
            )));
        }
        FileStore::open_with(folder, chosen.protector).map_err(Error::from)?;
        Ok(None)
    }

    #[cfg(not(feature = "keychain"))]
    pub(crate) fn begin(&self) -> Result<Option<String>, Failure> {
        Ok(None)
    }
}

fn protector(key: &StoreKey) -> Protector {
    Protector::with_keys(match &key.value {
        // It has to be closed to others, which is looked at there.
        SecretSource::File(path) => Sealer::new(KeyFile::new(path)),
        SecretSource::Env(_) | SecretSource::Keychain(_) | SecretSource::Command(_) => {
            let source = key.clone();
            Sealer::new(KeysFrom::new(key.told(), move || keys(&source)))
        }
    })
}

/// The keys that a variable, the keychain or a command has.
fn keys(
    source: &Found<SecretSource>,
) -> Result<Vec<EncryptionKey>, Box<dyn StdError + Send + Sync>> {
    let text = fetched(source).map_err(|failure| {
        // The error that this becomes a part of names the source itself.
        let prefix = format!("{}: ", source.told());
        let message = failure.message();
        message.strip_prefix(&prefix).unwrap_or(message).to_owned()
    })?;
    Ok(parse_keys(&text)?)
}
