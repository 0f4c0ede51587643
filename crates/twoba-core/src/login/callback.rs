//! What the browser came back with, judged before anything of it is used.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use subtle::ConstantTimeEq;

use super::error::{CallbackError, LoginError};
use crate::answer::ErrorCode;
use crate::limits::CALLBACK_QUERY_MAX;
use crate::provider::Issuer;
use crate::secret::AuthorizationCode;
use crate::text::printable;

/// What the answer to a login must carry.
pub(super) struct Awaited<'a> {
    pub(super) state: &'a str,
    pub(super) issuer: Option<&'a Issuer>,
}

struct Query<'a> {
    pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Query<'a> {
    fn parse(query: &'a str) -> Result<Self, CallbackError> {
        let query = query.strip_prefix('?').unwrap_or(query);
        if query.len() > CALLBACK_QUERY_MAX {
            return Err(CallbackError::TooLong);
        }
        let pairs = serde_urlencoded::from_str(query).map_err(|_| CallbackError::Code)?;
        Ok(Self { pairs })
    }

    /// The value of a parameter that may stand there once.
    fn one(&self, name: &'static str) -> Result<Option<&str>, CallbackError> {
        let mut values = self.pairs.iter().filter(|(key, _)| key == name);
        let first = values.next().map(|(_, value)| value.as_ref());
        if values.next().is_some() {
            // RFC 6749 section 3.1: no parameter more than once.
            return Err(CallbackError::Repeated(name));
        }
        // The same section: one without a value counts as omitted.
        Ok(first.filter(|value| !value.is_empty()))
    }

    fn has_state(&self, state: &str) -> Result<bool, CallbackError> {
        let given = self.one("state")?.unwrap_or_default();
        Ok(given.as_bytes().ct_eq(state.as_bytes()).into())
    }
}

pub(super) fn has_state(query: &str, state: &str) -> bool {
    Query::parse(query).is_ok_and(|query| query.has_state(state) == Ok(true))
}

/// The code of an answer that carries this state; other parameters are passed over.
pub(super) fn judge(query: &str, awaited: &Awaited<'_>) -> Result<AuthorizationCode, LoginError> {
    let query = Query::parse(query).map_err(LoginError::Callback)?;
    read(&query, awaited).map_err(LoginError::Callback)?
}

/// The code in what a person has pasted: a URL, a query, or the code alone.
pub(super) fn judge_pasted(
    text: &str,
    awaited: &Awaited<'_>,
) -> Result<AuthorizationCode, LoginError> {
    let text = text.trim();
    let is_query = text.contains("code=") || text.contains("error=") || text.contains("state=");
    if !is_query {
        return AuthorizationCode::parse(text)
            .map_err(|_| LoginError::Callback(CallbackError::Code));
    }
    let query = text.split_once('?').map_or(text, |(_, query)| query);
    // Browsers show a fragment that some login pages leave behind, as `#_=_`.
    let query = query.split_once('#').map_or(query, |(query, _)| query);
    judge(query, awaited)
}

fn read(
    query: &Query<'_>,
    awaited: &Awaited<'_>,
) -> Result<Result<AuthorizationCode, LoginError>, CallbackError> {
    // First of all, so that nobody else's error is shown as this login's.
    if !query.has_state(awaited.state)? {
        return Err(CallbackError::State);
    }
    // RFC 9207 section 2.4, for error answers too. A server whose name is not known here may
    // say what it likes; one that is known is held to it whether it has announced so or not.
    match (query.one("iss")?, awaited.issuer) {
        (Some(given), Some(issuer)) if given != issuer.name => return Err(CallbackError::Issuer),
        (None, Some(issuer)) if issuer.announced => return Err(CallbackError::Issuer),
        (Some(_) | None, Some(_) | None) => {}
    }
    let code = query.one("code")?;
    let description = query.one("error_description")?.map(printable);
    if let Some(error) = query.one("error")? {
        return Ok(Err(LoginError::Denied {
            code: ErrorCode::from_text(error),
            description,
        }));
    }
    let code = code.ok_or(CallbackError::Code)?;
    Ok(Ok(
        AuthorizationCode::parse(code).map_err(|_| CallbackError::Code)?
    ))
}
