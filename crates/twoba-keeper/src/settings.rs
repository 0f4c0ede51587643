//! The settings for keeping sessions, and the bounds that users need not choose.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Duration;

use twoba_core::limits::{LEASE_PATIENCE, TOKEN_REQUEST_TOTAL};

use crate::wires::TOKEN_IDLE_MAX;

/// How long a session that nobody holds stays in memory with its token, by default. A web server
/// opens the same sessions again and again.
const IDLE: Duration = Duration::from_secs(10 * 60);

/// How long the keeper waits after an early refresh that brought nothing.
pub(crate) const EARLY_PAUSE: Duration = Duration::from_secs(1);

/// The shortest pause between two attempts to get a lease. A holder that refreshes over a local
/// network needs some milliseconds.
pub(crate) const LEASE_PAUSE_MIN: Duration = Duration::from_millis(5);

/// The longest pause between two attempts to get a lease. A caller may lose this much after the
/// holder is done.
pub(crate) const LEASE_PAUSE_MAX: Duration = Duration::from_millis(100);

/// How old a lease may be when a request leaves under it. An older lease is renewed. A claim lives
/// for 45 s, and a request may take 30 s.
pub(crate) const LEASE_FRESH_FOR: Duration = Duration::from_secs(10);

/// First pause between two attempts to store a grant that a store did not take.
pub(crate) const SAVE_PAUSE_MIN: Duration = Duration::from_millis(100);
/// Longest pause between two such attempts.
pub(crate) const SAVE_PAUSE_MAX: Duration = Duration::from_secs(10);

/// How long an ending program keeps trying to store a grant.
pub(crate) const SAVE_AT_END: Duration = Duration::from_secs(5);

/// How long a running program keeps trying to store a grant, while it keeps others from refreshing.
pub(crate) const SAVE_BESIDE: Duration = Duration::from_secs(5 * 60);

/// How long a sign-in waits for its credentials, by default. A vault answers in seconds, and all
/// other callers that need a token wait meanwhile.
const CREDENTIALS_MAX: Duration = Duration::from_secs(60);

/// The executor of a refresh that is due while the old token is still usable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum EarlyRefresh {
    /// A thread or task beside the callers. All callers get the old token at once.
    #[default]
    Beside,
    /// The caller that notices it, before it gets a token. Use it in a program that may end at any
    /// moment and must not leave a request behind. Other callers get the old token at once.
    Inline,
}

/// The settings for keeping sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// How long a caller waits for another refresher.
    pub patience: Duration,
    /// The executor of early refreshes.
    pub early: EarlyRefresh,
    /// How long a session that nobody holds stays in memory with its token.
    pub idle: Duration,
    /// The seed of the hashes by which sessions are spread over the parts of the registry. A part is
    /// cleared up as a whole, so that a simulation has to choose it. The default is random.
    pub spread: u64,
    /// How long a sign-in waits for its credentials.
    pub credentials: Duration,
    /// The longest total time of a request, including its answer. It never exceeds
    /// [`TOKEN_REQUEST_TOTAL`], because other processes rely on the end of a request by then.
    pub request_total: Duration,
    /// The longest idle time of a connection that a token request reuses. It never exceeds
    /// [`TOKEN_IDLE_MAX`], except in tests that must not depend on their own speed.
    pub token_idle: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            patience: LEASE_PATIENCE,
            early: EarlyRefresh::default(),
            idle: IDLE,
            spread: RandomState::new().hash_one(()),
            credentials: CREDENTIALS_MAX,
            request_total: TOKEN_REQUEST_TOTAL,
            token_idle: TOKEN_IDLE_MAX,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_takes_half_a_minute_in_all_and_a_lease_outlasts_it() {
        let settings = Settings::default();
        assert_eq!(settings.request_total, Duration::from_secs(30));
        assert!(settings.request_total < settings.patience);
    }

    #[test]
    fn a_token_request_takes_no_connection_that_lay_idle_for_a_quarter_of_a_second() {
        assert_eq!(Settings::default().token_idle, Duration::from_millis(250));
    }
}
