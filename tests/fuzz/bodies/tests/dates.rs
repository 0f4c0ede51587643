//! Dates of `Retry-After` that a second calendar has written are read as they were meant.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may panic, and says what it looks at"
)]

use std::time::Duration;

use http::header::{DATE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};
use proptest::prelude::*;
use twoba_core::{Provider, Timestamp, judge};

const DAYS: [&str; 7] = [
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Year, month from 0 and day from 1, counted day by day from 1970.
fn civil(mut days: i64) -> (i64, usize, i64) {
    let mut year = 1970;
    loop {
        let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        let months = [
            31,
            if leap { 29 } else { 28 },
            31,
            30,
            31,
            30,
            31,
            31,
            30,
            31,
            30,
            31,
        ];
        for (month, length) in months.into_iter().enumerate() {
            if days < length {
                return (year, month, days + 1);
            }
            days -= length;
        }
        year += 1;
    }
}

/// The three forms of RFC 9110 section 5.6.7.
fn written(seconds: i64) -> [String; 3] {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    let month = MONTHS[month];
    let clock = format!("{:02}:{:02}:{:02}", rest / 3_600, rest / 60 % 60, rest % 60);
    let name = DAYS[usize::try_from(days % 7).unwrap()];
    let short = &name[..3];
    [
        format!("{short}, {day:02} {month} {year} {clock} GMT"),
        format!("{name}, {day:02}-{month}-{:02} {clock} GMT", year % 100),
        format!("{short} {month} {day:2} {clock} {year}"),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases.saturating_mul(8),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Against the answer's own date, whatever the clock here says; without one for a minute.
    #[test]
    fn a_date_within_the_hour_is_taken_at_its_word(
        now in 0..4_000_000_000_i64,
        apart in -100_000..100_000_i64,
        ahead in -7_200..7_200_i64,
    ) {
        let answered = (now + apart).max(0);
        for (date, base, most) in [(Some(answered), answered, 3_600), (None, now, 60)] {
            let at = (base + ahead).max(0);
            for text in written(at) {
                let mut response = Response::new("");
                *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
                let headers = response.headers_mut();
                headers.insert(RETRY_AFTER, HeaderValue::from_str(&text).unwrap());
                if let Some(date) = date {
                    let [date, ..] = written(date);
                    headers.insert(DATE, HeaderValue::from_str(&date).unwrap());
                }
                let here = Timestamp::from_unix_seconds(now);
                let facts = judge(&Provider::two_ba(), here, &response).unwrap_err();
                let wait = u64::try_from((at - base).clamp(0, most)).unwrap();
                let expected = here.saturating_add(Duration::from_secs(wait));
                prop_assert_eq!(facts.facts().retry_at, Some(expected), "{}", text);
            }
        }
    }
}
