//! Decides how connections are served and which path goes where; the answers are decided by the modules below.

mod answer;
mod authorize;
mod client_authentication;
mod console;
mod control;
mod damage;
mod form;
mod jsonp;
mod metadata;
mod page;
mod payload;
mod request;
mod revocation;
mod service;
mod shown;
mod token;

use std::convert::Infallible;
use std::io;
use std::net::TcpListener;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use crate::journal;
use crate::request::SeenRequest;
use crate::world::Shared;
use answer::Answer;
use damage::Outcome;
use payload::Payload;

/// How long to wait when the system has no free descriptor for a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// Serves until `stopped` is dropped; tells `ready` whether it began.
pub(crate) fn run(
    listener: TcpListener,
    shared: Arc<Shared>,
    stopped: oneshot::Receiver<Infallible>,
    ready: &mpsc::SyncSender<io::Result<()>>,
) {
    let begin = || {
        // One thread: all state is behind one lock, and a second thread would only wait for it.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        Ok((runtime, listener))
    };
    match begin() {
        Ok((runtime, listener)) => {
            if ready.send(Ok(())).is_err() {
                return;
            }
            drop(runtime.spawn(accept(listener, shared)));
            // Resolves when the handle is dropped; dropping the runtime then ends every connection.
            match runtime.block_on(stopped) {
                Ok(never) => match never {},
                Err(_dropped) => drop(runtime),
            }
        }
        Err(error) => ready.send(Err(error)).unwrap_or_default(),
    }
}

async fn accept(listener: tokio::net::TcpListener, shared: Arc<Shared>) {
    loop {
        match listener.accept().await {
            Ok((stream, _peer)) => drop(tokio::spawn(connection(stream, Arc::clone(&shared)))),
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    // Without it small answers wait for the acknowledgement of the one before.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    // A date of the machine would contradict a manual clock.
    let date = !shared.world().is_on_a_manual_clock();
    let service = service_fn(move |request| respond(Arc::clone(&shared), request));
    let served = http1::Builder::new()
        .auto_date_header(date)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    // A broken connection is the client's affair, or a fault that was asked for.
    drop(served);
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

async fn noted(shared: &Shared, request: Request<Incoming>) -> Outcome {
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

async fn route(shared: &Shared, request: Request<Incoming>) -> Outcome {
    let path = request.uri().path().to_owned();
    match path.as_str() {
        "/OAuth/Token" | "/connect/token" => token::handle(shared, request).await,
        "/OAuth/Authorize" | "/connect/authorize" => {
            Outcome::Answer(authorize::handle(shared, request).await)
        }
        "/connect/revocation" => revocation::handle(shared, request).await,
        "/.well-known/openid-configuration" | "/.well-known/oauth-authorization-server" => {
            Outcome::Answer(reading(&request, || metadata::document(&shared.url)))
        }
        other => {
            if let Some(function) = other.strip_prefix("/1/json/") {
                service::handle(shared, function, &request).await
            } else if other == "/_emulator" {
                Outcome::Answer(console::way_to_the_page())
            } else if let Some(call) = other.strip_prefix("/_emulator/") {
                Outcome::Answer(control::handle(shared, call, request).await)
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
