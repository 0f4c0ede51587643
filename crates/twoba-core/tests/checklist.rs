//! Rows of the checklist that no other test shows: what the specifications ask of a client without I/O.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper of a test fails the test"
)]

use std::collections::HashSet;
use std::sync::Arc;

use base64ct::{Base64UrlUnpadded, Encoding};
use http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use http::{Method, Request, Response};
use sha2::{Digest, Sha256};
use twoba_core::limits::ERROR_TEXT_MAX;
use twoba_core::{
    AccessToken, Advice, CallbackError, Client, ClientAuthentication, ClientError, ClientSecret,
    CodeExchange, Durable, Endpoint, ErrorCode, Form, Goal, Lifetime, Login, LoginError, Metadata,
    MetadataError, Password, Provider, RedirectUri, RefreshError, RefreshToken, Rules, Seed,
    SendFailure, Session, SessionKey, Step, StoredGrant, Timestamp, TokenError, Want, judge,
    judge_revocation, metadata_requests,
};
use twoba_testkit::fixture;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);
const REDIRECT: &str = "http://127.0.0.1:8123/callback";
const PASSWORD: &str = "p@ss word";
const SECRET: &str = "client secret";

/// A server with every endpoint.
fn provider() -> Provider {
    provider_at("https://id.example")
}

fn provider_at(url: &str) -> Provider {
    let endpoint = |path: &str| Endpoint::parse(&format!("{url}{path}")).unwrap();
    Provider::custom(endpoint("/token"))
        .with_authorization_endpoint(endpoint("/authorize"))
        .with_revocation_endpoint(endpoint("/revoke"))
        .with_introspection_endpoint(endpoint("/introspect"))
}

fn public(provider: Provider) -> Client {
    Client::public(provider, "app").unwrap()
}

fn confidential(provider: Provider) -> Client {
    Client::confidential(provider, "app", ClientSecret::parse(SECRET).unwrap()).unwrap()
}

fn seed(number: u32) -> Seed {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    Seed::from_bytes(bytes)
}

fn start(client: &Client, number: u32) -> (String, Login) {
    let redirect = RedirectUri::parse(REDIRECT).unwrap();
    client.authorize(redirect, seed(number), NOW).unwrap()
}

fn pairs(form: &[u8]) -> Vec<(String, String)> {
    serde_urlencoded::from_bytes(form).unwrap()
}

/// The one value of a parameter.
#[track_caller]
fn value(pairs: &[(String, String)], name: &str) -> String {
    let mut values = pairs.iter().filter(|(key, _)| key == name);
    let (_, value) = values.next().unwrap();
    assert_eq!(values.next(), None, "{name} stands there once");
    value.clone()
}

/// A parameter of the address that a login starts with.
#[track_caller]
fn asked(url: &str, name: &str) -> String {
    value(&pairs(url.split_once('?').unwrap().1.as_bytes()), name)
}

/// A field of a request's body.
#[track_caller]
fn field(request: &Request<Form>, name: &str) -> String {
    value(&pairs(request.body().as_ref()), name)
}

/// The answer to a login that brings this code.
fn with_code(url: &str, code: &str) -> String {
    format!("code={code}&state={}", asked(url, "state"))
}

fn exchange(login: Login, url: &str) -> CodeExchange {
    login.callback(NOW, &with_code(url, "good")).unwrap()
}

fn s256(verifier: &str) -> String {
    Base64UrlUnpadded::encode_string(&Sha256::digest(verifier.as_bytes()))
}

fn json(status: u16, body: &str) -> Response<Vec<u8>> {
    let builder = Response::builder().status(status);
    let builder = builder.header(CONTENT_TYPE, "application/json");
    builder.body(body.as_bytes().to_vec()).unwrap()
}

/// Carries out steps over a store of one value; `send` is the server.
fn drive<T: Goal>(
    mut step: Step<'_, T>,
    stored: &mut Option<StoredGrant>,
    mut send: impl FnMut(Request<Form>) -> Response<Vec<u8>>,
) -> Result<T, RefreshError> {
    loop {
        step = match step {
            Step::Save(change, receipt) => {
                *stored = Some(change.record().clone());
                receipt.saved(NOW, Durable::assertion(&change))
            }
            Step::Send(request, reply) => reply.received(NOW, &send(request)),
            Step::Done(outcome) => return outcome,
        };
    }
}

