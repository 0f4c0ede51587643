//! The store of this call: its place, its key, and how it is opened. No other file opens one.

use std::error::Error as StdError;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use twoba_blocking::Error;
use twoba_store::seal::{EncryptionKey, KeyFile, KeysFrom, Sealer, parse_keys};
use twoba_store::{FileStore, Maintained, Protector, StoreError};
use twoba_store_sqlite::SqliteStore;

use super::found::{Found, Origin};
use super::place::Place;
use super::secret::{SecretSource, fetched};
use crate::failure::Failure;
use crate::output::to_stderr;

/// The store of a call.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) place: Place,
    /// The place of its keys, if it is encrypted.
    pub(crate) key: Option<StoreKey>,
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
    /// Opens the store. It is made if it does not exist.
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
            Place::Sqlite(path) => Arc::new(SqliteStore::open_with(path, self.protector())?),
        })
    }

    /// The protector of a folder. Where no key is set, the keychain has it, if there is one.
    fn protector_of_folder(&self, folder: &Path) -> Result<Protector, StoreError> {
        #[cfg(feature = "keychain")]
        if self.key.is_none() {
            let chosen = twoba_keychain::protector_for_store(folder)?;
            if let Some(why) = chosen.not_encrypted {
                to_stderr(&format!(
                    "the sessions in {} are not encrypted, because the keychain cannot be used \
                     ({why}); only this user can read them",
                    folder.display()
                ));
            }
            return Ok(chosen.protector);
        }
        _ = folder;
        Ok(self.protector())
    }

    /// What seals and opens the records. Its keys are fetched when the first one is needed.
    pub(crate) fn protector(&self) -> Protector {
        let Some(key) = self.key.clone() else {
            return Protector::without_keys();
        };
        let sealer = match &key.value {
            // It has to be closed to others, which is looked at there.
            SecretSource::File(path) => Sealer::new(KeyFile::new(path)),
            SecretSource::Env(_) | SecretSource::Keychain(_) | SecretSource::Command(_) => {
                Sealer::new(KeysFrom::new(key.told(), move || keys(&key)))
            }
        };
        Protector::with_keys(sealer)
    }
}

/// The keys that a variable, the keychain or a command has.
fn keys(
    source: &Found<SecretSource>,
) -> Result<Vec<EncryptionKey>, Box<dyn StdError + Send + Sync>> {
    let text = fetched(source).map_err(|failure| failure.message().to_owned())?;
    Ok(parse_keys(&text)?)
}
