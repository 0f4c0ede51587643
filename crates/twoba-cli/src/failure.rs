//! How a command fails: an exit code, a word for programs, a sentence and an advice.

use std::error::Error as StdError;
use std::fmt::Write as _;

use twoba_blocking::{
    Clock as _, Error, ErrorKind, GetError, LoginError, RefreshError, StoreError, Timestamp,
};
use twoba_core::{
    AnswerFacts, CallbackError, ClientError, ErrorCode, SendFailure, TokenError, Trouble,
    TroubleReason, Unavailable,
};
use twoba_services::{ServiceError, ServiceErrorKind};
use twoba_store::SystemClock;

use crate::command::rfc3339;

/// What kind of failure it was: the exit code of the contract, and its word in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Other,
    Configuration,
    Canceled,
    LoginRequired,
    TryLater,
    Refused,
    Store,
    Interrupted,
    /// Nobody reads the output any more, as with `| head`.
    Unread,
}

/// A failed command.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    kind: Kind,
    is_told: bool,
    message: String,
    advice: Option<String>,
}

impl Failure {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            // Nobody is there to be told.
            is_told: kind == Kind::Unread,
            message: message.into(),
            advice: None,
        }
    }

    /// A setting or argument that cannot be used.
    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self::new(Kind::Configuration, message)
    }

    /// The same, said of one thing among others.
    pub(crate) fn about(mut self, what: &str) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }

    pub(crate) fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    pub(crate) fn exit(&self) -> u8 {
        match self.kind {
            Kind::Other => 1,
            Kind::Configuration => 2,
            Kind::Canceled => 3,
            Kind::LoginRequired => 4,
            Kind::TryLater => 5,
            Kind::Refused => 6,
            Kind::Store => 7,
            Kind::Interrupted => 130,
            // As a program that SIGPIPE has ended.
            Kind::Unread => 141,
        }
    }

    /// What the server has given could not be stored, and this program ends.
    pub(crate) fn unsaved(error: &Error) -> Self {
        let text = format!(
            "the server has given a new session, and the store does not take it: {}; the session \
             ends with this program, unless the store has kept a copy aside",
            told(error)
        );
        Self::new(Kind::Store, text)
            .advise("mend the store; if `twoba token` fails then, log in with `twoba login`")
    }

    pub(crate) fn code(&self) -> &'static str {
        match self.kind {
            Kind::Other => "other",
            Kind::Configuration => "configuration",
            Kind::Canceled => "canceled",
            Kind::LoginRequired => "login_required",
            Kind::TryLater => "try_later",
            Kind::Refused => "refused",
            Kind::Store => "store",
            Kind::Interrupted => "interrupted",
            Kind::Unread => "unread",
        }
    }

    /// The same where the person has read of it in the command's own words.
    pub(crate) fn told_already(self) -> Self {
        Self {
            is_told: true,
            ..self
        }
    }

    /// Whether there is nothing left to tell, or nobody to be told.
    pub(crate) fn is_told(&self) -> bool {
        self.is_told
    }

    /// Whether the person has ended it, and nothing went wrong.
    pub(crate) fn is_cancellation(&self) -> bool {
        self.kind == Kind::Canceled
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn advice(&self) -> Option<&str> {
        self.advice.as_deref()
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let (kind, advice) = judge(error.kind());
        let failure = Self::new(kind, told(&error));
        if let ErrorKind::Refresh(RefreshError::Unavailable(trouble)) = error.kind()
            && kind == Kind::TryLater
        {
            return failure.advise(unavailable(trouble, SystemClock.now()));
        }
        failure.advise(advice)
    }
}

impl Failure {
    /// What is told of a login by code that failed: no password was sent.
    pub(crate) fn of_code(error: Error) -> Self {
        let is_refused = matches!(error.kind(), ErrorKind::Login(LoginError::Token(error))
            if token(error).1 == CHECK_PASSWORD);
        let failure = Self::from(error);
        match is_refused {
            true => failure.advise(
                "the server no longer takes the code, which is good once and for a short time; start \
                 again with `twoba login`",
            ),
            false => failure,
        }
    }
}

