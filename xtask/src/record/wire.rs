//! One request, one connection, one answer, byte for byte: nothing is followed, repeated or decoded.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// Long enough for a server that has just started on a slow machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// More than any answer or page that is recorded or walked through.
const ANSWER_MAX: u64 = 4 * 1024 * 1024;

/// What is asked of a server.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) method: &'static str,
    pub(super) target: String,
    /// Header lines, each with its line end.
    pub(super) headers: String,
    pub(super) body: String,
}

impl Request {
    pub(super) fn get(target: &str) -> Self {
        Self {
            method: "GET",
            target: target.to_owned(),
            headers: String::new(),
            body: String::new(),
        }
    }

    /// A form, posted.
    pub(super) fn post(target: &str, fields: &[(&str, &str)]) -> Self {
        Self {
            method: "POST",
            target: target.to_owned(),
            headers: "Content-Type: application/x-www-form-urlencoded\r\n".to_owned(),
            body: form(fields),
        }
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push_str(&format!("{name}: {value}\r\n"));
        self
    }

    fn bytes(&self, server: SocketAddr) -> Vec<u8> {
        format!(
            "{} {} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n{}Content-Length: {}\r\n\r\n{}",
            self.method,
            self.target,
            self.headers,
            self.body.len(),
            self.body
        )
        .into_bytes()
    }
}

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
    /// All of it, as it was on the wire.
    pub(super) text: String,
}

impl Answer {
    /// Reads a whole message whose end is the connection's, or where `Content-Length` says.
    pub(super) fn parse(bytes: Vec<u8>) -> Result<Self> {
        let text = String::from_utf8(bytes).context("an answer that is not UTF-8")?;
        let (head, body) = text.split_once("\r\n\r\n").context("the head breaks off")?;
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let status = status.context("no status")?.parse()?;
        let pair = |line: &str| -> Result<(String, String)> {
            let (name, value) = line.split_once(':').context("a line that is no header")?;
            Ok((name.to_ascii_lowercase(), value.trim().to_owned()))
        };
        let answer = Self {
            status,
            headers: lines.map(pair).collect::<Result<_>>()?,
            body: body.to_owned(),
            text: text.clone(),
        };
        if answer.header("transfer-encoding").is_some() {
            bail!("an answer in chunks, which fixtures are not");
        }
        let promised = answer.header("content-length");
        if promised.is_some_and(|length| length != body.len().to_string()) {
            bail!("an answer of another length than it says");
        }
        Ok(answer)
    }

    /// The first value of a header, by its name in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name)?;
        Some(&found.1)
    }
}

/// Sends the request and reads to the end of the connection.
pub(super) fn exchange(server: SocketAddr, request: &Request) -> Result<Answer> {
    let mut stream = TcpStream::connect_timeout(&server, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(&request.bytes(server))?;
    let mut bytes = Vec::new();
    stream.take(ANSWER_MAX).read_to_end(&mut bytes)?;
    Answer::parse(bytes).with_context(|| format!("{} {}", request.method, request.target))
}

/// The fields as `application/x-www-form-urlencoded`.
pub(super) fn form(fields: &[(&str, &str)]) -> String {
    let pairs = fields
        .iter()
        .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b' ' => out.push('+'),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => {
                out.push(char::from(byte));
            }
            // A String takes whatever is written to it.
            other => write!(out, "%{other:02X}").unwrap_or_default(),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_encoded() {
        assert_eq!(form(&[("a", "b c&"), ("d", "\u{e9}")]), "a=b+c%26&d=%C3%A9");
    }

    #[test]
    fn an_answer_is_read_whole() {
        let bytes = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\nX-A:b\r\n\r\n{}".to_vec();
        let answer = Answer::parse(bytes.clone()).unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (400, "{}"));
        assert_eq!(answer.header("x-a"), Some("b"));
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
