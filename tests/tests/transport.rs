//! What both adapters make of an unfriendly wire: nothing followed, repeated or hidden, and no more read than needed.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::error::Error as _;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use http::Request;
use tokio::runtime;
use twoba_core::{
    Advice, Client, ClientSecret, Endpoint, ErrorCode, Malformed, Password, Revocation,
    SendFailure, TokenError, TroubleReason, Unavailable,
};
use twoba_services::ServiceErrorKind;
use twoba_store::Error;
use twoba_testkit::{Act, Running, Script, fixture};
use twoba_tests::{
    Adapter, Bench, CLIENT, Extras, Kept, PASSWORD, SECRET, USER, not_delivered, service_error,
    token_error, trouble,
};

/// Nothing listens there.
const NOBODY: &str = "http://127.0.0.1:1";

const REDIRECTS: [(u16, &str); 5] = [
    (301, "301 Moved Permanently"),
    (302, "302 Found"),
    (303, "303 See Other"),
    (307, "307 Temporary Redirect"),
    (308, "308 Permanent Redirect"),
];

fn granted() -> Vec<u8> {
    fixture::answer_bytes("2ba/answers/success").unwrap()
}

fn json(status: &str, body: &str) -> Act {
    Act::respond(status, &[("Content-Type", "application/json")], body)
}

/// What a login at a server says that does `act`, and how many requests it took.
#[track_caller]
fn login_error(adapter: Adapter, act: Act) -> (Error, usize) {
    let script = Script::start([act]).unwrap();
    let session = Bench::new(adapter).session(script.url());
    let error = session.login(USER, PASSWORD).unwrap_err();
    (error, script.requests().len())
}

/// Breaks the first refresh by what `broken` does to it, and lets the next one through.
/// Returns the requests of both.
#[track_caller]
fn refreshes(adapter: Adapter, broken: Act, expected: TroubleReason) -> Vec<Request<Vec<u8>>> {
    let bench = Bench::new(adapter);
    bench.log_in_and_expire();
    let script = Script::start([broken, Act::answer(granted())]).unwrap();
    let session = bench.session(script.url());
    let error = session.token().unwrap_err();
    assert_eq!(trouble(&error).reason, expected, "{error:?}");
    assert_eq!(bench.kept(), Kept::Grant);
    assert!(script.requests().len() <= 1, "nothing is repeated unasked");
    bench.pass(60);
    session.token().unwrap();
    script.requests()
}

#[test]
fn a_request_is_sent_as_it_was_built() {
    Adapter::each(|adapter| {
        let script = Script::start([Act::answer(granted())]).unwrap();
        let session = Bench::new(adapter).session(script.url());
        session.login(USER, PASSWORD).unwrap();
        let requests = script.requests();
        let documented = fixture::request("2ba/requests/password").unwrap();
        assert_eq!(requests.len(), 1);
        assert_eq!(requests[0].method(), documented.method());
        assert_eq!(requests[0].uri(), documented.uri());
        assert_eq!(requests[0].body(), documented.body());
        let mut names: Vec<_> = requests[0].headers().keys().map(|n| n.as_str()).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "accept",
                "accept-encoding",
                "content-length",
                "content-type",
                "host",
                "user-agent"
            ],
            "nothing that nobody asked for"
        );
    });
}

// shows: TR7
#[test]
fn the_body_of_a_refusal_is_read() {
    let body = r#"{"error":"invalid_grant","error_description":"no such user"}"#;
    for status in ["400 Bad Request", "401 Unauthorized", "403 Forbidden"] {
        Adapter::each(|adapter| {
            let (error, requests) = login_error(adapter, json(status, body));
            let facts = token_error(&error).facts();
            assert_eq!(facts.code, Some(ErrorCode::InvalidGrant));
            assert_eq!(facts.description.as_deref(), Some("no such user"));
            assert_eq!(facts.body_len, body.len());
            assert_eq!(requests, 1);
        });
    }
}