/// What became of a refresh that brought nothing, and when the next one leaves.
fn unavailable(trouble: &Trouble, now: Timestamp) -> String {
    let what = match trouble.reason {
        TroubleReason::NotSent => "nothing was sent, and nothing is lost",
        TroubleReason::AnswerLost => {
            "the server may have used up the refresh token; it is presented once more where the \
             provider's replay rule allows that, and else a login is needed"
        }
        TroubleReason::TooEarly => "nothing is lost",
        TroubleReason::ServerFault | TroubleReason::Configuration | _ => {
            "the server has answered, and nothing is lost"
        }
    };
    let wait = trouble.wait(now);
    if wait.is_zero() {
        return format!("{what}; try again now");
    }
    // A second that has begun counts.
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let at = rfc3339(trouble.until);
    format!("{what}; the next attempt leaves in {seconds} s, at {at}")
}

/// The error and what lies beneath it, in one line.
fn told(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut beneath = error.source();
    while let Some(cause) = beneath {
        let cause_text = cause.to_string();
        // Some libraries repeat the cause in their own words.
        if !text.contains(&cause_text) {
            let _written: Result<(), _> = write!(text, ": {cause_text}");
        }
        beneath = cause.source();
    }
    text.replace(['\r', '\n'], " ")
}

const LOG_IN: &str = "log in with `twoba login`";
const CHECK_PASSWORD: &str = "check user name and password, and log in again";
const PAGE: &str = "a web page came in the place of an answer, from a firewall or a proxy most likely; \
    it says nothing of the login, and what was stored before stays; try from another network, or check \
    the token address (token-endpoint, TWOBA_TOKEN_URL)";
const REDIRECTED: &str = "nothing was followed, and nothing is lost; set token-endpoint \
    (TWOBA_TOKEN_URL) to the address of the token server itself, or log in to this network first";
const CHECK_CLIENT: &str =
    "check client-id and client-secret (TWOBA_CLIENT_ID, TWOBA_CLIENT_SECRET)";
const CHECK_NETWORK: &str = "nothing was sent; check the address and the network, then try again";
const CHECK_STORE: &str = "check the store's folder (--store or TWOBA_STORE)";
const WAIT: &str = "the server has answered, and nothing is lost; try again later";
const BUSY: &str = "nothing was sent, and nothing is lost; try again later";

fn judge(kind: &ErrorKind) -> (Kind, &'static str) {
    match kind {
        ErrorKind::Login(error) => login(error),
        ErrorKind::Refresh(error) => refresh(error),
        ErrorKind::Store(StoreError::Busy) => (Kind::Store, BUSY),
        ErrorKind::Store(StoreError::HeldBy { .. }) => (
            Kind::Store,
            "nothing is lost; continue or end that process, or try again later",
        ),
        ErrorKind::Store(StoreError::OpenToOthers { .. }) => (
            Kind::Store,
            "close it with chmod 700, or choose another one with --store",
        ),
        ErrorKind::Store(StoreError::Copied { .. }) => (
            Kind::Store,
            "nothing is lost; where the other folder is still used, log in here first with `twoba \
             login`; then run `twoba store adopt`",
        ),
        ErrorKind::Store(StoreError::OwnedByAnother { .. }) => (
            Kind::Store,
            "run this as the folder's owner, or choose another one with --store",
        ),
        ErrorKind::Store(_) => (Kind::Store, CHECK_STORE),
        ErrorKind::Client(ClientError::NoAuthorizationEndpoint) => (
            Kind::Configuration,
            "set authorization-endpoint (TWOBA_AUTHORIZE_URL), or log in with --password",
        ),
        ErrorKind::Client(_) | ErrorKind::Key(_) | ErrorKind::Http => {
            (Kind::Configuration, "check the settings")
        }
        ErrorKind::ForeignOrigin => (
            Kind::Configuration,
            "set service-base (TWOBA_SERVICE_URL) to the address of the services",
        ),
        ErrorKind::Service(SendFailure::NotSent) => (Kind::TryLater, CHECK_NETWORK),
        ErrorKind::Service(SendFailure::MaybeSent) => (
            Kind::TryLater,
            "the service may have acted on the request; check the network, then try again",
        ),
        ErrorKind::ServiceAnswerTooLarge => (Kind::Other, "ask the service for less at once"),
        ErrorKind::Entropy | _ => (Kind::Other, "report it"),
    }
}

