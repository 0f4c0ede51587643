//! How answers look on the wire, and what each of them means, which only the judge may know.

use http::header::{CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER};
use http::{Response, StatusCode};
use serde_json::json;

use super::Wire;
use super::fate::{Fate, FateKind};
use crate::plan::Word;
use crate::server::Granted;

/// An answer, and what it means.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) class: Class,
    status: u16,
    media_type: Option<&'static str>,
    body: String,
    retry_after: Option<u64>,
    redirects: bool,
}

/// What an answer means to a refresh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Class {
    /// Tokens.
    Granted(Granted),
    /// The server no longer takes the refresh token, and says so by its name.
    Refused,
    /// The server refuses and does not name the grant: while the access token lives it may be
    /// too early.
    RefusedBare,
    /// It says nothing of the grant, and asks to wait so many seconds.
    Transient(Option<u64>),
    /// A success of which only a part is there.
    Truncated,
    /// What was asked is done.
    Done,
}

const JSON: &str = "application/json;charset=UTF-8";
const PAGE: &str = "<!doctype html><title>Please wait</title><p>Nothing to see here.";

impl Answer {
    fn new(class: Class, status: u16, media_type: Option<&'static str>, body: String) -> Self {
        Self {
            class,
            status,
            media_type,
            body,
            retry_after: None,
            redirects: false,
        }
    }

    pub(super) fn granted(granted: Granted) -> Self {
        let mut body = json!({
            "access_token": granted.access,
            "token_type": "bearer",
        });
        if let Some(refresh) = &granted.refresh {
            body["refresh_token"] = refresh.as_str().into();
        }
        if let Some(seconds) = granted.expires_in {
            body["expires_in"] = seconds.into();
        }
        let body = body.to_string();
        Self::new(Class::Granted(granted), 200, Some(JSON), body)
    }

    pub(super) fn done() -> Self {
        Self::new(Class::Done, 200, None, String::new())
    }

    pub(super) fn refused(word: Word) -> Self {
        let named = |class, code: &str| {
            let body = json!({ "error": code }).to_string();
            Self::new(class, 400, Some(JSON), body)
        };
        match word {
            Word::Bare => Self::new(Class::RefusedBare, 400, None, String::new()),
            Word::InvalidRequest => named(Class::RefusedBare, "invalid_request"),
            Word::AccessDenied => named(Class::RefusedBare, "access_denied"),
            Word::InvalidGrant => named(Class::Refused, "invalid_grant"),
        }
    }

    /// Whether a client of a sabotaged transport would send it again.
    pub(super) fn is_server_fault(&self) -> bool {
        self.status >= 500
    }

    pub(super) fn is_truncated(&self) -> bool {
        self.class == Class::Truncated
    }

    pub(super) fn into_response(self) -> Response<Vec<u8>> {
        let mut response = Response::new(self.body.into_bytes());
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        if let Some(media_type) = self.media_type {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.redirects {
            let elsewhere = HeaderValue::from_static("https://elsewhere.example/");
            headers.insert(LOCATION, elsewhere);
        }
        response
    }
}

/// An answer that says nothing of the grant.
fn transient(fate: &Fate) -> Option<Answer> {
    let class = Class::Transient(fate.retry_after);
    let page = Some("text/html");
    let mut answer = match fate.kind {
        FateKind::FaultBefore | FateKind::FaultAfter => {
            let body = json!({"error": "server_error"}).to_string();
            Answer::new(class, fate.status, Some(JSON), body)
        }
        FateKind::PageBefore | FateKind::PageAfter => {
            // As proxies and portals answer: with any status, a good one included.
            let status = match fate.status {
                500 => 200,
                502 => 400,
                503 => 403,
                other => other,
            };
            Answer::new(class, status, page, PAGE.to_owned())
        }
        FateKind::Busy => Answer::new(class, 429, None, String::new()),
        FateKind::Redirect => Answer::new(class, 302, page, PAGE.to_owned()),
        FateKind::WrongType => Answer::new(class, 200, Some("text/plain"), "ok".to_owned()),
        FateKind::Misconfigured => {
            let body = json!({"error": "invalid_client"}).to_string();
            Answer::new(class, 401, Some(JSON), body)
        }
        FateKind::Fine
        | FateKind::NotSent
        | FateKind::LostBefore
        | FateKind::LostAfter
        | FateKind::BrokenAfter
        | FateKind::HalfAfter => return None,
    };
    answer.retry_after = fate.retry_after;
    answer.redirects = fate.kind == FateKind::Redirect;
    Some(answer)
}

/// How a request ends that the server never sees; `None` for one that it does.
pub(super) fn instead(fate: &Fate) -> Option<Wire> {
    if fate.kind.commits() {
        return None;
    }
    Some(transient(fate).map_or(Wire::Broken, Wire::Answer))
}

/// What the way back makes of the server's answer.
pub(super) fn distorted(answer: Answer, fate: &Fate) -> Wire {
    match fate.kind {
        FateKind::LostAfter | FateKind::BrokenAfter => Wire::Broken,
        FateKind::HalfAfter => Wire::Answer(halved(answer)),
        FateKind::FaultAfter | FateKind::PageAfter => {
            transient(fate).map_or(Wire::Broken, Wire::Answer)
        }
        FateKind::Fine
        | FateKind::NotSent
        | FateKind::LostBefore
        | FateKind::FaultBefore
        | FateKind::PageBefore
        | FateKind::Busy
        | FateKind::Redirect
        | FateKind::WrongType
        | FateKind::Misconfigured => Wire::Answer(answer),
    }
}

/// The first half of a success. A refusal is too short to be cut.
fn halved(answer: Answer) -> Answer {
    if !matches!(answer.class, Class::Granted(_)) {
        return answer;
    }
    let half = answer.body.len() / 2;
    Answer {
        class: Class::Truncated,
        body: answer.body.get(..half).unwrap_or_default().to_owned(),
        ..answer
    }
}
