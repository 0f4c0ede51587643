//! The login keychain of macOS.

use apple_native_keyring_store::keychain::Store;
use keyring_core::Entry;
use keyring_core::api::CredentialStoreApi;

use crate::error::KeychainError;

pub(crate) fn entry(service: &str, account: &str) -> Result<Entry, KeychainError> {
    let of = |error| KeychainError::of(error, account);
    Store::new()
        .map_err(of)?
        .build(service, account, None)
        .map_err(of)
}
