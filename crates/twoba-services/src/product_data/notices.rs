//! What the headers of an answer tell people: the version of the API, and that an operation will go.

use http::HeaderMap;

/// Characters of a header that are kept.
const MAX: usize = 300;

/// What the headers of an answer say to people. Programs should not decide by it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Notices {
    /// `Api-Version`: which version of the API has answered.
    pub api_version: Option<Box<str>>,
    /// `Deprecation`: since when the operation is not to be used any more, as it was sent.
    pub deprecation: Option<Box<str>>,
    /// `Sunset`: when the operation will go, as it was sent (RFC 8594).
    pub sunset: Option<Box<str>>,
    /// The `Link` that explains a deprecation.
    pub deprecation_link: Option<Box<str>>,
    /// The `Link` that explains a sunset.
    pub sunset_link: Option<Box<str>>,
}

impl Notices {
    /// What these headers say; each text is bounded to 300 characters.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let text = |name: &str| {
            let value = headers.get(name)?.to_str().ok()?;
            Some(value.chars().take(MAX).collect())
        };
        let links = headers.get_all("link");
        let texts = || links.iter().filter_map(|value| value.to_str().ok());
        let link = |relation: &str| {
            let target = texts().find_map(|text| target(text, relation))?;
            Some(target.chars().take(MAX).collect())
        };
        Self {
            api_version: text("api-version"),
            deprecation: text("deprecation"),
            sunset: text("sunset"),
            deprecation_link: link("deprecation"),
            sunset_link: link("sunset"),
        }
    }
}

/// The target of the first link of this relation (RFC 8288 section 3).
fn target<'t>(links: &'t str, relation: &str) -> Option<&'t str> {
    let mut rest = links;
    loop {
        let (_, begun) = rest.split_once('<')?;
        let (target, behind) = begun.split_once('>')?;
        let end = end_of(behind);
        let (parameters, next) = behind.split_at_checked(end)?;
        if parameters
            .split(';')
            .any(|parameter| relates(parameter, relation))
        {
            return Some(target);
        }
        rest = next;
    }
}

/// Where the parameters of a link end: at a comma outside quotes.
fn end_of(parameters: &str) -> usize {
    let mut is_quoted = false;
    let comma = parameters.find(|letter| {
        is_quoted ^= letter == '"';
        letter == ',' && !is_quoted
    });
    comma.unwrap_or(parameters.len())
}

/// Whether a parameter is `rel` with this relation among others.
fn relates(parameter: &str, relation: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else {
        return false;
    };
    let mut relations = value.trim().trim_matches('"').split_ascii_whitespace();
    name.trim().eq_ignore_ascii_case("rel")
        && relations.any(|one| one.eq_ignore_ascii_case(relation))
}