// shows: AZ1 AZ2
#[test]
fn every_request_for_a_code_carries_a_challenge_of_s256() {
    let plain = confidential(provider().with_authentication(ClientAuthentication::Basic));
    let scoped = public(provider()).with_scopes(["read"]).unwrap();
    let two_ba = public(Provider::two_ba());
    for client in [
        public(provider()),
        confidential(provider()),
        plain,
        scoped,
        two_ba,
    ] {
        let (url, login) = start(&client, 1);
        assert_eq!(asked(&url, "code_challenge_method"), "S256");
        let (request, _) = exchange(login, &url).request(&client, NOW).unwrap();
        let verifier = field(&request, "code_verifier");
        assert_eq!(asked(&url, "code_challenge"), s256(&verifier));
        assert!(!url.contains(&verifier));
    }
}

// shows: AZ3
#[test]
fn each_login_has_a_verifier_of_its_own_with_256_bits() {
    let client = public(provider());
    let mut seen = HashSet::new();
    for number in 0..5_000 {
        let (url, login) = start(&client, number);
        let state = asked(&url, "state");
        let (request, _) = exchange(login, &url).request(&client, NOW).unwrap();
        let verifier = field(&request, "code_verifier");
        // RFC 7636 section 4.1: 43 to 128 characters; these are unreserved and hold 32 bytes.
        assert_eq!(verifier.len(), 43);
        assert_eq!(Base64UrlUnpadded::decode_vec(&verifier).unwrap().len(), 32);
        assert!(seen.insert(verifier) && seen.insert(state));
    }
}

// shows: AZ4
#[test]
fn a_server_that_refuses_s256_is_not_asked_with_plain() {
    let client = public(provider());
    let (url, login) = start(&client, 1);
    let state = asked(&url, "state");
    let query = format!(
        "error=invalid_request&error_description=transform+algorithm+not+supported&state={state}"
    );
    // The error is told, and the login is used up.
    let error = login.callback(NOW, &query).unwrap_err();
    assert!(matches!(
        error,
        LoginError::Denied {
            code: ErrorCode::InvalidRequest,
            ..
        }
    ));
    // Not even metadata that knows plain only leads to it.
    let document = r#"{"issuer":"https://id.example","token_endpoint":"https://id.example/t",
        "authorization_endpoint":"https://id.example/a","code_challenge_methods_supported":["plain"]}"#;
    let metadata = Metadata::judge("https://id.example", &json(200, document)).unwrap();
    let (url, _) = start(&public(metadata.provider()), 2);
    assert_eq!(asked(&url, "code_challenge_method"), "S256");
}

// shows: AZ5
#[test]
fn two_logins_at_once_do_not_mix_their_verifiers() {
    let client = public(provider());
    let logins = || [start(&client, 1), start(&client, 2)];
    let [(one, first), (other, second)] = logins();
    for (login, url) in [(first, &other), (second, &one)] {
        let error = login.callback(NOW, &with_code(url, "x")).unwrap_err();
        assert_eq!(error, LoginError::Callback(CallbackError::State));
    }
    let verifiers = logins().map(|(url, login)| {
        let (request, _) = exchange(login, &url).request(&client, NOW).unwrap();
        let verifier = field(&request, "code_verifier");
        assert_eq!(asked(&url, "code_challenge"), s256(&verifier));
        verifier
    });
    assert_ne!(verifiers[0], verifiers[1]);
}

