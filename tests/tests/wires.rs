//! What both adapters make of an answer that is encoded, oddly written, too long or late, and on
//! which connection a token request goes out.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use http::Request;
use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};
use twoba_core::limits::RESPONSE_BODY_MAX;
use twoba_core::{
    Advice, Client, ClientSecret, Endpoint, ErrorCode, Malformed, Password, Revocation,
    SendFailure, TokenError, TroubleReason,
};
use twoba_keeper::wires::SERVICE_BODY_MAX;
use twoba_services::ServiceErrorKind;
use twoba_store::ErrorKind;
use twoba_testkit::{Act, Script, fixture};
use twoba_tests::{
    Adapter, Bench, CLIENT, Extras, Kept, PASSWORD, SECRET, Subject, USER, World, not_delivered,
    on_threads, on_tokio, service_error, token_error, trouble,
};

/// Long enough for any test.
const LONG: Duration = Duration::from_secs(60);

fn granted() -> Vec<u8> {
    fixture::answer_bytes("2ba/answers/success").unwrap()
}

fn granted_body() -> Vec<u8> {
    fixture::answer("2ba/answers/success").unwrap().into_body()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let length = u32::try_from(text.len()).unwrap();
    [
        &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255],
        &*compress_to_vec(text, 6),
        &crc32fast::hash(text).to_le_bytes(),
        &length.to_le_bytes(),
    ]
    .concat()
}

