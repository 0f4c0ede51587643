//! Sealed bytes as they are stored, also for programs that cannot open them.

use twoba_core::SessionKey;

use crate::store::KeyId;

/// The first bytes of a sealed record. The first of them begins no text and no record.
pub(crate) const MAGIC: [u8; 8] = *b"\x8f2BAseal";

pub(crate) const NONCE_LEN: usize = 24;
pub(crate) const TAG_LEN: usize = 16;
pub(crate) const HEADER_LEN: usize = MAGIC.len() + KeyId::LEN + NONCE_LEN;

/// How many bytes longer a sealed record is than the record.
pub const SEAL_OVERHEAD: usize = HEADER_LEN + TAG_LEN;

/// What sealed bytes are: a record or a rescued grant of a session. They can be opened as this only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label<'a> {
    /// The record of a session, also after it was kept aside.
    Record(&'a SessionKey),
    /// The grant that [`Store::rescue`](crate::Store::rescue) has kept.
    Rescue(&'a SessionKey),
}

impl Label<'_> {
    #[cfg(feature = "encryption")]
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        let (kind, key) = match self {
            Self::Record(key) => ("record\0", key),
            Self::Rescue(key) => ("rescue\0", key),
        };
        [kind.as_bytes(), key.as_str().as_bytes()].concat()
    }
}

/// The id of the key that bytes are sealed with. `None` if they are not sealed, or too short.
#[must_use]
pub fn key_of(stored: &[u8]) -> Option<KeyId> {
    if stored.len() < SEAL_OVERHEAD {
        return None;
    }
    let id = stored.strip_prefix(&MAGIC)?.first_chunk()?;
    Some(KeyId::from_bytes(*id))
}

/// Whether bytes were sealed, even if they are cut off. A store without encryption must not take
/// them for a damaged record, which a login replaces.
#[must_use]
pub fn is_sealed(stored: &[u8]) -> bool {
    stored.starts_with(&MAGIC)
}