// shows: TR7
#[test]
fn a_challenge_without_a_body_is_a_refusal() {
    Adapter::each(|adapter| {
        for challenge in ["Basic realm=\"x\"", "bearer", "Negotiate"] {
            let headers = [("WWW-Authenticate", challenge)];
            let act = Act::respond("401 Unauthorized", &headers, "");
            let (error, requests) = login_error(adapter, act);
            assert!(matches!(token_error(&error), TokenError::Refused(facts)
                if facts.status == 401 && facts.code.is_none()));
            assert_eq!(requests, 1);
        }
    });
}

#[test]
fn every_answer_means_the_same_over_the_wire() {
    for name in fixture::answers_in("2ba/answers").unwrap() {
        let answer = fixture::answer(&name).unwrap();
        let bytes = fixture::answer_bytes(&name).unwrap();
        let now = twoba_core::Timestamp::from_unix_seconds(1_800_000_000);
        let judged = twoba_core::judge(&Bench::provider(NOBODY), now, &answer);
        Adapter::each(|adapter| {
            let script = Script::start([Act::answer(&bytes)]).unwrap();
            let session = Bench::new(adapter).session(script.url());
            let told = session.login(USER, PASSWORD);
            match (&judged, told) {
                (Ok(granted), Ok(token)) => assert_eq!(granted.access_token, token),
                (Err(judged), Err(told)) => assert_eq!(judged, token_error(&told), "{name}"),
                (judged, told) => panic!("{name}: {judged:?}, {told:?}"),
            }
        });
    }
}

// shows: TK13
#[test]
fn a_login_follows_no_redirect() {
    for (status, line) in REDIRECTS {
        Adapter::each(|adapter| {
            let elsewhere = Script::start([Act::answer(granted())]).unwrap();
            let target = format!("{}/OAuth/Token", elsewhere.url());
            let act = Act::respond(line, &[("Location", &target)], "");
            let (error, requests) = login_error(adapter, act);
            assert!(matches!(
                token_error(&error),
                TokenError::Unavailable(Unavailable::Redirect, facts) if facts.status == status
            ));
            assert_eq!(requests, 1);
            assert_eq!(elsewhere.connections(), 0);
        });
    }
}

// shows: TK13
#[test]
fn a_refresh_follows_no_redirect_and_the_grant_stays() {
    for (_, line) in REDIRECTS {
        Adapter::each(|adapter| {
            let elsewhere = Script::start([Act::answer(granted())]).unwrap();
            let target = format!("{}/OAuth/Token", elsewhere.url());
            let act = Act::respond(line, &[("Location", &target)], "");
            let requests = refreshes(adapter, act, TroubleReason::ServerFault);
            assert_eq!(requests.len(), 2);
            assert_eq!(elsewhere.connections(), 0);
        });
    }
}

// shows: TK13
#[test]
fn a_redirect_to_the_same_server_is_not_followed_either() {
    Adapter::each(|adapter| {
        let act = Act::respond(
            "307 Temporary Redirect",
            &[("Location", "/connect/token")],
            "",
        );
        let (_, requests) = login_error(adapter, act);
        assert_eq!(requests, 1);
    });
}

// shows: TK13 RV5
#[test]
fn a_revocation_follows_no_redirect_and_the_session_ends_here() {
    for (_, line) in REDIRECTS {
        Adapter::each(|adapter| {
            let elsewhere = Script::start([Act::respond("200 OK", &[], "")]).unwrap();
            let target = format!("{}/connect/revocation", elsewhere.url());
            let redirect = Act::respond(line, &[("Location", &target)], "");
            let script = Script::start([Act::answer(granted()), redirect]).unwrap();
            let bench = Bench::new(adapter);
            let revocation = Endpoint::parse(&format!("{}/revoke", script.url())).unwrap();
            let provider = Bench::provider(script.url()).with_revocation_endpoint(revocation);
            let secret = ClientSecret::parse(SECRET).unwrap();
            let client = Client::confidential(provider, CLIENT, secret).unwrap();
            let session = bench.session_of(client);
            session.login(USER, PASSWORD).unwrap();
            let gone = session.logout().unwrap();
            assert!(matches!(
                gone.revocation,
                Revocation::Refused(TokenError::Unavailable(Unavailable::Redirect, _))
            ));
            assert_eq!(elsewhere.connections(), 0);
            assert!(session.token().is_err(), "logged out here all the same");
        });
    }
}