/// The same text in each way that is undone.
fn codings(text: &[u8]) -> [(&'static str, Vec<u8>); 4] {
    [
        ("gzip", gzip(text)),
        ("x-gzip", gzip(text)),
        ("deflate", compress_to_vec_zlib(text, 6)),
        ("deflate", compress_to_vec(text, 6)),
    ]
}

fn encoded(status: &str, coding: &str, body: impl AsRef<[u8]>) -> Act {
    let headers = [
        ("Content-Type", "application/json"),
        ("Content-Encoding", coding),
    ];
    Act::respond_bytes(status, &headers, body.as_ref())
}

fn get(script: &Script) -> Request<Vec<u8>> {
    let uri = format!("{}/1/json/Product/Search", script.url());
    Request::get(uri).body(Vec::new()).unwrap()
}

#[test]
fn no_request_invites_a_coding() {
    Adapter::each(|adapter| {
        let done = || Act::respond("200 OK", &[], "{}");
        let acts = [
            Act::answer(granted()),
            Act::answer(granted()),
            done(),
            done(),
        ];
        let script = Script::start(acts).unwrap();
        let provider = Bench::provider(script.url());
        let endpoint = Endpoint::parse(&format!("{}/revoke", script.url())).unwrap();
        let provider = provider.with_revocation_endpoint(endpoint);
        let secret = ClientSecret::parse(SECRET).unwrap();
        let client = Client::confidential(provider, CLIENT, secret).unwrap();
        let session = Bench::new(adapter).session_of(client);
        session.login(USER, PASSWORD).unwrap();
        session.refresh().unwrap();
        session.call(&get(&script)).unwrap();
        session.logout().unwrap();
        let requests = script.requests();
        assert_eq!(requests.len(), 4);
        for request in requests {
            let said: Vec<_> = request
                .headers()
                .get_all("accept-encoding")
                .iter()
                .collect();
            assert_eq!(said, ["identity"], "{}", request.uri());
        }
    });
}

#[test]
fn a_token_answer_is_decoded() {
    for (coding, body) in codings(&granted_body()) {
        Adapter::each(|adapter| {
            let act = || encoded("200 OK", coding, &body);
            let script = Script::start([act(), act()]).unwrap();
            let session = Bench::new(adapter).session(script.url());
            session.login(USER, PASSWORD).unwrap();
            session.refresh().unwrap();
        });
    }
}

#[test]
fn a_refusal_is_decoded() {
    let text = br#"{"error":"invalid_grant"}"#;
    for (coding, body) in codings(text) {
        Adapter::each(|adapter| {
            let script = Script::start([encoded("400 Bad Request", coding, &body)]).unwrap();
            let session = Bench::new(adapter).session(script.url());
            let error = session.login(USER, PASSWORD).unwrap_err();
            let facts = token_error(&error).facts();
            assert_eq!(facts.code, Some(ErrorCode::InvalidGrant));
            assert_eq!(facts.body_len, text.len());
            assert_eq!(facts.content_coding, None);
        });
    }
}

#[test]
fn the_answer_to_a_revocation_is_decoded() {
    let text = br#"{"error":"unsupported_token_type"}"#;
    for (coding, body) in codings(text) {
        Adapter::each(|adapter| {
            let refusal = encoded("400 Bad Request", coding, &body);
            let script = Script::start([Act::answer(granted()), refusal]).unwrap();
            let endpoint = Endpoint::parse(&format!("{}/revoke", script.url())).unwrap();
            let provider = Bench::provider(script.url()).with_revocation_endpoint(endpoint);
            let secret = ClientSecret::parse(SECRET).unwrap();
            let client = Client::confidential(provider, CLIENT, secret).unwrap();
            let session = Bench::new(adapter).session_of(client);
            session.login(USER, PASSWORD).unwrap();
            let gone = session.logout().unwrap();
            let Revocation::Refused(error) = gone.revocation else {
                panic!("{:?}", gone.revocation);
            };
            let code = error.facts().code.as_ref().map(ToString::to_string);
            assert_eq!(code.as_deref(), Some("unsupported_token_type"));
        });
    }
}

#[test]
fn an_answer_of_a_service_is_decoded() {
    for (coding, body) in codings(br#"[{"Productcode":"KG-60-200"}]"#) {
        Adapter::each(|adapter| {
            let act = || encoded("200 OK", coding, &body);
            let script = Script::start([Act::answer(granted()), act(), act()]).unwrap();
            let session = Bench::new(adapter).session(script.url());
            session.login(USER, PASSWORD).unwrap();
            let found = session.get("Product/Search", &[]).unwrap();
            assert_eq!(found.value()[0]["Productcode"], "KG-60-200");
            let whole = session.call(&get(&script)).unwrap();
            assert!(!whole.headers().contains_key("content-encoding"));
            assert_eq!(whole.body(), br#"[{"Productcode":"KG-60-200"}]"#);
        });
    }
}

/// What the two requests of a script said that they came from.
fn agents(script: &Script) -> Vec<String> {
    let requests = script.requests();
    let agents = requests.iter().map(|request| {
        let agent = &request.headers()["user-agent"];
        agent.to_str().unwrap().to_owned()
    });
    agents.collect()
}

#[test]
fn service_calls_can_go_through_a_client_of_the_callers() {
    let start = || {
        let answered = Act::respond("200 OK", &[], "{}");
        Script::start([Act::answer(granted()), answered]).unwrap()
    };
    let ours = concat!("twoba/", env!("CARGO_PKG_VERSION"));

    let script = start();
    let agent = ureq::Agent::config_builder().user_agent("mine").build();
    let session = twoba_blocking::Session::builder(Bench::client(script.url()))
        .service_agent(agent.into())
        .open("default")
        .unwrap();
    session
        .login(USER, &Password::parse(PASSWORD).unwrap())
        .unwrap();
    session.get("Product/Search", &[]).unwrap();
    assert_eq!(agents(&script), [ours, "mine"]);

    let script = start();
    let builder = || twoba_async::Session::builder(Bench::client(script.url()));
    // reqwest wants the process to have chosen its cryptography, which the adapter does.
    drop(builder().build().unwrap());
    let client = reqwest::Client::builder().user_agent("mine").build();
    let session = builder().service_client(client.unwrap()).open("default");
    let session = session.unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let password = Password::parse(PASSWORD).unwrap();
        session.login(USER, &password).await.unwrap();
        session.get("Product/Search", &[]).await.unwrap();
    });
    assert_eq!(agents(&script), [ours, "mine"]);
}

