//! Writes an answer as status, headers and body.

use std::num::NonZeroU64;

use hyper::body::Bytes;
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue,
    LOCATION, PRAGMA, VARY, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Method, Request, Response, StatusCode};
use serde::Serialize;
use twoba_sample_services as services;
use twoba_sample_services::jsonp::Jsonp;

use super::coding::Coding;
use super::follow::Follow;
use super::payload::Payload;
use crate::authority::Granted;
use crate::fault::SMALLEST_HUGE_BODY;

const JSON: &str = "application/json; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const PNG: &str = "image/png";
/// The content type of one JSON document a line.
const LINES: &str = "application/x-ndjson; charset=utf-8";
const PLAIN: &str = "text/plain; charset=utf-8";

/// The answer to one request. It can be damaged until it is sent.
pub(super) struct Answer {
    pub(super) status: u16,
    headers: Vec<(HeaderName, String)>,
    pub(super) body: Content,
    /// The callback that the body is wrapped in.
    pub(super) jsonp: Option<Jsonp>,
    pub(super) byte_order_mark: bool,
    /// The compression of the body.
    pub(super) coding: Option<Coding>,
    /// Whether the second half is left out.
    pub(super) cut_off: bool,
    /// The speed of the body, if it is slowed down.
    pub(super) bytes_per_second: Option<NonZeroU64>,
}

/// The content of an answer.
pub(super) enum Content {
    Empty,
    Text {
        media_type: &'static str,
        text: String,
    },
    /// A picture.
    Png(&'static [u8]),
    Tokens(TokenDocument),
    /// A JSON object of this many bytes.
    Huge(u64),
    /// One line of JSON after the other, for each event as it happens.
    Events(Follow),
}

/// The members of RFC 6749 section 5.1. Some can be damaged, and one may be absent.
pub(super) struct TokenDocument {
    granted: Granted,
    pub(super) has_token_type: bool,
    pub(super) repeats_access_token: bool,
    /// JSON text.
    pub(super) expires_in: String,
}

impl TokenDocument {
    /// The document as text. Tokens and scopes have only characters that JSON holds unescaped.
    fn text(&self) -> String {
        let token_type = if self.has_token_type {
            r#""token_type":"bearer","#
        } else {
            ""
        };
        let refresh_token = match &self.granted.refresh {
            Some(token) => format!(r#","refresh_token":"{}""#, token.expose()),
            None => String::new(),
        };
        let again = if self.repeats_access_token {
            r#","access_token":"another""#
        } else {
            ""
        };
        let scope = match &self.granted.scope {
            Some(scope) => format!(r#","scope":"{scope}""#),
            None => String::new(),
        };
        format!(
            r#"{{"access_token":"{}",{token_type}"expires_in":{}{refresh_token}{scope}{again}}}"#,
            self.granted.access.expose(),
            self.expires_in,
        )
    }
}

#[derive(Serialize)]
struct ErrorDocument {
    error: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_description: Option<&'static str>,
}

impl Answer {
    pub(super) const fn new(status: u16, body: Content) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body,
            jsonp: None,
            byte_order_mark: false,
            coding: None,
            cut_off: false,
            bytes_per_second: None,
        }
    }

    pub(super) const fn empty(status: u16) -> Self {
        Self::new(status, Content::Empty)
    }

    pub(super) fn text(status: u16, text: impl Into<String>) -> Self {
        Self::media(status, PLAIN, text.into())
    }

    pub(super) fn html(status: u16, text: impl Into<String>) -> Self {
        Self::media(status, HTML, text.into())
    }

    pub(super) fn json(status: u16, value: &impl Serialize) -> Self {
        match serde_json::to_string(value) {
            Ok(text) => Self::media(status, JSON, text),
            // Only maps with odd keys and failing writers fail; there are none.
            Err(_) => Self::empty(500),
        }
    }

    pub(super) const fn media(status: u16, media_type: &'static str, text: String) -> Self {
        Self::new(status, Content::Text { media_type, text })
    }

    /// The error document of RFC 6749 section 5.2.
    pub(super) fn oauth_error(
        status: u16,
        error: &'static str,
        error_description: Option<&'static str>,
    ) -> Self {
        Self::json(
            status,
            &ErrorDocument {
                error,
                error_description,
            },
        )
    }

    /// The success document of RFC 6749 section 5.1.
    pub(super) fn tokens(granted: Granted) -> Self {
        let expires_in = granted.expires_in_seconds.to_string();
        Self::new(
            200,
            Content::Tokens(TokenDocument {
                granted,
                has_token_type: true,
                repeats_access_token: false,
                expires_in,
            }),
        )
    }

