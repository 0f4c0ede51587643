//! What can be wrong with a call of a service, and with its answer.

use std::error::Error;
use std::fmt;

use twoba_core::Advice;
use twoba_core::Timestamp;
use twoba_core::jsonp::JsonpError;

use crate::problem::Problem;

/// Why a call cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The name of the function is not of the form `Service/Function`.
    #[error("not a service's function: write it as Service/Function, as in Product/Search")]
    Function,
    /// The provider has no address for its services.
    #[error("the provider has no service address: set one")]
    NoServiceBase,
    /// Parameters and address together make no URI.
    #[error("the parameters are too long for an address")]
    TooLong,
}

/// Why an answer holds no data.
///
/// `Debug` writes the sentence, as a `main` that returns the error prints it; with `{:#?}` it
/// writes the structure.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceError {
    /// What kind of failure it was.
    pub kind: ServiceErrorKind,
    /// The HTTP status; the real one where JSONP carried it.
    pub status: u16,
    /// The service's word for the status, as `BadRequest`; bounded.
    pub status_text: Option<String>,
    /// The service's own explanation; bounded, without control characters.
    pub message: Option<String>,
    /// What the answer is encoded by, as `br`, where that was not undone.
    pub content_coding: Option<String>,
    /// The service's explanation as problem details, where it gave one (RFC 9457).
    pub problem: Option<Box<Problem>>,
}

/// What kind of failure it was, sorted by who has to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServiceErrorKind {
    /// The user may not use this service, or the token is not accepted (status 401, 403).
    Unauthorized,
    /// The request is wrong; the message explains.
    Refused,
    /// The service has a fault; the message may carry a number to report to 2BA.
    Fault,
    /// The service asks to wait, or something before it answers in its place.
    Unavailable,
    /// The answer is encoded, as [`ServiceError::content_coding`] says, and nobody has undone that.
    Encoded,
    /// The answer is not the JSON that was asked for.
    NotJson,
    /// The answer is JSON that does not have the documented form, from this line and column on, both
    /// counted from 1.
    Unlike {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
    },
    /// A page says that another one follows, and gives no cursor for it, or the one that it was asked
    /// for with: nobody would come to an end.
    NoNextPage,
    /// The answer is not the JSONP that was asked for.
    NotJsonp(JsonpError),
}

impl ServiceErrorKind {
    /// What a status says that is no success.
    pub(crate) fn of_status(status: u16) -> Self {
        match status {
            401 | 403 => Self::Unauthorized,
            408 | 425 | 429 | 502..=504 | 300..=399 => Self::Unavailable,
            500..=599 => Self::Fault,
            _ => Self::Refused,
        }
    }
}

impl ServiceError {
    /// An error of which no more is known.
    pub(crate) fn bare(kind: ServiceErrorKind, status: u16) -> Self {
        Self {
            kind,
            status,
            status_text: None,
            message: None,
            content_coding: None,
            problem: None,
        }
    }

    /// What a status that is no success says, with the problem behind it.
    pub(crate) fn of_problem(status: u16, problem: Option<Problem>) -> Self {
        let of = |text: fn(&Problem) -> &Option<String>| text(problem.as_ref()?).clone();
        Self {
            status_text: of(|problem| &problem.title),
            message: of(|problem| &problem.detail),
            problem: problem.map(Box::new),
            ..Self::bare(ServiceErrorKind::of_status(status), status)
        }
    }

    /// The same of an answer with this coding.
    pub(crate) fn of_encoded(mut self, coding: String) -> Self {
        if let ServiceErrorKind::NotJson | ServiceErrorKind::NotJsonp(_) = self.kind {
            self.kind = ServiceErrorKind::Encoded;
        }
        self.content_coding = Some(coding);
        self
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self.kind {
            ServiceErrorKind::Unavailable => {
                Advice::RetryNotBefore(Timestamp::from_unix_millis(i64::MIN))
            }
            ServiceErrorKind::Unauthorized
            | ServiceErrorKind::Refused
            | ServiceErrorKind::Fault
            | ServiceErrorKind::Encoded
            | ServiceErrorKind::NotJson
            | ServiceErrorKind::Unlike { .. }
            | ServiceErrorKind::NoNextPage
            | ServiceErrorKind::NotJsonp(_) => Advice::Report,
        }
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            ServiceErrorKind::Unauthorized => f.write_str("the service does not let this user in"),
            ServiceErrorKind::Refused => f.write_str("the service refuses the request"),
            ServiceErrorKind::Fault => f.write_str("the service has a fault"),
            ServiceErrorKind::Unavailable => f.write_str("the service cannot answer now"),
            ServiceErrorKind::Encoded => {
                f.write_str("the service's answer is encoded in a way that was not undone")
            }
            ServiceErrorKind::NotJson => f.write_str("the service's answer is not JSON"),
            ServiceErrorKind::Unlike { line, column } => write!(
                f,
                "the service's answer does not have the documented form at line {line}, column {column}"
            ),
            ServiceErrorKind::NoNextPage => {
                f.write_str("the service's page says that more follows, and not where")
            }
            ServiceErrorKind::NotJsonp(error) => write!(f, "{error}"),
        }?;
        write!(f, " (status {}", self.status)?;
        if let Some(text) = &self.status_text {
            write!(f, ", {text}")?;
        }
        if let Some(message) = &self.message {
            write!(f, ": {message}")?;
        }
        if let Some(coding) = &self.content_coding {
            write!(f, ", Content-Encoding {coding}")?;
        }
        f.write_str(")")
    }
}

impl fmt::Debug for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return fmt::Display::fmt(self, f);
        }
        f.debug_struct("ServiceError")
            .field("kind", &self.kind)
            .field("status", &self.status)
            .field("status_text", &self.status_text)
            .field("message", &self.message)
            .field("content_coding", &self.content_coding)
            .field("problem", &self.problem)
            .finish()
    }
}

impl Error for ServiceError {}

/// Why a call brought no data, by an adapter whose own error is `E`.
///
/// `Debug` is that of what it holds: a sentence, as a `main` that returns the error prints it.
#[non_exhaustive]
pub enum GetError<E> {
    /// The service refused or failed.
    Service(ServiceError),
    /// There is no token, or no answer.
    Session(E),
    /// The call cannot be made as it is.
    Call(CallError),
}

impl<E: fmt::Display> fmt::Display for GetError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(error) => fmt::Display::fmt(error, f),
            Self::Session(error) => fmt::Display::fmt(error, f),
            Self::Call(error) => fmt::Display::fmt(error, f),
        }
    }
}

impl<E: fmt::Debug> fmt::Debug for GetError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(error) => fmt::Debug::fmt(error, f),
            Self::Session(error) => fmt::Debug::fmt(error, f),
            Self::Call(error) => fmt::Display::fmt(error, f),
        }
    }
}

impl<E: Error> Error for GetError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Session(error) => error.source(),
            Self::Service(_) | Self::Call(_) => None,
        }
    }
}

impl<E> From<CallError> for GetError<E> {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}
