//! The error of an operation that involves session, store and transport.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use twoba_core::{
    Advice, ClientError, LoginError, RefreshError, SendFailure, SessionKeyError, Timestamp, Topic,
    Verdict,
};

use crate::store::StoreError;

/// A request without an answer, and its cause.
#[derive(Debug)]
pub struct TransportError {
    /// Whether the server may have seen the request.
    pub failure: SendFailure,
    /// The error of the HTTP client.
    pub cause: Box<dyn StdError + Send + Sync>,
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.failure, f)
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.cause.as_ref())
    }
}

/// Why an operation on a session failed. `source` holds the underlying error of the HTTP client or
/// the operating system. Copies share both, because all callers that waited for a refresh get its
/// failure.
///
/// `Debug` writes the error and its causes in one line, so that a `main` that returns it prints a
/// sentence. `{:#?}` writes the structure.
#[derive(Clone)]
pub struct Error {
    kind: Arc<ErrorKind>,
    cause: Option<Arc<dyn StdError + Send + Sync>>,
}

/// The kind of failure, sorted by who has to act.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A login failed.
    Login(LoginError),
    /// The session has no token to hand out.
    Refresh(RefreshError),
    /// The store could not be used.
    Store(StoreError),
    /// The client's configuration does not allow this.
    Client(ClientError),
    /// A service did not answer.
    Service(SendFailure),
    /// The answer of a service is too long. No part of it is returned.
    ServiceAnswerTooLarge,
    /// The provider's tokens may not be sent to this address.
    ForeignOrigin,
    /// The text is no session key: it is empty, longer than 128 bytes, or has control characters.
    Key(SessionKeyError),
    /// The settings make no HTTP client.
    Http,
    /// The system has no randomness.
    Entropy,
}

impl Error {
    /// Makes an error of this kind.
    #[must_use]
    pub fn new(kind: ErrorKind) -> Self {
        Self {
            kind: Arc::new(kind),
            cause: None,
        }
    }

