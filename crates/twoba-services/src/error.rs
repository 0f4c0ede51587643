//! The errors of a service call and of its answer.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use twoba_core::jsonp::JsonpError;
use twoba_core::{Advice, Timestamp};

use crate::known::{KnownFunction, KnownParameter};
use crate::problem::Problem;
use crate::product_data::argument::ArgumentError;
use crate::soap_error::SoapError;

/// Why a call is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The name of the function is not of the form `Service/Function`.
    #[error(
        "not a service's function: write it as Service/Function, as in {}",
        .nearest.unwrap_or("Product/Search")
    )]
    Function {
        /// The known function that was perhaps meant.
        nearest: Option<&'static str>,
    },
    /// The function does nothing without this parameter.
    #[error("{function} needs the parameter {parameter}, as in {parameter}={example}")]
    MissingParameter {
        /// The function.
        function: &'static str,
        /// The parameter that is missing.
        parameter: &'static str,
        /// A value that it may have.
        example: &'static str,
    },
    /// The function is asked by POST, with JSON.
    #[error("{function} needs JSON as its body, as in {example}")]
    MissingBody {
        /// The function.
        function: &'static str,
        /// JSON that it may have.
        example: &'static str,
    },
    /// A number that Product Data is asked for is none.
    #[error(transparent)]
    Argument(#[from] ArgumentError),
    /// The name of a SOAP service or operation is no name that XML can have.
    #[error("not the name of a SOAP service or operation: write it with letters, digits, - and _")]
    Operation,
    /// The XML to send is not well formed, or not one element.
    #[error("the body of the SOAP call is not one element of well-formed XML")]
    Body,
    /// The service's description has no operation of this name.
    #[error("the SOAP service has no operation of this name")]
    UnknownOperation,
    /// More is asked for at once than the service allows.
    #[error("{parameter} may be {most} at most")]
    TooMany {
        /// The parameter that says how many.
        parameter: &'static str,
        /// How many are allowed.
        most: u32,
    },
    /// A value to send cannot be written.
    #[error("a value of the call cannot be written as JSON")]
    Value,
    /// A text to send has a character that XML cannot hold.
    #[error("a text of the call has a control character, which XML cannot hold")]
    Character,
    /// The provider has no address for its services.
    #[error("the provider has no service address: set one")]
    NoServiceBase,
    /// The provider has no address for SOAP.
    #[error("the provider has no address of SOAP services: set one")]
    NoSoapBase,
    /// The provider has no address for ApiX.
    #[error("the provider has no address of ApiX: set one")]
    NoApixBase,
    /// The provider has no address for Unifeed.
    #[error("the provider has no address of Unifeed: set one")]
    NoUnifeedBase,
    /// Parameters and address together make no URI.
    #[error("the parameters are too long for an address")]
    TooLong,
}

impl CallError {
    /// A function lacks a parameter, or nothing.
    pub(crate) fn missing(
        function: &KnownFunction,
        parameter: Option<&KnownParameter>,
    ) -> Result<(), Self> {
        match parameter {
            None => Ok(()),
            Some(parameter) => Err(Self::MissingParameter {
                function: function.name,
                parameter: parameter.name,
                example: parameter.example,
            }),
        }
    }
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
    /// What few errors have; apart, so that an error stays small.
    pub(crate) details: Option<Box<Details>>,
}

