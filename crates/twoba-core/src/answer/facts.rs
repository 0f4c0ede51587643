//! The facts that are kept of an answer without a token: enough to act on, and nothing secret.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderMap, Response, Uri};
use zeroize::Zeroizing;

use super::code::ErrorCode;
use super::members::{Member, Members};
use super::reader;
use super::retry_after::retry_after;
use crate::content_coding::content_coding;
use crate::form::{encoded_text, push_encoded};
use crate::limits::ERROR_TEXT_MAX;
use crate::media_type;
use crate::text::printable;
use crate::time::Timestamp;

/// Longest error object that is read although it is not UTF-8, in bytes: 64 KiB. Real ones
/// have a few hundred bytes.
const OTHER_CHARSET_MAX: usize = 64 * 1024;

/// What an answer means for the grant that was presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Follows {
    /// The grant has ended, or its successor is lost. The person logs in again.
    Login,
    /// The server objects to the client. The grant is as valid as before.
    Configuration,
    /// The answer means nothing for the grant. The session tries again later.
    Nothing,
}

/// The known facts about an answer. They never include its body or a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AnswerFacts {
    /// The HTTP status. If JSONP carried the real status, it is that one.
    pub status: u16,
    /// Type and subtype of the body in lower case, if the answer gave them in readable form.
    pub media_type: Option<String>,
    /// The body's remaining content coding, such as `gzip`, in lower case and bounded.
    pub content_coding: Option<String>,
    /// The target of a redirect: host, port and path, without the parts that may be secret. If it
    /// is a path alone, the server is the same.
    pub redirects_to: Option<String>,
    /// The code of an OAuth error, if there was one.
    pub code: Option<ErrorCode>,
    /// The server's error text: bounded, without control characters.
    pub description: Option<String>,
    /// The time before which the server wants no further request. It is at most
    /// [`RETRY_AFTER_MAX`](crate::limits::RETRY_AFTER_MAX) after `received_at`.
    pub retry_at: Option<Timestamp>,
    /// The time when the answer arrived.
    pub received_at: Timestamp,
    /// The length of the body, in bytes.
    pub body_len: usize,
    /// What the answer means for the grant that was presented.
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
            retry_at: retry_after(headers, now),
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

    /// The facts without any server text that repeats one of these secrets. Some servers quote the
    /// request.
    pub(super) fn without(mut self: Box<Self>, secrets: &[&str]) -> Box<Self> {
        let repeats = |text: &str| secrets.iter().any(|secret| is_repeated(secret, text));
        if self.description.as_deref().is_some_and(repeats) {
            self.description = None;
        }
        if matches!(&self.code, Some(ErrorCode::Other(text)) if repeats(text)) {
            self.code = Some(ErrorCode::Other("(not repeated)".into()));
        }
        self
    }

    /// Whether the answer is a bare 400. Its body must be empty, so that no proxy's page can be
    /// mistaken for one. An encoded body does not count: an intermediary has encoded it.
    #[must_use]
    pub fn is_bare_bad_request(&self) -> bool {
        self.status == 400 && self.body_len == 0 && self.content_coding.is_none()
    }
}

/// The least part of a secret that counts at the end of a text that was cut there.
const PART_MIN: usize = 4;

/// Whether a server text repeats this secret: as it is, as a form writes it, or as much of it as the
/// text has room for.
fn is_repeated(secret: &str, text: &str) -> bool {
    if secret.is_empty() {
        return false;
    }
    let mut encoded = Vec::with_capacity(3 * secret.len());
    push_encoded(&mut encoded, secret);
    let encoded = Zeroizing::new(encoded_text(encoded));
    // Server texts have no control characters, so a secret with one is looked for without it.
    let mut plain = Zeroizing::new(String::with_capacity(secret.len()));
    plain.extend(secret.chars().filter(|c| !c.is_control()));
    let is_cut = text.chars().count() >= ERROR_TEXT_MAX;
    [plain, encoded].iter().any(|secret| {
        let ends_in_it = |at: usize| secret.get(..at).is_some_and(|part| text.ends_with(part));
        text.contains(secret.as_str()) || is_cut && (PART_MIN..secret.len()).any(ends_in_it)
    })
}

/// Host, port and path of a `Location`. The user information before the host and the query after the
/// path may be secret.
fn redirects_to(headers: &HeaderMap) -> Option<String> {
    let uri: Uri = headers.get(LOCATION)?.to_str().ok()?.parse().ok()?;
    let host = uri.host().unwrap_or_default();
    let port = uri.port().map_or(String::new(), |port| format!(":{port}"));
    Some(printable(&format!("{host}{port}{}", uri.path())))
}

/// Writes the facts as the end of a clause: ` (status 400, invalid_grant: the text)`.
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
