//! How a store protects its records: as they are, or sealed.
//!
//! The store itself says how it is protected. That is written when the store is made, and does not
//! depend on the keys that can be reached today. All stores use the checks of this file, also in
//! programs without the feature `encryption`, which must not take a sealed record for a damaged one.

use std::borrow::Cow;
use std::fmt;
#[cfg(feature = "encryption")]
use std::sync::Arc;

use twoba_core::StoredGrant;

#[cfg(feature = "encryption")]
use crate::seal::Sealer;
use crate::sealed::{Label, is_sealed};
use crate::store::{KeyId, StoreError};

/// The protection of a store. `Display` writes it as the store keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protection {
    /// Records are stored as they are. The permissions of the store protect them.
    Plain,
    /// Records are sealed. The store writes with the key of this id.
    Encrypted(KeyId),
}

impl Protection {
    /// Reads a protection as `Display` writes it. `None` if the text is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(' ') {
            None => (text == "plain").then_some(Self::Plain),
            Some(("encrypted", id)) => KeyId::parse(id).map(Self::Encrypted),
            Some(_) => None,
        }
    }
}

impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain => f.write_str("plain"),
            Self::Encrypted(id) => write!(f, "encrypted {id}"),
        }
    }
}

/// Carries out the protection of a store, with the keys that a program has.
#[derive(Debug, Clone, Default)]
pub struct Protector {
    #[cfg(feature = "encryption")]
    sealer: Option<Arc<Sealer>>,
}

impl Protector {
    /// The protector of a program without keys. It uses stores that are not encrypted.
    #[must_use]
    pub fn without_keys() -> Self {
        Self::default()
    }

    /// The protector of a program with keys. It uses stores that are encrypted.
    #[cfg(feature = "encryption")]
    #[must_use]
    pub fn with_keys(sealer: Sealer) -> Self {
        Self {
            sealer: Some(Arc::new(sealer)),
        }
    }

    /// The protection of a store that this program makes.
    ///
    /// # Errors
    ///
    /// - the keys cannot be had: [`StoreError::KeyUnavailable`]
    pub fn of_a_new_store(&self) -> Result<Protection, StoreError> {
        #[cfg(feature = "encryption")]
        if let Some(sealer) = &self.sealer {
            return sealer.first_key().map(Protection::Encrypted);
        }
        Ok(Protection::Plain)
    }

    /// Checks that this program can use a store of this protection. `place` names the store in an
    /// error, for example "the store's folder ~/.twoba".
    ///
    /// # Errors
    ///
    /// - the store is encrypted, and this program has no keys: [`StoreError::Encrypted`]
    /// - the store is not encrypted, and this program has keys: [`StoreError::NotEncrypted`]
    /// - the key is not among those of this program: [`StoreError::KeyUnknown`]
    /// - the keys cannot be had: [`StoreError::KeyUnavailable`]
    pub fn check(&self, protection: Protection, place: &str) -> Result<(), StoreError> {
        #[cfg(feature = "encryption")]
        if let Some(sealer) = &self.sealer {
            return match protection {
                Protection::Plain => Err(StoreError::NotEncrypted {
                    place: place.to_owned(),
                }),
                Protection::Encrypted(id) => sealer.check(id),
            };
        }
        match protection {
            Protection::Plain => Ok(()),
            Protection::Encrypted(_) => Err(encrypted(place)),
        }
    }

    /// Whether this program has keys.
    #[must_use]
    pub fn has_keys(&self) -> bool {
        #[cfg(feature = "encryption")]
        if self.sealer.is_some() {
            return true;
        }
        false
    }

    /// The bytes to store for a record.
    ///
    /// # Errors
    ///
    /// - as for [`check`](Self::check)
    pub fn protect<'r>(
        &self,
        protection: Protection,
        place: &str,
        label: Label<'_>,
        record: &'r StoredGrant,
    ) -> Result<Cow<'r, [u8]>, StoreError> {
        self.check(protection, place)?;
        #[cfg(feature = "encryption")]
        if let (Some(sealer), Protection::Encrypted(id)) = (&self.sealer, protection) {
            return sealer.seal(id, label, record).map(Cow::Owned);
        }
        _ = label;
        Ok(Cow::Borrowed(record.expose()))
    }

    /// The record that stored bytes are. Bytes that are no record are returned as bytes that no
    /// session accepts: see [`Store::read`](crate::Store::read).
    ///
    /// # Errors
    ///
    /// - as for [`check`](Self::check); also if sealed bytes lie in a store that is not encrypted:
    ///   [`StoreError::Encrypted`]
    pub fn open(
        &self,
        protection: Protection,
        place: &str,
        label: Label<'_>,
        stored: Vec<u8>,
    ) -> Result<StoredGrant, StoreError> {
        #[cfg(feature = "encryption")]
        if let (Some(sealer), Protection::Encrypted(_)) = (&self.sealer, protection) {
            return sealer.open(label, stored);
        }
        _ = label;
        self.check(protection, place)?;
        if is_sealed(&stored) {
            return Err(encrypted(place));
        }
        Ok(StoredGrant::from_bytes(stored))
    }
}

fn encrypted(place: &str) -> StoreError {
    StoreError::Encrypted {
        place: place.to_owned(),
    }
}
