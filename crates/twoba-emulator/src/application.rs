//! The applications that Unifeed's server knows by their `cbap`, and the tokens that they give it.

use std::fmt;

/// An application with a token service of its own.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Application {
    /// Its identifier: the parameter `cbap`.
    pub(crate) name: String,
    /// What its token service gives to Unifeed.
    token: String,
}

impl Application {
    pub(crate) const fn new(name: String, token: String) -> Self {
        Self { name, token }
    }

    /// The token, for the header of a post.
    pub(crate) fn expose(&self) -> &str {
        &self.token
    }

    /// Whether the token can stand in a header (RFC 6750 section 2.1).
    pub(crate) fn is_usable(&self) -> bool {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=!".contains(&byte);
        !self.token.is_empty() && self.token.bytes().all(is_part)
    }
}

impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Application")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
