//! Problem details, as RFC 9457 has them: what a service says is wrong, bounded and stripped.

use serde_json::Value;

/// Bytes of a body that are looked at for a problem.
const BODY_MAX: usize = 64 * 1024;

/// Characters of a text that are kept.
const TEXT_MAX: usize = 500;

/// Fields that are told of, and texts a field.
const FIELDS_MAX: usize = 50;

/// What a service says is wrong (RFC 9457). Texts are bounded to 500 characters, without control
/// characters.
///
/// Programs decide by [`kind`](Self::kind) and [`status`](Self::status); the rest is for people.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// `type`: a URI that names the kind of problem; `about:blank` where the status says it all.
    pub kind: String,
    /// `status`; that of HTTP where the service left it out.
    pub status: u16,
    /// `title`: the kind in words.
    pub title: Option<String>,
    /// `detail`: what it was this time.
    pub detail: Option<String>,
    /// `instance`: a URI that names this occurrence, to be told to whoever runs the service.
    pub instance: Option<String>,
    /// `errors`: what is wrong with each parameter, by its name; at most 50, with at most 50 texts each.
    pub errors: Vec<(String, Vec<String>)>,
}

impl Problem {
    /// Reads an answer of this status, if it is a problem; one over 64 KiB is none.
    pub(crate) fn read(http_status: u16, body: &[u8]) -> Option<Self> {
        if body.len() > BODY_MAX {
            return None;
        }
        let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
            return None;
        };
        let names = ["type", "title", "status", "detail", "errors"];
        if !names.iter().any(|name| members.contains_key(*name)) {
            return None;
        }
        let text = |name: &str| members.get(name)?.as_str().map(bounded);
        let status = members.get("status").and_then(Value::as_u64);
        let errors = members.get("errors").and_then(Value::as_object);
        let fields = errors.into_iter().flatten().take(FIELDS_MAX);
        Some(Self {
            // RFC 9457 section 3.1.1: absent means about:blank.
            kind: text("type").unwrap_or_else(|| "about:blank".to_owned()),
            status: status
                .and_then(|status| u16::try_from(status).ok())
                .unwrap_or(http_status),
            title: text("title"),
            detail: text("detail"),
            instance: text("instance"),
            errors: fields
                .map(|(name, texts)| (bounded(name), listed(texts)))
                .collect(),
        })
    }

    /// What is wrong with a parameter, if the service says so.
    #[must_use]
    pub fn errors_of(&self, parameter: &str) -> Option<&[String]> {
        let mut fields = self.errors.iter();
        let of = fields.find(|(name, _)| name.eq_ignore_ascii_case(parameter))?;
        Some(&of.1)
    }
}

fn listed(texts: &Value) -> Vec<String> {
    match texts {
        Value::String(text) => vec![bounded(text)],
        Value::Array(texts) => {
            let texts = texts.iter().filter_map(Value::as_str).take(FIELDS_MAX);
            texts.map(bounded).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    }
}

fn bounded(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_control())
        .take(TEXT_MAX)
        .collect()
}
