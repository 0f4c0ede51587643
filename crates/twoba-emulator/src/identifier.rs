//! The names of families and tokens. They stand where a token itself must not be shown.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// The name of one login and all its tokens, written `f1`, `f2`, ...
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FamilyId(pub(crate) u64);

impl fmt::Display for FamilyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "f{}", self.0)
    }
}

impl fmt::Debug for FamilyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The error for a text that is no name of a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not the name of a family, which looks like `f1`")]
pub struct ParseFamilyIdError;

impl FromStr for FamilyId {
    type Err = ParseFamilyIdError;

    /// Reads `f` and a number.
    ///
    /// # Errors
    ///
    /// - the text is anything else: [`ParseFamilyIdError`]
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.strip_prefix('f')
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|digits| digits.parse().ok())
            .map(Self)
            .ok_or(ParseFamilyIdError)
    }
}

impl Serialize for FamilyId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The first twelve hexadecimal digits of a token's SHA-256. They are enough to tell tokens apart,
/// and too few to use one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 6]);

impl Fingerprint {
    /// The fingerprint of a token in the form of the wire.
    #[must_use]
    pub fn of(token: &str) -> Self {
        let mut short = [0; 6];
        for (to, from) in short.iter_mut().zip(Sha256::digest(token.as_bytes())) {
            *to = from;
        }
        Self(short)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_the_start_of_the_sha_256() {
        assert_eq!(Fingerprint::of("abc").to_string(), "ba7816bf8f01");
    }

    #[test]
    fn the_name_of_a_family_reads_back() {
        assert_eq!("f12".parse(), Ok(FamilyId(12)));
        assert_eq!(FamilyId(12).to_string(), "f12");
        for text in ["", "f", "12", "f-1", "f+1", "g1", "f99999999999999999999"] {
            assert_eq!(text.parse::<FamilyId>(), Err(ParseFamilyIdError), "{text}");
        }
    }
}