// shows: US1
#[test]
fn a_call_carries_one_token_and_no_other_authorization() {
    Adapter::each(|adapter| {
        let script = Script::start([Act::answer(granted()), json("200 OK", "[]")]).unwrap();
        let session = Bench::new(adapter).session(script.url());
        let token = session.login(USER, PASSWORD).unwrap();
        let mut request = Request::new(Vec::new());
        *request.uri_mut() = format!("{}/1/json/Product/Search", script.url())
            .parse()
            .unwrap();
        let own = "Basic canary".parse().unwrap();
        request.headers_mut().insert("authorization", own);
        session.call(&request).unwrap();
        let sent = script.requests();
        let lines: Vec<_> = sent[1].headers().get_all("authorization").iter().collect();
        assert_eq!(lines, [&format!("Bearer {}", token.expose())]);
    });
}

// shows: TR8
#[test]
fn a_page_is_no_answer() {
    let page = "<html><body>Welcome to our network</body></html>";
    let act = || Act::respond("200 OK", &[("Content-Type", "text/html")], page);
    Adapter::each(|adapter| {
        let (error, _) = login_error(adapter, act());
        assert!(matches!(
            token_error(&error),
            TokenError::Unavailable(Unavailable::NotJson, _)
        ));
        assert_eq!(
            refreshes(adapter, act(), TroubleReason::ServerFault).len(),
            2
        );
    });
}

// shows: TR11
#[test]
fn an_answer_without_end_is_not_read_to_its_end() {
    let heads = [
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n",
        "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\n\r\n",
    ];
    for head in heads {
        Adapter::each(|adapter| {
            let script = Script::start([Act::Flood(head.as_bytes().to_vec())]).unwrap();
            let session = Bench::new(adapter).session(script.url());
            let error = session.login(USER, PASSWORD).unwrap_err();
            // A success may have been a rotation.
            let is_told = matches!(
                token_error(&error),
                TokenError::Malformed(Malformed::TooLarge, facts) if facts.status == 200
            ) || matches!(
                token_error(&error),
                TokenError::Unavailable(Unavailable::TooLarge, facts) if facts.status == 400
            );
            assert!(is_told, "{error:?}");
            drop(session);
            // What is above the bound stands in the buffers of client and system.
            assert!(script.sent() < 32 * 1024 * 1024, "{} bytes", script.sent());
        });
    }
}

#[test]
fn an_answer_at_the_bound_is_read() {
    let body = String::from_utf8(fixture::answer("2ba/answers/success").unwrap().into_body());
    let body = body.unwrap();
    let padding = " ".repeat(twoba_core::limits::RESPONSE_BODY_MAX - body.len());
    Adapter::each(|adapter| {
        let whole = Script::start([json("200 OK", &format!("{padding}{body}"))]).unwrap();
        let session = Bench::new(adapter).session(whole.url());
        session.login(USER, PASSWORD).unwrap();
        let (error, _) = login_error(adapter, json("200 OK", &format!("{padding} {body}")));
        assert!(matches!(
            token_error(&error),
            TokenError::Malformed(Malformed::TooLarge, facts)
                if facts.body_len == twoba_core::limits::RESPONSE_BODY_MAX + 1
        ));
    });
}

