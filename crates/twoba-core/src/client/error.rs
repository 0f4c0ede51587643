//! The errors of a client's configuration.

/// Longest client id, in bytes. Servers issue a few dozen characters.
pub(super) const CLIENT_ID_MAX: usize = 1024;

/// Why a client's configuration cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The client id is empty, too long or has characters that are not printable ASCII.
    #[error("the client id is empty, over {CLIENT_ID_MAX} bytes or not printable ASCII")]
    Id,
    /// The client id has a colon. [Raw Basic](crate::ClientAuthentication::BasicRaw) cannot carry
    /// one (RFC 7617 section 2).
    #[error(
        "the client id has a colon, which HTTP Basic without encoding cannot say: use another way of client authentication"
    )]
    Colon,
    /// The client has a secret or a key, but the provider authenticates no client.
    #[error(
        "there is a client secret or key, and the provider takes none: leave one of the two out"
    )]
    Secret,
    /// The client's key did not sign. The key's own error is the source.
    #[error("the client's key did not sign")]
    Signature,
    /// A scope is empty or has a character that scopes may not have.
    #[error("a scope is empty or has characters that no scope has")]
    Scope,
    /// An additional parameter of the login page is one that this crate sets, is repeated, or is
    /// unreadable.
    #[error("a parameter for the login page is set already, or stands there twice")]
    Parameter,
    /// The provider has no authorization endpoint, so nobody can log in there by browser.
    #[error("the provider has no authorization endpoint: set one, or log in with a password")]
    NoAuthorizationEndpoint,
}
