//! Every answer below `fixtures/vectors`, through the core and both adapters: the same comes of
//! it everywhere, and a snapshot says what.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper of a test fails the test"
)]

use std::fs;
use std::sync::Arc;

use http::{Request, Response};
use twoba_core::jsonp::CallbackName;
use twoba_core::{
    self as core, AccessToken, Client, ClientSecret, Endpoint, Form, Password, Provider,
    RedirectUri, Rules, Seed, SessionKey, Status, StoredGrant, Timestamp,
};
use twoba_store::{Error, FileStore, MemoryStore, Store, TransportError, Unleased, drive};
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
    let step = session.obtain(core::Want::Other(id), NOW, stored);
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
#[expect(clippy::too_many_lines, reason = "a table")]
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
            "the answer of the token server was lost (status 200: the answer is too large)",
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

/// Queries that a browser can come back with; `{state}` stands for the right one.
const QUERIES: [&str; 34] = [
    "",
    "code=a",
    "state={state}",
    "code=a&state=other",
    "code=a&state=",
    "code=a&state={state}x",
    "code=a&STATE={state}",
    "state={state}&state={state}&code=a",
    "code=a&code=b&state={state}",
    "code=a&code=a&state={state}",
    "iss=a&iss=a&code=a&state={state}",
    "error=access_denied&error=access_denied&state={state}",
    "code=&state={state}",
    "code=%00&state={state}",
    "code=a%0D%0A&state={state}",
    "code=%C3%A9&state={state}",
    "code=%FF&state={state}",
    "Code=a&state={state}",
    "code&state={state}",
    "code=a;state={state}",
    "code=a#state={state}",
    "error=access_denied",
    "error=access_denied&state=other",
    "error=access_denied&state={state}",
    "error=access_denied&error_description=a%20b&state={state}",
    "error=access_denied&error_description=%3Cscript%3E&state={state}",
    "error=access_denied&error_description=a%1B%5B31mb&state={state}",
    "error=access_denied&error_description=%FF&state={state}",
    "error=what_is_this&state={state}",
    "error=&state={state}",
    "error=access_denied&code=a&state={state}",
    "code=a&state={state}&iss=https%3A%2F%2Fevil.example",
    "error=server_error&state={state}&iss=https%3A%2F%2Fevil.example",
    "%%%&&&===",
];

/// What finishing a login with a query says before anything is sent, by each of the three.
fn finished(query: &str) -> [String; 3] {
    let issuer = "https://id.example";
    let provider = || {
        let endpoint = |path: &str| Endpoint::parse(&format!("{issuer}{path}")).unwrap();
        Provider::custom(endpoint("/token"))
            .with_authorization_endpoint(endpoint("/authorize"))
            .with_issuer(issuer)
    };
    let redirect = || RedirectUri::parse("http://127.0.0.1/cb").unwrap();
    let filled = |url: &str| {
        let state = url.split("&state=").nth(1).unwrap();
        query.replace("{state}", state.split('&').next().unwrap())
    };
    let (url, login) = client(provider())
        .authorize(redirect(), Seed::from_bytes([2; 32]), NOW)
        .unwrap();
    let by_the_core = login.callback(NOW, &filled(&url)).unwrap_err().to_string();

    let builder = twoba_blocking::Session::builder(client(provider())).clock(|| NOW);
    let session = builder.open("default").unwrap();
    let (url, login) = session.start_login(redirect()).unwrap();
    let blocking = session.finish_login(login, &filled(&url)).unwrap_err();

    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let waited = runtime.block_on(async {
        let builder = twoba_async::Session::builder(client(provider())).clock(|| NOW);
        let session = builder.open("default").unwrap();
        let (url, login) = session.start_login(redirect()).unwrap();
        session
            .finish_login(login, &filled(&url))
            .await
            .unwrap_err()
    });
    [by_the_core, blocking.to_string(), waited.to_string()]
}

#[test]
fn every_redirect_comes_to_the_same_everywhere() {
    let mut lines = Vec::new();
    for query in QUERIES {
        let [core, blocking, waited] = finished(query);
        assert_eq!(blocking, core, "{query}");
        assert_eq!(waited, core, "{query}");
        lines.push(format!("{query}\n    {core}"));
    }
    insta::assert_snapshot!("vectors-redirect", lines.join("\n"));
}

