//! What the query of an operation asks for.

use super::operation::{Operation, is_gln};
use crate::form::{Malformed, Parameters};
use crate::problem::Problem;

/// The release of ETIM that the classes are of.
pub(super) const RELEASE: &str = "9.0";
/// One that nothing is of any more.
const OLD_RELEASE: &str = "8.0";

pub(super) const STAGES: [&str; 20] = [
    "A1", "A2", "A3", "A1-A3", "A4", "A5", "B1", "B2", "B3", "B4", "B5", "B6", "B7", "B1-B7", "C1",
    "C2", "C3", "C4", "C1-C4", "D",
];

/// What is asked for. Where nothing is said, everything is.
#[derive(Debug, Default)]
pub(super) struct Filter {
    pub(super) cursor: Option<String>,
    pub(super) limit: Option<usize>,
    /// The emulator's selections are its classes.
    pub(super) selection: Option<String>,
    pub(super) gln: Option<String>,
    /// Comparable with what changed when.
    pub(super) since: Option<String>,
    languages: Vec<String>,
    release: Option<String>,
    stages: Vec<String>,
    /// In ten-thousandths.
    pub(super) quantity: Option<i64>,
}

impl Filter {
    /// Reads the query. What an operation does not take is passed over.
    pub(super) fn read(
        operation: &Operation,
        query: Result<&Parameters, Malformed>,
    ) -> Result<Self, Problem> {
        let query = query.map_err(|_| Problem::wrong("query", "It is not form encoded."))?;
        let (mut filter, mut wrong) = (Self::default(), None::<Problem>);
        for (name, value) in query.iter().filter(|(name, _)| operation.takes(name)) {
            if let Err(problem) = filter.take(name, value) {
                wrong = Some(match wrong {
                    Some(others) => others.and(problem),
                    None => problem,
                });
            }
        }
        wrong.map_or(Ok(filter), Err)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), Problem> {
        let text = || Some(value.to_owned());
        match name {
            "cursor" => self.cursor = text(),
            "limit" => self.limit = Some(limit(value)?),
            "selectionId" if (1..=50).contains(&value.chars().count()) => self.selection = text(),
            "selectionId" => {
                return Err(Problem::wrong(
                    "selectionId",
                    "It has to be 1 to 50 characters.",
                ));
            }
            "manufacturerIdGln" | "supplierIdGln" if is_gln(value) => self.gln = text(),
            "manufacturerIdGln" => {
                return Err(Problem::wrong(
                    "manufacturerIdGln",
                    "It has to be 13 digits.",
                ));
            }
            "supplierIdGln" => {
                return Err(Problem::wrong("supplierIdGln", "It has to be 13 digits."));
            }
            "mutationDateTime" => self.since = Some(moment(value)?),
            "language" => self.languages.push(value.to_ascii_lowercase()),
            "etimReleaseVersion" => self.release = text(),
            "lifeCycleStage" if STAGES.contains(&value) => self.stages.push(value.to_owned()),
            "lifeCycleStage" => {
                return Err(Problem::wrong("lifeCycleStage", "There is no such stage."));
            }
            "quantity" => self.quantity = Some(quantity(value)?),
            "currency" if value == "EUR" => {}
            "currency" => return Err(Problem::wrong("currency", "Prices are in EUR only.")),
            _ => {}
        }
        Ok(())
    }

