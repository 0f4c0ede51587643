//! The limits of both adapters for connections and answers.

use std::time::Duration;

pub use twoba_core::limits::{CONNECT_MAX, RESPONSE_BODY_MAX, TOKEN_REQUEST_TOTAL};

/// The longest idle time of a connection that a token request reuses. If the server has closed the
/// connection meanwhile, the failure does not tell whether the request arrived. A connection is
/// therefore reused only right after another token request.
pub const TOKEN_IDLE_MAX: Duration = Duration::from_millis(250);

/// The longest idle time of a connection that a service call reuses. Such calls may be repeated. It
/// is shorter than servers keep their connections.
pub const SERVICE_IDLE_MAX: Duration = Duration::from_secs(15);

/// How many idle connections are kept, in all and to one server. It is as many calls as a busy
/// program has out at once: a connection that is not kept is opened anew for the next call.
pub const IDLE_CONNECTIONS_MAX: usize = 64;

/// Longest answer of a service, in bytes: 64 MiB, decoded. Some lists are long, but none is
/// endless. A longer answer is an error, and is never cut.
pub const SERVICE_BODY_MAX: usize = 64 * 1024 * 1024;

/// The longest time of a service call whose answer is read while it arrives: one hour. That is
/// enough for a large file over a slow line.
pub const STREAM_TOTAL_MAX: Duration = Duration::from_secs(60 * 60);

/// The longest time without a byte while such an answer is read, with the async adapter.
pub const STREAM_STALL_MAX: Duration = Duration::from_secs(30);
