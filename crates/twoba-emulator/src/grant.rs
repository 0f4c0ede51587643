//! The grants of token requests, with their names on the wire.

use serde::Serialize;

/// The grant that a token request asks for.
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
    /// Another grant, or none that can be read.
    Other,
}
