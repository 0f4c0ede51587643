//! Decides how a test takes an error apart that it expects: another one fails the test with its text.

use std::fmt;

use twoba_core::{Cause, LoginError, RefreshError, SendFailure, TokenError, Trouble};
use twoba_services::{GetError, ServiceError};
use twoba_store::{Error, ErrorKind};

/// What the service said, where that is why a call failed.
#[must_use]
#[track_caller]
pub fn service_error(error: GetError<Error>) -> ServiceError {
    if let GetError::Service(error) = error {
        return error;
    }
    unexpected(&error)
}

/// What the session said, where that is why a call failed.
#[must_use]
#[track_caller]
pub fn session_error(error: GetError<Error>) -> Error {
    if let GetError::Session(error) = error {
        return error;
    }
    unexpected(&error)
}

/// What the token endpoint said to a login.
#[must_use]
#[track_caller]
pub fn token_error(error: &Error) -> &TokenError {
    if let ErrorKind::Login(LoginError::Token(error)) = error.kind() {
        return error;
    }
    unexpected(error)
}

/// How the request of a login was lost.
#[must_use]
#[track_caller]
pub fn not_delivered(error: &Error) -> SendFailure {
    if let ErrorKind::Login(LoginError::NotDelivered(failure)) = error.kind() {
        return *failure;
    }
    unexpected(error)
}

/// Why a session has no token.
#[must_use]
#[track_caller]
pub fn refresh_error(error: &Error) -> &RefreshError {
    if let ErrorKind::Refresh(error) = error.kind() {
        return error;
    }
    unexpected(error)
}

/// Why the user has to log in.
#[must_use]
#[track_caller]
pub fn cause(error: &Error) -> Cause {
    if let RefreshError::LoginRequired(verdict) = refresh_error(error) {
        return verdict.cause;
    }
    unexpected(error)
}

/// What is wrong with the server, or the way to it.
#[must_use]
#[track_caller]
pub fn trouble(error: &Error) -> &Trouble {
    if let RefreshError::Unavailable(trouble) = refresh_error(error) {
        return trouble;
    }
    unexpected(error)
}

#[track_caller]
#[expect(clippy::panic, reason = "the text is needed to see what went wrong")]
fn unexpected(error: &dyn fmt::Debug) -> ! {
    panic!("another error than expected: {error:?}")
}
