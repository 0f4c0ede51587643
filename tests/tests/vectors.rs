//! Every answer below `fixtures/vectors`, through the core and both adapters: the same comes of
//! it everywhere, and a snapshot says what.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper of a test fails the test"
)]

use std::sync::Arc;

use http::{Request, Response};
use twoba_core::jsonp::CallbackName;
use twoba_core::{
    self as core, AccessToken, Client, ClientSecret, Endpoint, Form, Password, Provider, Rules,
    Seed, SessionKey, Status, StoredGrant, Timestamp,
};
use twoba_store::{Error, MemoryStore, Store, TransportError, Unleased, drive};
use twoba_testkit::{Act, Script, fixture};

/// When every vector is answered: 2026-11-22T10:00:00Z.
const NOW: Timestamp = Timestamp::from_unix_seconds(1_795_341_600);

/// The answer to the login that each refresh needs.
const LOGIN: &str = "{\"access_token\":\"first\",\"token_type\":\"bearer\",\"expires_in\":120,\
                     \"refresh_token\":\"first-refresh-token\",\"scope\":\"read\"}";

const TOPICS: [&str; 8] = [
    "expires-in",
    "token-type",
    "token",
    "body",
    "media-type",
    "status",
    "refresh",
    "jsonp",
];

/// The provider of a topic at this address, under these rules.
fn provider(url: &str, topic: &str, rules: Rules) -> Provider {
    let provider = Provider::custom(Endpoint::parse(&format!("{url}/token")).unwrap());
    let provider = provider.with_rules(rules);
    if topic == "jsonp" {
        provider.with_callback(CallbackName::parse("cb").unwrap())
    } else {
        provider
    }
}

fn client(provider: Provider) -> Client {
    let secret = ClientSecret::parse("myApplicationSecret").unwrap();
    Client::confidential(provider, "myApplication", secret).unwrap()
}

fn password() -> Password {
    Password::parse("myPassword").unwrap()
}

/// What came of a refresh, in one line without secrets.
fn outcome(refreshed: Result<AccessToken, Error>, status: &Status) -> String {
    let Ok(token) = refreshed else {
        return refreshed.unwrap_err().to_string();
    };
    let lifetime = match status.expires_at {
        None => "no known end".to_owned(),
        Some(end) if end <= NOW => "ended already".to_owned(),
        Some(end) => format!("{} s", end.saturating_since(NOW).as_secs()),
    };
    let scope = status.scope.as_deref().unwrap_or("none");
    let length = token.expose().len();
    format!("a token of {length} bytes, {lifetime}, scope {scope:?}")
}

/// A refresh by the core alone, under `rules`, answered with `response`.
fn by_the_core(topic: &str, rules: Rules, response: &Response<Vec<u8>>) -> String {
    let provider = provider("https://id.example", topic, rules);
    let client = Arc::new(client(provider));
    let key = SessionKey::parse("default").unwrap();
    let store = MemoryStore::new();
    let mut session = core::Session::new(Arc::clone(&client), &key, Seed::from_bytes([1; 32]));
    let (_, reply) = client.password("demo@example.com", &password(), NOW);
    let login = Response::builder()
        .header("content-type", login_media_type(topic))
        .body(login_body(topic))
        .unwrap();
    let fresh = reply.received(NOW, &login).unwrap();
    let no_request = |_: Request<Form>| -> Result<Response<Vec<u8>>, TransportError> {
        panic!("a login is only saved")
    };
    let mut unleased = Unleased {
        store: &store as &dyn Store,
        key: &key,
    };
    let clock = || NOW;
    drive(
        session.adopt(fresh, None),
        &clock,
        &mut unleased,
        no_request,
    )
    .unwrap();
    let id = session.token_id().unwrap();
    let stored: Option<StoredGrant> = store.read(&key).unwrap();
    let step = session.replace(NOW, id, stored);
    let refreshed = drive(step, &clock, &mut unleased, |_| Ok(response.clone()));
    outcome(refreshed, &session.status(NOW))
}

fn login_body(topic: &str) -> String {
    if topic == "jsonp" {
        format!("cb({LOGIN});")
    } else {
        LOGIN.to_owned()
    }
}

fn login_media_type(topic: &str) -> &'static str {
    if topic == "jsonp" {
        "application/javascript"
    } else {
        "application/json"
    }
}

/// A server that answers a login and then one vector, for each of them.
fn scripted(topic: &str, names: &[String]) -> Script {
    let acts = names.iter().flat_map(|name| {
        let login = Act::respond(
            "200 OK",
            &[
                ("Content-Type", login_media_type(topic)),
                ("Connection", "close"),
            ],
            &login_body(topic),
        );
        [login, Act::answer(fixture::answer_bytes(name).unwrap())]
    });
    Script::start(acts).unwrap()
}

fn by_the_blocking_adapter(topic: &str, names: &[String]) -> Vec<String> {
    let script = scripted(topic, names);
    let client = client(provider(script.url(), topic, Rules::two_ba()));
    let builder = twoba_blocking::Session::builder(client).clock(|| NOW);
    let session = builder.open("default").unwrap();
    let refresh = |_: &String| {
        session.login("demo@example.com", &password()).unwrap();
        let refreshed = session.refresh();
        outcome(refreshed, &session.status().unwrap())
    };
    names.iter().map(refresh).collect()
}

