//! What an answer that holds no data says: 2BA's error object, a problem by RFC 9457, or a bare status.

use std::time::Duration;

use http::{HeaderMap, Uri, header};
use serde::Deserialize;
use serde_json::Value;
use twoba_core::{Timestamp, content_coding, retry_after};

use crate::error::{Details, ServiceError, ServiceErrorKind};
use crate::problem::Problem;

/// Characters of a service's message that are kept.
const MESSAGE_MAX: usize = 500;

/// What an error says for itself, whatever protocol it came by.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// The word for the status, such as `BadRequest`.
    pub(crate) status: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) problem: Option<Problem>,
}

/// A service's text, fit to be shown.
pub(crate) fn shown(text: &str) -> String {
    // Neither what controls a terminal, nor what turns the order of a text.
    let turns = |c: char| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let kept = text.chars().filter(|c| !c.is_control() && !turns(*c));
    kept.take(MESSAGE_MAX).collect()
}

impl Said {
    /// What JSON says of an error: `IsError`, `ErrorMessage`, `Status` as 2BA documents them, else the
    /// members of RFC 9457 section 3.1.
    pub(crate) fn by(json: &Value) -> Self {
        let text = |name: &str| json.get(name)?.as_str().map(shown);
        let said = Self {
            status: text("Status"),
            message: text("ErrorMessage"),
            problem: None,
        };
        if said.status.is_some() || said.message.is_some() || json.get("IsError").is_some() {
            return said;
        }
        let Some(problem) = Problem::read(json, shown) else {
            return said;
        };
        Self {
            status: problem.title.clone(),
            message: problem.detail.clone(),
            problem: Some(problem),
        }
    }
}

/// Whether JSON is 2BA's error object. Looked for by its text first, so that an answer of data is read
/// once.
pub(crate) fn is_error_object(json: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct ErrorObject {
        #[serde(rename = "IsError", default)]
        is_error: bool,
    }

    const NAME: &[u8] = b"\"IsError\"";
    memchr::memmem::find(json, NAME).is_some()
        && serde_json::from_slice::<ErrorObject>(json).is_ok_and(|object| object.is_error)
}

/// The error that a status and what was said make; `unreadable` is its kind where a success holds
/// nothing that can be read.
pub(crate) fn error(status: u16, said: Option<Said>, unreadable: ServiceErrorKind) -> ServiceError {
    let readable = said.is_some();
    let said = said.unwrap_or_default();
    let kind = match status {
        401 | 403 => ServiceErrorKind::Unauthorized,
        300..=399 => ServiceErrorKind::Redirect,
        408 | 425 | 429 | 502..=504 => ServiceErrorKind::Unavailable,
        500..=599 => ServiceErrorKind::Fault,
        // JSONP without a second argument: the word is all that there is.
        200..=299 => match said.status.as_deref() {
            Some("Unauthorized") => ServiceErrorKind::Unauthorized,
            Some("InternalServerError") => ServiceErrorKind::Fault,
            _ if readable => ServiceErrorKind::Refused,
            _ => unreadable,
        },
        _ => ServiceErrorKind::Refused,
    };
    ServiceError {
        status_text: said.status,
        message: said.message,
        details: said.problem.map(|problem| {
            Box::new(Details {
                problem: Some(problem),
                ..Details::default()
            })
        }),
        ..ServiceError::bare(kind, status)
    }
}

impl ServiceError {
    /// The same of an answer with these headers: where it is encoded, nothing else could be read.
    pub(crate) fn of_answer(mut self, headers: &HeaderMap) -> Self {
        // A service says itself why it forbids a call. 511 is a network that wants a login.
        let forbids = matches!(self.status, 403 | 511) && self.says_nothing();
        if self.kind == ServiceErrorKind::Redirect
            && let Some(place) = points_to(headers)
        {
            self.details.get_or_insert_default().redirects_to = Some(place);
        } else if self.kind == ServiceErrorKind::Unavailable
            && let Some(wait) = asks_to_wait(headers)
        {
            self.details.get_or_insert_default().retry_after = Some(wait);
        } else if forbids && is_page(headers) {
            self.kind = ServiceErrorKind::Page;
        }
        let Some(coding) = content_coding(headers) else {
            return self;
        };
        if let ServiceErrorKind::NotJson
        | ServiceErrorKind::NotUtf8
        | ServiceErrorKind::NotJsonp(_)
        | ServiceErrorKind::NotAPicture
        | ServiceErrorKind::NotSoap(_) = self.kind
        {
            self.kind = ServiceErrorKind::Encoded;
        }
        self.content_coding = Some(coding);
        self
    }

    fn says_nothing(&self) -> bool {
        self.status_text.is_none() && self.message.is_none() && self.problem().is_none()
    }
}

fn is_page(headers: &HeaderMap) -> bool {
    let said = headers.get(header::CONTENT_TYPE);
    let said = said.and_then(|said| said.to_str().ok()).unwrap_or_default();
    let essence = said.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("text/html")
}

/// Host, port and path of a `Location`. The user information before the host and the query after the
/// path may be secret.
fn points_to(headers: &HeaderMap) -> Option<String> {
    let uri: Uri = headers.get(header::LOCATION)?.to_str().ok()?.parse().ok()?;
    let host = uri.host().unwrap_or_default();
    let port = uri.port().map_or(String::new(), |port| format!(":{port}"));
    Some(shown(&format!("{host}{port}{}", uri.path())))
}

/// How long the answer asks to wait.
fn asks_to_wait(headers: &HeaderMap) -> Option<Duration> {
    let now = Timestamp::from_unix_millis(0);
    let asked = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    // Who has no clock compares a date with the answer's own one alone.
    let is_date = !asked.trim().bytes().all(|byte| byte.is_ascii_digit());
    if is_date && !headers.contains_key(header::DATE) {
        return None;
    }
    Some(retry_after(headers, now)?.saturating_since(now))
}

#[cfg(test)]
mod tests;
