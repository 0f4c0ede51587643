//! A service's answer and its consequences, as data. A server puts the answer on the wire.

use std::net::SocketAddr;

use http::header::{HeaderName, LOCATION};

use crate::jsonp::Jsonp;

pub(crate) const JSON: &str = "application/json; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const PLAIN: &str = "text/plain; charset=utf-8";

/// The answer to one request.
#[derive(Debug)]
pub struct Answer {
    /// The status. Under a callback, the status on the wire differs.
    pub status: u16,
    /// The headers in order, without those of the content.
    pub headers: Vec<(HeaderName, String)>,
    /// The body.
    pub content: Content,
    /// The callback that the body is wrapped in.
    pub jsonp: Option<Jsonp>,
    /// The event for the journal.
    pub happened: Option<Happened>,
    /// A message to a third party. Nobody waits for it.
    pub delivery: Option<Delivery>,
}

/// The content of an answer.
#[derive(Debug)]
pub enum Content {
    /// Nothing.
    Empty,
    /// Text in UTF-8.
    Text {
        /// The media type.
        media_type: &'static str,
        /// The text.
        text: String,
    },
    /// The bytes of a PNG.
    Png(&'static [u8]),
}

/// An event for a journal, besides the admission of the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// Unifeed was opened.
    Opened {
        /// The requested interface type, if there is one of that name.
        interface_type: Option<&'static str>,
    },
    /// Unifeed returned a selection, or gave the browser a form that does so.
    Returned {
        /// The interface type.
        interface_type: &'static str,
        /// The number of articles.
        items: usize,
    },
}

/// JSON that the server itself posts to a receiver on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The possible addresses of the receiver, in the order of trial. All are on loopback.
    pub addresses: Vec<SocketAddr>,
    /// The host name in the URL.
    pub host: String,
    /// Path and query.
    pub path: String,
    /// The application whose token goes along, if the server knows one of this name (`cbap`).
    pub application: Option<String>,
    /// The JSON.
    pub json: String,
}

impl Answer {
    pub(crate) const fn new(status: u16, content: Content) -> Self {
        Self {
            status,
            headers: Vec::new(),
            content,
            jsonp: None,
            happened: None,
            delivery: None,
        }
    }

    pub(crate) fn text(status: u16, text: impl Into<String>) -> Self {
        Self::media(status, PLAIN, text.into())
    }

    pub(crate) const fn html(status: u16, text: String) -> Self {
        Self::media(status, HTML, text)
    }

    pub(crate) const fn media(status: u16, media_type: &'static str, text: String) -> Self {
        Self::new(status, Content::Text { media_type, text })
    }

    pub(crate) const fn png(bytes: &'static [u8]) -> Self {
        Self::new(200, Content::Png(bytes))
    }

    /// 303: the browser goes on with a GET, whatever its first method was.
    pub(crate) fn see_other(location: &str) -> Self {
        Self::new(303, Content::Empty).with(LOCATION, location)
    }

    /// Adds a header. The server leaves out a value that no header can hold.
    pub(crate) fn with(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn wrapped_in(mut self, jsonp: Option<Jsonp>) -> Self {
        self.jsonp = jsonp;
        self
    }

    pub(crate) const fn noting(mut self, happened: Happened) -> Self {
        self.happened = Some(happened);
        self
    }

    pub(crate) fn delivering(mut self, delivery: Delivery) -> Self {
        self.delivery = Some(delivery);
        self
    }
}
