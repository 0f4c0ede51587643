//! The Secret Service of Linux and FreeBSD, over D-Bus.

use keyring_core::Entry;
use keyring_core::api::CredentialStoreApi;
use secret_service::blocking::SecretService;
use secret_service::{EncryptionType, Error};
use zbus_secret_service_keyring_store::Store;

use crate::error::KeychainError;

pub(crate) fn entry(service: &str, account: &str) -> Result<Entry, KeychainError> {
    check_unlocked()?;
    let of = |error| KeychainError::of(error, account);
    Store::new()
        .map_err(of)?
        .build(service, account, None)
        .map_err(of)
}

/// Checks that there is a keyring and that it is open. Whatever the store is asked for would have a
/// person unlock it, in a window that a program without a terminal or screen cannot answer.
fn check_unlocked() -> Result<(), KeychainError> {
    let absent = |why: &str| KeychainError::Absent {
        why: why.to_owned(),
    };
    let service = SecretService::connect(EncryptionType::Plain)
        .map_err(|_| absent("this session has no Secret Service"))?;
    let keyring = service.get_default_collection().map_err(|error| {
        if matches!(error, Error::NoResult) {
            absent("the Secret Service has no default keyring")
        } else {
            failed(&error)
        }
    })?;
    if keyring.is_locked().map_err(|error| failed(&error))? {
        return Err(KeychainError::Locked);
    }
    Ok(())
}

fn failed(error: &Error) -> KeychainError {
    KeychainError::Failed {
        why: error.to_string(),
    }
}
