//! Problem details, as RFC 9457 has them: what a service says is wrong, bounded.

use serde_json::Value;

/// Parameters that are told of, and texts a parameter.
const ERRORS_MAX: usize = 50;

/// Parameters that a message names.
const TOLD_MAX: usize = 5;

/// A problem as RFC 9457 describes it; every text is bounded and without control characters.
///
/// Programs decide by [`kind`](Self::kind) and [`status`](Self::status); the rest is for people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// `type`: what kind of problem it is, a URI.
    pub kind: Option<String>,
    /// `title`: the kind in words, the same each time.
    pub title: Option<String>,
    /// `status`: the status of HTTP, as the body says it.
    pub status: Option<u16>,
    /// `detail`: what is wrong this time.
    pub detail: Option<String>,
    /// `instance`: a URI of this one occurrence, to report it by.
    pub instance: Option<String>,
    /// `errors`: what is wrong with each parameter, by its name; at most 50, each with at most 50
    /// texts. RFC 9457 leaves it to the service; Product Data has it with status 400.
    pub errors: Vec<(String, Vec<String>)>,
}

impl Problem {
    /// Reads a problem, if JSON is one; `shown` makes a text fit to be shown.
    pub(crate) fn read(json: &Value, shown: fn(&str) -> String) -> Option<Self> {
        let text = |name: &str| json.get(name)?.as_str().map(shown);
        let status = json.get("status").and_then(Value::as_u64);
        let errors = json.get("errors").and_then(Value::as_object);
        let errors = errors.into_iter().flatten().take(ERRORS_MAX);
        let problem = Self {
            kind: text("type"),
            title: text("title"),
            status: status.and_then(|status| u16::try_from(status).ok()),
            detail: text("detail"),
            instance: text("instance"),
            errors: errors
                .map(|(name, texts)| (shown(name), listed(texts, shown)))
                .collect(),
        };
        (problem != Self::default()).then_some(problem)
    }

    /// What is wrong with a parameter, if the service says so; the letter case of its name does not
    /// count.
    #[must_use]
    pub fn errors_of(&self, parameter: &str) -> Option<&[String]> {
        let mut errors = self.errors.iter();
        let (_, texts) = errors.find(|(name, _)| name.eq_ignore_ascii_case(parameter))?;
        Some(texts)
    }

    /// What is wrong with the first few parameters, for a message: one text of each.
    pub(crate) fn first_errors(&self) -> impl Iterator<Item = (&str, &str)> {
        let errors = self.errors.iter();
        let told =
            errors.filter_map(|(name, texts)| Some((name.as_str(), texts.first()?.as_str())));
        told.take(TOLD_MAX)
    }
}

/// A text, or a list of them.
fn listed(texts: &Value, shown: fn(&str) -> String) -> Vec<String> {
    match texts {
        Value::String(text) => vec![shown(text)],
        Value::Array(texts) => {
            let texts = texts.iter().filter_map(Value::as_str);
            texts.take(ERRORS_MAX).map(shown).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    }
}