// A bare 400 ends the grant at 2BA. Who encodes has something between that is not the server.
#[test]
fn an_encoded_body_is_never_a_bare_refusal() {
    let mut cases = vec![
        ("gzip", Vec::new()),
        ("br", Vec::new()),
        ("gzip", gzip(b"")[..12].to_vec()),
        ("gzip", [&*gzip(b""), b"x"].concat()),
        ("gzip, gzip", gzip(&gzip(b""))),
    ];
    cases.extend(codings(b""));
    for (coding, body) in cases {
        Adapter::each(|adapter| {
            let bench = Bench::new(adapter);
            bench.log_in_and_expire();
            let acts = [
                encoded("400 Bad Request", coding, &body),
                Act::answer(granted()),
            ];
            let script = Script::start(acts).unwrap();
            let session = bench.session(script.url());
            session.token().unwrap_err();
            assert_eq!(bench.kept(), Kept::Grant, "{coding}, {}", body.len());
            bench.pass(121);
            session.token().unwrap();
        });
    }
}

#[test]
fn a_coding_that_cannot_be_undone_is_named() {
    let whole = gzip(&granted_body());
    let (half, _) = whole.split_at(whole.len() / 2);
    for (coding, body) in [
        ("br", b"\x0b\x02\x80".as_slice()),
        ("gzip, deflate", &whole),
        ("gzip", half),
    ] {
        Adapter::each(|adapter| {
            let script = Script::start([encoded("200 OK", coding, body)]).unwrap();
            let bench = Bench::new(adapter);
            let error = bench.session(script.url()).login(USER, PASSWORD);
            let error = error.unwrap_err();
            assert!(matches!(
                token_error(&error),
                TokenError::Malformed(Malformed::Encoded, facts)
                    if facts.content_coding.as_deref() == Some(coding)
            ));
            assert!(error.to_string().contains(coding), "{error}");
            assert!(!error.to_string().contains("JSON"), "{error}");

            let acts = [Act::answer(granted()), encoded("200 OK", coding, body)];
            let script = Script::start(acts).unwrap();
            let session = bench.session(script.url());
            session.login(USER, PASSWORD).unwrap();
            let error = service_error(session.get("Product/Search", &[]).unwrap_err());
            assert_eq!(error.kind, ServiceErrorKind::Encoded);
            assert_eq!(error.content_coding.as_deref(), Some(coding));
        });
    }
}

#[test]
fn a_coding_that_is_claimed_in_error_costs_nothing() {
    for coding in ["utf-8", "gzip", "none", ""] {
        Adapter::each(|adapter| {
            let script = Script::start([encoded("200 OK", coding, granted_body())]).unwrap();
            let session = Bench::new(adapter).session(script.url());
            session.login(USER, PASSWORD).unwrap();
        });
    }
}

#[test]
fn what_is_decoded_counts_against_the_limit_of_a_token_answer() {
    let body = granted_body();
    let padded = |length: usize| [vec![b' '; length - body.len()], body.clone()].concat();
    let at_most = codings(&padded(RESPONSE_BODY_MAX));
    let too_many = codings(&padded(RESPONSE_BODY_MAX + 1));
    for ((coding, fits), (_, over)) in at_most.into_iter().zip(too_many) {
        Adapter::each(|adapter| {
            let acts = [
                encoded("200 OK", coding, &fits),
                encoded("200 OK", coding, &over),
            ];
            let script = Script::start(acts).unwrap();
            let session = Bench::new(adapter).session(script.url());
            session.login(USER, PASSWORD).unwrap();
            let error = session.login(USER, PASSWORD).unwrap_err();
            assert!(matches!(
                token_error(&error),
                TokenError::Malformed(Malformed::TooLarge, facts)
                    if facts.body_len == RESPONSE_BODY_MAX + 1
            ));
        });
    }
}

/// A session with a token at a server that answers its calls so.
fn served(adapter: Adapter, act: Act) -> (Script, Box<dyn Subject>) {
    let script = Script::start([Act::answer(granted()), act]).unwrap();
    let session = Bench::new(adapter).session(script.url());
    session.login(USER, PASSWORD).unwrap();
    (script, session)
}

#[track_caller]
fn assert_too_large(script: &Script, session: &dyn Subject) {
    let error = session.call(&get(script)).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::ServiceAnswerTooLarge));
    assert_eq!(error.advice(), Advice::Report);
}

