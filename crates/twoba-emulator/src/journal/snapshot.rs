//! A view of the journal: the totals, and the last events.

use serde::Serialize;

use super::event::Event;

/// The journal of an emulator at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Journal {
    /// Totals since the start or the last reset.
    pub counts: Counts,
    /// The last 10,000 events, oldest first.
    pub events: Vec<Event>,
}

/// Totals since the start or the last reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// POSTs that reached a token endpoint, whatever their result.
    pub token_posts: u64,
    /// Token requests with `grant_type=password`.
    pub password: u64,
    /// Token requests with `grant_type=authorization_code`.
    pub authorization_code: u64,
    /// Token requests with `grant_type=refresh_token`.
    pub refresh: u64,
    /// Token requests with `grant_type=client_credentials`.
    pub client_credentials: u64,
    /// New refresh tokens that replaced another one, whether or not the answer arrived.
    pub rotations: u64,
    /// Spent refresh tokens that were presented again, outside any window.
    pub reuse: u64,
    /// Families that ended, for any reason.
    pub families_revoked: u64,
    /// Token requests that the server's own rules refused. Answers that a fault damaged do not
    /// count.
    pub refused: u64,
    /// Requests that reached a sample service, whatever their result.
    pub service_calls: u64,
    /// Service requests that were refused because of their Bearer token.
    pub service_401: u64,
}