// shows: AZ6 AZ7
#[test]
fn a_server_that_says_nothing_of_pkce_is_guarded_by_the_state() {
    let document = r#"{"issuer":"https://id.example","token_endpoint":"https://id.example/t",
        "authorization_endpoint":"https://id.example/a"}"#;
    let metadata = Metadata::judge("https://id.example", &json(200, document)).unwrap();
    assert_eq!(metadata.code_challenge_methods, None);
    let client = public(metadata.provider());
    for (forged, why) in [
        ("code=x", CallbackError::StateMissing),
        ("code=x&state=", CallbackError::StateMissing),
        ("code=x&state=forged", CallbackError::State),
    ] {
        let (_, login) = start(&client, 1);
        let error = login.callback(NOW, forged).unwrap_err();
        assert_eq!(error, LoginError::Callback(why));
    }
    let (url, login) = start(&client, 1);
    let state = Base64UrlUnpadded::decode_vec(&asked(&url, "state")).unwrap();
    assert_eq!(state.len() * 8, 256);
    assert!(login.callback(NOW, &with_code(&url, "x")).is_ok());
}

// shows: AZ8 AZ12
#[test]
fn the_state_comes_from_the_seed_alone_and_the_scope_from_the_caller() {
    let state = |client: &Client, redirect: &str| {
        let redirect = RedirectUri::parse(redirect).unwrap();
        let (url, _) = client.authorize(redirect, seed(7), NOW).unwrap();
        assert!(!url.contains("secret"));
        asked(&url, "state")
    };
    let one = public(provider());
    let scoped = confidential(provider_at("https://other.example"));
    let scoped = scoped.with_scopes(["read", "write"]).unwrap();
    // Whoever asks, and for what: the same seed, so the same state.
    assert_eq!(
        state(&one, REDIRECT),
        state(&scoped, "https://app.example/cb")
    );
    let (url, _) = start(&one, 1);
    assert!(!url.contains("scope="));
    let (url, _) = start(&scoped, 1);
    assert_eq!(asked(&url, "scope"), "read write");
}

// shows: AZ11
#[test]
fn no_token_is_asked_for_or_taken_in_a_redirect() {
    let client = public(provider());
    let (url, login) = start(&client, 1);
    assert_eq!(asked(&url, "response_type"), "code");
    let redirect = || RedirectUri::parse(REDIRECT).unwrap();
    let extra = [("response_type", "token")];
    let overridden = client.authorize_with(redirect(), &extra, seed(1), NOW);
    assert_eq!(overridden.err(), Some(ClientError::Parameter));
    let endpoint = Endpoint::parse("https://id.example/a?response_type=token").unwrap();
    let implicit = public(provider().with_authorization_endpoint(endpoint));
    let started = implicit.authorize(redirect(), seed(1), NOW);
    assert_eq!(started.err(), Some(ClientError::Parameter));

    let state = asked(&url, "state");
    let slipped_in = format!("access_token=x&token_type=bearer&state={state}");
    let error = login.callback(NOW, &slipped_in).unwrap_err();
    assert_eq!(error, LoginError::Callback(CallbackError::Code));
}

// shows: AR7
#[test]
fn crossed_answers_of_two_servers_are_refused() {
    let named = |url: &str| public(provider_at(url).with_issuer(url));
    let (honest, evil) = (named("https://id.example"), named("https://evil.example"));

    // By the state: each login has its own.
    let (url, _) = start(&evil, 1);
    let (_, login) = start(&honest, 2);
    let error = login.callback(NOW, &with_code(&url, "x")).unwrap_err();
    assert_eq!(error, LoginError::Callback(CallbackError::State));

    // By the issuer: the right state, from the wrong server.
    let (url, login) = start(&honest, 3);
    let query = format!("{}&iss=https%3A%2F%2Fevil.example", with_code(&url, "x"));
    let error = login.callback(NOW, &query).unwrap_err();
    assert_eq!(error, LoginError::Callback(CallbackError::Issuer));

    // By the login itself, where nobody says an issuer: the code goes to no other server.
    let (url, login) = start(&honest, 4);
    let sent = exchange(login, &url).request(&evil, NOW);
    assert_eq!(sent.err(), Some(LoginError::AnotherClient));
}

