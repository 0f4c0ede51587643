//! Reads `Retry-After` as seconds or as a date, and caps it. An unreadable value counts as absent.
//!
//! The server's clock may differ from the reader's. A date is therefore compared with the answer's
//! own `Date` (RFC 9110 section 10.2.3).

use alloc::vec::Vec;
use core::time::Duration;

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};

use crate::limits::{RETRY_AFTER_DATE_MAX, RETRY_AFTER_MAX};
use crate::time::Timestamp;

/// The time that the header `Retry-After` of an answer asks to wait for, at most
/// [`RETRY_AFTER_MAX`] after `now`. It reads seconds and dates; a date counts against the answer's own
/// `Date`. `None` if there is no such header, or if it cannot be read.
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Timestamp> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty() {
        Duration::from_secs(text.parse().unwrap_or(u64::MAX))
    } else {
        let answered = headers.get(DATE).and_then(|date| date.to_str().ok());
        match answered.and_then(|date| http_date(date.trim(), now)) {
            Some(answered) => http_date(text, answered)?.saturating_since(answered),
            // By a clock that is behind, seconds become an hour.
            None => http_date(text, now)?
                .saturating_since(now)
                .min(RETRY_AFTER_DATE_MAX),
        }
    };
    Some(now.saturating_add(wait.min(RETRY_AFTER_MAX)))
}

/// A date by RFC 9110 section 5.6.7: in the form that servers write, or in one of the two older
/// forms that readers must accept.
fn http_date(text: &str, now: Timestamp) -> Option<Timestamp> {
    let (day_name, rest) = text.split_once([',', ' '])?;
    let parts: Vec<&str> = rest.split_ascii_whitespace().collect();
    let (day, month, year, clock) = match *parts.as_slice() {
        // Sun, 06 Nov 1994 08:49:37 GMT
        [day, month, year, clock, "GMT"] if day_name.len() == 3 => {
            (number(day, 2)?, month, number(year, 4)?, clock)
        }
        // Sunday, 06-Nov-94 08:49:37 GMT
        [date, clock, "GMT"] => {
            let mut date = date.split('-');
            let (day, month, year) = (date.next()?, date.next()?, date.next()?);
            let year = full_year(number(year, 2)?, now);
            (number(day, 2)?, month, year, clock)
        }
        // Sun Nov  6 08:49:37 1994
        [month, day, clock, year] => {
            let day = number(day, day.len().clamp(1, 2))?;
            (day, month, number(year, 4)?, clock)
        }
        _ => return None,
    };
    let mut clock = clock.split(':');
    let hour = number(clock.next()?, 2)?;
    let minute = number(clock.next()?, 2)?;
    let second = number(clock.next()?, 2)?;
    let in_range = (1..=31).contains(&day) && hour < 24 && minute < 60 && second <= 60;
    if !in_range || clock.next().is_some() {
        return None;
    }
    let month = MONTHS.iter().position(|name| *name == month)?;
    let days = days_before(year, i64::try_from(month).ok()?) + day - 1;
    Some(Timestamp::from_unix_seconds(
        days * 86_400 + hour * 3_600 + minute * 60 + second,
    ))
}

/// The full year for one of two digits. A year that seems over 50 years ahead lies in the past.
fn full_year(short: i64, now: Timestamp) -> i64 {
    let this_year = 1970 + now.unix_millis() / MILLIS_A_YEAR;
    let near = this_year - this_year.rem_euclid(100) + short;
    if near > this_year + 50 {
        near - 100
    } else {
        near
    }
}

/// A mean Gregorian year.
const MILLIS_A_YEAR: i64 = 31_556_952_000;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

fn number(text: &str, width: usize) -> Option<i64> {
    (text.len() == width && text.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// Days from 1970-01-01 to the first of a month (0 is January), in the Gregorian calendar.
/// It counts years from March, so that the leap day is the last day of a year.
fn days_before(year: i64, month: i64) -> i64 {
    let (year, month) = if month >= 2 {
        (year, month - 2)
    } else {
        (year - 1, month + 10)
    };
    let days_of_months = (153 * month + 2) / 5;
    let days_of_years =
        365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    days_of_years + days_of_months - 719_468
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn at(value: &str) -> Option<i64> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_str(value).unwrap());
        retry_after(&headers, Timestamp::from_unix_seconds(784_111_777))
            .map(|at| at.unix_millis() / 1000 - 784_111_777)
    }

    #[test]
    fn seconds_and_dates_are_read_and_capped() {
        for (value, wait) in [
            ("0", Some(0)),
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("1000000000", Some(3600)),
            ("99999999999999999999999", Some(3600)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(0)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sat, 05 Nov 1994 08:50:37 GMT", Some(0)),
            ("Tue, 29 Feb 2000 00:00:00 GMT", Some(60)),
            ("Sunday, 06-Nov-94 08:50:37 GMT", Some(60)),
            ("Saturday, 06-Nov-93 08:50:37 GMT", Some(0)),
            ("Sun Nov  6 08:50:36 1994", Some(59)),
            ("Sun, 06 Nov 1994 08:49:37 GMT GMT", None),
            ("Sun, 06-Nov-1994 08:49:37", None),
            ("", None),
            ("soon", None),
            ("-1", None),
            ("1.5", None),
            ("Sun, 06 Nov 1994 25:49:37 GMT", None),
            ("Sun, 06 Now 1994 08:49:37 GMT", None),
            ("Sun, 06 Nov 1994 08:49:37 CET", None),
        ] {
            assert_eq!(at(value), wait, "{value}");
        }
    }

    #[test]
    fn a_date_is_taken_against_the_answers_own() {
        let wait = |date: &str, value: &str, now: i64| {
            let mut headers = HeaderMap::new();
            headers.insert(DATE, HeaderValue::from_str(date).unwrap());
            headers.insert(RETRY_AFTER, HeaderValue::from_str(value).unwrap());
            let now = Timestamp::from_unix_seconds(now);
            retry_after(&headers, now).map(|at| at.saturating_since(now).as_secs())
        };
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        // However wrong the clock here is.
        for now in [784_111_777, 784_111_777 - 3_000, 784_111_777 + 86_400, 0] {
            for (value, expected) in [
                ("Sun, 06 Nov 1994 08:49:42 GMT", Some(5)),
                ("Sun, 06 Nov 1994 09:39:37 GMT", Some(3_000)),
                ("Mon, 07 Nov 1994 08:49:37 GMT", Some(3_600)),
                ("Sun, 06 Nov 1994 08:49:37 GMT", Some(0)),
                ("Sat, 05 Nov 1994 08:49:37 GMT", Some(0)),
                ("7", Some(7)),
                ("soon", None),
            ] {
                assert_eq!(wait(date, value, now), expected, "{value} at {now}");
            }
        }
        // A date that cannot be read is as none.
        let later = "Sun, 06 Nov 1994 09:39:37 GMT";
        assert_eq!(wait("yesterday", later, 784_111_777), Some(60));
    }

    #[test]
    fn days_are_counted_over_leap_years() {
        assert_eq!(days_before(1970, 0), 0);
        assert_eq!(days_before(1970, 1), 31);
        assert_eq!(days_before(2000, 2), 11_017);
        assert_eq!(days_before(2026, 10), 20_758);
    }
}
