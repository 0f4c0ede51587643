//! The values that pass between a session and a store: bytes, a change of them, and its proof.
//!
//! A store knows nothing of OAuth. It keeps bytes under a key, and replaces them only if they are
//! still the bytes that the change expects.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use sha2::{Digest, Sha256};

use crate::secret::SharedBytes;
use crate::time::Timestamp;

/// Longest session key, in bytes. The key becomes part of a file's name.
const KEY_MAX: usize = 128;

/// The prefix of programs' own keys. The key of a person never has a control character, in this
/// release or in earlier ones.
const PROGRAM: &str = "program\t";

/// The name of one session in a store: one person's login to one application, or a program itself.
/// Copies are cheap and share one text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionKey(Arc<str>);

/// The error for a text that is no session key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a session key has 1 to {KEY_MAX} bytes and no control characters")]
#[non_exhaustive]
pub struct SessionKeyError;

impl SessionKey {
    /// Reads the key of a person's session.
    ///
    /// # Errors
    ///
    /// - the text is empty, longer than 128 bytes, or has control characters: [`SessionKeyError`]
    pub fn parse(text: impl Into<String>) -> Result<Self, SessionKeyError> {
        let text = text.into();
        if text.is_empty() || text.len() > KEY_MAX || text.chars().any(char::is_control) {
            return Err(SessionKeyError);
        }
        Ok(Self(text.into()))
    }

    /// Makes the key of a program itself, which has no user. It depends on the client id and on the
    /// requested scopes, which are joined by spaces in any order. [`parse`](Self::parse) never
    /// makes such a key, so no person's session can take its place.
    #[must_use]
    pub fn of_program(client_id: &str, scope: &str) -> Self {
        let mut scopes: Vec<&str> = scope.split_ascii_whitespace().collect();
        scopes.sort_unstable();
        scopes.dedup();
        let text = [PROGRAM, client_id, "\t", &scopes.join(" ")].concat();
        if text.len() <= KEY_MAX {
            return Self(text.into());
        }
        // Without a second tab, so that no short one is the same.
        let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        let digits = digest.map(|byte| alloc::format!("{byte:02x}"));
        Self([PROGRAM, &digits.concat()].concat().into())
    }

    /// Reads a key that a store has kept, of a person or of a program.
    ///
    /// # Errors
    ///
    /// - the text is neither: [`SessionKeyError`]
    pub fn stored(text: impl Into<String>) -> Result<Self, SessionKeyError> {
        let text = text.into();
        let Some(rest) = text.strip_prefix(PROGRAM) else {
            return Self::parse(text);
        };
        let mut parts = rest.split('\t');
        let (client, scope) = (parts.next().unwrap_or_default(), parts.next());
        let is_digest = |part: &str| part.len() == 64 && part.bytes().all(is_digit);
        let is_whole = match scope {
            Some(scope) => Self::of_program(client, scope).as_str() == text,
            None => is_digest(client),
        };
        let printable = |text: &str| text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        let printable = printable(client) && scope.is_none_or(printable);
        if client.is_empty() || !is_whole || !printable {
            return Err(SessionKeyError);
        }
        Ok(Self(text.into()))
    }

    /// Whether it is the key of a program itself.
    #[must_use]
    pub fn is_of_program(&self) -> bool {
        is_of_program(&self.0)
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether this is the key of a program itself.
pub(crate) fn is_of_program(key: &str) -> bool {
    key.starts_with(PROGRAM)
}

fn is_digit(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

/// The identity of stored bytes: 16 bytes of their SHA-256.
///
/// It is a digest and no counter. Torn and foreign bytes have one too, so that an explicit login
/// can replace exactly those bytes, and no store has to keep a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Revision([u8; 16]);

impl Revision {
    fn of(bytes: &[u8]) -> Self {
        let digest: [u8; 32] = Sha256::digest(bytes).into();
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, ..] = digest;
        Self([a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p])
    }

    /// The revision as bytes, for a store that keeps it in a column.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }
}

/// The bytes of a stored session. They are secret, and only the session can read them. Copies are
/// cheap and share the bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredGrant {
    bytes: SharedBytes,
    revision: Revision,
}

impl StoredGrant {
    /// Wraps the bytes that a store has read. The session judges them, not the store.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self {
            revision: Revision::of(&bytes),
            bytes: bytes.into(),
        }
    }

    /// The bytes for the store to keep. They are secret.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.bytes
    }

    /// The revision of these bytes.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.revision
    }
}

