//! Writes points in time, for programs and for people.

use std::io::{self, IsTerminal};
use std::time::SystemTime;

use jiff::tz::TimeZone;
use twoba_blocking::{Clock as _, Timestamp};
use twoba_store::SystemClock;

/// A point in time as RFC 3339 in UTC, to the second.
pub(crate) fn rfc3339(at: Timestamp) -> String {
    in_zone(at, &TimeZone::UTC, "%Y-%m-%dT%H:%M:%SZ")
}

/// The system's time as RFC 3339 in UTC, to the second.
pub(crate) fn rfc3339_of(at: SystemTime) -> String {
    let since = at
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    rfc3339(Timestamp::from_unix_millis(
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
    ))
}

/// A point in time for a person: in local time at a terminal, with its distance from now.
pub(crate) fn told(at: Timestamp) -> String {
    let point = if io::stdout().is_terminal() {
        in_zone(at, &TimeZone::system(), "%Y-%m-%d %H:%M:%S %:z")
    } else {
        rfc3339(at)
    };
    let seconds = at
        .unix_millis()
        .saturating_sub(SystemClock.now().unix_millis())
        / 1000;
    format!("{point} ({})", span(seconds))
}

fn in_zone(at: Timestamp, zone: &TimeZone, format: &str) -> String {
    let millis = at.unix_millis();
    jiff::Timestamp::from_millisecond(millis)
        .map(|at| at.to_zoned(zone.clone()).strftime(format).to_string())
        // Beyond the year 9999.
        .unwrap_or_else(|_| format!("{millis} ms"))
}

/// The distance of a point from now, in the largest fitting unit. The rest is left out.
fn span(seconds: i64) -> String {
    let (count, unit) = match seconds.unsigned_abs() {
        0..60 => (seconds.unsigned_abs(), "s"),
        below_two_hours @ 60..7200 => (below_two_hours / 60, "min"),
        below_two_days @ 7200..172_800 => (below_two_days / 3600, "h"),
        longer => (longer / 86_400, "days"),
    };
    if seconds < 0 {
        format!("{count} {unit} ago")
    } else {
        format!("in {count} {unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_told_in_the_unit_that_says_enough() {
        for (seconds, text) in [
            (0, "in 0 s"),
            (59, "in 59 s"),
            (60, "in 1 min"),
            (119, "in 1 min"),
            (7199, "in 119 min"),
            (7200, "in 2 h"),
            (172_799, "in 47 h"),
            (172_800, "in 2 days"),
            (-1, "1 s ago"),
            (-120, "2 min ago"),
            (i64::MIN, "106751991167300 days ago"),
        ] {
            assert_eq!(span(seconds), text);
        }
    }

    #[test]
    fn a_place_has_its_own_time() {
        let at = Timestamp::from_unix_seconds(1_795_910_400);
        assert_eq!(rfc3339(at), "2026-11-29T00:00:00Z");
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        assert_eq!(in_zone(at, &zone, "%H:%M %:z"), "01:00 +01:00");
        let never = Timestamp::from_unix_millis(i64::MAX);
        assert_eq!(rfc3339(never), format!("{} ms", i64::MAX));
    }
}
