//! Finds the end and the parts of an HTTP/1.1 message. It judges none of them.

use std::fmt;

use http::header::CONTENT_LENGTH;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};

/// The most header lines of a message. No message in a test has more.
const HEADERS_MAX: usize = 64;

/// Why bytes are no HTTP/1.1 message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageError {
    /// The head breaks off.
    Incomplete,
    /// The head breaks the grammar.
    Head(httparse::Error),
    /// The head has a value that the `http` crate does not support.
    Unsupported(&'static str),
    /// `Content-Length` differs from the number of bytes after the head.
    Length {
        /// The length in the header.
        promised: usize,
        /// The number of bytes.
        found: usize,
    },
}

impl fmt::Display for MessageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Incomplete => f.write_str("the head breaks off"),
            Self::Head(error) => write!(f, "the head is against the grammar: {error}"),
            Self::Unsupported(part) => write!(f, "{part} cannot be represented"),
            Self::Length { promised, found } => {
                write!(
                    f,
                    "Content-Length is {promised}, the body has {found} bytes"
                )
            }
        }
    }
}

impl std::error::Error for MessageError {}

/// The head of a message and its length in bytes, the empty line included.
pub(crate) struct Head<T> {
    pub(crate) message: T,
    pub(crate) length: usize,
}

/// Reads a whole request. Its URI is the target in the request line.
///
/// # Errors
///
/// - the bytes are no request: [`MessageError::Head`], [`MessageError::Incomplete`] or
///   [`MessageError::Unsupported`]
/// - the body is longer or shorter than `Content-Length`: [`MessageError::Length`]
pub fn request(bytes: &[u8]) -> Result<Request<Vec<u8>>, MessageError> {
    let head = request_head(bytes)?;
    let body = bytes.get(head.length..).unwrap_or_default();
    check_length(head.message.headers(), body)?;
    Ok(head.message.map(|()| body.to_vec()))
}

/// Reads a whole response.
///
/// # Errors
///
/// - as for [`request`]
pub fn response(bytes: &[u8]) -> Result<Response<Vec<u8>>, MessageError> {
    let mut lines = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut parsed = httparse::Response::new(&mut lines);
    let length = length(parsed.parse(bytes))?;
    let body = bytes.get(length..).unwrap_or_default();
    let mut response = Response::new(body.to_vec());
    let status = parsed.code.ok_or(MessageError::Incomplete)?;
    *response.status_mut() =
        StatusCode::from_u16(status).map_err(|_| MessageError::Unsupported("the status"))?;
    *response.headers_mut() = headers(parsed.headers)?;
    check_length(response.headers(), body)?;
    Ok(response)
}

pub(crate) fn request_head(bytes: &[u8]) -> Result<Head<Request<()>>, MessageError> {
    let mut lines = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut parsed = httparse::Request::new(&mut lines);
    let length = length(parsed.parse(bytes))?;
    let mut message = Request::new(());
    *message.method_mut() = parsed
        .method
        .and_then(|method| Method::from_bytes(method.as_bytes()).ok())
        .ok_or(MessageError::Unsupported("the method"))?;
    *message.uri_mut() = parsed
        .path
        .and_then(|target| target.parse::<Uri>().ok())
        .ok_or(MessageError::Unsupported("the target"))?;
    *message.headers_mut() = headers(parsed.headers)?;
    Ok(Head { message, length })
}

/// The value of `Content-Length`, if there is one.
pub(crate) fn promised_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn length(parsed: httparse::Result<usize>) -> Result<usize, MessageError> {
    match parsed {
        Ok(httparse::Status::Complete(length)) => Ok(length),
        Ok(httparse::Status::Partial) => Err(MessageError::Incomplete),
        Err(error) => Err(MessageError::Head(error)),
    }
}

fn headers(lines: &[httparse::Header<'_>]) -> Result<HeaderMap, MessageError> {
    let mut headers = HeaderMap::with_capacity(lines.len());
    for line in lines {
        let name = HeaderName::from_bytes(line.name.as_bytes())
            .map_err(|_| MessageError::Unsupported("a header's name"))?;
        let value = HeaderValue::from_bytes(line.value)
            .map_err(|_| MessageError::Unsupported("a header's value"))?;
        headers.append(name, value);
    }
    Ok(headers)
}

fn check_length(headers: &HeaderMap, body: &[u8]) -> Result<(), MessageError> {
    match promised_length(headers) {
        Some(promised) if promised != body.len() => Err(MessageError::Length {
            promised,
            found: body.len(),
        }),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_taken_apart() {
        let bytes = b"POST /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nd=e";
        let request = request(bytes).unwrap();
        assert_eq!(request.method(), Method::POST);
        assert_eq!(request.uri(), "/a?b=c");
        assert_eq!(request.headers()["host"], "x");
        assert_eq!(request.body(), b"d=e");
    }

    #[test]
    fn an_answer_is_taken_apart() {
        let bytes = b"HTTP/1.1 400 Bad Request\r\nA: 1\r\nA: 2\r\n\r\nrest";
        let response = response(bytes).unwrap();
        assert_eq!(response.status(), 400);
        assert_eq!(response.headers().get_all("a").iter().count(), 2);
        assert_eq!(response.body(), b"rest");
    }

    #[test]
    fn a_message_that_is_not_whole_is_refused() {
        assert_eq!(
            request(b"GET / HTTP/1.1\r\n").err(),
            Some(MessageError::Incomplete)
        );
        assert_eq!(
            response(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab").err(),
            Some(MessageError::Length {
                promised: 3,
                found: 2
            })
        );
        assert!(matches!(
            response(b"\x16\x03\x01"),
            Err(MessageError::Head(_))
        ));
    }
}
