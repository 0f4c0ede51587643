//! What a token server tells the services about a caller: the caller's identity or the reason of a
//! refusal, and never a token.

/// The sender of a request with a valid token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The start of a digest of the token, which does not reveal the token.
    pub fingerprint: String,
    /// The name of the login that the token descends from.
    pub family: String,
    /// How often that login was renewed before this token.
    pub generation: u64,
    /// What the token is for, where that was asked for.
    pub scopes: Vec<String>,
}

/// Why a caller is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unauthorized {
    /// The request has no token.
    NoToken,
    /// The server never issued the token.
    UnknownToken,
    /// The token has expired.
    Expired,
    /// The token was revoked.
    Revoked,
}

/// A server's verdict on a caller. `None` if the caller need not be known.
pub type Verdict = Result<Option<Caller>, Unauthorized>;

/// How a caller authenticates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Proof {
    /// A Bearer token in the header (RFC 6750 section 2.1).
    Header,
    /// The same, but only if there is an `Authorization` header at all. Without one, the caller
    /// need not be known.
    HeaderIfAny,
    /// The token in the query parameter [`LINK_TOKEN`], as in links into Unifeed.
    Link,
}

/// The query parameter of a link's token.
pub const LINK_TOKEN: &str = "accessToken";
