//! One request and its answer. The request asks for no content coding; an answer is decoded even
//! so.

use std::error::Error as StdError;
use std::fmt;

use http::header::{ACCEPT_ENCODING, HeaderValue};
use http::{Request, Response};
use twoba_core::{Form, Origin};
use twoba_store::{Error, ErrorKind, TransportError};

use crate::body::Body;
use crate::coding::undone;
use crate::keeper::Keeper;
use crate::runtime::{Answer, Runtime, Streams};

impl<R: Runtime> Keeper<R> {
    /// Sends a token request or a revocation, which themselves ask for no coding.
    pub(crate) async fn send(&self, request: Request<Form>) -> Answer {
        let server = Origin::of(request.uri());
        let answer = self.runtime.send(request).await;
        answer.map(undone).map_err(|error| at(server, error))
    }

    /// Sends a service call. It returns the whole answer or none of it.
    pub(crate) async fn ask(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Error> {
        let server = Origin::of(request.uri());
        let answer = self.runtime.call(uncoded(request)).await;
        let answer = undone(answer.map_err(|error| unanswered(server, error))?);
        if answer.body().is_over() {
            return Err(Error::new(ErrorKind::ServiceAnswerTooLarge));
        }
        Ok(answer.map(Body::into_vec))
    }

    /// Sends a service call. It returns the head of the answer and a body that is still to be read.
    pub(crate) async fn ask_streaming(
        &self,
        request: Request<Vec<u8>>,
    ) -> Result<Response<R::Streamed>, Error>
    where
        R: Streams,
    {
        let server = Origin::of(request.uri());
        let answer = self.runtime.stream(uncoded(request)).await;
        answer.map_err(|error| unanswered(server, error))
    }
}

/// The request of a service call, which asks for no content coding unless it has asked for one.
fn uncoded(mut request: Request<Vec<u8>>) -> Request<Vec<u8>> {
    let accepted = request.headers_mut().entry(ACCEPT_ENCODING);
    accepted.or_insert(HeaderValue::from_static("identity"));
    request
}

fn unanswered(server: Option<Origin>, error: TransportError) -> Error {
    let error = at(server, error);
    Error::new(ErrorKind::Service(error.failure)).caused_by(error.cause)
}

/// An error of the HTTP client, with the server where it happened. The client's own words may name
/// neither.
#[derive(Debug)]
struct At {
    server: Origin,
    cause: Box<dyn StdError + Send + Sync>,
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.server, self.cause)
    }
}

impl StdError for At {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.cause.as_ref())
    }
}

/// The error with scheme, host and port of the server, but without path and query.
fn at(server: Option<Origin>, error: TransportError) -> TransportError {
    let TransportError { failure, cause } = error;
    match server {
        Some(server) => TransportError {
            failure,
            cause: Box::new(At { server, cause }),
        },
        None => TransportError { failure, cause },
    }
}