// shows: AR8
#[test]
fn a_code_whose_answer_was_lost_is_not_sent_again() {
    let client = public(provider());
    let (url, login) = start(&client, 1);
    // Each of these takes what it was called on: nothing that holds the code is left.
    let (request, reply) = exchange(login, &url).request(&client, NOW).unwrap();
    assert_eq!(field(&request, "code"), "good");
    let error = reply.failed(SendFailure::MaybeSent);
    assert_eq!(error, LoginError::NotDelivered(SendFailure::MaybeSent));
    assert_eq!(error.advice(), Advice::LogIn);
}

// shows: AR10
#[test]
fn an_answer_does_not_say_where_things_go() {
    let client = public(provider());
    let (url, login) = start(&client, 1);
    let query = format!(
        "{}&redirect_uri=https%3A%2F%2Fevil.example&token_endpoint=https%3A%2F%2Fevil.example",
        with_code(&url, "x")
    );
    let exchange = login.callback(NOW, &query).unwrap();
    let (request, _) = exchange.request(&client, NOW).unwrap();
    assert_eq!(request.uri(), "https://id.example/token");
    assert_eq!(field(&request, "redirect_uri"), REDIRECT);
}

// shows: AR11
#[test]
fn whatever_an_error_says_is_shown_short_and_harmless() {
    let client = public(provider());
    let denied = |parameters: &str| {
        let (url, login) = start(&client, 1);
        let query = format!("{parameters}&state={}", asked(&url, "state"));
        login.callback(NOW, &query).unwrap_err()
    };
    let long = "x".repeat(32 * 1024);
    for (parameters, shown) in [
        ("error=no_such_code", "the login page says no: no_such_code"),
        (
            "error=access_denied&error_description=%1B%5B2J%00%07a",
            "the login page says no: access_denied ([2Ja)",
        ),
        (
            "error=access_denied&error_description=%FF%FE",
            "the login page says no: access_denied (\u{fffd}\u{fffd})",
        ),
        (
            "error=%0D%0Aaccess_denied",
            "the login page says no: \u{fffd}\u{fffd}access_denied",
        ),
    ] {
        assert_eq!(denied(parameters).to_string(), shown, "{parameters}");
    }
    let shown = denied(&format!("error={long}&error_description={long}")).to_string();
    assert!(shown.len() < 2 * ERROR_TEXT_MAX + 50, "{}", shown.len());
    let huge = denied(&format!(
        "error=a&error_description={}",
        "x".repeat(1 << 20)
    ));
    assert_eq!(huge, LoginError::Callback(CallbackError::TooLong));

    let body =
        format!(r#"{{"error":"no_such_code","error_description":"<script>\u001b[2J{long}"}}"#);
    let error = judge(&provider(), NOW, &json(400, &body)).unwrap_err();
    let facts = error.facts();
    assert_eq!(
        facts.code,
        Some(ErrorCode::Other("no_such_code".to_owned()))
    );
    let description = facts.description.as_deref().unwrap();
    assert!(
        description.starts_with("<script>[2Jx"),
        "text, and no markup anywhere"
    );
    assert_eq!(description.chars().count(), ERROR_TEXT_MAX);
}

// shows: AR12
#[test]
fn a_code_slipped_in_from_another_login_goes_with_the_wrong_verifier() {
    let client = public(provider());
    let (theirs, _) = start(&client, 1);
    let (ours, login) = start(&client, 2);
    // The person's own state, and a code that was asked for with another challenge.
    let exchange = login.callback(NOW, &with_code(&ours, "stolen")).unwrap();
    let (request, reply) = exchange.request(&client, NOW).unwrap();
    assert_eq!(field(&request, "code"), "stolen");
    let challenge = s256(&field(&request, "code_verifier"));
    assert_eq!(challenge, asked(&ours, "code_challenge"));
    assert_ne!(challenge, asked(&theirs, "code_challenge"));
    // What a server says to that.
    let refused = fixture::answer("oidc-provider/code-of-another-login").unwrap();
    let error = reply.received(NOW, &refused).unwrap_err();
    let LoginError::Token(TokenError::Refused(facts)) = &error else {
        panic!("{error:?}");
    };
    assert_eq!(facts.code, Some(ErrorCode::InvalidGrant));
    assert_eq!(error.advice(), Advice::LogIn);
}

/// Every request that a client builds.
fn requests(client: &Client) -> Vec<Request<Form>> {
    let (url, login) = start(client, 1);
    let refresh = RefreshToken::parse("refresh token").unwrap();
    let access = AccessToken::parse("access-token").unwrap();
    vec![
        client.password_request("me@example.com", &Password::parse(PASSWORD).unwrap()),
        exchange(login, &url).request(client, NOW).unwrap().0,
        client.refresh_request(&refresh),
        client.client_credentials_request(),
        client.refresh_token_revocation_request(&refresh).unwrap(),
        client.access_token_revocation_request(&access).unwrap(),
        client.introspection_request(&access).unwrap(),
    ]
}

// shows: TK1 TK3 TK5 TK6 RV1 IN1
#[test]
fn every_request_is_a_post_that_proves_the_client_once() {
    use ClientAuthentication::{Basic, BasicRaw, Form};
    let clients = [Form, Basic, BasicRaw]
        .map(|way| (Some(way), confidential(provider().with_authentication(way))));
    for (way, client) in clients.into_iter().chain([(None, public(provider()))]) {
        for request in requests(&client) {
            assert_eq!(request.method(), Method::POST);
            assert_eq!(request.uri().scheme_str(), Some("https"));
            assert_eq!(request.uri().query(), None, "nothing goes into an address");
            let media_type = "application/x-www-form-urlencoded";
            assert_eq!(request.headers()[CONTENT_TYPE], media_type);

            let fields = pairs(request.body().as_ref());
            let names: HashSet<_> = fields.iter().map(|(name, _)| name).collect();
            assert_eq!(names.len(), fields.len(), "no parameter stands twice");
            assert!(fields.iter().all(|(_, value)| !value.is_empty()));

            let has = |name: &str| fields.iter().any(|(key, _)| key == name);
            let in_body = (has("client_id"), has("client_secret"));
            let in_header = request.headers().contains_key(AUTHORIZATION);
            match way {
                Some(Form) => assert_eq!((in_body, in_header), ((true, true), false)),
                Some(_) => assert_eq!((in_body, in_header), ((false, false), true)),
                None => assert_eq!((in_body, in_header), ((true, false), false)),
            }
        }
    }
}

// shows: TK7
#[test]
fn a_redirect_uri_that_others_would_tidy_up_is_the_same_in_both_requests() {
    let client = public(provider());
    for uri in [
        "https://App.Example:443/cb?x=%7e&y=a+b",
        "http://127.0.0.1:8080",
        "http://[0:0:0:0:0:0:0:1]:80/./cb//",
    ] {
        let redirect = RedirectUri::parse(uri).unwrap();
        let (url, login) = client.authorize(redirect, seed(1), NOW).unwrap();
        assert_eq!(asked(&url, "redirect_uri"), uri);
        let (request, _) = exchange(login, &url).request(&client, NOW).unwrap();
        assert_eq!(field(&request, "redirect_uri"), uri);
    }
}

// shows: TK9
#[test]
fn another_way_of_client_authentication_would_break_nobody() {
    // Without `#[non_exhaustive]` the last arm could not be reached, and this would not compile.
    #[deny(unreachable_patterns)]
    fn place(way: ClientAuthentication) -> &'static str {
        match way {
            ClientAuthentication::Form => "body",
            ClientAuthentication::Basic | ClientAuthentication::BasicRaw => "header",
            ClientAuthentication::None | _ => "somewhere new",
        }
    }
    assert_eq!(place(provider().authentication()), "body");
}

