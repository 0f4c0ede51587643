//! Checks whether an assertion authenticates a client (RFC 7521, RFC 7523). `world` remembers those
//! that were used before.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::Deserialize;
use twoba_sample_services::form::Parameters;

use crate::refusal::Refusal;
use crate::registry::RegisteredClient;
use crate::timestamp::Timestamp;
use crate::world::Shared;

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How far ahead a client's clock may be, in seconds.
const CLOCK_APART: u64 = 60;

#[derive(Deserialize)]
struct Header {
    alg: String,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    jti: String,
    exp: u64,
    nbf: Option<u64>,
    iat: Option<u64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    fn names(&self, name: &str) -> bool {
        match self {
            Self::One(one) => one == name,
            Self::Many(many) => many.iter().any(|one| one == name),
        }
    }
}

/// Whether the form has an assertion.
pub(super) fn is_in(form: &Parameters) -> bool {
    form.names("client_assertion") || form.names("client_assertion_type")
}

/// The client that the form's assertion authenticates.
pub(super) fn authenticate<'s>(
    shared: &'s Shared,
    form: &Parameters,
) -> Result<&'s RegisteredClient, Refusal> {
    if form.names("client_secret") {
        return Err(Refusal::TwoClientAuthentications);
    }
    let assertion = form.get("client_assertion").unwrap_or_default();
    let read = read(assertion).filter(|_| form.get("client_assertion_type") == Some(TYPE));
    let (header, claims, input, signature) = read.ok_or(Refusal::MalformedAssertion)?;
    // RFC 7521 section 4.2: a client id beside it has to be that of the assertion.
    let named = form.get("client_id").unwrap_or(&claims.sub);
    if claims.iss != claims.sub || claims.sub != named {
        return Err(Refusal::WrongAssertionClient);
    }
    let client = shared.registry.client(&claims.sub);
    let client = client.ok_or(Refusal::UnknownClient)?;
    if !client.has_signed(&header.alg, input.as_bytes(), &signature) {
        return Err(Refusal::WrongAssertionSignature);
    }
    let ours = ["", "/OAuth/Token", "/connect/token"].map(|path| format!("{}{path}", shared.url));
    if !ours.iter().any(|name| claims.aud.names(name)) {
        return Err(Refusal::WrongAssertionAudience);
    }
    let mut world = shared.world();
    let now = world.now().as_millis() / 1000;
    let begins = claims.nbf.max(claims.iat).unwrap_or(0);
    if claims.exp <= now || begins > now.saturating_add(CLOCK_APART) {
        return Err(Refusal::ExpiredAssertion);
    }
    let until = Timestamp::from_millis(claims.exp.saturating_mul(1000));
    if world.takes_assertion(client.id(), &claims.jti, until) {
        Ok(client)
    } else {
        Err(Refusal::RepeatedAssertion)
    }
}

/// Header, claims, the signed text, and the signature.
fn read(assertion: &str) -> Option<(Header, Claims, &str, Vec<u8>)> {
    let (input, signature) = assertion.rsplit_once('.')?;
    let (header, claims) = input.split_once('.')?;
    let decoded = |part: &str| Base64UrlUnpadded::decode_vec(part).ok();
    Some((
        serde_json::from_slice(&decoded(header)?).ok()?,
        serde_json::from_slice(&decoded(claims)?).ok()?,
        input,
        decoded(signature)?,
    ))
}