fn login(error: &LoginError) -> (Kind, &'static str) {
    match error {
        LoginError::Denied {
            code: ErrorCode::AccessDenied,
            ..
        } => (
            Kind::Canceled,
            "start again with `twoba login` to log in after all",
        ),
        LoginError::Denied { code, .. } if code.is_configuration() => {
            (Kind::Configuration, CHECK_CLIENT)
        }
        LoginError::Token(error) => token(error),
        LoginError::Callback(
            CallbackError::State | CallbackError::StateMissing | CallbackError::Redirect,
        ) => (
            Kind::Refused,
            "paste the address that this very login came back to",
        ),
        LoginError::Denied { .. } | LoginError::Callback(_) => {
            (Kind::Refused, "start again with `twoba login`")
        }
        LoginError::NotDelivered(SendFailure::NotSent) => (Kind::TryLater, CHECK_NETWORK),
        LoginError::NotDelivered(SendFailure::MaybeSent) => (
            Kind::TryLater,
            "what was stored before stays; check the network, then log in again",
        ),
        LoginError::Expired => (Kind::Canceled, "start again with `twoba login`"),
        LoginError::AnotherClient | _ => (Kind::Other, "report it"),
    }
}

fn token(error: &TokenError) -> (Kind, &'static str) {
    match error {
        TokenError::Refused(facts) if is_page(facts) => (Kind::TryLater, PAGE),
        TokenError::Refused(facts) => match &facts.code {
            Some(code) if code.is_configuration() => (Kind::Configuration, CHECK_CLIENT),
            Some(ErrorCode::InvalidGrant) | None => (Kind::Refused, CHECK_PASSWORD),
            Some(_) => (Kind::Refused, "check the settings, and log in again"),
        },
        TokenError::Unavailable(Unavailable::Redirect, _) => (Kind::Configuration, REDIRECTED),
        TokenError::Unavailable(Unavailable::NotJson, _) => (Kind::TryLater, PAGE),
        TokenError::Unavailable(..) => (Kind::TryLater, WAIT),
        TokenError::Malformed(..) | _ => (
            Kind::Other,
            "check the token address; if it is right, report it",
        ),
    }
}

/// Whether a page came instead of an answer: no token server answers in HTML.
fn is_page(facts: &AnswerFacts) -> bool {
    facts.code.is_none() && facts.media_type.as_deref() == Some("text/html")
}

fn is_redirect(trouble: &Trouble) -> bool {
    trouble
        .status
        .is_some_and(|status| (300..=399).contains(&status))
}

fn refresh(error: &RefreshError) -> (Kind, &'static str) {
    match error {
        RefreshError::LoginRequired(_) => (Kind::LoginRequired, LOG_IN),
        RefreshError::Misconfigured(_) => (Kind::Configuration, CHECK_CLIENT),
        RefreshError::Unavailable(trouble) if is_redirect(trouble) => {
            (Kind::Configuration, REDIRECTED)
        }
        RefreshError::Unavailable(_) => (Kind::TryLater, WAIT),
        RefreshError::ImportRefused(_) => (
            Kind::LoginRequired,
            "what was stored before stays; get a new refresh token, or log in with `twoba login`",
        ),
        RefreshError::StoreWentBack { .. } => (
            Kind::Store,
            "bring the store's newer state back, or log in anew with `twoba login`",
        ),
        RefreshError::NotStored | RefreshError::WrongProof => (Kind::Store, CHECK_STORE),
        RefreshError::Contended => (Kind::Store, BUSY),
        RefreshError::Record(_) => (
            Kind::Store,
            "check profile and store, or log in anew with `twoba login`, which keeps the old bytes \
             aside",
        ),
        RefreshError::RejectedByService => {
            (Kind::Refused, "ask 2BA for the right to use this service")
        }
        _ => (Kind::Other, "report it"),
    }
}

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        let (kind, advice) = match error.kind {
            ServiceErrorKind::Unauthorized => {
                (Kind::Refused, "ask 2BA for the right to use this service")
            }
            ServiceErrorKind::Refused => (Kind::Refused, "check the function and its parameters"),
            ServiceErrorKind::Fault => (Kind::Other, "report the message to 2BA"),
            ServiceErrorKind::Unavailable => (Kind::TryLater, WAIT),
            ServiceErrorKind::NotJson | ServiceErrorKind::NotJsonp(_) | _ => (
                Kind::Other,
                "check the service address; if it is right, report it",
            ),
        };
        Self::new(kind, error.to_string()).advise(advice)
    }
}

impl From<GetError> for Failure {
    fn from(error: GetError) -> Self {
        match error {
            GetError::Session(error) => error.into(),
            GetError::Service(error) => error.into(),
            error @ (GetError::Call(_) | _) => Self::configuration(error.to_string()),
        }
    }
}
