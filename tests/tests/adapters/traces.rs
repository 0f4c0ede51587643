//! Both adapters do the same: byte for byte the same requests and changes, in the same order, for
//! the same script.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use http::Request;
use twoba_core::{Client, ClientSecret, Endpoint, Provider, Replay, Timestamp};
use twoba_testkit::{Act, Script};
use twoba_tests::{Adapter, CLIENT, Early, Extras, PASSWORD, Place, SECRET, Subject, Traced, USER};

/// What is done with a session, and what the server does meanwhile.
#[derive(Clone)]
enum Deed {
    /// Time passes, in seconds.
    Pass(i64),
    Login(Act),
    Token(Vec<Act>),
    Refresh(Vec<Act>),
    Get(Vec<Act>),
    Logout(Vec<Act>),
    /// Another process, which knows nothing yet.
    Restart,
}

fn json(status: &str, body: &str) -> Act {
    Act::respond(
        status,
        &[
            ("Content-Type", "application/json"),
            ("Connection", "close"),
        ],
        body,
    )
}

fn granted(number: u32) -> Act {
    let body = format!(
        r#"{{"access_token":"at-{number}","token_type":"bearer","expires_in":120,"refresh_token":"rt-{number}"}}"#
    );
    json("200 OK", &body)
}

fn refused(code: &str) -> Act {
    json("400 Bad Request", &format!(r#"{{"error":"{code}"}}"#))
}

fn page(status: &str) -> Act {
    Act::respond(
        status,
        &[("Content-Type", "text/html"), ("Connection", "close")],
        "<html>",
    )
}

/// What the server does.
fn acts(deeds: &[Deed]) -> Vec<Act> {
    let acts = deeds.iter().flat_map(|deed| match deed {
        Deed::Login(act) => vec![act.clone()],
        Deed::Token(acts) | Deed::Refresh(acts) | Deed::Get(acts) | Deed::Logout(acts) => {
            acts.clone()
        }
        Deed::Pass(_) | Deed::Restart => Vec::new(),
    });
    acts.collect()
}

/// A session's whole run with one adapter: what the server was asked, what was stored, and what
/// the callers got.
fn run(adapter: Adapter, script: &Script, replay: Replay, deeds: &[Deed]) -> Vec<String> {
    let now = Arc::new(AtomicI64::new(1_800_000_000_000));
    let store = Traced::default();
    let place = Place::Traced(store.clone());
    let open = || {
        let now = Arc::clone(&now);
        let clock = move || Timestamp::from_unix_millis(now.load(Ordering::SeqCst));
        let extras = Extras {
            entropy: Some(Box::new(|| [7; 32])),
            ..Extras::default()
        };
        adapter.open_with(
            client(script.url(), replay),
            &place,
            Early::Inline,
            clock,
            extras,
        )
    };
    let mut session = open();
    let mut trace = Vec::new();
    let mut seen = script.requests().len();
    for deed in deeds {
        let outcome = done(&*session, deed);
        match deed {
            Deed::Pass(seconds) => {
                now.fetch_add(seconds * 1000, Ordering::SeqCst);
            }
            Deed::Restart => session = open(),
            Deed::Login(_) | Deed::Token(_) | Deed::Refresh(_) | Deed::Get(_) | Deed::Logout(_) => {
            }
        }
        trace.extend(store.take());
        let requests = script.requests();
        trace.extend(requests[seen..].iter().map(told));
        seen = requests.len();
        trace.push(outcome);
    }
    trace
}

fn client(url: &str, replay: Replay) -> Client {
    let endpoint = |path: &str| Endpoint::parse(&format!("{url}{path}")).unwrap();
    let provider = Provider::two_ba()
        .with_token_endpoint(endpoint("/OAuth/Token"))
        .with_revocation_endpoint(endpoint("/revoke"))
        .with_service_base(endpoint("/1/json/"))
        .with_replay(replay);
    Client::confidential(provider, CLIENT, ClientSecret::parse(SECRET).unwrap()).unwrap()
}

fn done(session: &dyn Subject, deed: &Deed) -> String {
    let token = |outcome: Result<twoba_core::AccessToken, twoba_store::Error>| match outcome {
        Ok(token) => token.expose().to_owned(),
        Err(error) => format!("{error} {:?}", error.advice()),
    };
    match deed {
        Deed::Pass(seconds) => format!("{seconds} s pass"),
        Deed::Restart => "restart".into(),
        Deed::Login(_) => token(session.login(USER, PASSWORD)),
        Deed::Token(_) => token(session.token()),
        Deed::Refresh(_) => token(session.refresh()),
        Deed::Get(_) => match session.get("Product/Search", &[("query", "a")]) {
            Ok(_) => "an answer".into(),
            Err(error) => error.to_string(),
        },
        Deed::Logout(_) => format!("{:?}", session.logout().map(|out| out.revocation).ok()),
    }
}

/// A request without what names its connection and its HTTP client.
fn told(request: &Request<Vec<u8>>) -> String {
    let ours = ["authorization", "content-type", "accept", "content-length"];
    let mut headers: Vec<String> = request
        .headers()
        .iter()
        .filter(|(name, _)| ours.contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    headers.sort();
    let body = String::from_utf8_lossy(request.body());
    format!("{} {} {headers:?} {body}", request.method(), request.uri())
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn both_adapters_leave_the_same_trace() {
    use Deed::{Get, Login, Logout, Pass, Refresh, Restart, Token};
    let answer = || json("200 OK", "{}");
    let rejection = || json("401 Unauthorized", "");
    let never: &[Deed] = &[
        Login(granted(1)),
        Pass(121),
        Token(vec![Act::hang_up()]),
        Pass(31),
        Token(vec![]),
        Restart,
        Token(vec![]),
    ];
    let once: [&[Deed]; 8] = [
        &[
            Token(vec![]),
            Login(granted(1)),
            Token(vec![]),
            Pass(100),
            Token(vec![granted(2)]),
            Pass(121),
            Token(vec![granted(3)]),
            Logout(vec![page("200 OK")]),
            Token(vec![]),
        ],
        &[
            Login(granted(1)),
            Pass(121),
            Token(vec![page("503 Service Unavailable")]),
            Token(vec![]),
            Pass(2),
            Token(vec![page("502 Bad Gateway")]),
            Pass(61),
            Restart,
            Token(vec![granted(2)]),
        ],
        &[
            Login(granted(1)),
            Pass(121),
            Token(vec![Act::hang_up()]),
            Pass(31),
            Restart,
            Token(vec![granted(2)]),
            Refresh(vec![refused("invalid_client")]),
            Pass(121),
            Refresh(vec![granted(3)]),
        ],
        &[
            Login(granted(1)),
            Pass(121),
            Token(vec![Act::hang_up()]),
            Pass(31),
            Token(vec![Act::hang_up()]),
            Pass(31),
            Token(vec![]),
        ],
        &[
            Login(granted(1)),
            Pass(121),
            Token(vec![refused("invalid_grant")]),
            Token(vec![]),
            Restart,
            Token(vec![]),
            Login(granted(4)),
            Token(vec![]),
        ],
        &[
            Login(granted(1)),
            Get(vec![rejection(), granted(2), answer()]),
            Get(vec![rejection()]),
            Pass(61),
            Get(vec![answer()]),
        ],
        &[
            Login(refused("invalid_grant")),
            Login(granted(1)),
            Pass(121),
            Token(vec![json("200 OK", r#"{"access_token":"#)]),
            Pass(61),
            Token(vec![page("429 Too Many Requests")]),
            Logout(vec![page("503 Service Unavailable")]),
        ],
        &[
            Login(json(
                "200 OK",
                r#"{"access_token":"at-1","token_type":"bearer"}"#,
            )),
            Pass(100_000),
            Token(vec![]),
            Get(vec![rejection()]),
            Token(vec![]),
            Logout(vec![page("200 OK")]),
        ],
    ];
    let once = once.map(|deeds| (Replay::Once, deeds));
    for (number, (replay, deeds)) in once.into_iter().chain([(Replay::Never, never)]).enumerate() {
        // One server, because what is stored tells its address.
        let script = Script::start([acts(deeds), acts(deeds)].concat()).unwrap();
        let blocking = run(Adapter::Blocking, &script, replay, deeds);
        let awaited = run(Adapter::Async, &script, replay, deeds);
        for (blocking, awaited) in blocking.iter().zip(&awaited) {
            assert_eq!(blocking, awaited, "script {number}");
        }
        assert_eq!(blocking.len(), awaited.len(), "script {number}");
        assert!(blocking.len() > deeds.len() * 2, "{blocking:#?}");
    }
}
