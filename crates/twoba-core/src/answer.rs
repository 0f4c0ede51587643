//! The judge of all answers from a token endpoint. Other files decide what follows from its verdict.

mod code;
mod error;
mod facts;
mod follows;
mod forgiveness;
mod lifetime;
mod malformed;
mod members;
mod opening;
mod plain;
mod reader;
mod retry_after;
mod skipped;

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;

use http::Response;

pub use code::ErrorCode;
pub use error::{TokenError, Unavailable};
pub use facts::AnswerFacts;
pub(crate) use facts::Follows;
pub use lifetime::Lifetime;
pub use malformed::Malformed;
pub use retry_after::retry_after;

use crate::limits::{LIFETIME_MAX, RESPONSE_BODY_MAX, TOKEN_MAX};
use crate::media_type;
use crate::provider::{Provider, Rule, Rules};
use crate::secret::{AccessToken, RefreshToken};
use crate::time::Timestamp;
use core::time::Duration;
use forgiveness::Forgiveness;
use members::{Member, Members};
use opening::{NotJson, Opened, open};

/// A successful answer of a token endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenResponse {
    /// The access token, which the services take.
    pub access_token: AccessToken,
    /// The refresh token, which buys the next access token. It is absent if the old one stays valid
    /// or if there is none.
    pub refresh_token: Option<RefreshToken>,
    /// How long the access token lives.
    pub lifetime: Lifetime,
    /// The granted scope. `None` if the server named none: then the requested scope was granted.
    pub scope: Option<String>,
    /// The departures from the specification in this answer. The provider's rules allow them.
    pub forgiven: Rules,
}

/// How the granted scope differs from the requested one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(
    clippy::exhaustive_enums,
    reason = "two sets compare in these ways only"
)]
pub enum ScopeChange {
    /// The same scope. The server may leave it out to say so (RFC 6749 section 5.1).
    AsAsked,
    /// A requested scope is missing.
    Narrower,
    /// A scope was granted that was not requested.
    Wider,
    /// Both: one scope is missing, and another was added.
    Other,
}

impl TokenResponse {
    /// Compares the granted scope with the requested scopes, which are joined by spaces. Order and
    /// repetition do not matter.
    #[must_use]
    pub fn scope_change(&self, asked: &str) -> ScopeChange {
        let Some(granted) = &self.scope else {
            return ScopeChange::AsAsked;
        };
        let within = |inner: &str, outer: &str| {
            inner
                .split_ascii_whitespace()
                .all(|one| outer.split_ascii_whitespace().any(|other| one == other))
        };
        match (within(granted, asked), within(asked, granted)) {
            (true, true) => ScopeChange::AsAsked,
            (true, false) => ScopeChange::Narrower,
            (false, true) => ScopeChange::Wider,
            (false, false) => ScopeChange::Other,
        }
    }
}

/// Judges an answer to a token request.
///
/// `now` is the time when the answer arrived. `Retry-After` counts from it. The sender of the
/// request decodes the answer's content coding, or sends `Accept-Encoding: identity`. If the body
/// is readable as it stands, this function reads it, whatever coding the headers claim.
///
/// # Errors
///
/// - the server refused, with or without an OAuth error: [`TokenError::Refused`]
/// - the answer says nothing about the grant (5xx, 429, a redirect, a page):
///   [`TokenError::Unavailable`]
/// - the answer is a success that breaks the protocol: [`TokenError::Malformed`], with
///   [`Malformed::Encoded`] if it is encoded
pub fn judge<B: AsRef<[u8]>>(
    provider: &Provider,
    now: Timestamp,
    response: &Response<B>,
) -> Result<TokenResponse, TokenError> {
    opened(provider, now, response).map_err(|mut error| {
        error.facts_mut().follows = follows::follows(&error, provider);
        error
    })
}

