//! Secret values: redacted when printed, wiped when dropped.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::mem;
use core::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use subtle::ConstantTimeEq;
use zeroize::{Zeroizing, optimization_barrier};

use crate::limits::TOKEN_MAX;

/// Why a text cannot be a token, a code, a secret or a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// The text is empty.
    #[error("the value is empty")]
    Empty,
    /// The text is longer than [`TOKEN_MAX`] bytes.
    #[error("the value is longer than {TOKEN_MAX} bytes")]
    TooLong,
    /// The text has a character that the specification forbids in this place.
    #[error("the value holds a character that is not allowed, at byte {position}")]
    Forbidden {
        /// The position of the first such character, in bytes from 0.
        position: usize,
    },
}

/// Overwrites bytes in a way that the compiler cannot leave out. It writes all of them at once,
/// where [`zeroize::Zeroize`] writes them one by one.
pub(crate) fn wipe(bytes: &mut [u8]) {
    bytes.fill(0);
    optimization_barrier(bytes);
}

/// Refuses a text that cannot be such a value.
fn check(text: &str, allowed: impl Fn(u8) -> bool) -> Result<(), SecretError> {
    if text.is_empty() {
        return Err(SecretError::Empty);
    }
    if text.len() > TOKEN_MAX {
        return Err(SecretError::TooLong);
    }
    // All bytes are looked at in one go, which is quicker than to stop at the first bad one;
    // where that one stands is asked only if there is one.
    if text.bytes().fold(true, |sound, byte| sound & allowed(byte)) {
        return Ok(());
    }
    let position = text.bytes().position(|byte| !allowed(byte)).unwrap_or(0);
    Err(SecretError::Forbidden { position })
}

// RFC 6749 appendix A: VSCHAR, the printable ASCII characters with the space.
fn printable(byte: u8) -> bool {
    matches!(byte, b' '..=b'~')
}

// RFC 6750 section 2.1 asks for b64token; servers also use `!` and others, so only what
// would break a header is refused: white space, controls and all that is not ASCII.
fn header_safe(byte: u8) -> bool {
    byte.is_ascii_graphic()
}

// RFC 6749 appendix A.15: any character but controls that break lines; NUL never helps.
fn typed_by_a_person(byte: u8) -> bool {
    !matches!(byte, b'\0' | b'\r' | b'\n')
}

macro_rules! secret {
    ($(#[$meta:meta])* $name:ident, $owner:ty, $allowed:path) => {
        $(#[$meta])*
        #[derive(Clone)]
        pub struct $name($owner);

        impl $name {
            /// Reads the value.
            ///
            /// # Errors
            ///
            /// - the text is empty: [`SecretError::Empty`]
            /// - the text has more than [`TOKEN_MAX`] bytes: [`SecretError::TooLong`]
            /// - the text has a character that is not allowed here: [`SecretError::Forbidden`]
            pub fn parse(text: impl Into<String>) -> Result<Self, SecretError> {
                let text = Zeroizing::new(text.into());
                check(&text, $allowed)?;
                Ok(Self(text.into()))
            }

            /// The value itself. Give it to its receiver only.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(redacted)"))
            }
        }

        impl PartialEq for $name {
            /// Compares two values. The time does not depend on where they differ.
            fn eq(&self, other: &Self) -> bool {
                self.expose().as_bytes().ct_eq(other.expose().as_bytes()).into()
            }
        }

        impl Eq for $name {}
    };
}

secret! {
    /// An access token, which services take. Copies are cheap and share one value.
    AccessToken, Shared, header_safe
}
secret! {
    /// A refresh token, which the token endpoint exchanges for the next access token.
    RefreshToken, Zeroizing<String>, printable
}
secret! {
    /// The one-time authorization code of a browser login.
    AuthorizationCode, Zeroizing<String>, printable
}
secret! {
    /// The secret part of a client's credentials.
    ClientSecret, Zeroizing<String>, typed_by_a_person
}
secret! {
    /// A person's password, for the password grant.
    Password, Zeroizing<String>, typed_by_a_person
}

/// A text that its copies share. It is wiped with the last copy.
#[derive(Clone)]
struct Shared(Arc<Wiped>);

/// The wiped text. Whichever thread drops the last reference drops it too.
struct Wiped(Box<str>);

impl From<Zeroizing<String>> for Shared {
    fn from(mut text: Zeroizing<String>) -> Self {
        // A buffer with room to spare would be moved to a smaller one, and not wiped.
        let exact = if text.len() == text.capacity() {
            mem::take(&mut *text).into_boxed_str()
        } else {
            Box::from(text.as_str())
        };
        Self(Arc::new(Wiped(exact)))
    }
}

impl Deref for Shared {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0.0
    }
}

