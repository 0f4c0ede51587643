//! Decides how a client that is none of ours gets what can be imported.

use http::header::CONTENT_TYPE;
use http::{Method, Request};
use serde_json::Value;
use twoba_core::RefreshToken;
use twoba_testkit::{exchange, form_encoded};

use crate::{CLIENT, PASSWORD, SECRET, USER};

/// The refresh token that another client has got by password from the emulator at this address.
#[must_use]
pub fn refresh_token_at(emulator: &str) -> RefreshToken {
    let form: String = [
        ("grant_type", "password"),
        ("username", USER),
        ("password", PASSWORD),
        ("client_id", CLIENT),
        ("client_secret", SECRET),
    ]
    .iter()
    .map(|(name, value)| format!("{name}={}&", form_encoded(value)))
    .collect();
    let request = Request::builder()
        .method(Method::POST)
        .uri("/OAuth/Token")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form.trim_end_matches('&').to_owned().into_bytes())
        .unwrap();
    let server = emulator.trim_start_matches("http://");
    let answer = exchange(server.parse().unwrap(), &request).unwrap();
    let answer: Value = serde_json::from_slice(answer.body()).unwrap();
    let token = answer.get("refresh_token").and_then(Value::as_str);
    RefreshToken::parse(token.unwrap()).unwrap()
}