// shows: TK11
#[test]
fn a_password_stands_in_its_request_and_nowhere_after() {
    let client = Arc::new(confidential(provider()));
    let (request, reply) = client.password("me", &Password::parse(PASSWORD).unwrap(), NOW);
    assert_eq!(field(&request, "password"), PASSWORD);
    assert!(!format!("{request:?} {reply:?}").contains(PASSWORD));
    drop(request);
    let granted = r#"{"access_token":"at","token_type":"bearer","refresh_token":"rt"}"#;
    let fresh = reply.received(NOW, &json(200, granted)).unwrap();
    let mut stored = None;
    let mut session = session(&client);
    drive(session.adopt(fresh, None), &mut stored, no_request).unwrap();
    let record = String::from_utf8(stored.unwrap().expose().to_vec()).unwrap();
    assert!(record.contains("\"rt\""), "{record}");
    assert!(!record.contains("p@ss") && !record.contains(SECRET));
}

// shows: TK12
#[test]
fn a_refresh_asks_for_no_scope_at_all() {
    let client = public(provider()).with_scopes(["read", "write"]).unwrap();
    let request = client.refresh_request(&RefreshToken::parse("rt").unwrap());
    let fields = pairs(request.body().as_ref());
    assert!(fields.iter().all(|(name, _)| name != "scope"), "{fields:?}");
}

