//! Decides what a request to a token endpoint looks like and how a refresh token is taken from an answer.

use std::fmt::Write as _;
use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;

use crate::connection::Answer;

/// The documented client, as form parameters.
const CLIENT: &str = "client_id=myApplication&client_secret=myApplicationSecret";
/// The documented user, as a grant.
const LOGIN: &str = "grant_type=password&username=demo%40example.com&password=myPassword";

/// A token endpoint at which the documented client and user are known.
#[derive(Clone, Debug)]
pub struct Endpoint {
    pub(crate) address: SocketAddr,
    /// The head up to the value of `Content-Length`.
    head: String,
}

impl Endpoint {
    /// Reads `http://ADDRESS:PORT/PATH`.
    #[must_use]
    pub fn parse(url: &str) -> Option<Self> {
        let (address, path) = url.strip_prefix("http://")?.split_once('/')?;
        Some(Self {
            address: address.parse().ok()?,
            head: format!(
                "POST /{path} HTTP/1.1\r\nHost: {address}\r\nAccept: application/json\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\nContent-Length: "
            ),
        })
    }

    /// Writes the request for a login.
    pub(crate) fn login(&self, request: &mut String) {
        self.request(request, LOGIN, "");
    }

    /// Writes the request for a refresh; `encoded` is the refresh token, form encoded.
    pub(crate) fn refresh(&self, request: &mut String, encoded: &str) {
        self.request(request, "grant_type=refresh_token&refresh_token=", encoded);
    }

    fn request(&self, request: &mut String, grant: &str, end: &str) {
        let length = CLIENT.len() + 1 + grant.len() + end.len();
        request.clear();
        request.push_str(&self.head);
        // A string takes everything.
        write!(request, "{length}\r\n\r\n{CLIENT}&{grant}{end}").unwrap_or_default();
    }
}

/// Takes the refresh token from a success, form encoded.
pub(crate) fn refresh_token(answer: &Answer<'_>, encoded: &mut String) -> Result<()> {
    const NAME: &str = "\"refresh_token\":\"";
    let wrong = || Error::new(ErrorKind::InvalidData, format!("status {}", answer.status));
    if answer.status != 200 {
        return Err(wrong());
    }
    let body = std::str::from_utf8(answer.body).map_err(|_| wrong())?;
    let (_, token) = body.split_once(NAME).ok_or_else(wrong)?;
    let (token, _) = token.split_once('"').ok_or_else(wrong)?;
    encoded.clear();
    for byte in token.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").unwrap_or_default();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_as_long_as_it_says() {
        let endpoint = Endpoint::parse("http://127.0.0.1:80/a/b").unwrap();
        let mut request = String::new();
        endpoint.refresh(&mut request, "x%21y");
        assert!(request.starts_with("POST /a/b HTTP/1.1\r\nHost: 127.0.0.1:80\r\n"));
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        assert!(body.ends_with("&grant_type=refresh_token&refresh_token=x%21y"));
        assert!(head.ends_with(&format!("Content-Length: {}", body.len())));
    }

    #[test]
    fn a_refresh_token_is_taken_from_a_success_only() {
        let body = br#"{"a":1,"refresh_token":"x!y","b":2}"#;
        let mut token = String::new();
        refresh_token(&Answer { status: 200, body }, &mut token).unwrap();
        assert_eq!(token, "x%21y");
        assert!(refresh_token(&Answer { status: 400, body }, &mut token).is_err());
        let body = br#"{"a":1}"#;
        assert!(refresh_token(&Answer { status: 200, body }, &mut token).is_err());
    }
}
