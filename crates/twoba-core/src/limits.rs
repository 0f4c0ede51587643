//! Every bound of the core, each with its reason.

use core::time::Duration;

/// Longest answer of a token endpoint that is read, in bytes: 1 MiB.
///
/// A token answer is a few kilobytes; adapters stop reading here so that a broken server
/// cannot fill memory.
pub const RESPONSE_BODY_MAX: usize = 1024 * 1024;

/// How deep the JSON of an answer may be nested, the object itself included.
///
/// A token answer is flat but for members that nobody here reads; those of real servers
/// have some levels.
pub const NESTING_MAX: usize = 32;

/// Longest token or code that is accepted, in bytes: 64 KiB.
///
/// The specification sets no size; signed tokens with many claims reach some kilobytes.
pub const TOKEN_MAX: usize = 64 * 1024;

/// Characters of a server's error text that are kept.
pub const ERROR_TEXT_MAX: usize = 256;

/// Longest query of a redirect that is read, in bytes: 64 KiB.
pub const CALLBACK_QUERY_MAX: usize = 64 * 1024;

/// Longest stored record that is read, in bytes: room for two tokens of [`TOKEN_MAX`],
/// escaped, and the rest.
pub const RECORD_MAX: usize = 512 * 1024;

/// Longest time that a token request may take in all; adapters end it then.
pub const TOKEN_REQUEST_TOTAL: Duration = Duration::from_secs(30);

/// Longest time that connecting to a server may take.
pub const CONNECT_MAX: Duration = Duration::from_secs(10);

/// How long those who need a refresh wait for another refresher.
///
/// Longer than [`TOKEN_REQUEST_TOTAL`], so that the other has ended either way.
pub const LEASE_PATIENCE: Duration = Duration::from_secs(60);

/// How old a saved intent may be when its request leaves; an older one is saved anew.
pub const INTENT_FRESH_FOR: Duration = Duration::from_secs(5);

/// How long after its intent an attempt may still be out whose end nobody saw: its request may
/// have left when the intent was at its oldest, and have taken as long as it may.
pub const ATTEMPT_MAX: Duration = INTENT_FRESH_FOR.saturating_add(TOKEN_REQUEST_TOTAL);

/// How long the answer of a browser login is awaited.
pub const LOGIN_MAX_AGE: Duration = Duration::from_secs(10 * 60);

/// How long an assertion of a client is good that signs its requests: as long as a request may be
/// on its way, and clocks may differ by somewhat more than half of it.
pub const ASSERTION_LIFETIME: Duration = Duration::from_secs(60);

/// Longest wait that a `Retry-After` can ask for.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(60 * 60);

/// Longest wait that a `Retry-After` with a date can ask for in an answer without a `Date`: only
/// the clock here says how long that is, and it may be behind.
pub const RETRY_AFTER_DATE_MAX: Duration = Duration::from_secs(60);

/// How long after the end of its token a server that refreshes late is asked: clocks count
/// whole seconds, and so do lifetimes.
pub const REFRESH_AFTER_END: Duration = Duration::from_secs(1);

/// How far apart clocks may be that agree: a grant that was issued later than this from now came
/// by a clock that is ahead.
pub const CLOCK_APART: Duration = Duration::from_secs(60);

/// First step of the backoff after a failure that says nothing of the grant.
pub const BACKOFF_FIRST: Duration = Duration::from_millis(500);

/// Longest step of that backoff.
pub const BACKOFF_MAX: Duration = Duration::from_secs(60);

/// Least time between two refreshes that a rejected token caused.
pub const REJECTION_SPACING: Duration = Duration::from_secs(60);

/// Longest lifetime that is believed: a hundred years.
pub const LIFETIME_MAX: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// How often one step sequence starts over because another writer was first.
pub const CONFLICTS_MAX: u8 = 8;
