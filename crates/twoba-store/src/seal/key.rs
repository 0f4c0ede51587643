//! Keys for the encryption of a store.

use std::fmt;
use std::str::FromStr;

use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::store::KeyId;

/// A key of 256 bits. It is secret, and wiped when it is dropped.
#[derive(Clone)]
pub struct EncryptionKey {
    bytes: Zeroizing<[u8; Self::LEN]>,
    id: KeyId,
}

impl EncryptionKey {
    const LEN: usize = 32;

    /// Draws a new key from the randomness of the system.
    ///
    /// # Errors
    ///
    /// - the system has no randomness
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = Zeroizing::new([0; Self::LEN]);
        getrandom::fill(&mut *bytes)?;
        Ok(Self::of(bytes))
    }

    /// The key as base64, for a key file or a keychain. It is secret.
    #[must_use]
    pub fn to_base64(&self) -> Zeroizing<String> {
        Zeroizing::new(Base64::encode_string(&*self.bytes))
    }

    /// The id of the key. It is public: nobody can find the key by it.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The key of these bytes. Its id is made once, because each record that is sealed or opened
    /// asks for it.
    fn of(bytes: Zeroizing<[u8; Self::LEN]>) -> Self {
        let digest = Sha256::new()
            .chain_update(b"twoba key id\0")
            .chain_update(*bytes)
            .finalize();
        let digest: [u8; 32] = digest.into();
        let [a, b, c, d, e, f, g, h, ..] = digest;
        let id = KeyId::from_bytes([a, b, c, d, e, f, g, h]);
        Self { bytes, id }
    }

    pub(super) fn expose(&self) -> &[u8; Self::LEN] {
        &self.bytes
    }
}

/// Reads a key from base64. White space around it is no part of it.
impl FromStr for EncryptionKey {
    type Err = KeyParseError;

    fn from_str(text: &str) -> Result<Self, KeyParseError> {
        let mut bytes = Zeroizing::new([0; Self::LEN]);
        let decoded = Base64::decode(text.trim(), &mut *bytes).map_err(|_| KeyParseError)?;
        if decoded.len() != Self::LEN {
            return Err(KeyParseError);
        }
        Ok(Self::of(bytes))
    }
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EncryptionKey({})", self.id())
    }
}

/// The text is no key: 32 bytes as base64, which are 44 characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no key: a key is 32 bytes as base64, which are 44 characters")]
pub struct KeyParseError;
