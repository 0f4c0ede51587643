//! Why a function has nothing to give, with the status and the word that 2BA has for it.

use crate::caller::Unauthorized;

/// Why a function has nothing to give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) status: u16,
    /// The word that 2BA has for the status.
    pub(crate) name: &'static str,
    /// For people. It never repeats what the caller sent, which may be huge or secret.
    pub(crate) message: String,
}

impl Problem {
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self {
            status: 400,
            name: "BadRequest",
            message: message.into(),
        }
    }

    pub(crate) fn missing(parameter: &str) -> Self {
        Self::bad_request(format!("The parameter {parameter} is missing."))
    }

    pub(crate) fn wrong(parameter: &str, expected: &str) -> Self {
        Self::bad_request(format!("The parameter {parameter} has to be {expected}."))
    }

    pub(crate) fn unknown_function() -> Self {
        Self {
            status: 404,
            name: "NotFound",
            message: "There is no service or function of this name.".into(),
        }
    }

    /// The caller is not let in; which of his tokens is bad in which way is nobody else's affair.
    pub(crate) fn unauthorized(reason: Unauthorized) -> Self {
        let message = match reason {
            Unauthorized::NoToken => "An access token is required.",
            Unauthorized::UnknownToken | Unauthorized::Expired | Unauthorized::Revoked => {
                "The access token is unknown, expired or revoked."
            }
        };
        Self {
            status: 401,
            name: "Unauthorized",
            message: message.into(),
        }
    }

    pub(crate) fn internal() -> Self {
        Self {
            status: 500,
            name: "InternalServerError",
            message: "The answer could not be written.".into(),
        }
    }
}
