//! Browser logins: the URL that starts one, and every way it can come back.

mod pasted;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::*;
use crate::answer::ErrorCode;
use crate::client::{Client, ClientError};
use crate::limits::LOGIN_MAX_AGE;
use crate::provider::{Endpoint, Provider};
use crate::secret::ClientSecret;
use crate::seed::Seed;
use crate::time::Timestamp;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_000_000);

fn client(authorize: &str) -> Client {
    let provider =
        Provider::two_ba().with_authorization_endpoint(Endpoint::parse(authorize).unwrap());
    let secret = ClientSecret::parse("myApplicationSecret").unwrap();
    Client::confidential(provider, "myApplication", secret).unwrap()
}

fn started() -> (String, Login) {
    started_at("http://127.0.0.1:8080/cb")
}

fn started_at(redirect: &str) -> (String, Login) {
    let redirect = RedirectUri::parse(redirect).unwrap();
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

// shows: AZ1 AZ2 AZ7 AZ12
#[test]
fn a_browser_login_asks_with_state_and_pkce() {
    let (url, login) = started();
    assert!(url.starts_with("https://id.example/authorize?response_type=code&"));
    assert_eq!(value(&url, "redirect_uri"), "http://127.0.0.1:8080/cb");
    assert_eq!(value(&url, "code_challenge_method"), "S256");
    assert_eq!(
        value(&url, "code_challenge"),
        authorize::challenge(&login.verifier)
    );
    assert_eq!(value(&url, "state").len(), 43);
    assert!(
        !url.contains("scope="),
        "no scope is asked for unless given"
    );
    assert!(!url.contains(login.verifier.as_str()));
}

// shows: AZ2
#[test]
fn the_challenge_is_the_one_of_rfc_7636_appendix_b() {
    assert_eq!(
        authorize::challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    );
}

// shows: AZ9
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

// shows: AR1
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

// shows: AZ7 AR2
#[test]
fn an_answer_that_is_not_this_logins_is_refused() {
    for (query, why) in [
        ("code=x", CallbackError::StateMissing),
        ("code=x&state=", CallbackError::StateMissing),
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
        ("", CallbackError::StateMissing),
    ] {
        assert_eq!(outcome(query), Err(LoginError::Callback(why)), "{query}");
    }
    let long = format!("code={}&state={{state}}", "x".repeat(64 * 1024));
    assert_eq!(
        outcome(&long),
        Err(LoginError::Callback(CallbackError::TooLong))
    );
}

// shows: AR11
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

// shows: TK7 TK8
#[test]
fn the_code_goes_with_its_verifier_and_the_same_redirect() {
    let (url, login) = started();
    let verifier = login.verifier.clone();
    let query = format!("code=sdfsdfsGEasd&state={}", value(&url, "state"));
    let client = client("https://id.example/authorize");
    let (request, _reply) = login
        .callback(NOW, &query)
        .unwrap()
        .request(&client, NOW)
        .unwrap();
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

fn session_of(login: &Login) -> Vec<u8> {
    login.to_bytes().to_vec()
}

// shows: AZ5
#[test]
fn a_login_is_remembered_by_another_process() {
    let (url, login) = started();
    let bytes = session_of(&login);
    drop(login);
    let query = format!("code=abc&state={}", value(&url, "state"));
    let restored = Login::from_bytes(&bytes).unwrap();
    let client = client("https://id.example/authorize");
    let exchange = restored.callback(NOW, &query).unwrap();
    let (request, _reply) = exchange.request(&client, NOW).unwrap();
    let body = core::str::from_utf8(request.body().as_ref()).unwrap();
    let verifier = body.split("code_verifier=").nth(1).unwrap();
    let verifier = verifier.split('&').next().unwrap();
    assert_eq!(
        value(&url, "code_challenge"),
        authorize::challenge(verifier)
    );
}

#[test]
fn a_remembered_login_that_is_cut_or_changed_is_refused() {
    let (_, login) = started();
    let bytes = session_of(&login);
    for end in 0..bytes.len() {
        let cut = Login::from_bytes(&bytes[..end]);
        assert_eq!(cut.err(), Some(RememberedLoginError::Torn), "cut at {end}");
    }
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1;
        assert!(Login::from_bytes(&flipped).is_err(), "byte {at}");
    }
    let newer = Login::from_bytes(b"twoba-login 9 x\n{}");
    assert_eq!(
        newer.err(),
        Some(RememberedLoginError::Newer { version: 9 })
    );
}

#[test]
fn a_remembered_login_without_a_state_or_a_verifier_is_refused() {
    for (state, verifier) in [("", "v"), ("s", "")] {
        let (_, login) = started();
        let emptied = Login {
            state: String::from(state).into(),
            verifier: String::from(verifier).into(),
            ..login
        };
        let restored = Login::from_bytes(&session_of(&emptied));
        assert_eq!(restored.err(), Some(RememberedLoginError::Torn));
    }
}

// shows: AR7
#[test]
fn a_code_goes_to_the_server_that_the_login_was_started_at() {
    let (url, login) = started();
    let query = format!("code=abc&state={}", value(&url, "state"));
    let bytes = session_of(&login);
    let exchange = login.callback(NOW, &query).unwrap();
    let elsewhere = Client::public(Provider::two_ba_beta(), "myApplication").unwrap();
    assert_eq!(
        exchange.request(&elsewhere, NOW).err(),
        Some(LoginError::AnotherClient)
    );
    let another = Client::public(Provider::two_ba(), "another").unwrap();
    let exchange = Login::from_bytes(&bytes)
        .unwrap()
        .callback(NOW, &query)
        .unwrap();
    assert_eq!(
        exchange.request(&another, NOW).err(),
        Some(LoginError::AnotherClient)
    );
}

/// What a login at a server of this name makes of an answer.
fn named(provider: Provider, query: &str) -> Result<(), LoginError> {
    let client = Client::public(provider, "app").unwrap();
    let redirect = RedirectUri::parse("http://127.0.0.1/cb").unwrap();
    let (url, login) = client
        .authorize(redirect, Seed::from_bytes([2; 32]), NOW)
        .unwrap();
    let query = query.replace("{state}", &value(&url, "state"));
    login.callback(NOW, &query).map(|_| ())
}

// shows: AR2 AR3 AR4 AR5 AR6
#[test]
fn an_answer_that_names_another_server_is_a_mix_up() {
    let issuer = "https://id.example/tenant";
    let mix_up = Err(LoginError::Callback(CallbackError::Issuer));
    let known = Provider::two_ba().with_issuer(issuer);
    let announced = Provider::two_ba().with_announced_issuer(issuer);
    let right = "code=a&state={state}&iss=https%3A%2F%2Fid.example%2Ftenant";
    for provider in [Provider::two_ba(), known.clone(), announced.clone()] {
        assert_eq!(named(provider, right), Ok(()));
    }
    for iss in [
        "https%3A%2F%2Fid.example%2Ftenant%2F",
        "https%3A%2F%2FID.example%2Ftenant",
        "https%3A%2F%2Fid.example%3A443%2Ftenant",
        "https%3A%2F%2Fid.example%2F%2574enant",
        "https%3A%2F%2Fevil.example",
    ] {
        for query in [
            "code=a&state={state}&iss=",
            "error=access_denied&state={state}&iss=",
        ] {
            let query = format!("{query}{iss}");
            assert_eq!(named(known.clone(), &query), mix_up, "{query}");
        }
        let query = format!("code=a&state={{state}}&iss={iss}");
        assert_eq!(
            named(Provider::two_ba(), &query),
            Ok(()),
            "nothing to compare with"
        );
    }
    let without = "code=a&state={state}";
    assert_eq!(named(known, without), Ok(()));
    let missing = Err(LoginError::Callback(CallbackError::IssuerMissing));
    for without in [without, "code=a&state={state}&iss="] {
        assert_eq!(named(announced.clone(), without), missing);
    }
    let twice = "code=a&state={state}&iss=a&iss=a";
    assert_eq!(
        named(Provider::two_ba(), twice),
        Err(LoginError::Callback(CallbackError::Repeated("iss")))
    );
}

// shows: AZ9
#[test]
fn further_parameters_pass_through_and_override_nothing() {
    let start = |endpoint: &str, extra: &[(&str, &str)]| {
        let redirect = RedirectUri::parse("http://127.0.0.1/").unwrap();
        let client = client(endpoint);
        let started = client.authorize_with(redirect, extra, Seed::from_bytes([3; 32]), NOW);
        started.map(|(url, _)| url)
    };
    let plain = "https://id.example/authorize";
    let url = start(plain, &[("prompt", "login"), ("login_hint", "a b")]).unwrap();
    assert!(url.ends_with("&prompt=login&login_hint=a+b"), "{url}");
    let url = start(plain, &[("options[]", "a&b"), ("x&state", "1")]).unwrap();
    assert!(url.ends_with("&options%5B%5D=a%26b&x%26state=1"), "{url}");
    let tenant = "https://id.example/authorize?tenant=a";
    for (endpoint, extra) in [
        (plain, &[("state", "x")][..]),
        (plain, &[("code_challenge_method", "plain")]),
        (plain, &[("prompt", "a"), ("prompt", "a")]),
        (plain, &[("", "x")]),
        (tenant, &[("tenant", "b")]),
        ("https://id.example/authorize?state=fixed", &[]),
        ("https://id.example/authorize?a=1&a=2", &[]),
    ] {
        assert_eq!(
            start(endpoint, extra),
            Err(ClientError::Parameter),
            "{endpoint}"
        );
    }
}
