//! Sends a request without any client: a socket, the bytes, the answer.

use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use http::{Request, Response, header};

use crate::message;

/// The limit of a wait: long enough for a slow machine, short enough to notice a test that hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// The longest answer, in bytes. No answer in a test is longer.
const ANSWER_MAX: u64 = 16 * 1024 * 1024;

/// Sends a request to `server` on a new connection and returns the answer, whatever its status.
///
/// The path and query of the URI are the target. `Host`, `Connection: close` and `Content-Length`
/// are added. Nothing is followed or repeated.
///
/// # Errors
///
/// - there is no connection, or no answer within twenty seconds: the error of the operating system
/// - the answer is no HTTP: [`io::ErrorKind::InvalidData`]
pub fn exchange(server: SocketAddr, request: &Request<Vec<u8>>) -> io::Result<Response<Vec<u8>>> {
    let answer = exchange_bytes(server, request)?;
    message::response(&answer).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// Sends a request and returns the answer's bytes as they came, up to the end of the connection.
///
/// # Errors
///
/// - there is no connection, or no answer within twenty seconds: the error of the operating system
pub fn exchange_bytes(server: SocketAddr, request: &Request<Vec<u8>>) -> io::Result<Vec<u8>> {
    let target = request
        .uri()
        .path_and_query()
        .map_or("/", http::uri::PathAndQuery::as_str);
    let mut bytes = format!(
        "{} {target} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\nContent-Length: {}\r\n",
        request.method(),
        request.body().len(),
    )
    .into_bytes();
    for (name, value) in request.headers() {
        if [header::HOST, header::CONNECTION, header::CONTENT_LENGTH].contains(name) {
            continue;
        }
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(request.body());

    let mut stream = TcpStream::connect_timeout(&server, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(&bytes)?;
    let mut answer = Vec::new();
    stream.take(ANSWER_MAX).read_to_end(&mut answer)?;
    Ok(answer)
}

/// Encodes the fields as `application/x-www-form-urlencoded`.
#[must_use]
pub fn form(fields: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| {
        let (name, value) = (form_encoded(name), form_encoded(value));
        format!("{name}={value}")
    };
    fields.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// Encodes the text as a value of `application/x-www-form-urlencoded`, without the code under test.
#[must_use]
pub fn form_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        match byte {
            b' ' => encoded.push('+'),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => {
                encoded.push(char::from(byte));
            }
            // A String takes whatever is written to it.
            other => write!(encoded, "%{other:02X}").unwrap_or_default(),
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Act, Script};

    #[test]
    fn appendix_b_of_rfc_6749_is_encoded_as_it_is_there() {
        assert_eq!(
            form_encoded(" %&+\u{a3}\u{20ac}"),
            "+%25%26%2B%C2%A3%E2%82%AC"
        );
        assert_eq!(form(&[("a", "b c&"), ("d", "\u{e9}")]), "a=b+c%26&d=%C3%A9");
    }

    #[test]
    fn a_request_arrives_as_it_was_made() {
        let script = Script::start([Act::answer("HTTP/1.1 204 No Content\r\n\r\n")]).unwrap();
        let mut request = Request::post("/a?b=c").body(b"d=e".to_vec()).unwrap();
        request
            .headers_mut()
            .insert("x-name", "value".parse().unwrap());
        let answer = exchange(script.addr(), &request).unwrap();
        assert_eq!(answer.status(), 204);
        let seen = script.requests();
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].uri(), "/a?b=c");
        assert_eq!(seen[0].headers()["x-name"], "value");
        assert_eq!(seen[0].body(), b"d=e");
    }
}
