//! The Credential Manager of Windows.

use std::collections::HashMap;

use keyring_core::Entry;
use keyring_core::api::CredentialStoreApi;
use windows_native_keyring_store::Store;

use crate::error::KeychainError;

pub(crate) fn entry(service: &str, account: &str) -> Result<Entry, KeychainError> {
    let of = |error| KeychainError::of(error, account);
    // By default, an entry would go with the user from machine to machine of a domain.
    let stays = HashMap::from([("persistence", "Local")]);
    let store = Store::new().map_err(of)?;
    store.build(service, account, Some(&stays)).map_err(of)
}