#[test]
fn an_answer_of_a_service_is_whole_or_an_error() {
    let spaces = vec![b' '; SERVICE_BODY_MAX + 1];
    Adapter::each(|adapter| {
        let fits = Act::respond_bytes("200 OK", &[], &spaces[1..]);
        let (script, session) = served(adapter, fits);
        let whole = session.call(&get(&script)).unwrap();
        assert_eq!(whole.body().len(), SERVICE_BODY_MAX);

        let over = Act::respond_bytes("200 OK", &[], &spaces);
        let (script, session) = served(adapter, over);
        assert_too_large(&script, &*session);

        let endless = Act::Flood(b"HTTP/1.1 200 OK\r\n\r\n".to_vec());
        let (script, session) = served(adapter, endless);
        assert_too_large(&script, &*session);
    });
}

#[test]
fn what_is_decoded_counts_against_the_limit_of_a_service() {
    let spaces = vec![b' '; SERVICE_BODY_MAX + 1];
    let (fits, over) = (gzip(&spaces[1..]), gzip(&spaces));
    Adapter::each(|adapter| {
        let (script, session) = served(adapter, encoded("200 OK", "gzip", &fits));
        let whole = session.call(&get(&script)).unwrap();
        assert_eq!(whole.body().len(), SERVICE_BODY_MAX);
        let (script, session) = served(adapter, encoded("200 OK", "gzip", &over));
        assert_too_large(&script, &*session);
    });
}

/// What may stand for a while before it is given up; a test takes no longer for it.
const SHORT: Duration = Duration::from_secs(2);

// As 'not sent' the token, which the server may have spent, would be presented again at once.
#[test]
fn a_request_that_takes_too_long_ends_and_may_have_been_sent() {
    let answer = granted();
    let head = answer.len() - granted_body().len();
    let cases = [
        ("nothing", Act::Silence),
        ("half a head", Act::Stall(answer[..head / 2].to_vec())),
        ("a head", Act::Stall(answer[..head].to_vec())),
        (
            "half a body",
            Act::Stall(answer[..answer.len() - 9].to_vec()),
        ),
    ];
    // They wait side by side.
    thread::scope(|scope| {
        for (case, act) in cases {
            let answer = &answer;
            scope.spawn(move || gives_up_in_time(case, &act, answer));
        }
    });
}

fn gives_up_in_time(case: &str, act: &Act, answer: &[u8]) {
    Adapter::each(|adapter| {
        let bench = Bench::new(adapter);
        bench.log_in_and_expire();
        let acts = [act.clone(), act.clone(), Act::answer(answer)];
        let script = Script::start(acts).unwrap();
        let extras = || Extras {
            request_total: Some(SHORT),
            ..Extras::default()
        };
        let session = bench.session_with(Bench::client(script.url()), extras());
        let begun = Instant::now();
        let error = session.token().unwrap_err();
        assert!(begun.elapsed() >= SHORT, "{case}");
        assert_eq!(trouble(&error).reason, TroubleReason::AnswerLost, "{case}");
        assert_eq!(bench.kept(), Kept::Grant, "{case}");
        session.token().unwrap_err();
        assert_eq!(script.requests().len(), 1, "{case}: not again at once");

        let other = Bench::new(adapter);
        let session = other.session_with(Bench::client(script.url()), extras());
        let error = session.login(USER, PASSWORD).unwrap_err();
        assert_eq!(not_delivered(&error), SendFailure::MaybeSent, "{case}");
    });
}

fn keeping(bench: &Bench, script: &Script, idle: Duration) -> Box<dyn Subject> {
    let extras = Extras {
        token_idle: Some(idle),
        ..Extras::default()
    };
    bench.session_with(Bench::client(script.url()), extras)
}

#[test]
fn a_refresh_takes_the_connection_of_no_service_call() {
    Adapter::each(|adapter| {
        let acts = [
            Act::answer(granted()),
            Act::respond("401 Unauthorized", &[("WWW-Authenticate", "Bearer")], ""),
            Act::answer(granted()),
            Act::respond("200 OK", &[], "{}"),
        ];
        let script = Script::start(acts).unwrap();
        let session = keeping(&Bench::new(adapter), &script, LONG);
        session.login(USER, PASSWORD).unwrap();
        let answer = session.call(&get(&script)).unwrap();
        assert_eq!(answer.status(), 200);
        let [login, call, refresh, again] = script.carriers().try_into().unwrap();
        for service in [call, again] {
            assert!(login != service && refresh != service);
        }
    });
}

