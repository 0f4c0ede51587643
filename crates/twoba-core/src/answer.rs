//! One judge for every answer of a token endpoint; what follows from it, others decide.

mod error;
mod facts;
mod members;
mod retry_after;

use alloc::boxed::Box;
use alloc::string::String;

use http::Response;

pub use error::{ErrorCode, Malformed, TokenError, Unavailable};
pub use facts::AnswerFacts;

use crate::jsonp;
use crate::limits::{LIFETIME_MAX, RESPONSE_BODY_MAX};
use crate::media_type::{self, MediaKind};
use crate::provider::{Provider, Rule};
use crate::secret::{AccessToken, RefreshToken};
use crate::time::Timestamp;
use core::time::Duration;
use members::{Member, Members};

/// How long an access token lives, as far as the server said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// This long from the moment the request left.
    Known(Duration),
    /// The server did not say: the token is used until a service rejects it.
    Unknown,
    /// The server said zero or less: for those who wait for it, and nobody else.
    Expired,
}

/// What a token endpoint granted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenResponse {
    /// The token for the services.
    pub access_token: AccessToken,
    /// The token for the next access token; absent where the old one stays in force, or
    /// where there is none.
    pub refresh_token: Option<RefreshToken>,
    /// How long the access token lives.
    pub lifetime: Lifetime,
    /// The scope granted, if the server named one; else it is the one asked for.
    pub scope: Option<String>,
}

/// Judges an answer to a token request.
///
/// `now` is the time the answer came, for `Retry-After`.
///
/// # Errors
///
/// - a refusal, with or without an OAuth error: [`TokenError::Refused`]
/// - nothing that says anything about the grant (5xx, 429, a redirect, a page):
///   [`TokenError::Unavailable`]
/// - a success that breaks the protocol: [`TokenError::Malformed`]
pub fn judge<B: AsRef<[u8]>>(
    provider: &Provider,
    now: Timestamp,
    response: &Response<B>,
) -> Result<TokenResponse, TokenError> {
    let Opened { status, json } = open(provider, response);
    let facts = || AnswerFacts::of(response, status, now);
    if response.body().as_ref().len() > RESPONSE_BODY_MAX {
        return Err(TokenError::Unavailable(Unavailable::TooLarge, facts()));
    }
    match (status, json) {
        (200..=299, Ok(json)) => success(provider, json, facts),
        (200..=299, Err(NotJson::Page)) => {
            Err(TokenError::Unavailable(Unavailable::NotJson, facts()))
        }
        (200..=299, Err(NotJson::Jsonp(error))) => {
            Err(TokenError::Malformed(Malformed::Jsonp(error), facts()))
        }
        (_, json) => Err(failure(status, json.ok(), facts())),
    }
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

/// Judges an answer to a revocation request: any 200 means done, whatever its body.
///
/// # Errors
///
/// - a refusal: [`TokenError::Refused`]
/// - nothing that says anything about the token: [`TokenError::Unavailable`]
pub fn judge_revocation<B: AsRef<[u8]>>(
    now: Timestamp,
    response: &Response<B>,
) -> Result<(), TokenError> {
    let status = response.status().as_u16();
    // RFC 7009 section 2.2: also for a token that the server does not know.
    if response.status().is_success() {
        return Ok(());
    }
    let json = media_type::kind(response.headers()) == MediaKind::Json;
    let json = json.then_some(response.body().as_ref());
    Err(failure(
        status,
        json,
        AnswerFacts::of(response, status, now),
    ))
}

/// An answer's real status, and its JSON where it has some.
struct Opened<'a> {
    status: u16,
    json: Result<&'a [u8], NotJson>,
}

/// Why a body holds no JSON to read.
enum NotJson {
    Page,
    Jsonp(jsonp::JsonpError),
}

