//! Finds the JSON in an answer, whatever lies around it, and its real status.

use http::Response;

use super::error::{TokenError, Unavailable};
use super::facts::AnswerFacts;
use super::forgiveness::Forgiveness;
use super::malformed::Malformed;
use crate::jsonp::{self, CallbackName};
use crate::media_type::{self, MediaKind};
use crate::provider::{Provider, Rule};
use crate::time::Timestamp;

/// An answer's real status, and its JSON where it has some.
pub(super) struct Opened<'a> {
    pub(super) status: u16,
    pub(super) json: Result<&'a [u8], NotJson>,
}

/// Why a body holds no JSON to read.
pub(super) enum NotJson {
    Page,
    Jsonp(jsonp::JsonpError),
}

pub(super) fn open<'a, B: AsRef<[u8]>>(
    provider: &Provider,
    response: &'a Response<B>,
    forgiveness: &mut Forgiveness,
) -> Opened<'a> {
    let body = response.body().as_ref();
    let status = response.status().as_u16();
    let kind = media_type::kind(response.headers());
    let not_json = |why| Opened {
        status,
        json: Err(why),
    };
    if let Some(callback) = provider.callback()
        && kind != MediaKind::Json
    {
        return match jsonp::parse(body, callback) {
            Ok(found) => Opened {
                status: found.real_status(status),
                json: Ok(found.json),
            },
            Err(error) if kind == MediaKind::JavaScript => not_json(NotJson::Jsonp(error)),
            Err(_) => not_json(NotJson::Page),
        };
    }
    // A server that ignores the callback answers with plain JSON; that is as good.
    let readable = match kind {
        MediaKind::Json => true,
        MediaKind::Missing => forgiveness.forgives(Rule::AcceptMissingMediaType),
        MediaKind::JavaScript | MediaKind::Other => false,
    };
    if !readable {
        return not_json(NotJson::Page);
    }
    let json = match body.strip_prefix(b"\xef\xbb\xbf") {
        Some(bare) if forgiveness.forgives(Rule::AcceptByteOrderMark) => bare,
        Some(_) | None => body,
    };
    Opened {
        status,
        json: Ok(json),
    }
}

/// The error for an answer that is too long to be read. A success that claims to be JSON may be a
/// rotation, whose grant is lost. A page is none.
pub(super) fn too_large<B: AsRef<[u8]>>(
    provider: &Provider,
    now: Timestamp,
    response: &Response<B>,
) -> TokenError {
    let facts = AnswerFacts::of(response, response.status().as_u16(), now);
    let body = response.body().as_ref().trim_ascii_start();
    let calls_back = |name: &CallbackName| body.starts_with(name.as_str().as_bytes());
    let is_json = match media_type::kind(response.headers()) {
        MediaKind::Json => true,
        MediaKind::Missing if provider.rules().has(Rule::AcceptMissingMediaType) => true,
        MediaKind::Missing | MediaKind::JavaScript | MediaKind::Other => {
            provider.callback().is_some_and(calls_back)
        }
    };
    if response.status().is_success() && is_json {
        TokenError::Malformed(Malformed::TooLarge, facts)
    } else {
        TokenError::Unavailable(Unavailable::TooLarge, facts)
    }
}
