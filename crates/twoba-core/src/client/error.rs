//! Why a client cannot be what it was configured to be.

/// Longest client id, in bytes: servers hand out some dozens of characters.
pub(super) const CLIENT_ID_MAX: usize = 1024;

/// Why a client cannot be what it was configured to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The client id is empty, too long or has characters that are not printable ASCII.
    #[error("the client id is empty, over {CLIENT_ID_MAX} bytes or not printable ASCII")]
    Id,
    /// The client id has a colon, which [raw Basic](crate::ClientAuthentication::BasicRaw) cannot say
    /// (RFC 7617 section 2).
    #[error(
        "the client id has a colon, which HTTP Basic without encoding cannot say: use another way of client authentication"
    )]
    Colon,
    /// There is a secret or a key, and the provider authenticates no client.
    #[error(
        "there is a client secret or key, and the provider takes none: leave one of the two out"
    )]
    Secret,
    /// The key of a client that signs did not do so. Its own error is the cause.
    #[error("the client's key did not sign")]
    Signature,
    /// A scope is empty or has characters that no scope has.
    #[error("a scope is empty or has characters that no scope has")]
    Scope,
    /// A further parameter of the login page is one of ours, stands there twice, or cannot be
    /// read.
    #[error("a parameter for the login page is set already, or stands there twice")]
    Parameter,
    /// The provider has no authorization endpoint, so nobody can log in by browser there.
    #[error("the provider has no authorization endpoint: set one, or log in with a password")]
    NoAuthorizationEndpoint,
}
