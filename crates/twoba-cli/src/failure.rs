//! A failed command: its exit code, its name for programs, a sentence and an advice.

mod judge;
mod kind;

use std::error::Error as StdError;
use std::fmt::Write as _;
use std::time::Duration;

use twoba_blocking::{
    Clock as _, Error, ErrorKind, GetError, LoginError, Proxies, RefreshError, Timestamp,
};
use twoba_core::{TokenError, Topic, Trouble, TroubleReason};
use twoba_services::{CallError, ServiceError};
use twoba_store::SystemClock;

use crate::command::rfc3339;
use crate::terminal;
pub(crate) use judge::about_tls;
use judge::{CHECK_NETWORK, CHECK_PASSWORD, WAIT, judge, service, token};
pub(crate) use kind::Kind;

/// A failed command.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    kind: Kind,
    is_told: bool,
    message: String,
    advice: Option<String>,
    topic: Topic,
}

impl Failure {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            // Nobody is there to be told.
            is_told: kind == Kind::Unread,
            // A server, a file or a name may have anything in it.
            message: without_numbers(&terminal::shown(&message.into())),
            advice: None,
            topic: kind.topic(),
        }
    }

    /// A setting or argument that cannot be used.
    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self::new(Kind::Configuration, message)
    }

    /// The same failure, said of one thing among others.
    pub(crate) fn about(mut self, what: &str) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }

    pub(crate) fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(terminal::shown(&advice.into()));
        self
    }

    /// The same failure with this topic.
    fn on(self, topic: Topic) -> Self {
        Self { topic, ..self }
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

    /// The server's grant could not be stored, and this program ends.
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

    /// The same failure after the command itself has told the person.
    pub(crate) fn told_already(self) -> Self {
        Self {
            is_told: true,
            ..self
        }
    }

    /// The same failure, with this program in its advised commands.
    pub(crate) fn with_program(mut self, program: &str) -> Self {
        let begin = format!("`{program} ");
        self.advice = self.advice.map(|advice| {
            let parts = advice.split("`twoba store move`");
            let parts = parts.map(|part| part.replace("`twoba ", &begin));
            // A move names both of its stores itself.
            parts.collect::<Vec<_>>().join("`twoba store move`")
        });
        self
    }

    /// Whether there is nothing left to say, or nobody to read it.
    pub(crate) fn is_told(&self) -> bool {
        self.is_told
    }

    /// Whether the person has canceled, and nothing went wrong.
    pub(crate) fn is_cancellation(&self) -> bool {
        self.kind == Kind::Canceled
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn advice(&self) -> Option<&str> {
        self.advice.as_deref()
    }

    /// The topic that the person can look up.
    pub(crate) fn topic(&self) -> Topic {
        self.topic
    }
}

/// What to do about a variable that names no proxy.
pub(crate) const SET_PROXY: &str =
    "set it to http://HOST:PORT, or unset it; NO_PROXY lists what goes without";

/// Why the proxy of the environment cannot be used, if it cannot.
fn unusable_proxy() -> Option<String> {
    let proxies = Proxies::from_env();
    let place = proxies.proxy()?.place();
    place.err().map(|why| why.to_string())
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let (kind, advice) = judge(error.kind());
        let failure = Self::new(kind, told(&error)).on(error.topic());
        if let Some(why) = unusable_proxy().filter(|why| failure.message().contains(why)) {
            return Self::configuration(why).advise(SET_PROXY).on(error.topic());
        }
        if let ErrorKind::Refresh(RefreshError::Unavailable(trouble)) = error.kind()
            && kind == Kind::TryLater
        {
            return failure.advise(unavailable(trouble, SystemClock.now()));
        }
        if let ErrorKind::Login(LoginError::Token(TokenError::Unavailable(_, facts))) = error.kind()
            && advice == WAIT
        {
            return failure.advise(again_at(facts.retry_at, SystemClock.now()));
        }
        match about_tls(failure.message()) {
            Some(better) if advice == CHECK_NETWORK => failure.advise(better),
            Some(_) | None => failure.advise(advice),
        }
    }
}

impl Failure {
    /// The failure of a login by code. No password was sent.
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

/// The failure of a refresh, and when the next one leaves.
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
    match trouble.wait(now) {
        Duration::ZERO => format!("{what}; try again now"),
        wait => format!(
            "{what}; the next attempt leaves in {}",
            when(wait, trouble.until)
        ),
    }
}

/// How long that is, and until when.
fn when(wait: Duration, until: Timestamp) -> String {
    // A second that has begun counts.
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    format!("{seconds} s, at {}", rfc3339(until))
}

/// The advice to try again, at the time that the server has asked for.
fn again_at(asked: Option<Timestamp>, now: Timestamp) -> String {
    let wait = asked.map(|until| (until.saturating_since(now), until));
    match wait.filter(|(wait, _)| !wait.is_zero()) {
        None => WAIT.to_owned(),
        Some((wait, until)) => format!(
            "the server has answered and asks to wait, and nothing is lost; try again in {}",
            when(wait, until)
        ),
    }
}

/// The error and its sources, in one line.
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
    without_numbers(&text.replace(['\r', '\n'], " "))
}

/// The text without the system's error numbers, which its words already express.
fn without_numbers(text: &str) -> String {
    let mut words = text.split(" (os error ");
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |told, rest| {
        told + rest.split_once(')').map_or("", |(_number, rest)| rest)
    })
}

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        let (kind, topic, advice) = service(&error);
        let failure = Self::new(kind, error.to_string()).on(topic);
        match (error.nearest(), error.retry_after()) {
            // The message ends with the function that was perhaps meant.
            (Some(_), _) => failure,
            (None, Some(wait)) => {
                let now = SystemClock.now();
                failure.advise(again_at(Some(now.saturating_add(wait)), now))
            }
            (None, None) => failure.advise(advice),
        }
    }
}

impl From<GetError> for Failure {
    fn from(error: GetError) -> Self {
        match error {
            GetError::Session(error) => error.into(),
            GetError::Service(error) => error.into(),
            GetError::Call(error) => error.into(),
            error => Self::configuration(error.to_string()),
        }
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        let advice = match error {
            CallError::Function { .. } => "`twoba get --help` has an example",
            CallError::NoServiceBase => {
                "set service-base (TWOBA_SERVICE_URL) to the address of the services"
            }
            CallError::NoSoapBase => {
                "set soap-base (TWOBA_SOAP_URL) to the address of the SOAP services"
            }
            CallError::NoApixBase => "set apix-base (TWOBA_APIX_URL) to the address of ApiX",
            CallError::NoUnifeedBase => {
                "set unifeed-base (TWOBA_UNIFEED_URL) to the address of Unifeed"
            }
            CallError::TooLong => "ask for less at once",
            CallError::MissingParameter { .. }
            | CallError::MissingBody { .. }
            | CallError::Argument(_)
            | CallError::Operation
            | CallError::Body
            | CallError::UnknownOperation
            | CallError::TooMany { .. }
            | CallError::Value
            | CallError::Character
            | _ => "correct the call",
        };
        Self::configuration(error.to_string()).advise(advice)
    }
}
