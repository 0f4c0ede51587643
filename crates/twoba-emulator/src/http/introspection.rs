//! Serves the introspection endpoint (RFC 7662). `authority` describes the token.

use hyper::body::Incoming;
use hyper::{HeaderMap, Method, Request};
use serde::Serialize;
use serde_json::json;
use twoba_sample_services::form::Parameters;

use super::answer::Answer;
use super::client_authentication;
use super::{request, token};
use crate::authority::introspection::{Introspection, TokenKind};
use crate::behavior::Behavior;
use crate::journal::Endpoint;
use crate::refusal::Refusal;
use crate::timestamp::Timestamp;
use crate::world::Shared;

/// The description of a valid token, with times in whole seconds.
#[derive(Serialize)]
struct ActiveDocument<'a> {
    active: bool,
    client_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
    /// The user, or the client if there is none.
    sub: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<u64>,
    iat: u64,
    iss: &'a str,
}

pub(super) async fn handle(shared: &Shared, request: Request<Incoming>) -> Answer {
    // RFC 7662 section 4: a GET would leave the token in logs.
    if *request.method() != Method::POST {
        return Answer::method_not_allowed("POST");
    }
    let (parts, incoming) = request.into_parts();
    let form = request::form(&parts.headers, incoming).await;
    match form.and_then(|form| introspect(shared, &parts.headers, &form)) {
        Ok(Some(token)) => active(shared, &token),
        // RFC 7662 section 2.2: nothing more, or it would be told from an unknown one.
        Ok(None) => Answer::json(200, &json!({ "active": false })),
        Err(reason) => {
            shared
                .world()
                .refuse(Endpoint::Introspection, reason.into());
            token::refusal(Behavior::Plain, &parts.headers, reason, None)
        }
    }
}

fn introspect(
    shared: &Shared,
    headers: &HeaderMap,
    form: &Parameters,
) -> Result<Option<Introspection>, Refusal> {
    if form.has_repeats() {
        return Err(Refusal::RepeatedParameter);
    }
    let client = client_authentication::authenticate(shared, headers, form)?;
    // RFC 7662 section 2.1: else anybody could try tokens out. Any client with a secret may stand
    // for a service that was shown a token of another client.
    if client.is_public() {
        return Err(Refusal::PublicClient);
    }
    let presented = form.get("token").ok_or(Refusal::MissingParameter)?;
    Ok(shared
        .world()
        .decide(|authority, entry| authority.introspect(entry, presented)))
}

fn active(shared: &Shared, token: &Introspection) -> Answer {
    let user = token.user.as_deref();
    Answer::json(
        200,
        &ActiveDocument {
            active: true,
            client_id: &token.client,
            username: user,
            sub: user.unwrap_or(&token.client),
            scope: token.scope.as_deref(),
            token_type: match token.kind {
                TokenKind::Access => Some("bearer"),
                TokenKind::Refresh => None,
            },
            exp: token.expires.map(seconds),
            iat: seconds(token.issued),
            iss: &shared.url,
        },
    )
}

fn seconds(at: Timestamp) -> u64 {
    at.as_millis() / 1000
}
