//! Decides what of a request can be looked at; what goes in there is decided by `http::shown`.

use std::time::SystemTime;

use serde::Serialize;

use crate::identifier::Fingerprint;
use crate::timestamp;

/// A request that was answered, or whose connection was closed instead.
///
/// Nothing in it is a secret: a value is shown only where the emulator knows it, as a client id
/// that is registered, and everything else is `[redacted]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SeenRequest {
    /// 1, 2, 3, ... in the order in which the answers were ready.
    pub number: u64,
    /// When it came, by the emulator's clock.
    #[serde(serialize_with = "timestamp::serialize")]
    pub at: SystemTime,
    /// How long the answer took, by the machine's clock.
    pub took_microseconds: u64,
    /// The method, or `other`.
    pub method: &'static str,
    /// The path; segments that the emulator does not know are `[redacted]`.
    pub path: String,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
    /// Who sent it, by its `Authorization` header.
    pub authorization: Option<SeenAuthorization>,
    /// The parameters of the query.
    pub query: Vec<SeenParameter>,
    /// The parameters of a form body.
    pub form: Vec<SeenParameter>,
    /// How many parameters are left out, because their names are not known here or they are many.
    pub other_parameters: usize,
    /// The size of the body; `None` if it was not read, or not to its end.
    pub body_bytes: Option<usize>,
    /// What it led to, as the positions of at most eight events in the journal.
    pub events: Vec<u64>,
}

/// What an `Authorization` header says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "scheme", rename_all = "snake_case")]
#[non_exhaustive]
pub enum SeenAuthorization {
    /// Basic, with the id of a client.
    Basic {
        /// The client id, if it is registered.
        client: String,
    },
    /// Bearer, with a token.
    Bearer {
        /// The token, if it is long enough not to be guessed from this.
        fingerprint: Option<Fingerprint>,
    },
    /// Anything else.
    Other,
}

/// One parameter of a query or form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SeenParameter {
    /// Its name.
    pub name: &'static str,
    /// Its value, or `[redacted]`.
    pub value: String,
    /// If it is a token or a code, which one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Fingerprint>,
}
