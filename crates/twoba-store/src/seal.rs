//! Encryption at rest (feature `encryption`): records are sealed before a store writes them.
//!
//! A sealed record is a header (eight bytes that say so, the [`KeyId`] and a random nonce) and the
//! output of XChaCha20-Poly1305. The nonce has 192 bits, so that random nonces never meet. The
//! session and the kind of the bytes are authenticated with them. A record that somebody moves to
//! another session is therefore as unreadable as a damaged one.
//!
//! The store itself says with which key it writes. A [`Sealer`] holds all keys that its
//! [`KeySource`] has, and reads them again when it meets the id of a key that it does not know. A
//! store can therefore get a new key while programs use it:
//!
//! 1. Add the new key to the source of every program. Programs can then read with it, and do not
//!    write with it yet.
//! 2. Have the store write with the new key, and seal its records again.
//! 3. Remove the old key from the sources.

mod key;
mod source;

use std::fmt;
use std::sync::{Mutex, PoisonError};

use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{Tag, XChaCha20Poly1305, XNonce};
use twoba_core::StoredGrant;

pub use key::{EncryptionKey, KeyParseError};
pub use source::{KeyFile, KeySource, KeySourceError, KeysFrom, parse_keys};

use crate::sealed::{HEADER_LEN, Label, MAGIC, NONCE_LEN, SEAL_OVERHEAD, TAG_LEN, key_of};
use crate::store::{KeyId, StoreError};

/// The byte that stands before bytes that are stored unsealed where all should be sealed. No session
/// accepts what begins with it.
const UNSEALED: u8 = 0xff;

/// Seals and opens the records of one store.
pub struct Sealer {
    source: Box<dyn KeySource>,
    known: Mutex<Vec<EncryptionKey>>,
}

impl Sealer {
    /// Makes a sealer with the keys of `source`. They are read when the first one is needed.
    #[must_use]
    pub fn new(source: impl KeySource + 'static) -> Self {
        Self {
            source: Box::new(source),
            known: Mutex::default(),
        }
    }

    /// The id of the first key of the source. A new store is written with that key.
    ///
    /// # Errors
    ///
    /// - the source gives no key: [`StoreError::KeyUnavailable`]
    pub fn first_key(&self) -> Result<KeyId, StoreError> {
        let keys = self.read_source()?;
        let first = keys.first().map(EncryptionKey::id);
        // What is made with that key now need not ask for it again.
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = keys;
        first.ok_or_else(|| unavailable(KeySourceError::NoKey))
    }

    /// Checks that the source has the key of this id.
    ///
    /// # Errors
    ///
    /// - the source has no such key: [`StoreError::KeyUnknown`]
    /// - the source gives no key: [`StoreError::KeyUnavailable`]
    pub fn check(&self, id: KeyId) -> Result<(), StoreError> {
        self.cipher(id).map(drop)
    }

    /// Seals a record with the key of this id.
    ///
    /// # Errors
    ///
    /// - the source has no such key: [`StoreError::KeyUnknown`]
    /// - the source gives no key, or the system no randomness: [`StoreError::KeyUnavailable`]
    pub fn seal(
        &self,
        with: KeyId,
        label: Label<'_>,
        record: &StoredGrant,
    ) -> Result<Vec<u8>, StoreError> {
        let cipher = self.cipher(with)?;
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(|_| unavailable(KeySourceError::NoRandomness))?;
        // One allocation of the final length leaves no copy of the record behind.
        let mut sealed = Vec::with_capacity(record.expose().len() + SEAL_OVERHEAD);
        for part in [&MAGIC[..], &with.to_bytes(), &nonce, record.expose()] {
            sealed.extend_from_slice(part);
        }
        let (_, text) = sealed.split_at_mut(HEADER_LEN);
        let tag = cipher
            .encrypt_inout_detached(&XNonce::from(nonce), &label.to_bytes(), text.into())
            .map_err(|_| unavailable(KeySourceError::TooLong))?;
        sealed.extend_from_slice(&tag);
        Ok(sealed)
    }

    /// Opens bytes that are stored where all should be sealed.
    ///
    /// Bytes that are damaged, moved from another session, or not sealed are no error. They are
    /// returned as bytes that no session accepts. A login or a logout can then replace them.
    ///
    /// # Errors
    ///
    /// - the source has no key of the id in the bytes: [`StoreError::KeyUnknown`]
    /// - the source gives no key: [`StoreError::KeyUnavailable`]
    pub fn open(&self, label: Label<'_>, mut stored: Vec<u8>) -> Result<StoredGrant, StoreError> {
        let Some(id) = key_of(&stored) else {
            if !stored.starts_with(&MAGIC) {
                stored.insert(0, UNSEALED);
            }
            return Ok(StoredGrant::from_bytes(stored));
        };
        let cipher = self.cipher(id)?;
        let opened = opened(&cipher, label, &stored);
        Ok(opened.unwrap_or_else(|| StoredGrant::from_bytes(stored)))
    }

    fn cipher(&self, id: KeyId) -> Result<XChaCha20Poly1305, StoreError> {
        let find = |keys: &[EncryptionKey]| {
            let found = keys.iter().find(|key| key.id() == id);
            found.map(|key| XChaCha20Poly1305::new(key.expose().into()))
        };
        if let Some(cipher) = find(&self.known.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(cipher);
        }
        // A command may take seconds: others use the known keys meanwhile.
        let keys = self.read_source()?;
        let found = find(&keys);
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = keys;
        found.ok_or_else(|| StoreError::KeyUnknown {
            id,
            place: self.source.to_string(),
        })
    }

    fn read_source(&self) -> Result<Vec<EncryptionKey>, StoreError> {
        self.source
            .keys()
            .map_err(|source| StoreError::KeyUnavailable {
                place: self.source.to_string(),
                source,
            })
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer")
            .field("source", &self.source.to_string())
            .finish_non_exhaustive()
    }
}

fn opened(cipher: &XChaCha20Poly1305, label: Label<'_>, stored: &[u8]) -> Option<StoredGrant> {
    let (header, rest) = stored.split_at_checked(HEADER_LEN)?;
    let nonce: [u8; NONCE_LEN] = *header.last_chunk()?;
    let (text, tag) = rest.split_last_chunk::<TAG_LEN>()?;
    let mut text = text.to_vec();
    cipher
        .decrypt_inout_detached(
            &XNonce::from(nonce),
            &label.to_bytes(),
            text.as_mut_slice().into(),
            &Tag::from(*tag),
        )
        .ok()?;
    Some(StoredGrant::from_bytes(text))
}

fn unavailable(error: KeySourceError) -> StoreError {
    StoreError::KeyUnavailable {
        place: String::from("the key's source"),
        source: Box::new(error),
    }
}

#[cfg(test)]
pub(crate) mod tests;
