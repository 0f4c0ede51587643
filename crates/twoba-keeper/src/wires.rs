//! What both adapters hold their connections and answers to.

use std::time::Duration;

pub use twoba_core::limits::{CONNECT_MAX, RESPONSE_BODY_MAX, TOKEN_REQUEST_TOTAL};

/// How long a connection may have lain idle that a token request goes out on. One that the server
/// has closed meanwhile fails in a way that tells nothing, so that it is taken only right after
/// another token request.
pub const TOKEN_IDLE_MAX: Duration = Duration::from_millis(250);

/// The same for service calls, which may be repeated: shorter than servers keep theirs.
pub const SERVICE_IDLE_MAX: Duration = Duration::from_secs(15);

/// Longest answer of a data service, in bytes: 64 MiB, decoded. Some lists are long; none is
/// endless. What is longer is an error, and never cut.
pub const SERVICE_BODY_MAX: usize = 64 * 1024 * 1024;
