//! Authenticates the client of a request, by form body or Basic.

use base64ct::{Base64, Base64Unpadded, Encoding};
use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;
use twoba_sample_services::form::{self, Parameters};

use super::assertion;
use super::request::only;
use crate::refusal::Refusal;
use crate::registry::{RegisteredClient, Registry};
use crate::world::Shared;

/// The challenge of a refused header.
pub(super) const CHALLENGE: &str = r#"Basic realm="2BA emulator", error="invalid_client""#;

/// Whether the client tried to authenticate with a header. A refusal then has to challenge it.
pub(super) fn is_by_header(headers: &HeaderMap) -> bool {
    headers.contains_key(AUTHORIZATION)
}

/// The client that the request authenticates.
pub(super) fn authenticate<'s>(
    shared: &'s Shared,
    headers: &HeaderMap,
    form: &Parameters,
) -> Result<&'s RegisteredClient, Refusal> {
    match (assertion::is_in(form), is_by_header(headers)) {
        (true, true) => Err(Refusal::TwoClientAuthentications),
        (true, false) => assertion::authenticate(shared, form),
        (false, _) => by_secret(&shared.registry, headers, form),
    }
}

/// The client that authenticates by a secret, or has none.
fn by_secret<'r>(
    registry: &'r Registry,
    headers: &HeaderMap,
    form: &Parameters,
) -> Result<&'r RegisteredClient, Refusal> {
    if !is_by_header(headers) {
        let id = form.get("client_id").ok_or(Refusal::NoClient)?;
        return prove(registry, id, form.get("client_secret"));
    }
    // RFC 6749 section 2.3: not more than one method in a request.
    if form.names("client_secret") {
        return Err(Refusal::TwoClientAuthentications);
    }
    let (id, secret) = basic(headers).ok_or(Refusal::MalformedClientAuthentication)?;
    // RFC 6749 section 2.3.1 wants both halves form encoded; half of the world sends them raw.
    let client = match (form::decode(id.as_bytes()), form::decode(secret.as_bytes())) {
        (Ok(id), Ok(secret)) => prove(registry, &id, Some(&secret)),
        (Err(form::Malformed), _) | (_, Err(form::Malformed)) => Err(Refusal::UnknownClient),
    }
    .or_else(|_| prove(registry, &id, Some(&secret)))?;
    match form.get("client_id") {
        Some(other) if other != client.id() => Err(Refusal::TwoClientAuthentications),
        Some(_) | None => Ok(client),
    }
}

fn prove<'r>(
    registry: &'r Registry,
    id: &str,
    secret: Option<&str>,
) -> Result<&'r RegisteredClient, Refusal> {
    let client = registry.client(id).ok_or(Refusal::UnknownClient)?;
    // RFC 6749 section 2.3.1: an empty secret may be left out, so it says nothing.
    if client.proves_itself(secret.filter(|secret| !secret.is_empty())) {
        Ok(client)
    } else {
        Err(Refusal::WrongClientSecret)
    }
}

/// Id and secret of a Basic header, as sent.
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let (scheme, credentials) = only(headers, &AUTHORIZATION)?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    basic_credentials(credentials)
}

/// Id and secret of what follows `Basic`, as sent.
pub(super) fn basic_credentials(credentials: &str) -> Option<(String, String)> {
    let credentials = credentials.trim();
    let bytes = Base64::decode_vec(credentials)
        .or_else(|_| Base64Unpadded::decode_vec(credentials))
        .ok()?;
    let (id, secret) = String::from_utf8(bytes)
        .ok()?
        .split_once(':')
        .map(|(id, secret)| (id.to_owned(), secret.to_owned()))?;
    Some((id, secret))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    fn registry() -> Registry {
        Registry::new(
            vec![
                RegisteredClient::confidential("a client", "s+e%c r:e&t"),
                RegisteredClient::public("p"),
            ],
            Vec::new(),
        )
    }

    fn header(credentials: &str) -> HeaderMap {
        let value = format!("Basic {}", Base64::encode_string(credentials.as_bytes()));
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::try_from(value).unwrap());
        headers
    }

    #[track_caller]
    fn check(headers: &HeaderMap, form: &str, expected: Result<&str, Refusal>) {
        let registry = registry();
        let form = Parameters::parse(form.as_bytes()).unwrap();
        assert_eq!(
            by_secret(&registry, headers, &form).map(RegisteredClient::id),
            expected
        );
    }

    #[test]
    fn a_form_body_proves_a_client() {
        let none = HeaderMap::new();
        let secret = "s%2Be%25c+r%3Ae%26t";
        check(
            &none,
            &format!("client_id=a+client&client_secret={secret}"),
            Ok("a client"),
        );
        check(
            &none,
            "client_id=a+client&client_secret=x",
            Err(Refusal::WrongClientSecret),
        );
        check(&none, "client_id=a+client", Err(Refusal::WrongClientSecret));
        check(&none, "client_id=b", Err(Refusal::UnknownClient));
        check(&none, "", Err(Refusal::NoClient));
    }

    #[test]
    fn basic_proves_a_client_encoded_and_raw() {
        check(&header("a+client:s%2Be%25c+r%3Ae%26t"), "", Ok("a client"));
        check(
            &header("a%20client:s%2Be%25c%20r%3Ae%26t"),
            "",
            Ok("a client"),
        );
        check(&header("a client:s+e%c r:e&t"), "", Ok("a client"));
        check(&header("a client:x"), "", Err(Refusal::WrongClientSecret));
        check(&header("b:x"), "", Err(Refusal::UnknownClient));
    }

    #[test]
    fn a_public_client_needs_no_secret_and_has_none() {
        let none = HeaderMap::new();
        check(&none, "client_id=p", Ok("p"));
        check(&none, "client_id=p&client_secret=", Ok("p"));
        check(
            &none,
            "client_id=p&client_secret=x",
            Err(Refusal::WrongClientSecret),
        );
        check(&header("p:"), "", Ok("p"));
    }

    #[test]
    fn two_methods_at_once_are_refused() {
        let both = header("a client:s+e%c r:e&t");
        let two = Err(Refusal::TwoClientAuthentications);
        check(&both, "client_secret=x", two);
        check(&both, "client_id=p", two);
        check(&both, "client_id=a+client", Ok("a client"));
    }

    #[test]
    fn a_header_that_cannot_be_read_is_refused() {
        for value in ["Basic", "Basic !", "Bearer abc", "Basic YWJj"] {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, HeaderValue::from_static(value));
            check(&headers, "", Err(Refusal::MalformedClientAuthentication));
        }
    }
}