    /// The journal, line by line.
    pub(super) const fn events(follow: Follow) -> Self {
        Self::new(200, Content::Events(follow))
    }

    pub(super) fn not_found() -> Self {
        Self::text(404, "The emulator has nothing at this path.\n")
    }

    /// Answers GET and HEAD, and refuses other methods.
    pub(super) fn reading<T>(request: &Request<T>, answer: impl FnOnce() -> Self) -> Self {
        if *request.method() == Method::GET || *request.method() == Method::HEAD {
            answer()
        } else {
            Self::method_not_allowed("GET, HEAD")
        }
    }

    pub(super) fn method_not_allowed(allowed: &str) -> Self {
        Self::text(405, "This path does not take this method.\n").with(ALLOW, allowed)
    }

    /// 303: the browser goes on with a GET, whatever its first method was.
    pub(super) fn see_other(location: &str) -> Self {
        Self::empty(303).with(LOCATION, location)
    }

    /// Adds a header. A value that no header can hold is left out.
    pub(super) fn with(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Adds a header before the others.
    pub(super) fn before(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.insert(0, (name, value.into()));
        self
    }

    /// Says that the answer depends on this request header.
    pub(super) fn varying_by(self, header: &str) -> Self {
        self.with(VARY, header)
    }

    pub(super) fn wrapped_in(mut self, jsonp: Option<Jsonp>) -> Self {
        self.jsonp = jsonp;
        self
    }

    /// The status on the wire. A browser runs the script of a page only under 200.
    pub(super) const fn wire_status(&self) -> u16 {
        match &self.jsonp {
            Some(_) => 200,
            None => self.status,
        }
    }

    pub(super) fn into_response(mut self) -> Response<Payload> {
        let status = self.wire_status();
        let written = |media_type, text: String| {
            let (media_type, text) = match &self.jsonp {
                Some(jsonp) => (Some(jsonp.media_type()), jsonp.wrap(&text, self.status)),
                None => (media_type, text),
            };
            let text = match self.byte_order_mark {
                true => format!("\u{feff}{text}"),
                false => text,
            };
            (media_type, Bytes::from(text))
        };
        let (media_type, body) = match self.body {
            Content::Empty => written(None, String::new()),
            Content::Text { media_type, text } => written(Some(media_type), text),
            Content::Tokens(tokens) => written(Some(JSON), tokens.text()),
            // Neither a callback nor a mark can go around a picture.
            Content::Png(bytes) => (Some(PNG), Bytes::from_static(bytes)),
            Content::Events(follow) => {
                let payload = Payload::following(follow);
                return finish(status, Some(LINES), self.headers, payload);
            }
            Content::Huge(bytes) => return finish(status, Some(JSON), self.headers, huge(bytes)),
        };
        let body = match self.coding {
            Some(coding) => {
                let name = coding.name().to_owned();
                self.headers.push((CONTENT_ENCODING, name));
                coding.encode(&body)
            }
            None => body,
        };
        let promised = body.len();
        let payload = match self.bytes_per_second {
            Some(rate) => Payload::dripping(body, rate),
            None if self.cut_off => Payload::half(body),
            None => return finish(status, media_type, self.headers, Payload::whole(body)),
        };
        let mut response = finish(status, media_type, self.headers, payload);
        response
            .headers_mut()
            .insert(CONTENT_LENGTH, HeaderValue::from(promised));
        response
    }
}

impl From<services::Answer> for Answer {
    fn from(answer: services::Answer) -> Self {
        let body = match answer.content {
            services::Content::Empty => Content::Empty,
            services::Content::Text { media_type, text } => Content::Text { media_type, text },
            services::Content::Png(bytes) => Content::Png(bytes),
        };
        Self {
            headers: answer.headers,
            jsonp: answer.jsonp,
            ..Self::new(answer.status, body)
        }
    }
}

fn huge(bytes: u64) -> Payload {
    let filler = bytes.saturating_sub(SMALLEST_HUGE_BODY);
    Payload::filled("{\"padding\":\"", filler, "\"}")
}

fn finish(
    status: u16,
    media_type: Option<&'static str>,
    headers: Vec<(HeaderName, String)>,
    payload: Payload,
) -> Response<Payload> {
    let mut response = Response::new(payload);
    // 1xx is no answer of its own, so it is no status that an answer can have.
    *response.status_mut() = StatusCode::from_u16(status)
        .ok()
        .filter(|status| !status.is_informational())
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let to = response.headers_mut();
    // RFC 6749 section 5.1 asks for both where tokens are; here nothing is worth caching.
    to.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    to.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    if let Some(media_type) = media_type {
        to.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        to.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    }
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            to.insert(name, value);
        }
    }
    response
}
