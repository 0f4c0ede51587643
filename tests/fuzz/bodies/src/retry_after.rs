//! `Retry-After`: whatever it says, nobody waits longer than an hour, nor before now.

use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{HeaderValue, Response, StatusCode};
use twoba_core::{Advice, Provider, Timestamp, TokenError, judge};

use crate::choice::pick;
use crate::shown::assert_fit_to_print;

const HOUR: Duration = Duration::from_secs(3600);

const STATUSES: [u16; 8] = [429, 503, 400, 500, 302, 200, 408, 401];

/// The time by the caller's clock, which may stand anywhere.
const CLOCKS: [Timestamp; 8] = [
    Timestamp::from_unix_seconds(1_700_000_000),
    Timestamp::from_unix_seconds(784_111_777),
    Timestamp::from_unix_seconds(0),
    Timestamp::from_unix_millis(i64::MIN),
    Timestamp::from_unix_millis(i64::MAX),
    Timestamp::from_unix_millis(-1),
    Timestamp::from_unix_seconds(253_402_300_799),
    Timestamp::from_unix_seconds(4_102_444_799),
];

/// Judges an answer with this header: two choices (status, clock), then the value.
///
/// # Panics
///
/// - the wait begins before now or ends more than an hour later
/// - seconds, written as digits, are not taken at their word up to an hour
/// - the advice contradicts the facts
pub fn retry_after(data: &[u8]) {
    let Some((&[status, clock], value)) = data.split_first_chunk() else {
        return;
    };
    let (Some(&status), Some(&now)) = (pick(&STATUSES, status), pick(&CLOCKS, clock)) else {
        return;
    };
    let Ok(header) = HeaderValue::from_bytes(value) else {
        return;
    };
    let mut response = Response::new("");
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    response.headers_mut().insert(RETRY_AFTER, header);
    let outcome = judge(&Provider::two_ba(), now, &response);
    assert_eq!(outcome, judge(&Provider::two_ba(), now, &response));
    let Err(error) = outcome else {
        panic!("a token out of nothing");
    };
    assert_fit_to_print(&error);

    let facts = error.facts();
    let latest = now.saturating_add(HOUR);
    if let Some(at) = facts.retry_at {
        assert!((now..=latest).contains(&at), "{at:?} at {now:?}");
    }
    if !value.is_empty() && value.iter().all(u8::is_ascii_digit) {
        assert_eq!(
            facts.retry_at,
            Some(now.saturating_add(told(value).min(HOUR)))
        );
    }
    if matches!(error, TokenError::Unavailable(..)) {
        let at = facts.retry_at.unwrap_or(now);
        assert_eq!(error.advice(), Advice::RetryNotBefore(at));
    }
}

/// The seconds that digits say, or more than an hour.
fn told(digits: &[u8]) -> Duration {
    let seconds = digits.iter().fold(0_u64, |sum, digit| {
        sum.saturating_mul(10)
            .saturating_add(u64::from(digit.saturating_sub(b'0')))
    });
    Duration::from_secs(seconds)
}
