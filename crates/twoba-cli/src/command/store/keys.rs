//! `twoba store new-key` and `encrypt-again`: the keys of an encrypted store.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use serde_json::json;
use twoba_blocking::Error;
use twoba_store::machine::private;
use twoba_store::seal::EncryptionKey;
use twoba_store::{KeyId, Maintained, Protection};

use crate::failure::{Failure, Kind};
use crate::output::Output;
use crate::settings::Stored;

/// Makes a file with a new key. Nothing is overwritten: that would lose the sessions of the old key.
pub(super) fn make(path: &Path, output: &Output) -> Result<(), Failure> {
    let key = EncryptionKey::random()
        .map_err(|error| Failure::new(Kind::Other, format!("no key can be drawn: {error}")))?;
    let text = key.to_base64();
    let written = private(OpenOptions::new().write(true).create_new(true))
        .open(path)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.write_all(b"\n")?;
            file.sync_all()
        });
    written.map_err(|error| {
        if error.kind() == io::ErrorKind::AlreadyExists {
            let text = format!("{} is there already, and stays", path.display());
            return Failure::configuration(text).advise("name another file");
        }
        Failure::configuration(format!("cannot write {}: {error}", path.display()))
            .advise("name a file in a folder that you can write to")
    })?;
    if output.json {
        return output.json_result(&json!({"key": key.id().to_string(), "file": path}));
    }
    output.note(&format!(
        "the key {} is in {}; keep a copy of it in a safe place: without it nobody can read the \
         sessions",
        key.id(),
        path.display()
    ));
    Ok(())
}

/// Seals everything with the first key of `store-key`, which each program has to have by now. A folder
/// whose key a login has put into the keychain gets a new one there.
pub(super) fn encrypt_again(
    store: &dyn Maintained,
    stored: &Stored,
    output: &Output,
) -> Result<(), Failure> {
    let first = stored.protector.of_a_new_store().map_err(Error::from)?;
    let (key, sealed) = match first {
        Protection::Encrypted(key) => (key, store.seal_again(key).map_err(Error::from)?),
        Protection::Plain => with_the_keychain(store, stored)?,
    };
    if output.json {
        let key = key.to_string();
        return output.json_result(&json!({"key": key, "encrypted_again": sealed}));
    }
    output.note(&format!(
        "the store is encrypted with the key {key}, and needs no other key any more; records that \
         were encrypted again: {sealed}"
    ));
    Ok(())
}

/// Seals everything with the next key of the keychain. What was cut off before is finished instead.
fn with_the_keychain(store: &dyn Maintained, stored: &Stored) -> Result<(KeyId, usize), Failure> {
    let about = store.about().map_err(Error::from)?;
    if let Protection::Encrypted(used) = about.protection {
        let left = store.seal_again(used).map_err(Error::from)?;
        if left > 0 {
            return Ok((used, left));
        }
        if let Some(key) = stored.next_key(used)? {
            return Ok((key, store.seal_again(key).map_err(Error::from)?));
        }
    }
    Err(
        Failure::configuration("no key is set, so that nothing can be encrypted")
            .advise("say where the key is with store-key (TWOBA_STORE_KEY_FILE)"),
    )
}
