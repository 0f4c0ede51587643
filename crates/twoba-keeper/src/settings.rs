//! What users may choose of how sessions are kept, and the bounds nobody needs to.

use std::time::Duration;

use twoba_core::limits::{LEASE_PATIENCE, TOKEN_REQUEST_TOTAL};

use crate::wires::TOKEN_IDLE_MAX;

/// How long a session that nobody holds stays in memory with its token, if nothing is said: a web
/// server opens the same sessions again and again.
const IDLE: Duration = Duration::from_secs(10 * 60);

/// How long an early refresh that came to nothing is not tried again.
pub(crate) const EARLY_PAUSE: Duration = Duration::from_secs(1);

/// The shortest pause between two tries for a lease. A holder that refreshes over a local network
/// is done in some milliseconds.
pub(crate) const LEASE_PAUSE_MIN: Duration = Duration::from_millis(5);

/// The longest pause between two tries for a lease: what a caller may lose after its holder is done.
pub(crate) const LEASE_PAUSE_MAX: Duration = Duration::from_millis(100);

/// How old a lease may be when a request may leave under it; an older one is renewed. A claim lives
/// for 45 s and a request may take 30.
pub(crate) const LEASE_FRESH_FOR: Duration = Duration::from_secs(10);

/// First and longest pause between two tries to store a grant that a store did not take.
pub(crate) const SAVE_PAUSE_MIN: Duration = Duration::from_millis(100);
pub(crate) const SAVE_PAUSE_MAX: Duration = Duration::from_secs(10);

/// How long a program that ends goes on trying to store a grant.
pub(crate) const SAVE_AT_END: Duration = Duration::from_secs(5);

/// How long a program that goes on keeps trying to store a grant, and others from refreshing.
pub(crate) const SAVE_BESIDE: Duration = Duration::from_secs(5 * 60);

/// How long a sign-in waits for its credentials, if nothing is said. A vault answers in seconds;
/// everybody else who needs a token waits meanwhile.
const CREDENTIALS_MAX: Duration = Duration::from_secs(60);

/// Who carries out a refresh that is due while the old token is still usable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum EarlyRefresh {
    /// A thread or task beside the callers, who get the old token at once.
    #[default]
    Beside,
    /// The caller who notices it, before it gets a token: for a program that may end at any
    /// moment and must not leave a request out. Other callers get the old token at once.
    Inline,
}

/// How sessions are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// How long a caller waits for somebody else's refresh.
    pub patience: Duration,
    /// Who refreshes early.
    pub early: EarlyRefresh,
    /// How long a session that nobody holds stays in memory with its token.
    pub idle: Duration,
    /// How long a sign-in waits for its credentials.
    pub credentials: Duration,
    /// How long a request may take in all, its answer included. Never longer than
    /// [`TOKEN_REQUEST_TOTAL`]: others count on it that a request is not out any more.
    pub request_total: Duration,
    /// How long a connection may have lain idle that a token request goes out on. Never longer
    /// than [`TOKEN_IDLE_MAX`], but in tests that must not depend on how fast they are.
    pub token_idle: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            patience: LEASE_PATIENCE,
            early: EarlyRefresh::default(),
            idle: IDLE,
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
