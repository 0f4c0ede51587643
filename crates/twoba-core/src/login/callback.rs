//! Judges the browser's answer to a login before anything of it is used.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use subtle::ConstantTimeEq;

use super::address::{Address, scheme};
use super::error::{CallbackError, LoginError};
use super::redirect::RedirectUri;
use crate::answer::ErrorCode;
use crate::limits::CALLBACK_QUERY_MAX;
use crate::provider::Issuer;
use crate::secret::AuthorizationCode;
use crate::text::printable;

/// The values that the answer to a login must carry.
pub(super) struct Awaited<'a> {
    pub(super) redirect: &'a RedirectUri,
    pub(super) state: &'a str,
    pub(super) issuer: Option<&'a Issuer>,
}

/// The parameters of an answer.
const ANSWER: [&str; 5] = ["code", "state", "error", "error_description", "iss"];

struct Query<'a> {
    pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Query<'a> {
    /// The query of an answer, which may be a whole URL.
    fn of(answer: &'a str) -> Result<Self, CallbackError> {
        Self::parse(query_of(without_fragment(answer)))
    }

    fn parse(query: &'a str) -> Result<Self, CallbackError> {
        if query.len() > CALLBACK_QUERY_MAX {
            return Err(CallbackError::TooLong);
        }
        let pairs = serde_urlencoded::from_str(query).map_err(|_| CallbackError::Code)?;
        Ok(Self { pairs })
    }

    /// The value of a parameter that may appear only once.
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

    /// Whether the query has a parameter of an answer, whatever the case of its name.
    fn is_answer(&self) -> bool {
        let mut names = self.pairs.iter().map(|(name, _)| name);
        names.any(|name| ANSWER.iter().any(|known| name.eq_ignore_ascii_case(known)))
    }

    fn check_state(&self, state: &str) -> Result<(), CallbackError> {
        let given = self.one("state")?.ok_or(CallbackError::StateMissing)?;
        let same = bool::from(given.as_bytes().ct_eq(state.as_bytes()));
        if same {
            Ok(())
        } else {
            Err(CallbackError::State)
        }
    }
}

pub(super) fn has_state(answer: &str, state: &str) -> bool {
    Query::of(answer).is_ok_and(|query| query.check_state(state).is_ok())
}

/// The code of an answer that carries this state. Other parameters are skipped.
pub(super) fn judge(answer: &str, awaited: &Awaited<'_>) -> Result<AuthorizationCode, LoginError> {
    let query = Query::of(answer).map_err(LoginError::Callback)?;
    read(&query, awaited).map_err(LoginError::Callback)?
}

/// The code in a pasted text: a URL, a query, or the code alone.
pub(super) fn judge_pasted(
    text: &str,
    awaited: &Awaited<'_>,
) -> Result<AuthorizationCode, LoginError> {
    let text = text.trim();
    let bare = unquoted(text);
    if is_url(bare) || has_answer(bare) {
        let address = address_of(bare).map(Address::parse);
        if address.is_some_and(|address| !address.agrees_with(awaited.redirect)) {
            return Err(LoginError::Callback(CallbackError::Redirect));
        }
        return judge(bare, awaited);
    }
    // A code may hold any printable character, quotes and `=` too, and is taken as it stands.
    AuthorizationCode::parse(text).map_err(|_| LoginError::Callback(CallbackError::Code))
}

/// The text before the fragment.
///
/// By RFC 3986 section 3.5 a fragment is no part of the query. Some login pages leave one behind,
/// such as `#_=_`.
fn without_fragment(text: &str) -> &str {
    text.split_once('#').map_or(text, |(before, _)| before)
}

/// The text after the `?` of a URL, or the whole text if it is no URL.
fn query_of(text: &str) -> &str {
    halves(text).map_or(text, |(_, query)| query)
}

/// The texts before and after the `?` of a URL.
fn halves(text: &str) -> Option<(&str, &str)> {
    // RFC 3986 section 3.4: a `?` may stand inside a query, too.
    let (before, query) = text.split_once('?')?;
    (is_path(before) || !before.contains(['=', '&'])).then_some((before, query))
}

/// The address before the query of an answer, if there is one.
fn address_of(text: &str) -> Option<&str> {
    let text = without_fragment(text);
    match halves(text) {
        Some((before, _)) => Some(before),
        None => is_url(text).then_some(text),
    }
}

/// Whether a text begins like a URL or like the path of one.
fn is_path(text: &str) -> bool {
    let after_scheme = scheme(text).map_or(text, |(_, after)| after);
    after_scheme.starts_with('/')
}

fn is_url(text: &str) -> bool {
    scheme(text).is_some_and(|(_, after)| after.starts_with("//"))
}

/// Whether a parameter of an answer appears anywhere in a text, whatever its case, and even after a
/// `?` or `#` that begins no query. Such a text is no code, and its query alone is judged.
fn has_answer(text: &str) -> bool {
    let mut pairs = text.split(['?', '&', '#']);
    // `state` alone is a code like any other word.
    pairs.any(|pair| pair.contains('=') && Query::parse(pair).is_ok_and(|pair| pair.is_answer()))
}

/// The text without the quotes or angle brackets around it.
fn unquoted(text: &str) -> &str {
    let inner = [('"', '"'), ('\'', '\''), ('`', '`'), ('<', '>')]
        .into_iter()
        .find_map(|(open, close)| text.strip_prefix(open)?.strip_suffix(close));
    inner.map_or(text, str::trim)
}

fn read(
    query: &Query<'_>,
    awaited: &Awaited<'_>,
) -> Result<Result<AuthorizationCode, LoginError>, CallbackError> {
    // First of all, so that nobody else's error is shown as this login's.
    query.check_state(awaited.state)?;
    // RFC 9207 section 2.4, for error answers too. A server whose name is not known here may
    // say what it likes; one that is known is held to it whether it has announced so or not.
    match (query.one("iss")?, awaited.issuer) {
        (Some(given), Some(issuer)) if given != issuer.name => return Err(CallbackError::Issuer),
        (None, Some(issuer)) if issuer.announced => return Err(CallbackError::IssuerMissing),
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