#[test]
fn token_requests_in_a_row_share_a_connection_and_one_that_lay_idle_is_not_used() {
    Adapter::each(|adapter| {
        let connections = |idle| {
            let acts = std::iter::repeat_n(Act::answer(granted()), 8);
            let script = Script::start(acts).unwrap();
            let session = keeping(&Bench::new(adapter), &script, idle);
            session.login(USER, PASSWORD).unwrap();
            for _ in 0..7 {
                session.refresh().unwrap();
            }
            script.connections()
        };
        // A connection may come back when the next request is already on its way.
        assert!(connections(LONG) < 8);
        assert_eq!(connections(Duration::ZERO), 8);
    });
}

#[test]
fn the_sessions_of_a_program_share_connections() {
    Adapter::each(|adapter| {
        let acts = std::iter::repeat_n(Act::answer(granted()), 6);
        let script = Script::start(acts).unwrap();
        let client = Bench::client(script.url());
        let sessions: Vec<_> = match adapter {
            Adapter::Blocking => {
                let builder = twoba_blocking::Sessions::builder(client).token_idle(LONG);
                let sessions = builder.build();
                let open = |key| on_threads(sessions.open(key).unwrap());
                ["a", "b", "c"].map(open).into()
            }
            Adapter::Async => {
                let builder = twoba_async::Sessions::builder(client).token_idle(LONG);
                let sessions = builder.build().unwrap();
                let open = |key| on_tokio(sessions.open(key).unwrap());
                ["a", "b", "c"].map(open).into()
            }
        };
        for session in &sessions {
            session.login(USER, PASSWORD).unwrap();
        }
        for session in &sessions {
            session.refresh().unwrap();
        }
        assert_eq!(script.requests().len(), 6);
        assert!(script.connections() < 6);
    });
}

/// A service that answers when so many calls are there, and counts its connections.
fn service_of_many(at_once: usize) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap());
    let opened = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&opened);
    thread::spawn(move || {
        let all_are_there = Arc::new(Barrier::new(at_once));
        for stream in listener.incoming() {
            counted.fetch_add(1, Ordering::SeqCst);
            let all_are_there = Arc::clone(&all_are_there);
            thread::spawn(move || {
                let mut stream = BufReader::new(stream.unwrap());
                let mut line = String::new();
                while stream.read_line(&mut line).is_ok_and(|read| read > 0) {
                    if line == "\r\n" {
                        all_are_there.wait();
                        let answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
                                      Content-Length: 2\r\n\r\n{}";
                        stream.get_mut().write_all(answer.as_bytes()).unwrap();
                    }
                    line.clear();
                }
            });
        }
    });
    (base, opened)
}

#[test]
fn connections_of_calls_at_once_are_used_again() {
    const AT_ONCE: usize = 8;
    const ROUNDS: usize = 6;
    Adapter::each(|adapter| {
        let script = Script::start([Act::answer(granted())]).unwrap();
        let (base, opened) = service_of_many(AT_ONCE);
        let base = Endpoint::parse(&base).unwrap();
        let provider = Bench::provider(script.url()).with_service_base(base);
        let session = Bench::new(adapter).session_of(World::client_of(provider, SECRET));
        session.login(USER, PASSWORD).unwrap();
        for _ in 0..ROUNDS {
            for answer in session.gets_at_once(AT_ONCE, "Product/Search", &[]) {
                answer.unwrap();
            }
        }
        // A connection may come back when the next call is already on its way.
        let opened = opened.load(Ordering::SeqCst);
        assert!(opened < 3 * AT_ONCE, "{opened} connections");
    });
}

#[test]
fn a_connection_closed_while_it_lay_idle_costs_no_refresh() {
    Adapter::each(|adapter| {
        let acts = [
            Act::AnswerAndClose(granted()),
            Act::AnswerAndClose(granted()),
            Act::answer(granted()),
        ];
        let script = Script::start(acts).unwrap();
        let session = keeping(&Bench::new(adapter), &script, Duration::ZERO);
        session.login(USER, PASSWORD).unwrap();
        for closed in 1..=2 {
            assert!(adapter.has_noticed(&script, closed));
            session.refresh().unwrap();
        }
        assert_eq!(script.carriers(), [1, 2, 3]);
    });
}