impl fmt::Debug for StoredGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoredGrant({} bytes, redacted)", self.bytes.len())
    }
}

/// One compare-and-swap: the bytes to keep, and the revision that they replace.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a change does nothing until a store applies it"]
pub struct Change {
    pub(crate) expected: Option<Revision>,
    pub(crate) record: StoredGrant,
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) keep_by: Option<Timestamp>,
    pub(crate) keeps_replaced: bool,
    pub(crate) ends_rescue: bool,
    pub(crate) is_last: bool,
}

impl Change {
    /// The revision that the store must hold now; `None` if it must hold nothing.
    #[must_use]
    pub fn expected(&self) -> Option<Revision> {
        self.expected
    }

    /// The bytes to keep.
    #[must_use]
    pub fn record(&self) -> &StoredGrant {
        &self.record
    }

    /// The revision of the bytes to keep.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.record.revision
    }

    /// When a background refresh should look at the session. It is for stores with an index.
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        self.due_at
    }

    /// By when the grant has to be refreshed before the server may forget it. It is for stores with
    /// an index. `None` if the provider sets no such time.
    #[must_use]
    pub fn keep_by(&self) -> Option<Timestamp> {
        self.keep_by
    }

    /// Whether this change makes a copy from [`Session::rescue`](crate::Session::rescue) void. A
    /// login, a logout and a rotation do.
    #[must_use]
    pub fn ends_rescue(&self) -> bool {
        self.ends_rescue
    }

    /// Whether no other change of the same refresh follows. Whoever holds the store's lease can then
    /// release it in the same operation.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.is_last
    }

    /// Whether the replaced bytes could not be read, so that the store must keep them aside.
    #[must_use]
    pub fn keeps_replaced(&self) -> bool {
        self.keeps_replaced
    }
}

/// The proof that a change is on disk, or in a committed transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Durable {
    revision: Revision,
}

impl Durable {
    /// Asserts that `change` has been applied and survives a crash. Only a store may call it, after
    /// the write has reached the disk or the transaction has been committed.
    #[must_use]
    pub fn assertion(change: &Change) -> Self {
        Self {
            revision: change.revision(),
        }
    }

    pub(crate) fn proves(self, revision: Revision) -> bool {
        self.revision == revision
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_of_a_person_is_that_of_a_program() {
        let key = SessionKey::of_program("app", "read:stock read:products read:stock");
        assert_eq!(key.as_str(), "program\tapp\tread:products read:stock");
        assert_eq!(
            key,
            SessionKey::of_program("app", "read:products read:stock")
        );
        assert_ne!(key, SessionKey::of_program("app", "read:products"));
        assert!(key.is_of_program());
        assert!(SessionKey::parse(key.as_str()).is_err());
        let long = "read:everything ".repeat(20);
        let digested = SessionKey::of_program("app", &long);
        assert!(digested.as_str().len() <= KEY_MAX);
        assert_ne!(digested, SessionKey::of_program("bpp", &long));
        for key in [key, digested, SessionKey::of_program("app", "")] {
            assert_eq!(SessionKey::stored(key.as_str()), Ok(key));
        }
    }

    #[test]
    fn a_stored_key_that_is_nobodys_is_none() {
        for text in [
            "",
            "a\tb",
            "program\t",
            "program\tapp",
            "program\t\t",
            "program\ta\tb a",
            "program\ta\tb\tc",
            "program\ta\nb\t",
            "program\t\u{e9}\t",
        ] {
            assert_eq!(SessionKey::stored(text), Err(SessionKeyError), "{text:?}");
        }
        assert!(SessionKey::stored("default").is_ok());
    }

    #[test]
    fn copies_of_stored_bytes_share_them() {
        // With room to spare and without.
        let mut roomy = Vec::with_capacity(64);
        roomy.extend_from_slice(b"record");
        for bytes in [roomy, b"record".to_vec()] {
            let stored = StoredGrant::from_bytes(bytes);
            let copy = stored.clone();
            assert!(core::ptr::eq(stored.expose(), copy.expose()));
            drop(stored);
            assert_eq!(copy.expose(), b"record");
            assert_eq!(copy, StoredGrant::from_bytes(b"record".to_vec()));
        }
    }
}
