//! Chooses how to open a file store if its user has not said where its key is.

use std::path::{Path, absolute};

use twoba_store::seal::{EncryptionKey, Sealer};
use twoba_store::{FileStore, KeyId, Protection, Protector, StoreError};

use crate::error::KeychainError;
use crate::keychain::{Keychain, read_keys};

/// How to open a file store, as [`protector_for_store`] has chosen it.
#[derive(Debug)]
#[non_exhaustive]
pub struct ChosenProtector {
    /// Pass it to [`FileStore::open_with`].
    pub protector: Protector,
    /// Why a store that is made now is not encrypted. Tell it to the person once. `None` for a
    /// store that is there already.
    pub not_encrypted: Option<KeychainError>,
}

/// The account of the keys of the store in this folder: its absolute path.
#[must_use]
pub fn account_of(folder: &Path) -> String {
    let path = absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
    path.display().to_string()
}

/// Chooses how to open the file store in `folder` if its user has not said where its key is.
///
/// A store that exists says itself whether it is encrypted. If it is, its key comes from the
/// keychain. If the store is new and the keychain can be used, a key is made there, and the store
/// will be encrypted. Otherwise it will not be encrypted, and the outcome says why.
///
/// # Errors
///
/// - the folder cannot be read, or does not say how it is protected: [`StoreError::Io`]
pub fn protector_for_store(folder: &Path) -> Result<ChosenProtector, StoreError> {
    let plain = |not_encrypted| ChosenProtector {
        protector: Protector::without_keys(),
        not_encrypted,
    };
    let (keychain, account) = (Keychain::of_this_user(), account_of(folder));
    match FileStore::protection_of(folder)? {
        Some(Protection::Plain) => return Ok(plain(None)),
        Some(Protection::Encrypted(_)) => {}
        None => {
            if let Err(error) = has_key(&keychain, &account) {
                return Ok(plain(Some(error)));
            }
        }
    }
    Ok(ChosenProtector {
        protector: Protector::with_keys(Sealer::new(keychain.keys(account))),
        not_encrypted: None,
    })
}

/// The key for [`FileStore::seal_again`], if the keys of the store in `folder` are in the keychain and
/// the store writes with the key `used` now. It is a new one, unless the last key of the account was
/// made for that before and never used. The earlier keys stay in the entry.
///
/// # Errors
///
/// - the keychain cannot be used, or its entry holds something else than keys:
///   [`StoreError::KeyUnavailable`]
pub fn next_key(folder: &Path, used: KeyId) -> Result<KeyId, StoreError> {
    let (keychain, account) = (Keychain::of_this_user(), account_of(folder));
    let next = || {
        let keys = read_keys(&account, &keychain.secret(&account)?)?;
        match keys.last().map(EncryptionKey::id) {
            Some(last) if last != used => Ok(last),
            Some(_) | None => keychain.make_key(&account),
        }
    };
    next().map_err(|error: KeychainError| StoreError::KeyUnavailable {
        place: keychain.keys(&account).to_string(),
        source: Box::new(error),
    })
}

/// Makes the first key of an account, if it has none.
fn has_key(keychain: &Keychain, account: &str) -> Result<(), KeychainError> {
    keychain.probe()?;
    match keychain.secret(account) {
        Ok(text) => read_keys(account, &text).map(drop),
        Err(KeychainError::NoEntry { .. }) => keychain.make_key(account).map(drop),
        Err(error) => Err(error),
    }
}
