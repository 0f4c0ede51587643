//! A system for which no keychain is known.

use keyring_core::Entry;

use crate::error::KeychainError;

pub(crate) fn entry(_service: &str, _account: &str) -> Result<Entry, KeychainError> {
    Err(KeychainError::Absent {
        why: "twoba knows none for this operating system".to_owned(),
    })
}
