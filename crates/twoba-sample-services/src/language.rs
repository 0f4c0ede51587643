//! Selects the language of a page for a browser.

/// A language of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    English,
    /// Dutch.
    Dutch,
}

impl Language {
    /// The one of the two languages that the browser prefers (RFC 9110 section 12.5.4). In doubt it
    /// is English.
    #[must_use]
    pub fn preferred(accept_language: Option<&str>) -> Self {
        let wish = |language: &str| {
            accept_language
                .unwrap_or_default()
                .split(',')
                .filter_map(|range| {
                    let (tag, weight) = match range.split_once(';') {
                        Some((tag, weight)) => {
                            let (name, weight) = weight.split_once('=')?;
                            (name.trim().eq_ignore_ascii_case("q")).then_some((tag, weight))?
                        }
                        None => (range, "1"),
                    };
                    let primary = tag.trim().split('-').next().unwrap_or_default();
                    let weight: f32 = weight.trim().parse().ok()?;
                    let counts =
                        primary.eq_ignore_ascii_case(language) && (0.0..=1.0).contains(&weight);
                    counts.then_some(weight)
                })
                .fold(0.0, f32::max)
        };
        if wish("nl") > wish("en") {
            Self::Dutch
        } else {
            Self::English
        }
    }

    /// The tag of the language (RFC 5646).
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Dutch => "nl",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_speaks_the_preferred_one_of_its_languages() {
        use Language::{Dutch, English};
        for (header, expected) in [
            (None, English),
            (Some("nl"), Dutch),
            (Some("nl-NL,nl;q=0.9,en;q=0.8"), Dutch),
            (Some("en-GB,en;q=0.9,nl;q=0.8"), English),
            (Some("de, nl;q=0.5, en; q=0.4"), Dutch),
            (Some("de"), English),
            (Some("NL;q=1"), Dutch),
            (Some("nl;q=0"), English),
            (Some("nl ; Q = 0.8, en;q=0.7"), Dutch),
            (Some("nl;q=inf, en;q=0.1"), English),
            (Some(";;q=,,"), English),
        ] {
            assert_eq!(Language::preferred(header), expected, "{header:?}");
        }
    }
}