impl Drop for Wiped {
    fn drop(&mut self) {
        wipe(&mut mem::take(&mut self.0).into_boxed_bytes());
    }
}

/// Bytes that their copies share. They are wiped with the last copy.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SharedBytes(Arc<WipedBytes>);

#[derive(PartialEq, Eq)]
struct WipedBytes(Box<[u8]>);

impl From<Vec<u8>> for SharedBytes {
    fn from(mut bytes: Vec<u8>) -> Self {
        // As for a text; what lies behind the end may have been written too.
        let exact = if bytes.len() == bytes.capacity() {
            bytes.into_boxed_slice()
        } else {
            let exact = Box::from(bytes.as_slice());
            bytes.clear();
            bytes.resize(bytes.capacity(), 0);
            optimization_barrier(bytes.as_slice());
            exact
        };
        Self(Arc::new(WipedBytes(exact)))
    }
}

impl Deref for SharedBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0.0
    }
}

impl Drop for WipedBytes {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

impl AccessToken {
    /// The value of a borrowed text, copied once.
    pub(crate) fn copied(text: &str) -> Result<Self, SecretError> {
        check(text, header_safe)?;
        Ok(Self(Shared(Arc::new(Wiped(Box::from(text))))))
    }

    /// The same token with a text and a count of its own. Threads that copy and drop the one do not
    /// slow down threads that copy and drop the other.
    #[must_use]
    pub fn unshared(&self) -> Self {
        Self(Shared(Arc::new(Wiped(Box::from(self.expose())))))
    }
}

macro_rules! stored {
    ($name:ident) => {
        // Only the record serializes these; see `session::record`.
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.expose())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(text).map_err(de::Error::custom)
            }
        }
    };
}

stored!(AccessToken);
stored!(RefreshToken);

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn a_secret_is_not_printed() {
        let token = AccessToken::parse("canary-1").unwrap();
        assert_eq!(format!("{token:?}"), "AccessToken(redacted)");
        let password = Password::parse("canary-2").unwrap();
        assert_eq!(format!("{password:?}"), "Password(redacted)");
    }

    // shows: US2
    #[test]
    fn a_token_that_would_break_a_header_is_refused() {
        for bad in ["a\rb", "a\nb", "a b", "a\0b", "a\u{e9}b"] {
            assert_eq!(
                AccessToken::parse(bad),
                Err(SecretError::Forbidden { position: 1 })
            );
        }
        assert_eq!(AccessToken::parse(""), Err(SecretError::Empty));
        let long = "x".repeat(TOKEN_MAX + 1);
        assert_eq!(AccessToken::parse(long), Err(SecretError::TooLong));
    }

    #[test]
    fn the_sample_tokens_of_2ba_are_accepted() {
        assert!(RefreshToken::parse("LwfI!IAAAAFLDVUewBJ04M3z8SutDTR").is_ok());
        assert!(AccessToken::parse("gAAAGw231OZXwzMiH_wV").is_ok());
    }

    #[test]
    fn copies_of_an_access_token_share_one_text() {
        let token = AccessToken::parse("at-1").unwrap();
        let copy = token.clone();
        assert!(core::ptr::eq(token.expose(), copy.expose()));
        assert_eq!(size_of::<AccessToken>(), size_of::<usize>());
        let unshared = token.unshared();
        assert_eq!(unshared, copy);
        assert!(!core::ptr::eq(token.expose(), unshared.expose()));
        drop(token);
        assert_eq!((copy.expose(), unshared.expose()), ("at-1", "at-1"));
    }

    #[test]
    fn a_password_may_hold_any_character_a_person_types() {
        assert!(Password::parse("p@ss word+&=%\u{e9}").is_ok());
        assert!(Password::parse("a\r\nb").is_err());
    }
}
