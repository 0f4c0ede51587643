//! Decides where the server runs and which path goes where; the answers are decided by the modules below.

mod answer;
mod authorize;
mod bearer;
mod client_authentication;
mod connection;
mod console;
mod control;
mod damage;
mod form;
mod introspection;
mod jsonp;
mod metadata;
mod page;
mod payload;
mod request;
mod revocation;
mod service;
mod shown;
mod soap;
mod token;
mod unifeed;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, mpsc};

use hyper::body::Incoming;
use hyper::{Method, Request, Response};
use thiserror::Error;
use tokio::sync::oneshot;

use crate::journal;
use crate::request::SeenRequest;
use crate::world::{Setup, Shared, World};
use answer::Answer;
use damage::Outcome;
use payload::Payload;

/// Where it listens, and what it shares with its handle; or why it could not begin.
type Started = io::Result<(SocketAddr, Arc<Shared>)>;

/// Listens and serves until `stopped` is dropped; tells `ready` whether it began.
pub(crate) fn run(
    listen: SocketAddr,
    setup: Setup,
    world: World,
    stopped: oneshot::Receiver<Infallible>,
    ready: &mpsc::SyncSender<Started>,
) {
    let begin = || {
        // One thread: all state is behind one lock, and a second thread would only wait for it.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()?;
        let listener = {
            let _inside = runtime.enter();
            connection::listen(listen)?
        };
        let address = listener.local_addr()?;
        Ok((runtime, listener, address))
    };
    match begin() {
        Ok((runtime, listener, address)) => {
            let shared = Arc::new(Shared::new(address, setup, world));
            if ready.send(Ok((address, Arc::clone(&shared)))).is_err() {
                return;
            }
            drop(runtime.spawn(connection::accept(listener, shared)));
            // Resolves when the handle is dropped; dropping the runtime then ends every connection.
            match runtime.block_on(stopped) {
                Ok(never) => match never {},
                Err(_dropped) => drop(runtime),
            }
        }
        Err(error) => ready.send(Err(error)).unwrap_or_default(),
    }
}

/// The answer to a request is that there is none: the connection is closed without a byte.
#[derive(Debug, Error)]
#[error("the connection is dropped on purpose")]
struct Dropped;

async fn respond(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Payload>, Dropped> {
    // Whoever looks at the list of requests must not fill it.
    let outcome = if request.uri().path().starts_with("/_emulator") {
        route(&shared, request).await
    } else {
        let visit = shared.world().visit(shown::head(&request));
        visit.during(noted(&shared, request)).await
    };
    match outcome {
        Outcome::Answer(answer) => Ok(answer.into_response()),
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

/// The last requests, as they may be shown.
pub(crate) fn requests(shared: &Shared) -> Vec<SeenRequest> {
    let (_, kept) = shared.world().requests_after(0);
    kept.iter()
        .map(|(number, kept)| shown::show(&shared.registry, *number, kept))
        .collect()
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
            Outcome::Answer(reading(&request, || metadata::document(&shared.url)))
        }
        other => {
            if let Some(function) = other.strip_prefix("/1/json/") {
                service::handle(shared, function, &request).await
            } else if let Some(service) = other.strip_prefix("/1/soap/") {
                soap::handle(shared, service, request).await
            } else if let Some(file) = other.strip_prefix("/attachments/") {
                Outcome::Answer(reading(&request, || service::attachment(file)))
            } else if other == "/_emulator" {
                Outcome::Answer(console::way_to_the_page())
            } else if let Some(call) = other.strip_prefix("/_emulator/") {
                Outcome::Answer(control::handle(shared, call, request).await)
            } else if let Some(below) = other.strip_prefix("/unifeed") {
                Outcome::Answer(unifeed::handle(shared, below, request).await)
            } else {
                Outcome::Answer(Answer::not_found())
            }
        }
    }
}

/// Answers GET and HEAD.
fn reading<T>(request: &Request<T>, answer: impl FnOnce() -> Answer) -> Answer {
    if *request.method() == Method::GET || *request.method() == Method::HEAD {
        answer()
    } else {
        Answer::method_not_allowed("GET, HEAD")
    }
}
