//! Serves the revocation endpoint (RFC 7009). `authority` ends the tokens.

use hyper::body::Incoming;
use hyper::{HeaderMap, Method, Request};
use serde_json::json;
use twoba_sample_services::form::Parameters;

use super::answer::Answer;
use super::client_authentication;
use super::damage::{Outcome, Work, play};
use super::{request, token};
use crate::authority::Refused;
use crate::behavior::Behavior;
use crate::journal::Endpoint;
use crate::refusal::Refusal;
use crate::world::Shared;

pub(super) async fn handle(shared: &Shared, request: Request<Incoming>) -> Outcome {
    if *request.method() != Method::POST {
        return Outcome::Answer(Answer::method_not_allowed("POST"));
    }
    let (parts, incoming) = request.into_parts();
    let form = request::form(&parts.headers, incoming).await;
    let fault = shared.world().revocation_request();
    play(fault, |work| match work {
        Work::Done => answer(shared, &parts.headers, form),
        Work::MadeUp => revoked(),
    })
    .await
}

fn answer(shared: &Shared, headers: &HeaderMap, form: Result<Parameters, Refusal>) -> Answer {
    match form
        .map_err(Refused::from)
        .and_then(|form| revoke(shared, headers, &form))
    {
        Ok(()) => revoked(),
        Err(refused) => {
            shared.world().refuse(Endpoint::Revocation, refused);
            token::refusal(Behavior::Plain, headers, refused.reason, None)
        }
    }
}

fn revoke(shared: &Shared, headers: &HeaderMap, form: &Parameters) -> Result<(), Refused> {
    if form.has_repeats() {
        return Err(Refusal::RepeatedParameter.into());
    }
    let client = client_authentication::authenticate(shared, headers, form)?;
    let presented = form.get("token").ok_or(Refusal::MissingParameter)?;
    shared
        .world()
        .decide(|authority, entry| authority.revoke(entry, client.id(), presented))
}

/// RFC 7009 section 2.2: the status says everything. The empty object is for clients that parse the
/// body anyway.
fn revoked() -> Answer {
    Answer::json(200, &json!({}))
}
