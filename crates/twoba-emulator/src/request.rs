//! The requests that can be looked at. `http::shown` fills them in.

use std::time::SystemTime;

use serde::Serialize;

use crate::identifier::Fingerprint;
use crate::timestamp;

/// A request that was answered, or whose connection was closed instead.
///
/// It holds no secret. A value is shown only if the emulator knows it, for example as a registered
/// client id. Everything else is `[redacted]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SeenRequest {
    /// The number of the request: 1, 2, 3, ... in the order in which the answers were ready.
    pub number: u64,
    /// The time of its arrival, by the emulator's clock.
    #[serde(serialize_with = "timestamp::serialize")]
    pub at: SystemTime,
    /// How long the answer took, by the machine's clock.
    pub took_microseconds: u64,
    /// The method, or `other`.
    pub method: &'static str,
    /// The path. Segments that the emulator does not know are `[redacted]`.
    pub path: String,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
    /// The sender, by the `Authorization` header.
    pub authorization: Option<SeenAuthorization>,
    /// The parameters of the query.
    pub query: Vec<SeenParameter>,
    /// The parameters of a form body.
    pub form: Vec<SeenParameter>,
    /// The number of parameters that are left out, because their names are unknown or they are too
    /// many.
    pub other_parameters: usize,
    /// The size of the body; `None` if it was not read to its end.
    pub body_bytes: Option<usize>,
    /// Its events, as positions in the journal, at most eight.
    pub events: Vec<u64>,
}

/// The content of an `Authorization` header.
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
        /// The token, if it is too long to be guessed from this.
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
    /// The fingerprint, if the value is a token or a code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Fingerprint>,
}
