//! What the core makes of the messages below `fixtures/`: snapshots for people to read, and none with a secret.
//!
//! Every fixture has a snapshot; the one of a request shows how ours differs from the documented one.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper of a test fails the test"
)]

use std::fmt::Write as _;
use std::sync::Arc;

use http::{Request, Response, Uri, header};
use insta::assert_snapshot;
use twoba_core::jsonp::CallbackName;
use twoba_core::{
    AccessToken, Advice, Client, ClientSecret, Durable, Form, Password, Provider, RedirectUri,
    RefreshToken, Rules, Seed, Session, SessionKey, Step, StoredGrant, Timestamp, Want, judge,
};
use twoba_services::JsonCall;
use twoba_testkit::{Canaries, fixture};
use twoba_tests::{CLIENT, PASSWORD, SECRET, USER, query_of};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);
const CODE: &str = "sdfsdfsGEasd";
const REDIRECT: &str = "http://localhost:8080";
const REFRESH_TOKEN: &str = "tGzv3JOkF0XG5Qx2TIKWIA";

/// What the fixtures hold and no snapshot may.
fn canaries() -> Canaries {
    Canaries::new([
        ("password", PASSWORD),
        ("client secret", SECRET),
        ("code", CODE),
        ("refresh token of the request", REFRESH_TOKEN),
        ("access token", "gAAAGw231OZXwzMiH_wV"),
        ("refresh token", "LwfI!IAAAAFLDVUewBJ04M3z8SutDTR"),
        ("verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
    ])
}

/// Fields whose values are nobody's business.
const SECRET_FIELDS: [&str; 5] = [
    "password",
    "client_secret",
    "code",
    "refresh_token",
    "code_verifier",
];

fn two_ba() -> Client {
    let secret = ClientSecret::parse(SECRET).unwrap();
    Client::confidential(Provider::two_ba(), CLIENT, secret).unwrap()
}

/// The last part of a fixture's name, for its snapshot.
fn short(name: &str) -> &str {
    name.rsplit('/').next().unwrap()
}

#[track_caller]
fn check(name: &str, text: &str) {
    canaries().look_in("the snapshot", text).unwrap();
    assert_snapshot!(name, text);
}

/// The pairs of a form or query, still encoded.
fn pairs(form: &str) -> Vec<(&str, &str)> {
    let pairs = form.split('&').map(|pair| pair.split_once('=').unwrap());
    pairs.collect()
}

fn shown(form: &str) -> String {
    pairs(form)
        .iter()
        .fold(String::new(), |mut text, (name, value)| {
            let value = if SECRET_FIELDS.contains(name) {
                "[redacted]"
            } else {
                value
            };
            writeln!(text, "  {name} = {value}").unwrap();
            text
        })
}

/// How the form that we send differs from the documented one.
fn difference(ours: &str, documented: &str) -> String {
    if ours == documented {
        return "as documented, byte for byte".to_owned();
    }
    let (ours, documented) = (pairs(ours), pairs(documented));
    let names = |pairs: &[(&str, &str)]| -> Vec<String> {
        pairs.iter().map(|(name, _)| (*name).to_owned()).collect()
    };
    let only = |these: &[(&str, &str)], those: &[(&str, &str)]| -> Vec<String> {
        let mut only = names(these);
        only.retain(|name| !names(those).contains(name));
        only
    };
    let mut text = Vec::new();
    let (more, less) = (only(&ours, &documented), only(&documented, &ours));
    if !more.is_empty() {
        text.push(format!("sent besides: {}", more.join(", ")));
    }
    if !less.is_empty() {
        text.push(format!("not sent: {}", less.join(", ")));
    }
    let common = |pairs: &[(&str, &str)], others: &[(&str, &str)]| -> Vec<String> {
        let mut common = names(pairs);
        common.retain(|name| names(others).contains(name));
        common
    };
    let order = common(&ours, &documented);
    if order != common(&documented, &ours) {
        let documented = names(&documented).join(", ");
        text.push(format!("the documented order is: {documented}"));
    }
    for (name, value) in &ours {
        let other = documented.iter().find(|(other, _)| other == name);
        // A verifier is drawn anew for each login.
        if other.is_some_and(|(_, other)| other != value) && *name != "code_verifier" {
            text.push(format!("another value: {name}"));
        }
    }
    text.join("\n")
}

/// The request that we build where the documents have the one of this name.
fn ours(name: &str) -> Request<Form> {
    match short(name) {
        "password" => two_ba().password_request(USER, &Password::parse(PASSWORD).unwrap()),
        "refresh" => two_ba().refresh_request(&RefreshToken::parse(REFRESH_TOKEN).unwrap()),
        "authorization-code" => code_request(&two_ba()),
        "authorization-code-pkce" => {
            code_request(&Client::public(Provider::two_ba(), CLIENT).unwrap())
        }
        other => panic!("write here what we send in the place of `{other}`"),
    }
}

fn code_request(client: &Client) -> Request<Form> {
    let redirect = RedirectUri::parse(REDIRECT).unwrap();
    let seed = Seed::from_bytes([7; 32]);
    let (url, login) = client.authorize(redirect, seed, NOW).unwrap();
    let query = pairs(query_of(&url));
    let (_, state) = query.iter().find(|(name, _)| *name == "state").unwrap();
    let answer = format!("code={CODE}&state={state}");
    let exchange = login.callback(NOW, &answer).unwrap();
    exchange.request(client, NOW).unwrap().0
}

#[test]
fn token_requests_are_those_that_are_documented() {
    for name in fixture::requests_in("2ba/requests").unwrap() {
        let documented = fixture::request(&name).unwrap();
        let ours = ours(&name);
        assert_eq!(ours.method(), documented.method());
        assert_eq!(ours.uri().path(), documented.uri());
        assert_eq!(ours.uri().host().unwrap(), documented.headers()["host"]);

        let body = str::from_utf8(ours.body().as_ref()).unwrap();
        let asked = str::from_utf8(documented.body()).unwrap();
        let mut text = format!("{} {}\n", ours.method(), ours.uri());
        for (name, value) in ours.headers() {
            writeln!(text, "{name}: {}", value.to_str().unwrap()).unwrap();
        }
        write!(text, "\n{}\n{}", shown(body), difference(body, asked)).unwrap();
        check(&format!("request-{}", short(&name)), &text);
    }
}

#[test]
fn password_and_refresh_are_byte_for_byte_as_documented() {
    for name in ["2ba/requests/password", "2ba/requests/refresh"] {
        let documented = fixture::request(name).unwrap();
        assert_eq!(ours(name).body().as_ref(), documented.body());
        assert_eq!(
            ours(name).headers()[header::CONTENT_TYPE],
            documented.headers()[header::CONTENT_TYPE]
        );
    }
}

/// The provider that asked for an answer of this name.
fn asker(name: &str) -> Provider {
    if name.contains("jsonp") {
        Provider::two_ba().with_callback(CallbackName::parse("callback").unwrap())
    } else {
        Provider::two_ba()
    }
}

/// What an answer means by itself: everything that is public of it but secrets.
fn verdict(provider: &Provider, answer: &Response<Vec<u8>>) -> String {
    match judge(provider, NOW, answer) {
        Ok(granted) => format!(
            "granted\naccess token: {:?}\nrefresh token: {:?}\nlifetime: {:?}\nscope: {:?}",
            granted.access_token, granted.refresh_token, granted.lifetime, granted.scope,
        ),
        Err(error) => {
            let facts = error.facts();
            format!(
                "{error}\nadvice: {}\nstatus: {}\ncode: {:?}\nmedia type: {:?}\nbody: {} bytes",
                advice(error.advice()),
                facts.status,
                facts.code,
                facts.media_type,
                facts.body_len,
            )
        }
    }
}

/// Advice without its time, which depends on what was drawn.
fn advice(advice: Advice) -> String {
    if let Advice::RetryNotBefore(_) = advice {
        return "retry later".to_owned();
    }
    format!("{advice:?}")
}

/// What a session says when its refresh is answered so, an hour after the login.
fn refreshed(provider: Provider, answer: &Response<Vec<u8>>) -> String {
    let success = fixture::answer("2ba/answers/success").unwrap();
    let secret = ClientSecret::parse(SECRET).unwrap();
    let client = Client::confidential(provider, CLIENT, secret.clone()).unwrap();
    // A login without JSONP, so that one answer serves all.
    let plain = Client::confidential(Provider::two_ba(), CLIENT, secret).unwrap();
    let (_, reply) = plain.password(USER, &Password::parse(PASSWORD).unwrap(), NOW);
    let fresh = reply.received(NOW, &success).unwrap();

    let key = SessionKey::parse("default").unwrap();
    let seed = Seed::from_bytes([7; 32]);
    let mut session = Session::new(Arc::new(client), &key, seed);
    let mut stored = None;
    let adopted = carry_out(session.adopt(fresh, None), NOW, &mut stored, None);
    adopted.unwrap();
    let later = Timestamp::from_unix_seconds(1_800_003_600);
    let step = session.obtain(Want::Usable, later, stored.clone());
    let said = match carry_out(step, later, &mut stored, Some(answer)) {
        Ok(_) => "a new token".to_owned(),
        Err(error) => format!("{error}\nadvice: {}", advice(error.advice())),
    };
    let generation = session.status(later).generation.unwrap();
    format!("{said}\ngeneration: {generation}")
}

fn carry_out(
    mut step: Step<'_, AccessToken>,
    now: Timestamp,
    stored: &mut Option<StoredGrant>,
    answer: Option<&Response<Vec<u8>>>,
) -> Result<AccessToken, twoba_core::RefreshError> {
    loop {
        step = match step {
            Step::Save(change, receipt) => {
                *stored = Some(change.record().clone());
                receipt.saved(now, Durable::assertion(&change))
            }
            Step::Send(_, reply) => reply.received(now, answer.unwrap()),
            Step::Done(outcome) => return outcome,
        };
    }
}

#[test]
fn token_answers_are_judged_as_we_read_the_documents() {
    for name in fixture::answers_in("2ba/answers").unwrap() {
        let answer = fixture::answer(&name).unwrap();
        let provider = asker(&name);
        let standard = provider.clone().with_rules(Rules::standard());
        let two_ba = refreshed(provider.clone(), &answer);
        let others = refreshed(standard, &answer);
        let text = format!(
            "{}\n\n-- as the answer to a refresh, by the rules of 2BA\n{two_ba}\n\n\
             -- the same, by the standard rules\n{others}",
            verdict(&provider, &answer),
        );
        check(&format!("answer-{}", short(&name)), &text);
    }
}

#[test]
fn jsonp_that_nobody_asked_for_is_no_success() {
    for name in [
        "2ba/answers/success-jsonp",
        "2ba/answers/invalid-grant-jsonp",
    ] {
        let answer = fixture::answer(name).unwrap();
        judge(&Provider::two_ba(), NOW, &answer).unwrap_err();
    }
}

#[test]
fn a_success_that_breaks_off_anywhere_grants_nothing() {
    for name in ["2ba/answers/success", "2ba/answers/success-jsonp"] {
        let whole = fixture::answer(name).unwrap();
        // The semicolon behind a JSONP call may be missing.
        let last = whole.body().iter().rposition(|byte| *byte == b'}').unwrap();
        for end in 0..=last {
            let cut = whole.clone().map(|body| body[..end].to_vec());
            judge(&asker(name), NOW, &cut).unwrap_err();
        }
    }
}

#[test]
fn a_service_call_is_the_one_that_is_documented() {
    let documented = fixture::request("2ba/services/search").unwrap();
    let call = JsonCall::new("Product/Search").unwrap();
    let call = call.with_parameter("query", "kabelgoot");
    let request = call.request(&Provider::two_ba()).unwrap();
    let host = documented.headers()["host"].to_str().unwrap();
    let uri: Uri = format!("https://{host}{}", documented.uri())
        .parse()
        .unwrap();
    assert_eq!(request.uri(), &uri);
    assert_eq!(request.method(), documented.method());
    assert!(request.body().is_empty());
}

#[test]
fn service_answers_are_judged_as_we_read_the_documents() {
    for name in fixture::answers_in("2ba/services").unwrap() {
        let answer = fixture::answer(&name).unwrap();
        let mut call = JsonCall::new("Product/Search").unwrap();
        if name.contains("jsonp") {
            call = call.with_callback(CallbackName::parse("callback").unwrap());
        }
        let text = match call.judge(&answer) {
            Ok(found) => serde_json::to_string_pretty(found.value()).unwrap(),
            Err(error) => format!(
                "{error}\nadvice: {}\nkind: {:?}\nstatus: {}\nstatus text: {:?}\nmessage: {:?}",
                advice(error.advice()),
                error.kind,
                error.status,
                error.status_text,
                error.message,
            ),
        };
        check(&format!("service-{}", short(&name)), &text);
    }
}

#[test]
fn jsonp_carries_the_same_json() {
    let plain = fixture::answer("2ba/services/search").unwrap();
    let wrapped = fixture::answer("2ba/services/search-jsonp").unwrap();
    let call = JsonCall::new("Product/Search").unwrap();
    let found = call.judge(&plain).unwrap();
    assert_eq!(found.as_bytes(), plain.body());
    let call = call.with_callback(CallbackName::parse("callback").unwrap());
    assert_eq!(call.judge(&wrapped).unwrap().as_bytes(), found.as_bytes());
}