fn session(client: &Arc<Client>) -> Session {
    let key = SessionKey::parse("default").unwrap();
    Session::new(Arc::clone(client), &key, seed(9))
}

fn no_request(_: Request<Form>) -> Response<Vec<u8>> {
    panic!("a login is only saved")
}

/// The refresh token that goes out after a refresh was answered with this one.
fn presented_after(answered: &str) -> String {
    let client = Arc::new(public(provider()));
    let (_, reply) = client.password("me", &Password::parse(PASSWORD).unwrap(), NOW);
    let grant = |refresh: &str| {
        let body = format!(r#"{{"access_token":"at","token_type":"bearer"{refresh}}}"#);
        json(200, &body)
    };
    let login = grant(r#","refresh_token":"first""#);
    let fresh = reply.received(NOW, &login).unwrap();
    let (mut session, mut stored) = (session(&client), None);
    drive(session.adopt(fresh, None), &mut stored, no_request).unwrap();
    let mut presented = Vec::new();
    for _ in 0..2 {
        let id = session.token_id().unwrap();
        let step = session.obtain(Want::Other(id), NOW, stored.clone());
        drive(step, &mut stored, |request| {
            presented.push(field(&request, "refresh_token"));
            grant(answered)
        })
        .unwrap();
    }
    assert_eq!(presented.len(), 2);
    assert_eq!(presented.first().unwrap(), "first");
    presented.pop().unwrap()
}

// shows: TR6
#[test]
fn the_refresh_token_of_an_answer_takes_the_place_of_the_old_one() {
    for (answered, next) in [
        (r#","refresh_token":"second""#, "second"),
        (r#","refresh_token":"first""#, "first"),
        (r#","refresh_token":"""#, "first"),
        ("", "first"),
    ] {
        assert_eq!(presented_after(answered), next, "{answered}");
    }
}

// shows: TR9
#[test]
fn nothing_is_read_out_of_an_access_token() {
    // {"alg":"none"} and {"exp":1}: over since 1970, were it for us to read.
    let token = "eyJhbGciOiJub25lIn0.eyJleHAiOjF9.";
    for (member, lifetime) in [
        ("", Lifetime::Unknown),
        (
            r#","expires_in":120"#,
            Lifetime::Known(core::time::Duration::from_secs(120)),
        ),
    ] {
        let body = format!(r#"{{"access_token":"{token}","token_type":"bearer"{member}}}"#);
        let granted = judge(&provider(), NOW, &json(200, &body)).unwrap();
        assert_eq!(granted.lifetime, lifetime);
        assert_eq!(granted.access_token.expose(), token);
    }
}

// shows: TR10
#[test]
fn null_counts_as_a_member_that_is_not_there_or_is_refused() {
    let members = [
        ("access_token", "\"at\""),
        ("token_type", "\"bearer\""),
        ("expires_in", "120"),
        ("refresh_token", "\"rt\""),
        ("scope", "\"read\""),
    ];
    let without = |left_out: &str, null: bool| {
        let written = members
            .iter()
            .filter_map(|&(name, value)| match (name == left_out, null) {
                (false, _) => Some(format!("\"{name}\":{value}")),
                (true, true) => Some(format!("\"{name}\":null")),
                (true, false) => None,
            });
        let written: Vec<_> = written.collect();
        json(200, &format!("{{{}}}", written.join(",")))
    };
    let fields = |provider: &Provider, response| {
        judge(provider, NOW, &response).map(|granted| {
            let refresh = granted.refresh_token.is_some();
            (granted.lifetime, refresh, granted.scope)
        })
    };
    let (standard, strict) = (provider(), provider().with_rules(Rules::strict()));
    for optional in ["expires_in", "refresh_token", "scope"] {
        let absent = fields(&standard, without(optional, false));
        assert!(absent.is_ok());
        assert_eq!(fields(&standard, without(optional, true)), absent);
        let refused = fields(&strict, without(optional, true));
        assert!(
            matches!(refused, Err(TokenError::Malformed(..))),
            "{optional}"
        );
    }
    for required in ["access_token", "token_type"] {
        for provider in [&standard, &strict] {
            let refused = fields(provider, without(required, true));
            assert!(
                matches!(refused, Err(TokenError::Malformed(..))),
                "{required}"
            );
        }
    }
    let no_error = r#"{"error":null,"access_token":"at","token_type":"bearer"}"#;
    assert!(fields(&standard, json(200, no_error)).is_ok());
}

// shows: TR11
#[test]
fn other_encodings_and_bytes_behind_the_end_are_refused() {
    let body = r#"{"access_token":"at","token_type":"bearer"}"#;
    let wide = |bytes: fn(u16) -> [u8; 2]| body.encode_utf16().flat_map(bytes).collect();
    let behind = |end: &str| [body, end].concat().into_bytes();
    let bodies: [Vec<u8>; 6] = [
        wide(u16::to_le_bytes),
        wide(u16::to_be_bytes),
        behind("x"),
        behind("\0"),
        behind(body),
        body.as_bytes().iter().map(|b| b | 0x80).collect(),
    ];
    for bytes in bodies {
        let response = json(200, "").map(|_| bytes);
        let outcome = judge(&provider(), NOW, &response);
        assert!(
            matches!(outcome, Err(TokenError::Malformed(..))),
            "{outcome:?}"
        );
    }
    assert!(judge(&provider(), NOW, &json(200, &format!("{body}\r\n "))).is_ok());
}

// shows: MD1
#[test]
fn metadata_is_asked_for_by_get_and_https() {
    for issuer in ["https://id.example", "https://id.example/tenant/"] {
        for request in metadata_requests(issuer).unwrap() {
            assert_eq!(request.method(), Method::GET);
            assert_eq!(request.uri().scheme_str(), Some("https"));
        }
    }
    let clear = metadata_requests("http://id.example");
    assert_eq!(clear.err(), Some(MetadataError::Issuer));
}

// shows: RV3
#[test]
fn a_revocation_that_has_to_wait_is_told_from_one_that_cannot_be() {
    let mut busy = json(503, "");
    busy.headers_mut()
        .insert(RETRY_AFTER, "30".parse().unwrap());
    let error = judge_revocation(NOW, &busy).unwrap_err();
    assert!(matches!(error, TokenError::Unavailable(..)));
    let again = NOW.saturating_add(core::time::Duration::from_secs(30));
    assert_eq!(error.advice(), Advice::RetryNotBefore(again));

    let unsupported = json(400, r#"{"error":"unsupported_token_type"}"#);
    let error = judge_revocation(NOW, &unsupported).unwrap_err();
    assert!(matches!(&error, TokenError::Refused(facts)
        if facts.code == Some(ErrorCode::UnsupportedTokenType)));
}

// shows: RV2
#[test]
fn a_revocation_with_status_200_is_done_whatever_the_body() {
    for (media_type, body) in [
        ("text/html", "<html>error</html>"),
        ("application/json", r#"{"error":"invalid_request"}"#),
        ("application/json", "{"),
        ("text/plain", ""),
    ] {
        let builder = Response::builder().header(CONTENT_TYPE, media_type);
        let response = builder.body(body).unwrap();
        assert_eq!(judge_revocation(NOW, &response), Ok(()), "{body}");
    }
}
