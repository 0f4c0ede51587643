//! Browser logins: the URL that starts one, and every way it can come back.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::*;
use crate::provider::{Endpoint, Provider};
use crate::secret::ClientSecret;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_000_000);

fn client(authorize: &str) -> Client {
    let provider =
        Provider::two_ba().with_authorization_endpoint(Endpoint::parse(authorize).unwrap());
    let secret = ClientSecret::parse("myApplicationSecret").unwrap();
    Client::confidential(provider, "myApplication", secret).unwrap()
}

fn started() -> (String, Login) {
    let redirect = RedirectUri::parse("http://127.0.0.1:8080/cb").unwrap();
    client("https://id.example/authorize")
        .authorize(redirect, Seed::from_bytes([1; 32]), NOW)
        .unwrap()
}

fn parameters(url: &str) -> Vec<(String, String)> {
    serde_urlencoded::from_str(url.split_once('?').unwrap().1).unwrap()
}

fn value(url: &str, name: &str) -> String {
    let pairs = parameters(url);
    let mut found = pairs.into_iter().filter(|(key, _)| key == name);
    let (_, value) = found.next().unwrap();
    assert!(found.next().is_none(), "{name} stands there once");
    value
}

#[test]
fn a_browser_login_asks_with_state_and_pkce() {
    let (url, login) = started();
    assert!(url.starts_with("https://id.example/authorize?response_type=code&"));
    assert_eq!(value(&url, "redirect_uri"), "http://127.0.0.1:8080/cb");
    assert_eq!(value(&url, "code_challenge_method"), "S256");
    assert_eq!(value(&url, "code_challenge"), challenge(&login.verifier));
    assert_eq!(value(&url, "state").len(), 43);
    assert!(
        !url.contains("scope="),
        "no scope is asked for unless given"
    );
    assert!(!url.contains(login.verifier.as_str()));
}

#[test]
fn the_challenge_is_the_one_of_rfc_7636_appendix_b() {
    assert_eq!(
        challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    );
}

#[test]
fn a_query_of_the_endpoint_is_kept() {
    let redirect = RedirectUri::parse("http://127.0.0.1/").unwrap();
    let (url, _) = client("https://id.example/authorize?tenant=a")
        .authorize(redirect, Seed::from_bytes([1; 32]), NOW)
        .unwrap();
    assert!(url.starts_with("https://id.example/authorize?tenant=a&response_type=code&"));
}

/// What `callback` makes of a query in which `{state}` stands for the right one.
fn outcome(query: &str) -> Result<String, LoginError> {
    let (url, login) = started();
    let query = query.replace("{state}", &value(&url, "state"));
    let exchange = login.callback(NOW, &query)?;
    Ok(exchange.code.expose().into())
}

#[test]
fn a_good_answer_is_taken_however_it_is_ordered() {
    for query in [
        "code=sdfsdfsGEasd&state={state}",
        "?state={state}&code=sdfsdfsGEasd",
        "state={state}&session_state=x&scope=a+b&code=sdfsdfsGEasd&&foo",
    ] {
        assert_eq!(outcome(query), Ok("sdfsdfsGEasd".into()), "{query}");
    }
    assert_eq!(outcome("code=a%2B%2F%3D&state={state}"), Ok("a+/=".into()));
}

#[test]
fn an_answer_that_is_not_this_logins_is_refused() {
    for (query, why) in [
        ("code=x", CallbackError::State),
        ("code=x&state=", CallbackError::State),
        ("code=x&state=other", CallbackError::State),
        ("error=access_denied&state=other", CallbackError::State),
        (
            "code=x&state={state}&state={state}",
            CallbackError::Repeated("state"),
        ),
        (
            "code=x&code=x&state={state}",
            CallbackError::Repeated("code"),
        ),
        (
            "error=a&error=a&state={state}",
            CallbackError::Repeated("error"),
        ),
        ("state={state}", CallbackError::Code),
        ("state={state}&code=", CallbackError::Code),
        ("state={state}&code=a%00", CallbackError::Code),
        ("", CallbackError::State),
    ] {
        assert_eq!(outcome(query), Err(LoginError::Callback(why)), "{query}");
    }
    let long = format!("code={}&state={{state}}", "x".repeat(64 * 1024));
    assert_eq!(
        outcome(&long),
        Err(LoginError::Callback(CallbackError::TooLong))
    );
}

#[test]
fn a_person_may_paste_the_url_the_query_or_the_code() {
    let pasted = |text: &str| {
        let (url, login) = started();
        let text = text.replace("{state}", &value(&url, "state"));
        let exchange = login.pasted(NOW, &text)?;
        Ok::<String, LoginError>(exchange.code.expose().into())
    };
    for text in [
        "http://127.0.0.1:8080/cb?code=abc&state={state}",
        " http://127.0.0.1:8080/cb?state={state}&code=abc#_=_\n",
        "?code=abc&state={state}",
        "code=abc&state={state}",
        "abc",
        " abc\r\n",
    ] {
        assert_eq!(pasted(text), Ok("abc".into()), "{text}");
    }
    let foreign = pasted("http://127.0.0.1:8080/cb?code=abc&state=other");
    assert_eq!(foreign, Err(LoginError::Callback(CallbackError::State)));
    assert_eq!(pasted("  "), Err(LoginError::Callback(CallbackError::Code)));
}

#[test]
fn an_error_of_the_login_page_is_told_in_printable_words() {
    let error = outcome("error=access_denied&error_description=a%0D%0A%1Bb&state={state}");
    assert_eq!(
        error,
        Err(LoginError::Denied {
            code: ErrorCode::AccessDenied,
            description: Some("ab".into()),
        })
    );
}

#[test]
fn an_answer_after_ten_minutes_is_too_late() {
    let (url, login) = started();
    let query = format!("code=x&state={}", value(&url, "state"));
    assert!(login.is_answered_by(&query));
    assert!(!login.is_answered_by("code=x&state=other"));
    let late = NOW.saturating_add(LOGIN_MAX_AGE + core::time::Duration::from_millis(1));
    assert_eq!(
        login.callback(late, &query).err(),
        Some(LoginError::Expired)
    );
}

#[test]
fn the_code_goes_with_its_verifier_and_the_same_redirect() {
    let (url, login) = started();
    let verifier = login.verifier.clone();
    let query = format!("code=sdfsdfsGEasd&state={}", value(&url, "state"));
    let client = client("https://id.example/authorize");
    let (request, _reply) = login.callback(NOW, &query).unwrap().request(&client, NOW);
    let fields: Vec<(String, String)> =
        serde_urlencoded::from_bytes(request.body().as_ref()).unwrap();
    let expected = [
        ("grant_type", "authorization_code"),
        ("code", "sdfsdfsGEasd"),
        ("redirect_uri", "http://127.0.0.1:8080/cb"),
        ("code_verifier", verifier.as_str()),
        ("client_id", "myApplication"),
        ("client_secret", "myApplicationSecret"),
    ]
    .map(|(name, value)| (name.into(), value.into()));
    assert_eq!(fields, expected);
}
