//! What an answer that holds no data says: 2BA's error object, a problem by RFC 9457, or a bare status.

use serde::Deserialize;
use serde_json::Value;

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
    let kept = text.chars().filter(|c| !c.is_control());
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
        408 | 425 | 429 | 502..=504 | 300..=399 => ServiceErrorKind::Unavailable,
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
                nearest: None,
            })
        }),
        ..ServiceError::bare(kind, status)
    }
}

#[cfg(test)]
mod tests;
