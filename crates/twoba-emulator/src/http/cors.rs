//! What pages of one other origin may read: answers to programs, but never the console or the login
//! page.

use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD,
    HeaderValue, ORIGIN, VARY,
};
use hyper::{Method, Request, Response};

use super::answer::Answer;
use super::payload::Payload;
use super::request::only;
use crate::world::Shared;

/// The relation of a request to the allowed origin.
pub(super) enum Cors {
    /// The answer is closed to other origins.
    Closed,
    /// The answer depends on the origin, and this request comes from another one.
    Another,
    /// A page of the allowed origin may read the answer.
    Open(HeaderValue),
}

impl Cors {
    pub(super) fn of<T>(shared: &Shared, request: &Request<T>) -> Self {
        let Some(open) = shared.reached.cors.as_deref() else {
            return Self::Closed;
        };
        let path = request.uri().path();
        // RFC 9700 section 2.6: the authorization endpoint is visited, and never read by scripts.
        if path.starts_with("/_emulator") || path.ends_with("uthorize") {
            return Self::Closed;
        }
        let is_from_there = only(request.headers(), &ORIGIN) == Some(open);
        match HeaderValue::from_str(open) {
            Ok(origin) if is_from_there => Self::Open(origin),
            Ok(_) | Err(_) => Self::Another,
        }
    }

    /// The answer to a browser that asks before the page's request.
    pub(super) fn preflight<T>(&self, request: &Request<T>) -> Option<Answer> {
        let is_preflight = *request.method() == Method::OPTIONS
            && request
                .headers()
                .contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        let answer = Answer::empty(204)
            .with(ACCESS_CONTROL_ALLOW_METHODS, "GET, POST")
            .with(
                ACCESS_CONTROL_ALLOW_HEADERS,
                "Authorization, Content-Type, SOAPAction",
            )
            .with(ACCESS_CONTROL_MAX_AGE, "600");
        (is_preflight && matches!(self, Self::Open(_))).then_some(answer)
    }

    /// Says in the answer which origin may read it.
    pub(super) fn on(self, mut response: Response<Payload>) -> Response<Payload> {
        let headers = response.headers_mut();
        match self {
            Self::Closed => return response,
            Self::Another => {}
            Self::Open(origin) => {
                headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
                let readable = HeaderValue::from_static("Retry-After, WWW-Authenticate");
                headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, readable);
            }
        }
        headers.append(VARY, HeaderValue::from_static("Origin"));
        response
    }
}