    /// Sets the underlying error.
    #[must_use]
    pub fn caused_by(mut self, cause: Box<dyn StdError + Send + Sync>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// The kind of failure.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// Whether a login failed before any part of its request can have left.
    #[must_use]
    pub fn is_unsent_login(&self) -> bool {
        let unsent = LoginError::NotDelivered(SendFailure::NotSent);
        let unsigned = matches!(self.kind(), ErrorKind::Client(ClientError::Signature));
        unsigned || matches!(self.kind(), ErrorKind::Login(error) if *error == unsent)
    }

    /// The reason why the person has to log in, if that is the error.
    #[must_use]
    pub fn verdict(&self) -> Option<&Verdict> {
        if let ErrorKind::Refresh(RefreshError::LoginRequired(verdict)) = self.kind() {
            return Some(verdict);
        }
        None
    }

    /// Whether this program cannot read the stored record.
    #[must_use]
    pub fn is_unreadable_record(&self) -> bool {
        matches!(self.kind(), ErrorKind::Refresh(RefreshError::Record(_)))
    }

    /// The topic of this error: the part of `docs/trouble.md` with its cause and remedy.
    #[must_use]
    pub fn topic(&self) -> Topic {
        match self.kind() {
            ErrorKind::Login(error) => error.topic(),
            ErrorKind::Refresh(error) => error.topic(),
            ErrorKind::Store(error) => error.topic(),
            ErrorKind::Service(SendFailure::NotSent) => Topic::NotReached,
            ErrorKind::Service(SendFailure::MaybeSent) => Topic::AnswerLost,
            ErrorKind::ServiceAnswerTooLarge => Topic::ServiceAnswer,
            ErrorKind::Client(_)
            | ErrorKind::ForeignOrigin
            | ErrorKind::Key(_)
            | ErrorKind::Http => Topic::Settings,
            ErrorKind::Entropy => Topic::Internal,
        }
    }

    /// What to do about this error.
    #[must_use]
    pub fn advice(&self) -> Advice {
        let at_once = Advice::RetryNotBefore(Timestamp::from_unix_millis(i64::MIN));
        match self.kind() {
            ErrorKind::Login(error) => error.advice(),
            ErrorKind::Refresh(error) => error.advice(),
            ErrorKind::Store(StoreError::Busy | StoreError::LeaseLost) | ErrorKind::Service(_) => {
                at_once
            }
            ErrorKind::Store(StoreError::Database { failure, .. }) if failure.is_passing() => {
                at_once
            }
            ErrorKind::Store(_)
            | ErrorKind::Client(_)
            | ErrorKind::ForeignOrigin
            | ErrorKind::Key(_)
            | ErrorKind::Http => Advice::FixConfiguration,
            ErrorKind::Entropy | ErrorKind::ServiceAnswerTooLarge => Advice::Report,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind() {
            ErrorKind::Login(error) => fmt::Display::fmt(error, f),
            ErrorKind::Refresh(error) => fmt::Display::fmt(error, f),
            ErrorKind::Store(error) => fmt::Display::fmt(error, f),
            ErrorKind::Client(error) => fmt::Display::fmt(error, f),
            ErrorKind::Service(failure) => write!(f, "the service did not answer: {failure}"),
            ErrorKind::ServiceAnswerTooLarge => {
                f.write_str("the service's answer is too large, and no part of it was kept")
            }
            ErrorKind::ForeignOrigin => {
                f.write_str("the address is none that this provider's tokens may be sent to")
            }
            ErrorKind::Key(error) => fmt::Display::fmt(error, f),
            ErrorKind::Http => f.write_str("the HTTP client cannot be made as it is configured"),
            ErrorKind::Entropy => f.write_str("the system has no randomness to offer"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            return f
                .debug_struct("Error")
                .field("kind", &self.kind)
                .field("cause", &self.cause)
                .finish();
        }
        let mut text = self.to_string();
        let mut beneath = self.source();
        while let Some(cause) = beneath {
            let told = cause.to_string();
            // Some libraries repeat the cause in their own words.
            if !text.contains(&told) {
                text = format!("{text}: {told}");
            }
            beneath = cause.source();
        }
        f.write_str(&text.replace(['\r', '\n'], " "))
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause
            .as_deref()
            .map(|cause| -> &(dyn StdError + 'static) { cause })
    }
}

impl From<LoginError> for Error {
    fn from(error: LoginError) -> Self {
        Self::new(ErrorKind::Login(error))
    }
}

impl From<RefreshError> for Error {
    fn from(error: RefreshError) -> Self {
        Self::new(ErrorKind::Refresh(error))
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::new(ErrorKind::Store(error))
    }
}

impl From<ClientError> for Error {
    fn from(error: ClientError) -> Self {
        Self::new(ErrorKind::Client(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::DatabaseFailure;

    #[test]
    fn what_passes_by_itself_is_tried_again_and_the_rest_is_repaired() {
        let advice = |failure| {
            let error = StoreError::Database {
                doing: "read from",
                place: String::from("the database x"),
                failure,
                source: "it is away".into(),
            };
            Error::from(error).advice()
        };
        let retried = advice(DatabaseFailure::Restarting);
        assert!(matches!(retried, Advice::RetryNotBefore(_)), "{retried:?}");
        assert_eq!(advice(DatabaseFailure::Full), Advice::FixConfiguration);
    }

    #[test]
    fn what_a_main_prints_is_a_sentence_with_its_causes() {
        let cause = std::io::Error::other("no route\nto host");
        let error = Error::new(ErrorKind::Service(SendFailure::NotSent)).caused_by(Box::new(cause));
        let printed = format!("{error:?}");
        assert_eq!(printed, format!("{error}: no route to host"));
        assert!(printed.starts_with("the service did not answer: "));
        assert!(format!("{error:#?}").starts_with("Error {"));
    }
}
