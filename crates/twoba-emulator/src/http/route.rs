//! Finds the module for each path, and notes the requests.

use std::sync::Arc;

use hyper::body::Incoming;
use hyper::{Request, Response};
use thiserror::Error;

use super::answer::Answer;
use super::cors::Cors;
use super::damage::Outcome;
use super::payload::Payload;
use super::{
    authorize, console, control, introspection, metadata, mounted, revocation, shown, token,
};
use crate::journal;
use crate::world::Shared;

/// The server closes the connection without a byte instead of an answer.
#[derive(Debug, Error)]
#[error("the connection is dropped on purpose")]
pub(super) struct Dropped;

/// Answers a request, and notes it unless it asks for the notes.
pub(super) async fn respond(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Payload>, Dropped> {
    let cors = Cors::of(&shared, &request);
    if let Some(answer) = cors.preflight(&request) {
        return Ok(cors.on(answer.into_response()));
    }
    // Whoever looks at the list of requests must not fill it.
    let outcome = if request.uri().path().starts_with("/_emulator") {
        route(&shared, request).await
    } else {
        let visit = shared.world().visit(shown::head(&request));
        visit.during(noted(&shared, request)).await
    };
    match outcome {
        Outcome::Answer(answer) => Ok(cors.on(answer.into_response())),
        Outcome::Drop => Err(Dropped),
    }
}

async fn noted(shared: &Arc<Shared>, request: Request<Incoming>) -> Outcome {
    let outcome = route(shared, request).await;
    if let Outcome::Answer(answer) = &outcome {
        journal::answered(answer.wire_status());
    }
    outcome
}

async fn route(shared: &Arc<Shared>, request: Request<Incoming>) -> Outcome {
    let path = request.uri().path().to_owned();
    match path.as_str() {
        "/OAuth/Token" | "/connect/token" => token::handle(shared, request).await,
        "/OAuth/Authorize" | "/connect/authorize" => {
            Outcome::Answer(authorize::handle(shared, request).await)
        }
        "/connect/revocation" => revocation::handle(shared, request).await,
        "/connect/introspect" => Outcome::Answer(introspection::handle(shared, request).await),
        "/.well-known/openid-configuration" | "/.well-known/oauth-authorization-server" => {
            Outcome::Answer(Answer::reading(&request, || {
                metadata::document(&shared.url)
            }))
        }
        "/" => Outcome::Answer(Answer::reading(&request, || {
            Answer::see_other(console::PATH)
        })),
        other => {
            if other == "/_emulator" {
                Outcome::Answer(console::way_to_the_page())
            } else if let Some(call) = other.strip_prefix("/_emulator/") {
                Outcome::Answer(control::handle(shared, call, request).await)
            } else {
                mounted::handle(shared, request).await
            }
        }
    }
}
