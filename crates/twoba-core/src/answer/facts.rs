//! What is kept of an answer that brought no token: enough to act on, nothing secret.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use core::fmt;

use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderMap, Response, Uri};

use super::code::ErrorCode;
use super::members::{Member, Members};
use super::reader;
use super::retry_after::retry_at;
use crate::content_coding::content_coding;
use crate::media_type;
use crate::text::printable;
use crate::time::Timestamp;

/// Longest error object that is read although it is not UTF-8, in bytes: 64 KiB. Real ones
/// have some hundreds.
const OTHER_CHARSET_MAX: usize = 64 * 1024;

/// What follows from an answer for the grant that was presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Follows {
    /// It has ended, or its successor is lost: the person logs in again.
    Login,
    /// The client is what the server dislikes; the grant is as good as before.
    Configuration,
    /// Nothing: it is tried again later.
    Nothing,
}

/// What is known of an answer: never its body or a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AnswerFacts {
    /// The HTTP status; the real one where JSONP carried it.
    pub status: u16,
    /// Type and subtype of the body in lower case, if a readable one was given.
    pub media_type: Option<String>,
    /// What the body is encoded by, as `gzip`, where that was not undone: lower case, bounded.
    pub content_coding: Option<String>,
    /// Where a redirect points: host, port and path, without what may be secret. A path alone is
    /// one of the same server.
    pub redirects_to: Option<String>,
    /// The code of an OAuth error, if there was one.
    pub code: Option<ErrorCode>,
    /// The server's text beside the code: bounded, without control characters.
    pub description: Option<String>,
    /// The time that the server asks to wait for, at most
    /// [`RETRY_AFTER_MAX`](crate::limits::RETRY_AFTER_MAX) from `received_at`.
    pub retry_at: Option<Timestamp>,
    /// When the answer came.
    pub received_at: Timestamp,
    /// The length of the body, in bytes.
    pub body_len: usize,
    /// What follows from it for the grant that was presented.
    pub(crate) follows: Follows,
}

impl AnswerFacts {
    /// The facts of a response whose real status this is.
    pub(crate) fn of<B: AsRef<[u8]>>(
        response: &Response<B>,
        status: u16,
        now: Timestamp,
    ) -> Box<Self> {
        let headers = response.headers();
        let media_type = headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(media_type::essence)
            .map(|(main, sub)| {
                let mut text = printable(main);
                text.push('/');
                text.push_str(&printable(sub));
                text.make_ascii_lowercase();
                text
            });
        Box::new(Self {
            status,
            media_type,
            content_coding: content_coding(headers),
            redirects_to: redirects_to(headers).filter(|_| (300..=399).contains(&status)),
            code: None,
            description: None,
            retry_at: retry_at(headers, now),
            received_at: now,
            body_len: response.body().as_ref().len(),
            follows: Follows::Nothing,
        })
    }

    /// With the error object that the JSON is, if it is one.
    pub(super) fn with_error_object(self: Box<Self>, json: &[u8]) -> Box<Self> {
        if let Ok(members) = reader::parse(json) {
            return self.with_members(&members);
        }
        // A description in another charset must not hide the code beside it. Making it
        // readable can triple its length, which a page of a megabyte is not worth.
        if json.len() > OTHER_CHARSET_MAX {
            return self;
        }
        let readable = String::from_utf8_lossy(json);
        match reader::parse(readable.as_bytes()) {
            Ok(members) => self.with_members(&members),
            Err(_) => self,
        }
    }

    pub(super) fn with_members(mut self: Box<Self>, members: &Members<'_>) -> Box<Self> {
        if let Member::Text(code) = &members.error
            && !code.is_empty()
        {
            self.code = ErrorCode::of_server(code);
        }
        if let Member::Text(description) = &members.error_description {
            self.description = Some(printable(description)).filter(|text| !text.is_empty());
        }
        self
    }

    /// The facts without a text of the server that repeats one of these secrets: some servers
    /// quote what they were sent.
    pub(super) fn without(mut self: Box<Self>, secrets: &[&str]) -> Box<Self> {
        let repeats = |text: &str| {
            secrets
                .iter()
                .any(|secret| !secret.is_empty() && text.contains(secret))
        };
        if self.description.as_deref().is_some_and(repeats) {
            self.description = None;
        }
        if matches!(&self.code, Some(ErrorCode::Other(text)) if repeats(text)) {
            self.code = Some(ErrorCode::Other("(not repeated)".into()));
        }
        self
    }

    /// Whether the answer is a bare 400: an empty body, so that no proxy's page can look
    /// like one. A body that was encoded is none: who encodes has something between.
    #[must_use]
    pub fn is_bare_bad_request(&self) -> bool {
        self.status == 400 && self.body_len == 0 && self.content_coding.is_none()
    }
}

/// Host, port and path of a `Location`: what stands before the host, and the query behind the path,
/// may be secret.
fn redirects_to(headers: &HeaderMap) -> Option<String> {
    let uri: Uri = headers.get(LOCATION)?.to_str().ok()?.parse().ok()?;
    let host = uri.host().unwrap_or_default();
    let port = uri.port().map_or(String::new(), |port| format!(":{port}"));
    Some(printable(&format!("{host}{port}{}", uri.path())))
}

/// In words behind a clause: ` (status 400, invalid_grant: the text)`.
impl fmt::Display for AnswerFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, " (status {}", self.status)?;
        if let Some(code) = &self.code {
            write!(f, ", {code}")?;
        }
        if let Some(description) = &self.description {
            write!(f, ": {description}")?;
        }
        if self.code.is_none()
            && self.description.is_none()
            && let Some(media_type) = &self.media_type
        {
            write!(f, ", {media_type}")?;
        }
        if let Some(place) = &self.redirects_to {
            write!(f, ", to {place}")?;
        }
        if let Some(coding) = &self.content_coding {
            write!(f, ", Content-Encoding {coding}")?;
        }
        f.write_str(")")
    }
}