/// A good answer with these lines among its headers.
fn with_lines(lines: &str) -> Act {
    let answer = String::from_utf8(granted()).unwrap();
    Act::answer(answer.replacen("\r\n", &format!("\r\n{lines}\r\n"), 1))
}

#[test]
fn odd_header_lines_cost_no_token() {
    for lines in ["X-Empty:", "X-Latin: caf\u{e9}", "X-Twice: a\r\nX-Twice: b"] {
        Adapter::each(|adapter| {
            let bench = Bench::new(adapter);
            bench.log_in_and_expire();
            let script = Script::start([with_lines(lines)]).unwrap();
            let refreshed = bench.session(script.url()).token();
            refreshed.unwrap_or_else(|error| panic!("{lines:?}: {error:?}"));
        });
    }
}

/// Harmless ways to write an answer that few servers have.
#[test]
fn oddly_framed_answers_cost_no_token() {
    let body = String::from_utf8(granted_body()).unwrap();
    let json = "Content-Type: application/json\r\n";
    let length = format!("Content-Length: {}\r\n", body.len());
    let chunks = format!(
        "{:x};why=not\r\n{body}\r\n0\r\nX-Trailer: a\r\n",
        body.len()
    );
    let many = "X-Many: a\r\n".repeat(100);
    let early = "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n b\r\n\r\n";
    for answer in [
        format!("HTTP/1.1 200\r\n{json}{length}\r\n{body}"),
        format!("HTTP/1.1 200 \r\n{json}{length}\r\n{body}"),
        format!("HTTP/1.1 200 OK\r\n{json}{length}\r\n{body}").replace("\r\n", "\n"),
        format!("\r\nHTTP/1.1 200 OK\r\n{json}{length}\r\n{body}"),
        format!("HTTP/1.0 200 OK\r\n{json}\r\n{body}"),
        format!("HTTP/1.1 200 OK\r\n{json}Connection: close\r\n\r\n{body}"),
        format!("HTTP/1.1 200 OK\r\n{json}{length}{length}\r\n{body}"),
        format!("HTTP/1.1 200 OK\r\n{json}Transfer-Encoding: chunked\r\n\r\n{chunks}\r\n"),
        format!("{early}HTTP/1.1 200 OK\r\n{json}{length}\r\n{body}"),
        format!("HTTP/1.1 200 OK\r\n{many}{json}{length}\r\n{body}"),
    ] {
        Adapter::each(|adapter| {
            let bench = Bench::new(adapter);
            bench.log_in_and_expire();
            let act = Act::AnswerAndClose(answer.clone().into_bytes());
            let script = Script::start([act]).unwrap();
            let refreshed = bench.session(script.url()).token();
            refreshed.unwrap_or_else(|error| panic!("{answer:?}: {error:?}"));
        });
    }
}

/// What no HTTP client here reads is no answer, and the server may have rotated all the same.
#[test]
fn a_head_that_cannot_be_read_may_be_that_of_a_rotation() {
    let answer = String::from_utf8(granted()).unwrap();
    for (case, answer) in [
        ("another protocol", answer.replacen("HTTP/1.1", "ICY", 1)),
        (
            "a status of two digits",
            answer.replacen(" 200 ", " 20 ", 1),
        ),
        (
            "two lengths",
            answer.replacen("\r\n", "\r\nContent-Length: 1\r\n", 1),
        ),
        (
            "more lines than are read",
            answer.replacen("\r\n", &format!("\r\n{}", "X: a\r\n".repeat(200)), 1),
        ),
    ] {
        Adapter::each(|adapter| {
            let bench = Bench::new(adapter);
            bench.log_in_and_expire();
            let script = Script::start([Act::AnswerAndClose(answer.clone().into_bytes())]).unwrap();
            let error = bench.session(script.url()).token().unwrap_err();
            assert_eq!(trouble(&error).reason, TroubleReason::AnswerLost, "{case}");
            assert_eq!(bench.kept(), Kept::Grant, "{case}");
        });
    }
}
