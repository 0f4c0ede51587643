//! A secret that clients, users or callers have to know.

use std::fmt;

use subtle::ConstantTimeEq;

/// A secret that clients, users or callers have to know. It is never written out.
#[derive(Clone)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// Its length in bytes.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether a text holds it.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        text.contains(&self.0)
    }

    /// Compares in a time that does not depend on where the two differ.
    pub(crate) fn matches(&self, offered: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(offered).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

#[cfg(all(test, feature = "tls"))]
mod tests {
    use crate::Emulator;

    #[test]
    fn no_secret_of_a_builder_is_written_out() {
        let builder = Emulator::builder().allow_remote("canary-of-16-bytes");
        let written = format!("{builder:?}");
        assert!(!written.contains("canary"), "{written}");
    }
}
