//! No secret is in any text that a program prints by accident: Debug, Display, errors and their causes, file names.
//!
//! Scenarios run with secrets that are told from everything else, and every public value on the way is looked into.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper of a test fails the test"
)]

use std::fmt::Debug;
use std::sync::Arc;

use http::{HeaderMap, Request, Response};
use proptest::prelude::*;
use twoba_core::jsonp::CallbackName;
use twoba_core::{
    AccessToken, AuthorizationCode, Client, ClientAuthentication, ClientSecret, Durable, Endpoint,
    Password, Provider, RedirectUri, RefreshToken, Seed, Session, SessionKey, Step, StoredGrant,
    Timestamp, Want, judge,
};
use twoba_emulator::{Clock, Emulator, RegisteredClient, RegisteredUser};
use twoba_services::JsonCall;
use twoba_store::{Error, FileStore, MemoryStore, Store};
use twoba_testkit::{Act, Canaries, Script};
use twoba_tests::{Adapter, Early, Kind, Place, Subject, log_in_at_emulator, query_of};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);
const USER: &str = "somebody";
const PASSWORD: &str = "canary password+&=%\"1";
const SECRET: &str = "canary-client:secret%2";
const CODE: &str = "canary.code.3";
const ACCESS: &str = "canary-access-token-4";
const REFRESH: &str = "canary-refresh!token-5";
const NEXT_ACCESS: &str = "canary-access-token-6";
const NEXT_REFRESH: &str = "canary-refresh!token-7";

fn canaries() -> Canaries {
    Canaries::new([
        ("password", PASSWORD),
        ("client secret", SECRET),
        ("code", CODE),
        ("access token", ACCESS),
        ("refresh token", REFRESH),
        ("next access token", NEXT_ACCESS),
        ("next refresh token", NEXT_REFRESH),
    ])
}

#[track_caller]
fn clean(place: &str, value: &dyn Debug) {
    canaries().look_in_debug(place, value).unwrap();
}

