//! The grants that a token request can ask for, by the names that they have on the wire.

use serde::Serialize;

/// What a token request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Grant {
    /// `password`.
    Password,
    /// `authorization_code`.
    AuthorizationCode,
    /// `refresh_token`.
    Refresh,
    /// `client_credentials`.
    ClientCredentials,
    /// Another one, or none that could be read.
    Other,
}