fn opened<B: AsRef<[u8]>>(
    provider: &Provider,
    now: Timestamp,
    response: &Response<B>,
) -> Result<TokenResponse, TokenError> {
    if response.body().as_ref().len() > RESPONSE_BODY_MAX {
        return Err(opening::too_large(provider, now, response));
    }
    let mut forgiveness = Forgiveness::by(provider.rules());
    let Opened { status, json } = open(provider, response, &mut forgiveness);
    let facts = || AnswerFacts::of(response, status, now);
    match (status, json) {
        (200..=299, Ok(_)) if !forgiveness.takes(status) => {
            Err(TokenError::Malformed(Malformed::Status(status), facts()))
        }
        (200..=299, Ok(json)) => success(json, forgiveness, facts),
        (200..=299, Err(NotJson::Page)) => Err(page(facts())),
        (200..=299, Err(NotJson::Jsonp(error))) => Err(malformed(Malformed::Jsonp(error), facts())),
        (_, json) => Err(failure(status, json.ok(), facts())),
    }
}

/// Judges a status that is no success, of an endpoint that judges no grant.
pub(crate) fn failure_beside(
    status: u16,
    json: Option<&[u8]>,
    facts: Box<AnswerFacts>,
) -> TokenError {
    let mut error = failure(status, json, facts);
    if let TokenError::Refused(facts) = &mut error {
        facts.follows = follows::from_code(facts.code.as_ref());
    }
    error
}

/// Judges a status that is no success.
fn failure(status: u16, json: Option<&[u8]>, facts: Box<AnswerFacts>) -> TokenError {
    match status {
        300..=399 => TokenError::Unavailable(Unavailable::Redirect, facts),
        // RFC 6585 section 4, RFC 9110 section 15.5.9, RFC 8470 section 5.2: all three speak
        // of the moment, not of the grant.
        429 | 408 | 425 => TokenError::Unavailable(Unavailable::Busy, facts),
        400..=499 => TokenError::Refused(match json {
            Some(json) => facts.with_error_object(json),
            None => facts,
        }),
        // The body of a 5xx is never believed to be a verdict, whatever it says.
        _ => TokenError::Unavailable(Unavailable::ServerError, facts),
    }
}

/// Judges an answer to a revocation request. Any 200 means that the server is done; its body does
/// not matter.
///
/// # Errors
///
/// - the server refused: [`TokenError::Refused`]
/// - the answer says nothing about the token: [`TokenError::Unavailable`]
pub fn judge_revocation<B: AsRef<[u8]>>(
    now: Timestamp,
    response: &Response<B>,
) -> Result<(), TokenError> {
    let status = response.status().as_u16();
    // RFC 7009 section 2.2: also for a token that the server does not know.
    if response.status().is_success() {
        return Ok(());
    }
    let json = media_type::is_json(response.headers());
    let json = json.then_some(response.body().as_ref());
    let facts = AnswerFacts::of(response, status, now);
    Err(failure_beside(status, json, facts))
}

fn success(
    json: &[u8],
    mut forgiveness: Forgiveness,
    facts: impl Fn() -> Box<AnswerFacts>,
) -> Result<TokenResponse, TokenError> {
    let members = match reader::parse(json) {
        Ok(members) => members,
        Err(why) => {
            // A description in another charset must not hide the code beside it.
            let told = facts().with_error_object(json);
            return Err(match &told.code {
                Some(_) => TokenError::Refused(told),
                None => malformed(why, facts()),
            });
        }
    };
    // An `error` is an error, whatever status it came with and whatever stands beside it. An
    // empty one counts as omitted (RFC 6749 section 3.2).
    if matches!(&members.error, Member::Text(code) if !code.is_empty()) {
        return Err(TokenError::Refused(facts().with_members(&members)));
    }
    read(members, &mut forgiveness).map_err(|why| TokenError::Malformed(why, facts()))
}

/// A success that does not claim to be JSON.
pub(crate) fn page(facts: Box<AnswerFacts>) -> TokenError {
    match &facts.content_coding {
        Some(_) => TokenError::Unavailable(Unavailable::Encoded, facts),
        None => TokenError::Unavailable(Unavailable::NotJson, facts),
    }
}

