//! How a point in time is written in a query: RFC 3339 in UTC, to the second.

use twoba_core::Timestamp;

const SECONDS_A_DAY: i64 = 24 * 60 * 60;

/// The second that the point lies in, so that nothing between its start and the point is missed. Years
/// stay within 0 to 9999, as RFC 3339 has it.
pub(super) fn rfc3339(at: Timestamp) -> String {
    // 0000-01-01 and 9999-12-31T23:59:59, which four digits can say.
    let seconds = at
        .unix_millis()
        .div_euclid(1000)
        .clamp(-62_167_219_200, 253_402_300_799);
    let (days, second) = (
        seconds.div_euclid(SECONDS_A_DAY),
        seconds.rem_euclid(SECONDS_A_DAY),
    );
    let (year, month, day) = date(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// The date of a day counted from 1970-01-01, by years that begin in March, whose leap day comes last.
fn date(days: i64) -> (i64, i64, i64) {
    // Days since 0000-03-01, in spans of 400 years.
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, later) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    (era * 400 + year + later, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_written_by_the_second_that_they_lie_in() {
        for (millis, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (951_827_696_999, "2000-02-29T12:34:56Z"),
            (1_784_678_400_000, "2026-07-22T00:00:00Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00Z"),
            (i64::MAX, "9999-12-31T23:59:59Z"),
            (i64::MIN, "0000-01-01T00:00:00Z"),
        ] {
            let at = Timestamp::from_unix_millis(millis);
            assert_eq!(rfc3339(at), expected, "{millis}");
        }
    }

    #[test]
    fn days_follow_each_other_over_four_hundred_years() {
        let (mut year, mut month, mut day) = (1970, 1, 1);
        for days in 0..146_097 {
            assert_eq!(date(days), (year, month, day));
            let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let length = match month {
                2 if is_leap => 29,
                2 => 28,
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            (year, month, day) = match (day == length, month) {
                (false, _) => (year, month, day + 1),
                (true, 12) => (year + 1, 1, 1),
                (true, _) => (year, month + 1, 1),
            };
        }
    }
}