fn by_the_async_adapter(topic: &str, names: &[String]) -> Vec<String> {
    let script = scripted(topic, names);
    let client = client(provider(script.url(), topic, Rules::two_ba()));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let builder = twoba_async::Session::builder(client).clock(|| NOW);
        let session = builder.open("default").unwrap();
        let mut outcomes = Vec::new();
        for _ in names {
            session
                .login("demo@example.com", &password())
                .await
                .unwrap();
            let refreshed = session.refresh().await;
            outcomes.push(outcome(refreshed, &session.status().await.unwrap()));
        }
        outcomes
    })
}

/// One topic: a line a vector, with what 2BA's rules, the standard ones and none make of it.
fn table(topic: &str) -> String {
    let names = fixture::answers_in(&format!("vectors/{topic}")).unwrap();
    assert!(names.len() > 10, "{topic} has vectors");
    let blocking = by_the_blocking_adapter(topic, &names);
    let waited = by_the_async_adapter(topic, &names);
    let mut lines = Vec::new();
    for ((name, blocking), waited) in names.iter().zip(blocking).zip(waited) {
        let response = fixture::answer(name).unwrap();
        let by = |rules| by_the_core(topic, rules, &response);
        let two_ba = by(Rules::two_ba());
        assert_eq!(
            blocking, two_ba,
            "{name}: the blocking adapter and the core"
        );
        assert_eq!(waited, two_ba, "{name}: the async adapter and the core");
        let name = name.rsplit('/').next().unwrap_or(name);
        let (standard, strict) = (by(Rules::standard()), by(Rules::strict()));
        lines.push(format!("{name}\n    2ba       {two_ba}"));
        if standard != two_ba {
            lines.push(format!("    standard  {standard}"));
        }
        if strict != standard {
            lines.push(format!("    strict    {strict}"));
        }
    }
    lines.join("\n")
}

// shows: TR2 TR3 TR4 TR10 TR11 RV4
#[test]
fn every_vector_comes_to_the_same_in_the_core_and_both_adapters() {
    for topic in TOPICS {
        insta::assert_snapshot!(format!("vectors-{topic}"), table(topic));
    }
}

/// An answer that is too large for a file of its own.
fn large(head: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

// shows: TR1 TR11
#[test]
fn large_answers_come_to_the_same_everywhere() {
    const MIB: usize = 1024 * 1024;
    let grant = "{\"access_token\":\"t\",\"token_type\":\"bearer\",\"expires_in\":120,\"x\":\"";
    let padded = |length: usize| {
        let filler = length - grant.len() - 2;
        format!("{grant}{}\"}}", "y".repeat(filler)).into_bytes()
    };
    let many: String = (0..10_000).map(|n| format!(",\"m{n}\":{n}")).collect();
    let many = format!("{{\"access_token\":\"t\",\"token_type\":\"bearer\"{many}}}");
    let deep = format!("{{\"x\":{}", "[".repeat(10_000));
    let json = "200 OK\r\nContent-Type: application/json";
    let page = "200 OK\r\nContent-Type: text/html";
    let cases = [
        (
            large(json, &padded(900 * 1024)),
            "a token of 1 bytes, 120 s, scope \"read\"",
        ),
        (
            large(json, &padded(MIB)),
            "a token of 1 bytes, 120 s, scope \"read\"",
        ),
        (
            large(json, &padded(MIB + 1)),
            "the token server gave no usable answer (status 200: the answer is too large)",
        ),
        (
            large(page, &padded(4 * MIB)),
            "the token server gave no usable answer (status 200: the answer is too large)",
        ),
        (
            large(json, many.as_bytes()),
            "a token of 1 bytes, no known end, scope \"read\"",
        ),
        (
            large(json, deep.as_bytes()),
            "the answer of the token server was lost (status 200: the answer is not one flat JSON object without repeated members)",
        ),
    ];
    for (bytes, expected) in cases {
        let acts = || [login_act(), Act::answer(&bytes)];
        let blocking = Script::start(acts()).unwrap();
        let client_at = |script: &Script| client(provider(script.url(), "body", Rules::two_ba()));
        let builder = twoba_blocking::Session::builder(client_at(&blocking)).clock(|| NOW);
        let session = builder.open("default").unwrap();
        session.login("demo@example.com", &password()).unwrap();
        let refreshed = session.refresh();
        assert_eq!(outcome(refreshed, &session.status().unwrap()), expected);

        let waited = Script::start(acts()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let builder = twoba_async::Session::builder(client_at(&waited)).clock(|| NOW);
            let session = builder.open("default").unwrap();
            session
                .login("demo@example.com", &password())
                .await
                .unwrap();
            let refreshed = session.refresh().await;
            let status = session.status().await.unwrap();
            assert_eq!(outcome(refreshed, &status), expected);
        });
    }
}

fn login_act() -> Act {
    let headers = [
        ("Content-Type", "application/json"),
        ("Connection", "close"),
    ];
    Act::respond("200 OK", &headers, LOGIN)
}
