//! `WWW-Authenticate`: what is read is bounded, well-formed, and the same when written again.

use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use twoba_core::{BearerError, Challenge, rejects_token};

use crate::shown::assert_stripped;

/// Most challenges, and most parameters of one: the core's own bound.
const COUNT_MAX: usize = 32;

/// Reads challenges, one header line a line of input.
///
/// # Panics
///
/// - reading is not deterministic, or not bounded
/// - a scheme or name is no token in lower case
/// - the challenges, written in the plainest way, are read differently
/// - a token is rejected by another status than 401
pub fn challenge(data: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in data.split(|&b| b == b'\n').take(64) {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(WWW_AUTHENTICATE, value);
        }
    }
    let challenges = Challenge::parse(&headers);
    assert_eq!(challenges, Challenge::parse(&headers));
    assert!(challenges.len() <= COUNT_MAX);
    for challenge in &challenges {
        assert_token(&challenge.scheme);
        assert!(challenge.parameters.len() <= COUNT_MAX);
        assert!(challenge.token68.is_none() || challenge.parameters.is_empty());
        for (name, _) in &challenge.parameters {
            assert_token(name);
            assert!(challenge.parameter(name).is_some());
        }
    }
    let again = Challenge::parse(&written(&challenges));
    assert_eq!(challenges, again);

    let error = BearerError::of(&headers);
    if let Some(BearerError::Other(text)) = &error {
        assert_stripped(text);
    }
    let mut response = Response::new(());
    *response.headers_mut() = headers;
    for status in [
        StatusCode::UNAUTHORIZED,
        StatusCode::FORBIDDEN,
        StatusCode::OK,
    ] {
        *response.status_mut() = status;
        let hopeless = matches!(
            error,
            Some(BearerError::InvalidRequest | BearerError::InsufficientScope)
        );
        let rejected = status == StatusCode::UNAUTHORIZED && !hopeless;
        assert_eq!(rejects_token(&response), rejected);
    }
}

fn assert_token(text: &str) {
    let allowed =
        |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"!#$%&'*+-.^_`|~".contains(&b);
    assert!(!text.is_empty() && text.bytes().all(allowed), "{text:?}");
}

/// One line a challenge, every value quoted.
fn written(challenges: &[Challenge]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for challenge in challenges {
        let mut line = challenge.scheme.clone();
        if let Some(token68) = &challenge.token68 {
            line.push(' ');
            line.push_str(token68);
        }
        for (place, (name, value)) in challenge.parameters.iter().enumerate() {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"");
            let joint = if place == 0 { " " } else { ", " };
            line.push_str(&format!("{joint}{name}=\"{value}\""));
        }
        let value = HeaderValue::from_bytes(line.as_bytes());
        assert!(value.is_ok(), "{line:?}");
        headers.extend(value.map(|value| (WWW_AUTHENTICATE, value)));
    }
    headers
}
