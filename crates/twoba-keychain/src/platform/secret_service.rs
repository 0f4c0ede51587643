//! The Secret Service of Linux and FreeBSD, over D-Bus.

use keyring_core::Entry;
use keyring_core::api::CredentialStoreApi;
use secret_service::blocking::SecretService;
use secret_service::{EncryptionType, Error};
use zbus_secret_service_keyring_store::Store;

use crate::error::KeychainError;

/// What a bus answers if nobody offers the service, and nobody can be started who would.
const NOBODY: [&str; 4] = [
    "org.freedesktop.DBus.Error.ServiceUnknown",
    "org.freedesktop.DBus.Error.NameHasNoOwner",
    "org.freedesktop.DBus.Error.Spawn.ServiceNotFound",
    "org.freedesktop.DBus.Error.Spawn.ExecFailed",
];

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
    let service =
        SecretService::connect(EncryptionType::Plain).map_err(|error| not_reached(&error))?;
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

/// The error of whoever cannot speak to the service. Where there is a service that fails, a store
/// must not be taken for one of a machine without a keyring.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the enums are not ours, and may grow"
)]
fn not_reached(error: &Error) -> KeychainError {
    use std::io::ErrorKind;

    let is_absent = match error {
        Error::Unavailable => true,
        Error::Zbus(zbus::Error::Connection(error, _)) => matches!(
            error.kind(),
            ErrorKind::NotFound | ErrorKind::ConnectionRefused
        ),
        Error::Zbus(zbus::Error::MethodError(name, ..)) => NOBODY.contains(&name.as_str()),
        _ => false,
    };
    if is_absent {
        absent("this session has no Secret Service")
    } else {
        failed(error)
    }
}

fn absent(why: &str) -> KeychainError {
    KeychainError::Absent {
        why: why.to_owned(),
    }
}

fn failed(error: &Error) -> KeychainError {
    KeychainError::Failed {
        why: error.to_string(),
    }
}