/// What few errors have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Details {
    pub(crate) problem: Option<Problem>,
    pub(crate) nearest: Option<&'static KnownFunction>,
    pub(crate) redirects_to: Option<String>,
    pub(crate) retry_after: Option<Duration>,
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
    /// The address redirects, which a call with a token does not follow: it is not the service's.
    /// [`ServiceError::redirects_to`] says where it points.
    Redirect,
    /// A web page forbids the call in the service's place: a firewall's most likely. It says nothing of
    /// the person's rights.
    Page,
    /// The answer is still encoded. [`ServiceError::content_coding`] names the coding.
    Encoded,
    /// The answer is not the requested JSON.
    NotJson,
    /// The answer is JSON by its form, but not in UTF-8, as RFC 8259 wants it.
    NotUtf8,
    /// The answer is not the requested JSONP.
    NotJsonp(JsonpError),
    /// The answer is JSON of another form than this function's answers have.
    Unexpected {
        /// The line of the answer where it departs, from 1; 0 where that is not known.
        line: u32,
        /// The byte of that line, from 1.
        column: u32,
    },
    /// A page says that another one follows, and gives no cursor for it, or the one that it was asked
    /// for with: nobody would come to an end.
    NoNextPage,
    /// The answer has more than 250,000 records, which would fill memory as values of a type.
    TooLarge,
    /// The answer is not the picture that was asked for.
    NotAPicture,
    /// The answer is not the SOAP envelope that was asked for.
    NotSoap(SoapError),
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
            details: None,
        }
    }

    /// The problem that the service describes by RFC 9457, as ApiX and the newer services do.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        self.details.as_deref()?.problem.as_ref()
    }

    /// The known function that was perhaps meant, where the service refuses one that is unknown.
    #[must_use]
    pub fn nearest(&self) -> Option<&'static KnownFunction> {
        self.details.as_deref()?.nearest
    }

    /// Where a redirect points: host, port and path, without what may be secret. If it is a path alone,
    /// the server is the same.
    #[must_use]
    pub fn redirects_to(&self) -> Option<&str> {
        self.details.as_deref()?.redirects_to.as_deref()
    }

    /// How long the service asks to wait from its answer on (`Retry-After`), an hour at most.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.details.as_deref()?.retry_after
    }

    /// What to do about this error.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self.kind {
            ServiceErrorKind::Unavailable | ServiceErrorKind::Page => {
                Advice::RetryNotBefore(Timestamp::from_unix_millis(i64::MIN))
            }
            ServiceErrorKind::Redirect => Advice::FixConfiguration,
            ServiceErrorKind::Unauthorized
            | ServiceErrorKind::Refused
            | ServiceErrorKind::Fault
            | ServiceErrorKind::Encoded
            | ServiceErrorKind::NotJson
            | ServiceErrorKind::NotUtf8
            | ServiceErrorKind::NotJsonp(_)
            | ServiceErrorKind::Unexpected { .. }
            | ServiceErrorKind::NoNextPage
            | ServiceErrorKind::TooLarge
            | ServiceErrorKind::NotAPicture
            | ServiceErrorKind::NotSoap(_) => Advice::Report,
        }
    }
}

impl ServiceError {
    /// The kind in words.
    fn sentence(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            ServiceErrorKind::Unauthorized => f.write_str("the service does not let this user in"),
            ServiceErrorKind::Refused => f.write_str("the service refuses the request"),
            ServiceErrorKind::Fault => f.write_str("the service has a fault"),
            ServiceErrorKind::Unavailable => f.write_str("the service cannot answer now"),
            ServiceErrorKind::Redirect => {
                f.write_str("the service's address redirects, which is not followed")
            }
            ServiceErrorKind::Page => {
                f.write_str("a web page came in the place of the service's answer")
            }
            ServiceErrorKind::NotUtf8 => f.write_str("the service's answer is no UTF-8"),
            ServiceErrorKind::Encoded => {
                f.write_str("the service's answer is encoded in a way that was not undone")
            }
            ServiceErrorKind::NotJson => f.write_str("the service's answer is not JSON"),
            ServiceErrorKind::NotJsonp(error) => write!(f, "{error}"),
            ServiceErrorKind::Unexpected { line: 0, .. } => {
                f.write_str("the service's answer has another form than this function's answers")
            }
            ServiceErrorKind::Unexpected { line, column } => write!(
                f,
                "the service's answer has another form than this function's answers, \
                 at line {line} column {column}"
            ),
            ServiceErrorKind::NoNextPage => {
                f.write_str("the service's page says that more follows, and not where")
            }
            ServiceErrorKind::TooLarge => {
                f.write_str("the service's answer is too large to be read")
            }
            ServiceErrorKind::NotAPicture => f.write_str("the service's answer is not a picture"),
            ServiceErrorKind::NotSoap(error) => {
                write!(
                    f,
                    "the service's answer is not the SOAP asked for: it {error}"
                )
            }
        }
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sentence(f)?;
        write!(f, " (status {}", self.status)?;
        if let Some(text) = &self.status_text {
            write!(f, ", {text}")?;
        }
        if let Some(message) = &self.message {
            write!(f, ": {message}")?;
        }
        for (parameter, text) in self.problem().into_iter().flat_map(Problem::first_errors) {
            write!(f, "; {parameter}: {text}")?;
        }
        if let Some(place) = self.redirects_to() {
            write!(f, ", to {place}")?;
        }
        if let Some(coding) = &self.content_coding {
            write!(f, ", Content-Encoding {coding}")?;
        }
        f.write_str(")")?;
        match self.nearest() {
            Some(known) => write!(f, "; did you mean {}?", known.name),
            None => Ok(()),
        }
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
            .field("problem", &self.problem())
            .field("nearest", &self.nearest())
            .field("redirects_to", &self.redirects_to())
            .field("retry_after", &self.retry_after())
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
