//! Checks the caller of a service, and writes the result into the journal. `authority` judges the
//! token.

use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;
use twoba_sample_services::{Caller, Proof, Unauthorized, Verdict};

use super::request::only;
use crate::authority::{Authority, BadBearer, Bearer};
use crate::identifier::Fingerprint;
use crate::journal::EventKind;
use crate::refusal::BearerRefusal;
use crate::timestamp::Timestamp;
use crate::world::Shared;

/// The credentials of a request. They are used only here, and have no `Debug`.
pub(super) struct Credentials {
    /// Whether there is an `Authorization` header of any kind.
    has_header: bool,
    in_header: Option<String>,
    in_link: Option<String>,
}

impl Credentials {
    /// Takes the credentials from these headers. `in_link` is the token in the address.
    pub(super) fn new(headers: &HeaderMap, in_link: Option<String>) -> Self {
        Self {
            has_header: headers.contains_key(AUTHORIZATION),
            in_header: token(headers).map(str::to_owned),
            in_link,
        }
    }

    /// The fingerprint of the token in the address, which the journal may hold.
    pub(super) fn fingerprint_in_link(&self) -> Option<Fingerprint> {
        self.in_link.as_deref().map(Fingerprint::of)
    }
}

/// RFC 6750 section 2.1: the scheme in any case, one space, the token.
fn token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = only(headers, &AUTHORIZATION)?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

/// The sender of a request, or the reason why it is refused.
pub(super) type Judged = Result<Option<(Bearer, Fingerprint)>, BadBearer>;

/// Judges the credentials that count. The verdict on a header is written into the journal here;
/// that on a link is written when its effect is known.
pub(super) fn judge(shared: &Shared, proof: Proof, credentials: &Credentials) -> Judged {
    match proof {
        Proof::HeaderIfAny if !credentials.has_header => Ok(None),
        Proof::Header | Proof::HeaderIfAny => shared.world().decide(|authority, entry| {
            let judged = look_at(authority, entry.now(), credentials.in_header.as_deref());
            entry.record(verdict(&judged));
            judged.map(Some)
        }),
        Proof::Link => shared.world().decide(|authority, entry| {
            look_at(authority, entry.now(), credentials.in_link.as_deref()).map(Some)
        }),
    }
}

fn look_at(
    authority: &Authority,
    now: Timestamp,
    token: Option<&str>,
) -> Result<(Bearer, Fingerprint), BadBearer> {
    let token = token.ok_or(BadBearer {
        reason: BearerRefusal::NoToken,
        bearer: None,
    })?;
    let bearer = authority.bearer(now, token)?;
    Ok((bearer, Fingerprint::of(token)))
}

fn verdict(judged: &Result<(Bearer, Fingerprint), BadBearer>) -> EventKind {
    match judged {
        Ok((bearer, access)) => EventKind::ServiceServed {
            family: bearer.family,
            generation: bearer.generation,
            access: *access,
        },
        Err(bad) => EventKind::ServiceRefused {
            reason: bad.reason,
            family: bad.bearer.map(|bearer| bearer.family),
            generation: bad.bearer.map(|bearer| bearer.generation),
        },
    }
}

/// The verdict, as the services are told.
pub(super) fn told(shared: &Shared, judged: &Judged) -> Verdict {
    let scopes = |bearer: Bearer| {
        let scope = shared
            .world()
            .decide(|authority, _| authority.scope_of(bearer.family));
        let scope = scope.unwrap_or_default();
        scope.split_whitespace().map(str::to_owned).collect()
    };
    match judged {
        Ok(caller) => Ok(caller.map(|(bearer, access)| Caller {
            fingerprint: access.to_string(),
            family: bearer.family.to_string(),
            generation: bearer.generation,
            scopes: scopes(bearer),
        })),
        Err(bad) => Err(match bad.reason {
            BearerRefusal::NoToken => Unauthorized::NoToken,
            BearerRefusal::UnknownToken => Unauthorized::UnknownToken,
            BearerRefusal::Expired => Unauthorized::Expired,
            BearerRefusal::Revoked => Unauthorized::Revoked,
        }),
    }
}

/// The challenge of a 401 for programs (RFC 6750 section 3).
pub(super) const fn challenge(reason: BearerRefusal) -> &'static str {
    match reason {
        // RFC 6750 section 3.1: no error code for a caller who did not know that he needs a token.
        BearerRefusal::NoToken => "Bearer",
        BearerRefusal::UnknownToken | BearerRefusal::Expired | BearerRefusal::Revoked => {
            r#"Bearer error="invalid_token""#
        }
    }
}