#[test]
fn a_connection_that_breaks_may_have_brought_the_request() {
    let half_head = "HTTP/1.1 200 OK\r\nContent-Ty";
    for (case, act) in [
        ("nothing", Act::hang_up()),
        ("half a head", Act::AnswerAndClose(half_head.into())),
        ("half a body", Act::half(granted())),
        ("no HTTP", Act::AnswerAndClose(b"hello\r\n\r\n".to_vec())),
    ] {
        Adapter::each(|adapter| {
            let (error, requests) = login_error(adapter, act.clone());
            assert_eq!(not_delivered(&error), SendFailure::MaybeSent, "{case}");
            assert!(error.source().is_some(), "{case}: the cause is told");
            assert_eq!(requests, 1, "{case}");

            let requests = refreshes(adapter, act.clone(), TroubleReason::AnswerLost);
            assert_eq!(requests.len(), 2, "{case}");
            assert_eq!(requests[0].body(), requests[1].body(), "{case}");
        });
    }
}

#[test]
fn a_connection_closed_before_anything_was_read_may_have_brought_the_request() {
    Adapter::each(|adapter| {
        let (error, _) = login_error(adapter, Act::Refuse);
        assert_eq!(not_delivered(&error), SendFailure::MaybeSent);
        let requests = refreshes(adapter, Act::Refuse, TroubleReason::AnswerLost);
        assert_eq!(requests.len(), 1);
    });
}

#[test]
fn a_connection_that_the_server_closed_while_idle_costs_nothing() {
    Adapter::each(|adapter| {
        let bench = Bench::new(adapter);
        let granted = granted();
        let script = Script::start([
            Act::answer(&granted),
            Act::AnswerAndClose(granted.clone()),
            Act::answer(&granted),
        ])
        .unwrap();
        let extras = Extras {
            token_idle: Some(Duration::from_secs(60)),
            ..Extras::default()
        };
        let session = bench.session_with(Bench::client(script.url()), extras);
        session.login(USER, PASSWORD).unwrap();
        bench.pass(121);
        session.token().unwrap();
        assert!(adapter.has_noticed(&script, 1));
        bench.pass(121);
        session.token().unwrap();
        assert_eq!(script.requests().len(), 3);
    });
}

/// Nothing was sent: the session is as before, and the attempt does not count as one.
#[track_caller]
fn assert_not_sent(adapter: Adapter, url: &str) {
    let bench = Bench::new(adapter);
    let error = bench.session(url).login(USER, PASSWORD).unwrap_err();
    assert_eq!(not_delivered(&error), SendFailure::NotSent, "{error:?}");
    assert!(error.source().is_some(), "the cause is told");

    bench.log_in_and_expire();
    for _ in 0..3 {
        let error = bench.session(url).token().unwrap_err();
        assert_eq!(trouble(&error).reason, TroubleReason::NotSent, "{error:?}");
        assert!(matches!(error.advice(), Advice::RetryNotBefore(_)));
        assert_eq!(bench.kept(), Kept::Grant);
        bench.pass(61);
    }
    let script = Script::start([Act::answer(granted())]).unwrap();
    bench.session(script.url()).token().unwrap();
    assert_eq!(script.requests().len(), 1);
}

#[test]
fn a_refused_connection_has_sent_nothing() {
    Adapter::each(|adapter| assert_not_sent(adapter, NOBODY));
}

#[test]
fn a_host_without_an_address_has_got_nothing() {
    // RFC 6761 section 6.4: such names never resolve.
    Adapter::each(|adapter| assert_not_sent(adapter, "https://twoba.invalid"));
}

#[test]
fn a_server_that_speaks_no_tls_has_got_nothing() {
    let plain = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n".to_vec();
    Adapter::each(|adapter| {
        let acts = std::iter::repeat_n(Act::Blurt(plain.clone()), 8);
        let script = Script::start(acts).unwrap();
        assert_not_sent(adapter, &script.url().replace("http://", "https://"));
        assert_eq!(script.requests().len(), 0);
    });
}

#[test]
fn a_server_that_hangs_up_during_tls_has_got_nothing() {
    Adapter::each(|adapter| {
        let acts = std::iter::repeat_n(Act::Refuse, 8);
        let script = Script::start(acts).unwrap();
        assert_not_sent(adapter, &script.url().replace("http://", "https://"));
    });
}

