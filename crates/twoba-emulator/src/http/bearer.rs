//! Decides who may call a service and what somebody else is told; which tokens are good is decided by `authority`.

use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;

use super::request::only;
use crate::authority::BadBearer;
use crate::identifier::Fingerprint;
use crate::journal::EventKind;
use crate::products::{Access, Function, Problem};
use crate::refusal::BearerRefusal;
use crate::world::Shared;

/// Judges the caller's token and writes the verdict down.
pub(super) fn admit(
    shared: &Shared,
    function: Option<&Function>,
    headers: &HeaderMap,
) -> Result<(), BearerRefusal> {
    let open = function.is_some_and(|function| function.access == Access::Open);
    if open && !headers.contains_key(AUTHORIZATION) {
        return Ok(());
    }
    let token = token(headers);
    shared.world().decide(|authority, entry| {
        let judged = match token {
            Some(token) => authority.bearer(entry.now(), token),
            None => Err(BadBearer {
                reason: BearerRefusal::NoToken,
                bearer: None,
            }),
        };
        match judged {
            Ok(bearer) => {
                entry.record(EventKind::ServiceServed {
                    family: bearer.family,
                    generation: bearer.generation,
                    access: Fingerprint::of(token.unwrap_or_default()),
                });
                Ok(())
            }
            Err(bad) => {
                entry.record(EventKind::ServiceRefused {
                    reason: bad.reason,
                    family: bad.bearer.map(|bearer| bearer.family),
                    generation: bad.bearer.map(|bearer| bearer.generation),
                });
                Err(bad.reason)
            }
        }
    })
}

/// RFC 6750 section 2.1: the scheme in any case, one space, the token.
fn token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = only(headers, &AUTHORIZATION)?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

/// What the caller is told, and the challenge that goes with it.
pub(super) fn refusal(reason: BearerRefusal) -> (Problem, &'static str) {
    let (message, challenge) = match reason {
        // RFC 6750 section 3.1: no error code for a caller who did not know that he needs a token.
        BearerRefusal::NoToken => ("An access token is required.", "Bearer"),
        BearerRefusal::UnknownToken | BearerRefusal::Expired | BearerRefusal::Revoked => (
            "The access token is unknown, expired or revoked.",
            r#"Bearer error="invalid_token""#,
        ),
    };
    let problem = Problem {
        status: 401,
        name: "Unauthorized",
        message: message.into(),
    };
    (problem, challenge)
}
