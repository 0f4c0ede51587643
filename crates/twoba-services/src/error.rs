//! The errors of a service call and of its answer.

use std::error::Error;
use std::fmt;

use twoba_core::Advice;
use twoba_core::Timestamp;
use twoba_core::jsonp::JsonpError;

/// Why a call is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The name of the function is not of the form `Service/Function`.
    #[error("not a service's function: write it as Service/Function, as in Product/Search")]
    Function,
    /// The provider has no address for its services.
    #[error("the provider has no service address: set one")]
    NoServiceBase,
    /// The parameters and the address together are too long for a URI.
    #[error("the parameters are too long for an address")]
    TooLong,
}

/// Why an answer holds no data.
///
/// `Debug` writes the error as a sentence, so that a `main` that returns it prints a sentence.
/// `{:#?}` writes the structure.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceError {
    /// The kind of failure.
    pub kind: ServiceErrorKind,
    /// The HTTP status. If JSONP carried the real status, it is that one.
    pub status: u16,
    /// The service's name for the status, such as `BadRequest`; bounded.
    pub status_text: Option<String>,
    /// The service's own explanation; bounded, without control characters.
    pub message: Option<String>,
    /// The answer's remaining content coding, such as `br`.
    pub content_coding: Option<String>,
}

/// The kind of a failure, sorted by who has to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServiceErrorKind {
    /// The person may not use this service, or the token is not accepted (status 401, 403).
    Unauthorized,
    /// The request is wrong. The message explains why.
    Refused,
    /// The service has a fault. The message may carry a number to report to 2BA.
    Fault,
    /// The service asks to wait, or an intermediary answers in its place.
    Unavailable,
    /// The answer is still encoded. [`ServiceError::content_coding`] names the coding.
    Encoded,
    /// The answer is not the requested JSON.
    NotJson,
    /// The answer is not the requested JSONP.
    NotJsonp(JsonpError),
}

impl ServiceError {
    /// The same error for an answer with this coding.
    pub(crate) fn of_encoded(mut self, coding: String) -> Self {
        if let ServiceErrorKind::NotJson | ServiceErrorKind::NotJsonp(_) = self.kind {
            self.kind = ServiceErrorKind::Encoded;
        }
        self.content_coding = Some(coding);
        self
    }

    /// What to do about this error.
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
            .finish()
    }
}

impl Error for ServiceError {}

/// Why a call returned no data. `E` is the adapter's own error.
///
/// `Debug` is that of the inner error: a sentence, so that a `main` that returns it prints a
/// sentence.
#[non_exhaustive]
pub enum GetError<E> {
    /// The service refused or failed.
    Service(ServiceError),
    /// There is no token, or no answer.
    Session(E),
    /// The call is invalid.
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
