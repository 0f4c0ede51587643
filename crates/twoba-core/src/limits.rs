//! The bounds of the core, each with its reason.

use core::time::Duration;

/// Longest answer of a token endpoint that is read, in bytes: 1 MiB.
///
/// A token answer has a few kilobytes. Adapters stop reading at this length, so that a broken
/// server cannot fill the memory.
pub const RESPONSE_BODY_MAX: usize = 1024 * 1024;

/// Deepest nesting of the JSON in an answer, the outer object included.
///
/// A token answer is flat, apart from members that this crate does not read. Real servers nest
/// those a few levels deep.
pub const NESTING_MAX: usize = 32;

/// Longest token or code that is accepted, in bytes: 64 KiB.
///
/// The specification sets no limit. Signed tokens with many claims reach several kilobytes.
pub const TOKEN_MAX: usize = 64 * 1024;

/// Longest part of a server's error text that is kept, in characters.
pub const ERROR_TEXT_MAX: usize = 256;

/// Longest query of a redirect that is read, in bytes: 64 KiB.
pub const CALLBACK_QUERY_MAX: usize = 64 * 1024;

/// Longest stored record that is read, in bytes. It holds two escaped tokens of [`TOKEN_MAX`] and
/// the rest of a record.
pub const RECORD_MAX: usize = 512 * 1024;

/// Longest total time of a token request. Adapters end the request then.
pub const TOKEN_REQUEST_TOTAL: Duration = Duration::from_secs(30);

/// Longest time that connecting to a server may take.
pub const CONNECT_MAX: Duration = Duration::from_secs(10);

/// How long a caller that needs a refresh waits for another refresher.
///
/// It is longer than [`TOKEN_REQUEST_TOTAL`], so that the other refresher has succeeded or failed
/// by then.
pub const LEASE_PATIENCE: Duration = Duration::from_secs(60);

/// Greatest age of a saved intent when its request leaves. An older intent is saved anew.
pub const INTENT_FRESH_FOR: Duration = Duration::from_secs(5);

/// How long an unfinished attempt may still be on its way, counted from its intent. The request may
/// have left when the intent was at its oldest, and may have taken its longest time.
pub const ATTEMPT_MAX: Duration = INTENT_FRESH_FOR.saturating_add(TOKEN_REQUEST_TOTAL);

/// How long a browser login waits for its answer.
pub const LOGIN_MAX_AGE: Duration = Duration::from_secs(10 * 60);

/// How long a client's signed assertion is valid. A request may be on its way for half of that time,
/// which leaves the other half for a difference between the clocks.
pub const ASSERTION_LIFETIME: Duration = Duration::from_secs(60);

/// Longest wait that a `Retry-After` can ask for.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(60 * 60);

/// Longest wait that a date in `Retry-After` can ask for if the answer has no `Date`. Only the
/// local clock can measure such a wait, and it may be behind.
pub const RETRY_AFTER_DATE_MAX: Duration = Duration::from_secs(60);

/// How long after the end of its token the session asks a server that refreshes late. Clocks and
/// lifetimes count whole seconds.
pub const REFRESH_AFTER_END: Duration = Duration::from_secs(1);

/// Greatest difference between clocks that are taken to agree. A grant from further in the future
/// comes from a clock that is ahead.
pub const CLOCK_APART: Duration = Duration::from_secs(60);

/// First wait of the backoff after a failure that says nothing about the grant.
pub const BACKOFF_FIRST: Duration = Duration::from_millis(500);

/// Longest wait of that backoff.
pub const BACKOFF_MAX: Duration = Duration::from_secs(60);

/// Least time between two refreshes that a rejected token caused.
pub const REJECTION_SPACING: Duration = Duration::from_secs(60);

/// Longest lifetime that the client accepts: a hundred years.
pub const LIFETIME_MAX: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// How often one sequence of steps starts over because another writer was first.
pub const CONFLICTS_MAX: u8 = 8;