    /// Whether texts of this language are wanted: `nl` means `nl-NL` too (RFC 4647 section 3.3.1).
    pub(super) fn wants_language(&self, tag: &str) -> bool {
        let tag = tag.to_ascii_lowercase();
        let fits = |wanted: &String| {
            tag.strip_prefix(wanted.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        self.languages.is_empty() || self.languages.iter().any(fits)
    }

    pub(super) fn wants_stage(&self, stage: &str) -> bool {
        self.stages.is_empty() || self.stages.iter().any(|wanted| wanted == stage)
    }

    pub(super) fn wants_release(&self) -> bool {
        self.release
            .as_deref()
            .is_none_or(|release| release == RELEASE)
    }

    pub(super) fn is_of_an_old_release(&self) -> bool {
        self.release.as_deref() == Some(OLD_RELEASE)
    }

    /// Everything that decides which rows there are, as a text.
    pub(super) fn fingerprint(&self) -> String {
        let Self {
            selection,
            gln,
            since,
            languages,
            release,
            stages,
            ..
        } = self;
        format!("{selection:?}{gln:?}{since:?}{languages:?}{release:?}{stages:?}")
    }
}

fn limit(text: &str) -> Result<usize, Problem> {
    let limit = text.parse().ok().filter(|limit| (1..=1000).contains(limit));
    limit.ok_or_else(|| Problem::wrong("limit", "It has to be a whole number from 1 to 1000."))
}

/// RFC 3339 in UTC, up to the second.
fn moment(text: &str) -> Result<String, Problem> {
    let wrong = || {
        Problem::wrong(
            "mutationDateTime",
            "It has to be a time in UTC, as 2026-07-22T12:00:00Z.",
        )
    };
    let (seconds, rest) = text.split_at_checked(19).ok_or_else(wrong)?;
    let fits = |(pattern, letter): (char, char)| match pattern {
        '0' => letter.is_ascii_digit(),
        mark => letter == mark,
    };
    let zone = rest.trim_start_matches(|letter: char| letter == '.' || letter.is_ascii_digit());
    let is_moment = "0000-00-00T00:00:00".chars().zip(seconds.chars()).all(fits);
    match is_moment && (zone == "Z" || zone == "+00:00") {
        true => Ok(format!("{seconds}Z")),
        false => Err(wrong()),
    }
}

/// Ten-thousandths, up to 99999.9999.
fn quantity(text: &str) -> Result<i64, Problem> {
    let wrong = || {
        Problem::wrong(
            "quantity",
            "It has to be a number from 0 to 99999.9999, with at most four decimals.",
        )
    };
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !(1..=5).contains(&whole.len())
        || decimals.len() > 4
        || !are_digits(whole)
        || !are_digits(decimals)
    {
        return Err(wrong());
    }
    format!("{whole}{decimals:0<4}")
        .parse()
        .map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str, query: &str) -> Result<Filter, Problem> {
        let query = Parameters::parse(query.as_bytes()).unwrap();
        Filter::read(&Operation::read(path).unwrap(), Ok(&query))
    }

    #[test]
    fn times_are_comparable_texts_in_utc() {
        for (text, expected) in [
            ("2026-07-22T12:00:00Z", Some("2026-07-22T12:00:00Z")),
            ("2026-07-22T12:00:00.5Z", Some("2026-07-22T12:00:00Z")),
            ("2026-07-22T12:00:00+00:00", Some("2026-07-22T12:00:00Z")),
            ("2026-07-22T12:00:00+02:00", None),
            ("2026-07-22T12:00:00", None),
            ("2026-07-22", None),
            ("yesterday, at some time", None),
            ("\u{e9}026-07-22T12:00:00Z", None),
        ] {
            assert_eq!(moment(text).ok().as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn quantities_have_four_decimals_at_most() {
        for (text, expected) in [
            ("1", Some(10_000)),
            ("0.5", Some(5000)),
            ("99999.9999", Some(999_999_999)),
            ("100000", None),
            ("1.23456", None),
            ("-1", None),
            ("1,5", None),
            ("", None),
        ] {
            assert_eq!(quantity(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn every_wrong_parameter_is_told_of_and_foreign_ones_are_not() {
        let said = format!(
            "{:?}",
            read(
                "products/bulk/details",
                "limit=0&mutationDateTime=x&lifeCycleStage=x"
            )
            .unwrap_err()
        );
        assert!(
            said.contains("limit") && said.contains("mutationDateTime"),
            "{said}"
        );
        assert!(!said.contains("lifeCycleStage"), "{said}");
        assert!(read("products/bulk/lca-environmental", "lifeCycleStage=Z9").is_err());
        assert!(read("netprices/2008710000103/item-number/1", "currency=USD").is_err());
    }

    #[test]
    fn a_language_means_its_regions_too() {
        let filter = read("products/bulk/descriptions", "language=NL&language=en-GB").unwrap();
        assert!(filter.wants_language("nl-NL") && filter.wants_language("en-GB"));
        assert!(!filter.wants_language("en-US") && !filter.wants_language("nlx"));
        assert!(Filter::default().wants_language("de-DE"));
    }
}
