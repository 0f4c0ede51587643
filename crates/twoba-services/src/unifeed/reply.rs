//! What a receiver answers, in a browser's terms.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    REFERRER_POLICY, VARY, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, HeaderValue, Response, StatusCode};

/// By which a browser asks whether a page of the internet may reach this machine.
pub(super) const PRIVATE_NETWORK_ASKED: HeaderName =
    HeaderName::from_static("access-control-request-private-network");
const PRIVATE_NETWORK_ALLOWED: HeaderName =
    HeaderName::from_static("access-control-allow-private-network");

const ARRIVED: &str = "<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Unifeed</title>\
    <p>The selection has arrived. You can close this window.</p>\n</html>\n";

/// An answer with nothing in it that a browser would keep, follow or run.
fn bare(status: StatusCode, media_type: &'static str, body: &str) -> Response<Vec<u8>> {
    let mut response = Response::new(body.as_bytes().to_vec());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'"),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (VARY, "Origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !body.is_empty() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    }
    response
}

/// The page that a person sees at the end.
pub(super) fn page() -> Response<Vec<u8>> {
    bare(StatusCode::OK, "text/html; charset=utf-8", ARRIVED)
}

/// The answer to a program, which shows nothing.
pub(super) fn nothing() -> Response<Vec<u8>> {
    bare(StatusCode::NO_CONTENT, "", "")
}

/// The answer to what is refused, and why.
pub(super) fn refusal(status: StatusCode, why: &str) -> Response<Vec<u8>> {
    bare(status, "text/plain; charset=utf-8", &format!("{why}\n"))
}

/// The same answer, which asks for a token if the request has brought none (RFC 6750 section 3).
pub(super) fn challenging(mut response: Response<Vec<u8>>) -> Response<Vec<u8>> {
    if response.status() == StatusCode::UNAUTHORIZED {
        let bearer = HeaderValue::from_static("Bearer");
        response.headers_mut().insert(WWW_AUTHENTICATE, bearer);
    }
    response
}

/// The same answer, which names the methods that are allowed.
pub(super) fn allowing(
    mut response: Response<Vec<u8>>,
    methods: &'static str,
) -> Response<Vec<u8>> {
    let methods = HeaderValue::from_static(methods);
    response.headers_mut().insert(ALLOW, methods);
    response
}

/// The same answer, which a script of this origin may look at (Fetch standard section 3.2).
pub(super) fn shared_with(
    mut response: Response<Vec<u8>>,
    origin: Option<&HeaderValue>,
) -> Response<Vec<u8>> {
    if let Some(origin) = origin {
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    }
    response
}

/// The answer to a preflight: a script may post JSON.
pub(super) fn preflight(asks_for_private_network: bool) -> Response<Vec<u8>> {
    let mut response = nothing();
    let headers = response.headers_mut();
    for (name, value) in [
        (ACCESS_CONTROL_ALLOW_METHODS, "POST"),
        (ACCESS_CONTROL_ALLOW_HEADERS, "Content-Type"),
        (ACCESS_CONTROL_MAX_AGE, "60"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if asks_for_private_network {
        headers.insert(PRIVATE_NETWORK_ALLOWED, HeaderValue::from_static("true"));
    }
    response
}