/// The error for a success that cannot be read. If it has a coding, the error names that. Encoded
/// bytes are never JSON, so a coding that is claimed in error does no harm.
pub(crate) fn malformed(why: Malformed, facts: Box<AnswerFacts>) -> TokenError {
    match &facts.content_coding {
        Some(_) => TokenError::Malformed(Malformed::Encoded, facts),
        None => TokenError::Malformed(why, facts),
    }
}

fn read(members: Members<'_>, forgiveness: &mut Forgiveness) -> Result<TokenResponse, Malformed> {
    let access_token = match members.access_token {
        Member::Text(text) => AccessToken::copied(&text).map_err(Malformed::AccessToken)?,
        Member::Absent | Member::Null | Member::Number(_) | Member::Other => {
            return Err(Malformed::Member("access_token"));
        }
    };
    match members.token_type {
        // RFC 6749 section 7.1: compared without case; another type cannot be used.
        Member::Text(kind) if kind.eq_ignore_ascii_case("bearer") => {}
        Member::Absent if forgiveness.forgives(Rule::AcceptMissingTokenType) => {}
        Member::Text(_) => return Err(Malformed::TokenType),
        Member::Absent | Member::Null | Member::Number(_) | Member::Other => {
            return Err(Malformed::Member("token_type"));
        }
    }
    let refresh_token = text(members.refresh_token, "refresh_token", forgiveness)?
        .map(RefreshToken::parse)
        .transpose()
        .map_err(Malformed::RefreshToken)?;
    let scope = text(members.scope, "scope", forgiveness)?;
    // Longer ones may have been cut where they were read.
    if scope.as_ref().is_some_and(|scope| scope.len() > TOKEN_MAX) {
        return Err(Malformed::Member("scope"));
    }
    let lifetime = lifetime(&members.expires_in, forgiveness)?;
    Ok(TokenResponse {
        access_token,
        refresh_token,
        lifetime,
        scope: scope.map(Cow::into_owned),
        forgiven: forgiveness.needed,
    })
}

/// A member that is a string, or not there.
fn text<'a>(
    member: Member<'a>,
    name: &'static str,
    forgiveness: &mut Forgiveness,
) -> Result<Option<Cow<'a, str>>, Malformed> {
    match member {
        Member::Absent => Ok(None),
        Member::Null if forgiveness.forgives(Rule::AcceptNull) => Ok(None),
        // RFC 6749 section 3.2: a parameter without a value is treated as omitted.
        Member::Text(text) => Ok(Some(text).filter(|text| !text.is_empty())),
        Member::Null | Member::Number(_) | Member::Other => Err(Malformed::Member(name)),
    }
}

/// RFC 6749 section 5.1: `expires_in` is a number of seconds. Servers send strings of
/// digits and fractions too; fractions are rounded down.
fn lifetime(member: &Member<'_>, forgiveness: &mut Forgiveness) -> Result<Lifetime, Malformed> {
    let seconds = match member {
        Member::Absent => return Ok(Lifetime::Unknown),
        Member::Null if forgiveness.forgives(Rule::AcceptNull) => return Ok(Lifetime::Unknown),
        Member::Number(seconds) => Some(*seconds),
        Member::Text(text) => {
            digits(text).filter(|_| forgiveness.forgives(Rule::AcceptNumericStringLifetime))
        }
        Member::Null | Member::Other => None,
    };
    match seconds {
        Some(seconds) if seconds >= LIFETIME_MAX.as_secs_f64() => Ok(Lifetime::Known(LIFETIME_MAX)),
        Some(seconds) if seconds >= 1.0 => {
            Ok(Lifetime::Known(Duration::from_secs_f64(seconds.trunc())))
        }
        Some(_) => Ok(Lifetime::Expired),
        None if forgiveness.forgives(Rule::AcceptUnreadableLifetime) => Ok(Lifetime::Unknown),
        None => Err(Malformed::Member("expires_in")),
    }
}

/// A string of digits, perhaps with a sign, as a number.
fn digits(text: &str) -> Option<f64> {
    let bare = text.strip_prefix('-').unwrap_or(text);
    if bare.is_empty() || !bare.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests;
