//! The keys of a store, as its sealer reads them.

use std::error::Error as StdError;
use std::fmt;

use twoba_store::seal::{EncryptionKey, KeySource};

use crate::{Keychain, read_keys};

/// The keys under one account of the keychain.
#[derive(Debug, Clone)]
pub struct KeychainKeys {
    keychain: Keychain,
    account: String,
}

impl KeychainKeys {
    pub(crate) fn new(keychain: Keychain, account: String) -> Self {
        Self { keychain, account }
    }
}

impl KeySource for KeychainKeys {
    fn keys(&self) -> Result<Vec<EncryptionKey>, Box<dyn StdError + Send + Sync>> {
        let text = self.keychain.secret(&self.account)?;
        Ok(read_keys(&self.account, &text)?)
    }
}

impl fmt::Display for KeychainKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the keychain (twoba, {})", self.account)
    }
}
