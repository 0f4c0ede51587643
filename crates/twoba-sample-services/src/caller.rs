//! What a server of tokens tells the services of a caller: who he is or why he was turned away, and never a token.

/// Who sent a request whose token is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The start of a digest of the token, which gives the token away to nobody.
    pub fingerprint: String,
    /// The name of the login that the token descends from.
    pub family: String,
    /// How often that login was renewed before the token.
    pub generation: u64,
    /// What the token is for, where that was asked for.
    pub scopes: Vec<String>,
}

/// Why a caller may not have what he asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unauthorized {
    /// He brought no token.
    NoToken,
    /// The server never issued his token.
    UnknownToken,
    /// His token has expired.
    Expired,
    /// His token was revoked.
    Revoked,
}

/// What a server made of a caller: nobody, where nobody has to be known.
pub type Verdict = Result<Option<Caller>, Unauthorized>;

/// By what a caller proves himself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Proof {
    /// A Bearer token in the header (RFC 6750 section 2.1).
    Header,
    /// The same, if there is an `Authorization` header at all: who sends none need not be known.
    HeaderIfAny,
    /// The token in the parameter [`LINK_TOKEN`] of the query, as links into Unifeed have it.
    Link,
}

/// The parameter in which a link carries its token.
pub const LINK_TOKEN: &str = "accessToken";