#[test]
fn every_damaged_record_comes_to_the_same_everywhere() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("store");
    let path = folder.join("default.grant");
    let open_store = || FileStore::open(&folder).unwrap();
    let script = Script::start([login_act()]).unwrap();
    let provider = provider(script.url(), "body", Rules::two_ba());
    let blocking = twoba_blocking::Session::builder(client(provider.clone()))
        .store(open_store())
        .clock(|| NOW)
        .open("default")
        .unwrap();
    blocking.login("demo@example.com", &password()).unwrap();
    let whole = fs::read(&path).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let waited = runtime.block_on(async {
        twoba_async::Session::builder(client(provider.clone()))
            .blocking_store(open_store())
            .clock(|| NOW)
            .open("default")
            .unwrap()
    });
    let key = SessionKey::parse("default").unwrap();
    let mut alone = core::Session::new(Arc::new(client(provider)), &key, Seed::from_bytes([3; 32]));
    let cuts = (0..whole.len()).step_by(7).map(|end| whole[..end].to_vec());
    let flips = (0..whole.len()).step_by(5).map(|at| {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        bytes
    });
    let newer = whole
        .iter()
        .map(|&byte| if byte == b'1' { b'9' } else { byte });
    let cases = cuts.chain(flips).chain([newer.collect(), b"{}".to_vec()]);
    for bytes in cases {
        fs::write(&path, &bytes).unwrap();
        let expected = alone.observe(Some(&StoredGrant::from_bytes(bytes.clone())));
        let expected = expected.unwrap_err().to_string();
        assert_eq!(blocking.status().unwrap_err().to_string(), expected);
        let status = runtime.block_on(waited.status());
        assert_eq!(status.unwrap_err().to_string(), expected);
        assert_eq!(fs::read(&path).unwrap(), bytes, "left as it is");
    }
    fs::write(&path, &whole).unwrap();
    assert!(blocking.status().is_ok() && runtime.block_on(waited.status()).is_ok());
}

/// Challenges of a service's 401, and whether they lead to a refresh.
const CHALLENGES: [(&str, bool); 14] = [
    ("", true),
    ("Bearer", true),
    ("bearer error=\"invalid_token\"", true),
    ("BEARER ERROR=invalid_token", true),
    ("Bearer realm=\"a, b\", error=\"invalid_token\"", true),
    ("Basic realm=\"x\", Bearer error=invalid_token", true),
    ("Negotiate abc==, Bearer error=insufficient_scope", false),
    ("Bearer error=\"insufficient_scope\", scope=\"read\"", false),
    ("Bearer error=invalid_request", false),
    ("Bearer error=\"insuff\\icient_scope\"", false),
    ("Basic error=insufficient_scope", true),
    ("Bearer error=\"unclosed", true),
    (",,Bearer ,error=insufficient_scope,,", false),
    ("?", true),
];

#[test]
fn every_challenge_leads_to_the_same_everywhere() {
    for (challenge, refreshes) in CHALLENGES {
        let refused = Act::respond(
            "401 Unauthorized",
            &[("WWW-Authenticate", challenge), ("Connection", "close")],
            "",
        );
        let data = Act::respond("200 OK", &[("Connection", "close")], "[]");
        let acts = || [login_act(), refused.clone(), login_act(), data.clone()];
        let provider_at = |script: &Script| {
            let base = Endpoint::parse(&format!("{}/1/json/", script.url())).unwrap();
            provider(script.url(), "body", Rules::two_ba()).with_service_base(base)
        };
        let script = Script::start(acts()).unwrap();
        let builder = twoba_blocking::Session::builder(client(provider_at(&script)));
        let session = builder.clock(|| NOW).open("default").unwrap();
        session.login("demo@example.com", &password()).unwrap();
        let found = session.get("Product/Search", &[]);
        assert_eq!(found.is_ok(), refreshes, "{challenge}");
        assert_eq!(script.requests().len(), if refreshes { 4 } else { 2 });

        let script = Script::start(acts()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let builder = twoba_async::Session::builder(client(provider_at(&script)));
            let session = builder.clock(|| NOW).open("default").unwrap();
            let login = session.login("demo@example.com", &password()).await;
            login.unwrap();
            let found = session.get("Product/Search", &[]).await;
            assert_eq!(found.is_ok(), refreshes, "{challenge}");
        });
        assert_eq!(script.requests().len(), if refreshes { 4 } else { 2 });
    }
}
