//! The errors of a token answer, sorted by who has to act.

use alloc::boxed::Box;

use super::facts::{AnswerFacts, Follows};
use super::malformed::Malformed;
use crate::advice::Advice;
use crate::topic::Topic;

/// Why a token request brought no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The server refused the request. [`AnswerFacts::code`] holds the reason if the server gave
    /// one.
    #[error("the server refused{0}")]
    Refused(Box<AnswerFacts>),
    /// The answer says nothing about the request. It comes from a faulty server, a proxy, or a
    /// limit.
    #[error("{0}{1}")]
    Unavailable(Unavailable, Box<AnswerFacts>),
    /// The server reported success and broke the protocol.
    #[error("{0}{1}")]
    Malformed(Malformed, Box<AnswerFacts>),
}

impl TokenError {
    /// The known facts about the answer.
    #[must_use]
    pub fn facts(&self) -> &AnswerFacts {
        match self {
            Self::Refused(facts) | Self::Unavailable(_, facts) | Self::Malformed(_, facts) => facts,
        }
    }

    pub(super) fn facts_mut(&mut self) -> &mut AnswerFacts {
        match self {
            Self::Refused(facts) | Self::Unavailable(_, facts) | Self::Malformed(_, facts) => facts,
        }
    }

    /// The error without any server text that repeats one of these secrets.
    pub(crate) fn without(self, secrets: &[&str]) -> Self {
        match self {
            Self::Refused(facts) => Self::Refused(facts.without(secrets)),
            Self::Unavailable(why, facts) => Self::Unavailable(why, facts.without(secrets)),
            Self::Malformed(why, facts) => Self::Malformed(why, facts.without(secrets)),
        }
    }

    /// The topic of this error, when it answers a login.
    #[must_use]
    pub fn topic(&self) -> Topic {
        match self {
            Self::Refused(facts) => match &facts.code {
                // No token server answers in HTML.
                None if facts.media_type.as_deref() == Some("text/html") => Topic::WrongAddress,
                Some(code) if code.is_configuration() => Topic::ClientRefused,
                Some(_) | None => Topic::LoginRefused,
            },
            Self::Malformed(Malformed::TooLarge, _) => Topic::ServerFault,
            Self::Unavailable(
                Unavailable::Redirect | Unavailable::NotJson | Unavailable::Encoded,
                _,
            )
            | Self::Malformed(..) => Topic::WrongAddress,
            Self::Unavailable(
                Unavailable::Busy | Unavailable::ServerError | Unavailable::TooLarge,
                _,
            ) => Topic::ServerFault,
        }
    }

    /// What to do about this error. A session does the same when it gets this answer to a refresh.
    #[must_use]
    pub fn advice(&self) -> Advice {
        let facts = self.facts();
        match facts.follows {
            Follows::Login => Advice::LogIn,
            Follows::Configuration => Advice::FixConfiguration,
            Follows::Nothing => Advice::RetryNotBefore(facts.retry_at.unwrap_or(facts.received_at)),
        }
    }
}

/// Why an answer says nothing about the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unavailable {
    /// Status 429, 408 or 425.
    #[error("the server asks to wait")]
    Busy,
    /// Status 500 and above.
    #[error("the server has a fault")]
    ServerError,
    /// Status 300 to 399. A token request carries secrets, so it never follows a redirect.
    #[error("the server redirects, which a token request does not follow")]
    Redirect,
    /// A success that is not JSON, most likely the page of a proxy.
    #[error("the answer is not JSON")]
    NotJson,
    /// An encoded success that does not claim to be JSON.
    /// [`AnswerFacts::content_coding`] names its coding.
    #[error("the answer is encoded in a way that was not undone")]
    Encoded,
    /// The body is longer than [`RESPONSE_BODY_MAX`](crate::limits::RESPONSE_BODY_MAX), and is no
    /// success that claims to be JSON: [`Malformed::TooLarge`].
    #[error("the answer is too large")]
    TooLarge,
}
