//! The session of a call: a person's, or the program's own.

use http::{Request, Response};
use twoba_blocking::{AccessToken, Client, Error, LoggedOut, Program, Service, Session, Status};

use crate::failure::Failure;

/// The session that gets the tokens of this call.
pub(crate) enum Handle {
    Person(Session),
    Program(Program),
}

/// Makes the same call on either kind of session.
macro_rules! either {
    ($handle:expr, $one:ident => $call:expr) => {
        match $handle {
            Handle::Person($one) => $call,
            Handle::Program($one) => $call,
        }
    };
}

impl Handle {
    /// The session of a person, for commands that need a person.
    pub(crate) fn person(&self) -> Result<&Session, Failure> {
        match self {
            Self::Person(session) => Ok(session),
            Self::Program(_) => Err(Failure::configuration(
                "this profile needs no login: the program gets tokens for itself",
            )
            .advise("run `twoba token`, or take a profile without grant = \"client-credentials\"")),
        }
    }

    pub(crate) fn is_program(&self) -> bool {
        matches!(self, Self::Program(_))
    }

    pub(crate) fn client(&self) -> &Client {
        either!(self, one => one.client())
    }

    pub(crate) fn token(&self) -> Result<AccessToken, Error> {
        either!(self, one => one.token())
    }

    pub(crate) fn stored_token(&self) -> Result<Option<AccessToken>, Error> {
        either!(self, one => one.stored_token())
    }

    pub(crate) fn refresh(&self) -> Result<AccessToken, Error> {
        either!(self, one => one.refresh())
    }

    pub(crate) fn status(&self) -> Result<Status, Error> {
        either!(self, one => one.status())
    }

    pub(crate) fn save(&self) -> Result<bool, Error> {
        either!(self, one => one.save())
    }

    pub(crate) fn logout(&self) -> Result<LoggedOut, Error> {
        either!(self, one => one.logout())
    }

    pub(crate) fn forget(&self) -> Result<LoggedOut, Error> {
        either!(self, one => one.forget())
    }

    pub(crate) fn call_with(
        &self,
        token: &AccessToken,
        request: &Request<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, Error> {
        either!(self, one => one.call_with(token, request))
    }

    pub(crate) fn service(&self) -> Service {
        either!(self, one => one.service())
    }

    pub(crate) fn call(&self, request: &Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Error> {
        either!(self, one => one.call(request))
    }
}
