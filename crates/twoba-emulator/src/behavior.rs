//! How the emulated server formulates its refusals of refresh tokens.

use serde::Serialize;

/// How the token endpoint refuses a refresh token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub enum Behavior {
    /// As 2BA documents it: status 400 and nothing else.
    #[default]
    #[serde(rename = "2ba")]
    TwoBa,
    /// As RFC 6749 defines it: status 400 with a JSON error document.
    #[serde(rename = "plain")]
    Plain,
}
