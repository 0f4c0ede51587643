//! Reads and writes spans of time (`90s`, `250ms`).

use std::fmt;
use std::time::Duration;

use crate::timestamp::millis;

/// The units of a span. A unit that ends like another one stands before it.
const UNITS: [(&str, u64); 5] = [
    ("ms", 1),
    ("s", 1000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
];

/// A whole number directly followed by `ms`, `s`, `m`, `h` or `d`.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let (number, scale) = UNITS
        .iter()
        .find_map(|(unit, scale)| Some((text.strip_suffix(unit)?, scale)))?;
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let milliseconds = number.parse::<u64>().ok()?.checked_mul(*scale)?;
    Some(Duration::from_millis(milliseconds))
}

/// The same, but zero is refused.
pub(crate) fn parse_some(text: &str) -> Option<Duration> {
    parse(text).filter(|span| !span.is_zero())
}

/// Writes a span so that [`parse`] reads the same number of milliseconds.
pub(crate) struct Spelled(pub(crate) Duration);

impl fmt::Display for Spelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = millis(self.0);
        if milliseconds.is_multiple_of(1000) {
            write!(f, "{}s", milliseconds / 1000)
        } else {
            write!(f, "{milliseconds}ms")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_read() {
        for (text, seconds) in [("90s", 90), ("2m", 120), ("1h", 3600), ("1d", 86_400)] {
            assert_eq!(parse(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(parse("250ms"), Some(Duration::from_millis(250)));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "s",
            "90",
            "-1s",
            "+1s",
            "1.5s",
            "1 s",
            "1S",
            "99999999999999999999s",
            "1w",
            "18446744073709551615d",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn no_time_is_no_span() {
        assert_eq!(parse("0s"), Some(Duration::ZERO));
        for text in ["0s", "0ms", "00d"] {
            assert_eq!(parse_some(text), None, "{text}");
        }
        assert_eq!(parse_some("1ms"), Some(Duration::from_millis(1)));
    }

    #[test]
    fn what_is_written_reads_back() {
        for milliseconds in [0, 1, 999, 1000, 1500, 90_000] {
            let span = Duration::from_millis(milliseconds);
            assert_eq!(parse(&Spelled(span).to_string()), Some(span));
        }
    }
}