#[track_caller]
fn clean_error(place: &str, error: &(dyn std::error::Error + 'static)) {
    canaries().look_in_error(place, error).unwrap();
}

/// An error of a session, as itself and as what it consists of.
#[track_caller]
fn clean_failure(place: &str, error: &Error) {
    clean_error(place, error);
    clean(place, error.kind());
    clean(place, &error.advice());
}

fn granted(access: &str, refresh: &str) -> String {
    format!(
        r#"{{"access_token":"{access}","token_type":"Bearer","expires_in":120,"refresh_token":"{refresh}"}}"#
    )
}

fn json(body: &str) -> Response<Vec<u8>> {
    Response::builder()
        .header("content-type", "application/json")
        .body(body.as_bytes().to_vec())
        .unwrap()
}

fn client(provider: Provider) -> Client {
    let secret = ClientSecret::parse(SECRET).unwrap();
    Client::confidential(provider, "app", secret).unwrap()
}

#[test]
fn values_print_no_secret() {
    let password = Password::parse(PASSWORD).unwrap();
    clean("Password", &password);
    clean("ClientSecret", &ClientSecret::parse(SECRET).unwrap());
    clean("AccessToken", &AccessToken::parse(ACCESS).unwrap());
    clean("RefreshToken", &RefreshToken::parse(REFRESH).unwrap());
    clean(
        "AuthorizationCode",
        &AuthorizationCode::parse(CODE).unwrap(),
    );
    clean_error("SecretError", &AccessToken::parse(PASSWORD).unwrap_err());
    let unprintable = format!("{PASSWORD}\n");
    clean_error("SecretError", &Password::parse(unprintable).unwrap_err());
    let address = format!("https://user:{SECRET}@id.example/");
    clean_error("EndpointError", &Endpoint::parse(&address).unwrap_err());

    for authentication in [
        ClientAuthentication::Form,
        ClientAuthentication::Basic,
        ClientAuthentication::BasicRaw,
    ] {
        let provider = Provider::two_ba()
            .with_authentication(authentication)
            .with_revocation_endpoint(Endpoint::parse("https://id.example/revoke").unwrap());
        let client = client(provider);
        clean("Client", &client);
        clean("Provider", client.provider());
        let access = AccessToken::parse(ACCESS).unwrap();
        let refresh = RefreshToken::parse(REFRESH).unwrap();
        for request in [
            client.password_request(USER, &password),
            client.refresh_request(&refresh),
            client.refresh_token_revocation_request(&refresh).unwrap(),
            client.access_token_revocation_request(&access).unwrap(),
        ] {
            // Base64 would hide a secret from the canaries, but not from a reader.
            assert!(!format!("{request:?}").contains("Basic "), "{request:?}");
            clean("a request", &request);
        }
    }
}

#[test]
fn the_way_of_a_browser_login_prints_no_secret() {
    let client = client(Provider::two_ba());
    let redirect = RedirectUri::parse("http://127.0.0.1:1/cb").unwrap();
    let seed = Seed::from_bytes([7; 32]);
    clean("Seed", &seed);
    let (url, login) = client.authorize(redirect, seed, NOW).unwrap();
    let query: Vec<_> = query_of(&url).split('&').collect();
    let value = |name: &str| {
        query
            .iter()
            .find_map(|pair| pair.strip_prefix(name))
            .unwrap()
    };
    let mut canaries = canaries();
    canaries.add("state", value("state="));
    canaries.look_in_debug("Login", &login).unwrap();

    let answer = format!("code={CODE}&state={}", value("state="));
    let exchange = login.callback(NOW, &answer).unwrap();
    canaries.look_in_debug("CodeExchange", &exchange).unwrap();
    let (request, reply) = exchange.request(&client, NOW).unwrap();
    let body = str::from_utf8(request.body().as_ref()).unwrap();
    let verifier = body
        .split('&')
        .find_map(|pair| pair.strip_prefix("code_verifier="));
    canaries.add("verifier", verifier.unwrap());
    canaries.look_in_debug("the request", &request).unwrap();
    canaries.look_in_debug("LoginReply", &reply).unwrap();
    let fresh = reply
        .received(NOW, &json(&granted(ACCESS, REFRESH)))
        .unwrap();
    canaries.look_in_debug("FreshGrant", &fresh).unwrap();
}

#[test]
fn an_answer_to_another_login_prints_no_secret() {
    let client = client(Provider::two_ba());
    for query in [
        format!("code={CODE}"),
        format!("code={CODE}&state=other"),
        format!("code={CODE}&code={CODE}&state=other"),
        format!("code={CODE}%ff&state=other"),
    ] {
        let redirect = RedirectUri::parse("http://127.0.0.1:1/cb").unwrap();
        let seed = Seed::from_bytes([7; 32]);
        let (_, login) = client.authorize(redirect, seed, NOW).unwrap();
        clean_error("LoginError", &login.callback(NOW, &query).unwrap_err());
    }
}

#[test]
fn each_step_of_a_session_prints_no_secret() {
    let client = client(Provider::two_ba());
    let (_, reply) = client.password(USER, &Password::parse(PASSWORD).unwrap(), NOW);
    let fresh = reply
        .received(NOW, &json(&granted(ACCESS, REFRESH)))
        .unwrap();
    let key = SessionKey::parse("default").unwrap();
    let mut session = Session::new(Arc::new(client), &key, Seed::from_bytes([7; 32]));
    let mut stored: Option<StoredGrant> = None;

    let later = Timestamp::from_unix_seconds(1_800_000_121);
    for round in 0..2 {
        let mut step = match round {
            0 => session.adopt(fresh.clone(), None),
            _ => session.obtain(Want::Usable, later, stored.clone()),
        };
        loop {
            clean("Step", &step);
            step = match step {
                Step::Save(change, receipt) => {
                    clean("Change", &change);
                    stored = Some(change.record().clone());
                    receipt.saved(later, Durable::assertion(&change))
                }
                Step::Send(_, reply) => {
                    reply.received(later, &json(&granted(NEXT_ACCESS, NEXT_REFRESH)))
                }
                Step::Done(outcome) => {
                    clean("a token", &outcome.unwrap());
                    break;
                }
            };
        }
        clean("StoredGrant", &stored);
        clean("Session", &session);
        clean("Status", &session.status(later));
    }

    // A record that somebody has damaged, and one of somebody else.
    let record = stored.unwrap().expose().to_vec();
    for end in [1, record.len() / 2, record.len() - 1] {
        let torn = StoredGrant::from_bytes(record[..end].to_vec());
        clean_error("RecordError", &session.observe(Some(&torn)).unwrap_err());
    }
}

/// Answers of a server that repeats what it was sent, and more.
fn talkative_answers() -> Vec<Act> {
    let refused = |body: String| {
        Act::respond(
            "400 Bad Request",
            &[("Content-Type", "application/json")],
            &body,
        )
    };
    let ok = |body: String| Act::respond("200 OK", &[("Content-Type", "application/json")], &body);
    let ok_page = |body: String| Act::respond("200 OK", &[("Content-Type", "text/html")], &body);
    vec![
        ok(format!(r#"{{"access_token":"{ACCESS}","expires_in":"#)),
        ok(format!(
            r#"{{"access_token":"{ACCESS}","token_type":"mac"}}"#
        )),
        ok(format!(r#"{{"access_token":{{"value":"{ACCESS}"}}}}"#)),
        ok(format!(
            r#"{{"access_token":"{ACCESS}\n","token_type":"Bearer"}}"#
        )),
        ok(format!(
            r#"{{"access_token":"{ACCESS}","access_token":"{ACCESS}"}}"#
        )),
        ok(format!(
            r#"{{"access_token":"{ACCESS}","token_type":"{ACCESS}"}}"#
        )),
        ok(format!("\"{ACCESS}\"")),
        ok(format!("{ACCESS}({REFRESH})")),
        ok_page(format!("<p>{PASSWORD} {SECRET} {ACCESS}</p>")),
        refused(format!("{PASSWORD} {SECRET}")),
        refused(format!(r#"{{"error":["{REFRESH}"]}}"#)),
        Act::respond("500 Oops", &[("X-Token", ACCESS)], PASSWORD.trim()),
        Act::respond(
            "302 Found",
            &[("Location", &format!("http://127.0.0.1:1/?token={ACCESS}"))],
            ACCESS,
        ),
        Act::respond(
            "401 Unauthorized",
            &[("WWW-Authenticate", &format!("Bearer realm=\"{ACCESS}\""))],
            "",
        ),
        Act::respond("429 Wait", &[("Retry-After", ACCESS)], ""),
        Act::half(format!(
            "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{ACCESS}{ACCESS}"
        )),
        Act::AnswerAndClose(format!("{ACCESS} no HTTP at all\r\n\r\n").into_bytes()),
        Act::AnswerAndClose(format!("HTTP/1.1 200 OK\r\n{ACCESS}\r\n\r\n").into_bytes()),
        Act::hang_up(),
        Act::Refuse,
    ]
}

fn provider_at(url: &str) -> Provider {
    let endpoint = |path: &str| Endpoint::parse(&format!("{url}{path}")).unwrap();
    Provider::two_ba()
        .with_token_endpoint(endpoint("/token"))
        .with_revocation_endpoint(endpoint("/revoke"))
        .with_service_base(endpoint("/1/json/"))
}

/// A session whose server is at `url`, at a time.
fn open(adapter: Adapter, place: &Place, url: &str, now: Timestamp) -> Box<dyn Subject> {
    let session = adapter.open(client(provider_at(url)), place, Early::Beside, move || now);
    clean("a session", &session);
    session
}

#[test]
fn no_error_of_an_adapter_holds_a_secret() {
    let success = || {
        let json = [("Content-Type", "application/json")];
        Act::respond("200 OK", &json, &granted(ACCESS, REFRESH))
    };
    let later = Timestamp::from_unix_seconds(1_800_000_121);
    Adapter::each(|adapter| {
        for act in talkative_answers() {
            let place = Place::new(Kind::Memory);
            let script = Script::start([act.clone()]).unwrap();
            let session = open(adapter, &place, script.url(), NOW);
            clean_failure("a login", &session.login(USER, PASSWORD).unwrap_err());

            let script = Script::start([success(), act.clone()]).unwrap();
            let session = open(adapter, &place, script.url(), NOW);
            session.login(USER, PASSWORD).unwrap();
            match session.get("Product/Search", &[("query", "x")]) {
                Ok(found) => drop(found),
                Err(error) => clean_error("a call", &error),
            }

            let script = Script::start([act.clone(), act.clone()]).unwrap();
            let session = open(adapter, &place, script.url(), later);
            clean_failure("a refresh", &session.token().unwrap_err());
            clean("a status", &session.status().unwrap());
            clean("a logout", &session.logout().unwrap());
        }
    });
}

/// Some servers write the token that they refuse into their explanation; whoever logs our error
/// would log a token that may still be good.
#[test]
fn a_secret_that_the_server_repeats_in_its_explanation_is_not_passed_on() {
    for (secret, body) in [
        (
            PASSWORD,
            r#"{"error":"invalid_grant","error_description":"no user with password "#,
        ),
        (
            REFRESH,
            r#"{"error":"invalid_client","error_description":"not your token: "#,
        ),
    ] {
        let body = format!("{body}{}\"}}", secret.replace('"', "\\\""));
        let act = || {
            let json = [("Content-Type", "application/json")];
            Act::respond("400 Bad Request", &json, &body)
        };
        let later = Timestamp::from_unix_seconds(1_800_000_121);
        Adapter::each(|adapter| {
            let place = Place::new(Kind::Memory);
            let json = [("Content-Type", "application/json")];
            let success = Act::respond("200 OK", &json, &granted(ACCESS, REFRESH));
            // What a login has not sent it cannot know when the server says it.
            if secret == PASSWORD {
                let script = Script::start([act()]).unwrap();
                let session = open(adapter, &place, script.url(), NOW);
                clean_failure("a login", &session.login(USER, PASSWORD).unwrap_err());
            }
            let script = Script::start([success]).unwrap();
            let session = open(adapter, &place, script.url(), NOW);
            session.login(USER, PASSWORD).unwrap();
            let script = Script::start([act()]).unwrap();
            let session = open(adapter, &place, script.url(), later);
            clean_failure("a refresh", &session.token().unwrap_err());
            clean("a status", &session.status().unwrap());
        });
    }
}

#[test]
fn a_call_prints_no_token_and_its_request_has_none() {
    let call = JsonCall::new("Product/Search").unwrap();
    let request = call.request(&Provider::two_ba()).unwrap();
    assert!(!request.headers().contains_key("authorization"));
    let place = Place::new(Kind::Memory);
    let json = [("Content-Type", "application/json")];
    Adapter::each(|adapter| {
        let script = Script::start([
            Act::respond("200 OK", &json, &granted(ACCESS, REFRESH)),
            Act::respond("200 OK", &json, "[]"),
        ])
        .unwrap();
        let session = open(adapter, &place, script.url(), NOW);
        session.login(USER, PASSWORD).unwrap();
        let uri = format!("{}/1/json/Product/Search", script.url());
        let request = Request::get(uri).body(Vec::new()).unwrap();
        let answer = session.call(&request).unwrap();
        clean("the answer", &answer);
        clean("the caller's request", &request);
        let sent = script.requests();
        assert_eq!(
            sent[1].headers()["authorization"],
            format!("Bearer {ACCESS}")
        );
    });
}

#[test]
fn stores_print_no_secret_and_no_file_is_named_after_one() {
    let place = Place::new(Kind::File);
    let json = [("Content-Type", "application/json")];
    let script = Script::start([Act::respond("200 OK", &json, &granted(ACCESS, REFRESH))]);
    let script = script.unwrap();
    let session = open(Adapter::Blocking, &place, script.url(), NOW);
    session.login(USER, PASSWORD).unwrap();

    let folder = place.folder().unwrap();
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        clean("a file's name", &path);
        let holds_tokens = std::fs::read_to_string(&path).unwrap().contains(ACCESS);
        files.push((path, holds_tokens));
    }
    let with_tokens = files.iter().filter(|(_, holds_tokens)| *holds_tokens);
    assert_eq!(with_tokens.count(), 1, "{files:?}: no copy lies about");

    let store = FileStore::open(&folder).unwrap();
    clean("FileStore", &store);
    let key = SessionKey::parse("default").unwrap();
    clean("what is stored", &store.read(&key).unwrap());
    let memory = MemoryStore::new();
    clean("MemoryStore", &memory);
    let nowhere = folder.join("default.grant").join("below-a-file");
    clean_error("StoreError", &FileStore::open(nowhere).unwrap_err());
}

#[test]
fn the_judge_tells_no_secret_either() {
    Adapter::each(|adapter| {
        let emulator = Emulator::builder()
            .clock(Clock::Manual)
            .clients([RegisteredClient::confidential("app", SECRET)])
            .users([RegisteredUser::new(USER, PASSWORD)])
            .start()
            .unwrap();
        let at = |path: &str| Endpoint::parse(&format!("{}{path}", emulator.url())).unwrap();
        let provider = Provider::two_ba()
            .with_token_endpoint(at("/OAuth/Token"))
            .with_authorization_endpoint(at("/OAuth/Authorize"))
            .with_service_base(at("/1/json/"));
        let session = adapter.open(
            client(provider),
            &Place::new(Kind::Memory),
            Early::Beside,
            || NOW,
        );
        let mut canaries = canaries();
        let token = session.login(USER, PASSWORD).unwrap();
        canaries.add("first access token", token.expose());
        let (url, login) = session.start_login("http://127.0.0.1:1/cb").unwrap();
        let sent_back = log_in_at_emulator(&emulator, &url, USER, PASSWORD);
        let code = query_of(&sent_back).split('&').next().unwrap();
        canaries.add("first code", code.strip_prefix("code=").unwrap());
        let token = session.finish_login(login, query_of(&sent_back)).unwrap();
        canaries.add("second access token", token.expose());
        session.get("Product/Search", &[("query", "a")]).unwrap();

        let (journal, state) = (emulator.journal(), emulator.state());
        assert!(journal.events.len() > 5);
        canaries.look_in_debug("Emulator", &emulator).unwrap();
        canaries.look_in_debug("Journal", &journal).unwrap();
        canaries.look_in_debug("State", &state).unwrap();
        for written in [
            serde_json::to_string(&journal).unwrap(),
            serde_json::to_string(&state).unwrap(),
        ] {
            canaries.look_in("the emulator's JSON", &written).unwrap();
        }
    });
}

/// What answers with tokens are made of; an explanation of the server's own is not among it.
const PARTS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\\",
    "\\u00",
    "null",
    "1e999",
    "-1",
    "cb(",
    ");",
    " ",
    "\"access_token\":",
    "\"refresh_token\":",
    "\"token_type\":",
    "\"Bearer\"",
    "\"expires_in\":",
    "\"canary-access-token-4\"",
    "\"canary-refresh!token-5\"",
    "canary-access-token-4",
    "\u{feff}",
    "\u{e9}",
];
const MEDIA_TYPES: &[&str] = &[
    "application/json",
    "text/html",
    "application/x-javascript",
    "x",
];
const STATUSES: &[u16] = &[200, 201, 302, 400, 401, 403, 429, 500, 503];

/// Bytes that look like an answer with a token: bent, or whole but for a cut or a wrong byte.
fn answers() -> impl Strategy<Value = (u16, &'static str, Vec<u8>)> {
    let bent = prop::collection::vec(prop::sample::select(PARTS), 0..24)
        .prop_map(|parts| parts.concat().into_bytes());
    let whole = granted(ACCESS, REFRESH).into_bytes();
    let length = whole.len();
    let cut = (0..=length, 0..length, any::<u8>()).prop_map(move |(end, at, byte)| {
        let mut body = whole[..end].to_vec();
        if let Some(other) = body.get_mut(at) {
            *other = byte;
        }
        body
    });
    (
        prop::sample::select(STATUSES),
        prop::sample::select(MEDIA_TYPES),
        prop_oneof![bent, cut],
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_server_sends_no_error_holds_a_token((status, kind, body) in answers()) {
        let mut response = Response::new(body);
        *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("content-type", kind.parse().unwrap());
        *response.headers_mut() = headers;
        let plain = Provider::two_ba();
        let jsonp = plain.clone().with_callback(CallbackName::parse("cb").unwrap());
        for provider in [plain, jsonp] {
            match judge(&provider, NOW, &response) {
                Ok(granted) => clean("TokenResponse", &granted),
                Err(error) => clean_error("TokenError", &error),
            }
        }
    }
}