// shows: US1 US4
#[test]
fn a_services_error_keeps_its_body() {
    let bad = fixture::answer_bytes("2ba/services/bad-request").unwrap();
    let found = fixture::answer_bytes("2ba/services/search").unwrap();
    Adapter::each(|adapter| {
        let acts = [&granted(), &bad, &found].map(Act::answer);
        let script = Script::start(acts).unwrap();
        let session = Bench::new(adapter).session(script.url());
        session.login(USER, PASSWORD).unwrap();
        let search = || session.get("Product/Search", &[("query", "kabelgoot")]);
        let error = service_error(search().unwrap_err());
        assert_eq!(error.kind, ServiceErrorKind::Refused);
        let message = "The filter {\"EF003356\" is not complete.";
        assert_eq!(error.message.as_deref(), Some(message));
        assert_eq!(search().unwrap().value()[0]["Productcode"], "KG-60-200");

        let requests = script.requests();
        let documented = fixture::request("2ba/services/search").unwrap();
        assert_eq!(requests[2].uri(), documented.uri());
        assert_eq!(
            requests[2].headers()["authorization"],
            documented.headers()["authorization"]
        );
    });
}

/// A usable token is handed out at once: whoever asks does not wait for the refresh that is due.
#[test]
fn a_usable_token_is_served_while_its_refresh_is_out() {
    Adapter::each(|adapter| {
        let bench = Bench::new(adapter);
        let script = Script::start([Act::answer(granted()), Act::Silence]).unwrap();
        let session = bench.session(script.url());
        let token = session.login(USER, PASSWORD).unwrap();
        bench.pass(100);
        let (done, served) = mpsc::channel();
        let in_time = thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| done.clone().send(session.token()).unwrap());
            }
            let deadline = Instant::now() + Duration::from_secs(5);
            let next = || served.recv_timeout(deadline.saturating_duration_since(Instant::now()));
            let in_time = [next(), next()];
            // Ends the exchange, and with it whoever waits for it.
            drop(script);
            in_time
        });
        for served in in_time {
            let served = served.expect("a caller with a usable token waits for the refresh");
            assert_eq!(served.unwrap(), token);
        }
    });
}

/// Tells the child of the test below where its server is.
const SERVER: &str = "TWOBA_TEST_SERVER";

/// Plain http is allowed on loopback because it does not leave the machine. A proxy of the
/// environment would take it elsewhere, and the password with it.
#[test]
fn plain_http_to_this_machine_goes_through_no_proxy() {
    if let Ok(url) = std::env::var(SERVER) {
        return log_in_with_default_settings(&url);
    }
    let server = Script::start([Act::answer(granted()), Act::answer(granted())]).unwrap();
    let proxy = Script::start([]).unwrap();
    let mut this_test = Command::new(std::env::current_exe().unwrap());
    this_test.args([
        "--exact",
        "plain_http_to_this_machine_goes_through_no_proxy",
    ]);
    this_test.env(SERVER, server.url());
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        this_test.env(name, proxy.url());
    }
    let child = Running::start(&mut this_test).unwrap();
    let ended = child.finish(Duration::from_secs(60)).unwrap();
    assert_eq!(proxy.connections(), 0, "{ended:?}");
    assert_eq!(server.requests().len(), 2, "{ended:?}");
}

/// Logs in with both adapters as they are without any setting of the caller's.
fn log_in_with_default_settings(url: &str) {
    let secret = || ClientSecret::parse(SECRET).unwrap();
    let client = || Client::confidential(Bench::provider(url), CLIENT, secret()).unwrap();
    let password = Password::parse(PASSWORD).unwrap();
    let blocking = twoba_blocking::Session::builder(client())
        .open("a")
        .unwrap();
    let by_blocking = blocking.login(USER, &password);
    let session = twoba_async::Session::builder(client()).open("a").unwrap();
    let runtime = runtime::Builder::new_multi_thread().enable_all().build();
    let by_async = runtime.unwrap().block_on(session.login(USER, &password));
    by_blocking.unwrap();
    by_async.unwrap();
}
