//! Why a function has no result, with 2BA's status and its name.

use crate::caller::Unauthorized;

/// Why a function has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) status: u16,
    /// 2BA's name for the status.
    pub(crate) name: &'static str,
    /// The message for people. It never repeats the caller's input, which may be huge or secret.
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

    /// The caller is not authorized. The message does not say what is wrong with the token.
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
