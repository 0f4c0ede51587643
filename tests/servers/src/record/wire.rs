//! One request, one connection, one answer, byte for byte: nothing is followed, repeated or decoded.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use http::header::{CONTENT_TYPE, HeaderName, TRANSFER_ENCODING};
use http::{Method, Request, Response};
use twoba_testkit::{exchange_bytes, form, message};

/// What is asked of a server.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) method: Method,
    pub(super) target: String,
    headers: Vec<(HeaderName, String)>,
    pub(super) body: String,
}

impl Asked {
    pub(super) fn get(target: &str) -> Self {
        Self {
            method: Method::GET,
            target: target.to_owned(),
            headers: Vec::new(),
            body: String::new(),
        }
    }

    /// A body, posted.
    pub(super) fn post(target: &str, media_type: &str, body: String) -> Self {
        Self {
            method: Method::POST,
            body,
            ..Self::get(target)
        }
        .with(CONTENT_TYPE, media_type)
    }

    /// A form, posted.
    pub(super) fn form(target: &str, fields: &[(&str, &str)]) -> Self {
        Self::post(target, "application/x-www-form-urlencoded", form(fields))
    }

    pub(super) fn with(mut self, name: HeaderName, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    fn request(&self) -> Result<Request<Vec<u8>>, http::Error> {
        let request = Request::builder().method(&self.method).uri(&self.target);
        let headers = self.headers.iter();
        headers
            .fold(request, |request, (name, value)| {
                request.header(name, value)
            })
            .body(self.body.clone().into_bytes())
    }
}

/// What a server answered, and all of it as it was on the wire.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) message: Response<Vec<u8>>,
    pub(super) text: String,
}

impl Answer {
    fn parse(bytes: Vec<u8>) -> Result<Self> {
        let message = message::response(&bytes)?;
        if message.headers().contains_key(TRANSFER_ENCODING) {
            bail!("an answer in chunks, which fixtures are not");
        }
        let text = String::from_utf8(bytes).context("an answer that is not UTF-8")?;
        Ok(Self { message, text })
    }

    /// The body, which is text as the rest is.
    pub(super) fn body(&self) -> &str {
        str::from_utf8(self.message.body()).unwrap_or_default()
    }
}

/// Sends the request and reads to the end of the connection.
pub(super) fn exchange(server: SocketAddr, asked: &Asked) -> Result<Answer> {
    let answer = exchange_bytes(server, &asked.request()?).map_err(anyhow::Error::from);
    let answer = answer.and_then(Answer::parse);
    answer.with_context(|| format!("{} {}", asked.method, asked.target))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_whole() {
        let bytes = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\n{}".to_vec();
        let answer = Answer::parse(bytes.clone()).unwrap();
        assert_eq!(
            (answer.message.status().as_u16(), answer.body()),
            (400, "{}")
        );
        assert_eq!(answer.text.as_bytes(), bytes);
    }

    #[test]
    fn what_is_no_fixture_is_refused() {
        for bad in [
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "hello\r\n\r\n",
        ] {
            assert!(Answer::parse(bad.into()).is_err(), "{bad}");
        }
    }
}