fn open<'a, B: AsRef<[u8]>>(provider: &Provider, response: &'a Response<B>) -> Opened<'a> {
    let body = response.body().as_ref();
    let status = response.status().as_u16();
    let kind = media_type::kind(response.headers());
    if let Some(callback) = provider.callback()
        && kind != MediaKind::Json
    {
        return match jsonp::parse(body, callback) {
            Ok(found) => Opened {
                status: found.status.unwrap_or(status),
                json: Ok(found.json),
            },
            Err(error) if kind == MediaKind::JavaScript => Opened {
                status,
                json: Err(NotJson::Jsonp(error)),
            },
            Err(_) => Opened {
                status,
                json: Err(NotJson::Page),
            },
        };
    }
    // A server that ignores the callback answers with plain JSON; that is as good.
    let readable = match kind {
        MediaKind::Json => true,
        MediaKind::Missing => provider.rules().has(Rule::AcceptMissingMediaType),
        MediaKind::JavaScript | MediaKind::Other => false,
    };
    let json = match body.strip_prefix(b"\xef\xbb\xbf") {
        Some(bare) if provider.rules().has(Rule::AcceptByteOrderMark) => bare,
        Some(_) | None => body,
    };
    Opened {
        status,
        json: readable.then_some(json).ok_or(NotJson::Page),
    }
}

fn success(
    provider: &Provider,
    json: &[u8],
    facts: impl Fn() -> Box<AnswerFacts>,
) -> Result<TokenResponse, TokenError> {
    let members = match Members::parse(json) {
        Ok(members) => members,
        Err(why) => return Err(TokenError::Malformed(why, facts())),
    };
    // An `error` is an error, whatever status it came with and whatever stands beside it.
    if matches!(members.error, Member::Text(_)) {
        return Err(TokenError::Refused(facts().with_members(&members)));
    }
    read(provider, members).map_err(|why| TokenError::Malformed(why, facts()))
}

fn read(provider: &Provider, members: Members<'_>) -> Result<TokenResponse, Malformed> {
    let rules = provider.rules();
    let access_token = match members.access_token {
        Member::Text(text) => AccessToken::parse(text).map_err(Malformed::AccessToken)?,
        Member::Absent | Member::Null | Member::Number(_) | Member::Other => {
            return Err(Malformed::Member("access_token"));
        }
    };
    match members.token_type {
        // RFC 6749 section 7.1: compared without case; another type cannot be used.
        Member::Text(kind) if kind.eq_ignore_ascii_case("bearer") => {}
        Member::Absent if rules.has(Rule::AcceptMissingTokenType) => {}
        Member::Text(_) => return Err(Malformed::TokenType),
        Member::Absent | Member::Null | Member::Number(_) | Member::Other => {
            return Err(Malformed::Member("token_type"));
        }
    }
    let null_is_absent = rules.has(Rule::AcceptNull);
    let refresh_token = match members.refresh_token {
        Member::Absent => None,
        Member::Null if null_is_absent => None,
        // RFC 6749 section 3.2: a parameter without a value is treated as omitted.
        Member::Text(text) if text.is_empty() => None,
        Member::Text(text) => Some(RefreshToken::parse(text).map_err(Malformed::RefreshToken)?),
        Member::Null | Member::Number(_) | Member::Other => {
            return Err(Malformed::Member("refresh_token"));
        }
    };
    let scope = match members.scope {
        Member::Absent => None,
        Member::Null if null_is_absent => None,
        Member::Text(text) => Some(text.into_owned()),
        Member::Null | Member::Number(_) | Member::Other => {
            return Err(Malformed::Member("scope"));
        }
    };
    Ok(TokenResponse {
        access_token,
        refresh_token,
        lifetime: lifetime(provider, &members.expires_in)?,
        scope,
    })
}

/// RFC 6749 section 5.1: `expires_in` is a number of seconds. Servers send strings of
/// digits and fractions too; fractions are rounded down.
fn lifetime(provider: &Provider, member: &Member<'_>) -> Result<Lifetime, Malformed> {
    let rules = provider.rules();
    let seconds = match member {
        Member::Absent => return Ok(Lifetime::Unknown),
        Member::Null if rules.has(Rule::AcceptNull) => return Ok(Lifetime::Unknown),
        Member::Number(seconds) => Some(*seconds),
        Member::Text(text) if rules.has(Rule::AcceptNumericStringLifetime) => digits(text),
        Member::Text(_) | Member::Null | Member::Other => None,
    };
    match seconds {
        Some(seconds) if seconds >= LIFETIME_MAX.as_secs_f64() => Ok(Lifetime::Known(LIFETIME_MAX)),
        Some(seconds) if seconds >= 1.0 => {
            Ok(Lifetime::Known(Duration::from_secs_f64(seconds.trunc())))
        }
        Some(_) => Ok(Lifetime::Expired),
        None if rules.has(Rule::AcceptUnreadableLifetime) => Ok(Lifetime::Unknown),
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
