//! The control interface, over HTTP and in-process.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use twoba_emulator::{
    Clock, Counts, Emulator, Fault, FaultPoint, FaultRule, Watched, WatchedRequest,
};

use crate::wire::{control, encode, get, log_in, post, refresh, search, send, token};

fn emulator() -> Emulator {
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    Emulator::builder()
        .clock(Clock::ManualFrom(start))
        .start()
        .unwrap()
}

#[test]
fn the_journal_is_the_same_on_both_ways() {
    let emulator = emulator();
    let granted = log_in(&emulator);
    refresh(&emulator, &granted.member("refresh_token"));
    let reply = get(&emulator, "/_emulator/journal", &[]);
    assert_eq!(reply.status, 200);
    assert_eq!(
        reply.json(),
        serde_json::to_value(emulator.journal()).unwrap()
    );
    assert_eq!(reply.json()["counts"]["rotations"], 1);
    let kinds: Vec<_> = reply.json()["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["kind"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        kinds,
        ["token_request", "login", "token_request", "rotation"]
    );
}

#[test]
fn the_state_shows_families_by_fingerprint() {
    let emulator = emulator();
    let granted = log_in(&emulator);
    emulator.add_fault(FaultRule::next(FaultPoint::Service, Fault::Bare400));
    let state = get(&emulator, "/_emulator/state", &[]).json();
    assert_eq!(state, serde_json::to_value(emulator.state()).unwrap());
    let fingerprint = twoba_emulator::Fingerprint::of(&granted.member("refresh_token"));
    assert_eq!(
        state,
        json!({
            "now": "2001-09-09T01:46:40.000Z",
            "clock": "manual",
            "token_lifetime_seconds": 120,
            "policy": "strict",
            "behavior": "2ba",
            "family_count": 1,
            "families": [{
                "family": "f1",
                "user": "demo@example.com",
                "client": "myApplication",
                "grant": "password",
                "started_at": "2001-09-09T01:46:40.000Z",
                "generation": 0,
                "refresh": fingerprint.to_string(),
                "access": state["families"][0]["access"],
                "access_expires_at": "2001-09-09T01:48:40.000Z",
                "ended": null,
            }],
            "faults": [{"on": "service", "nth": 1, "then": "bare-400", "seen": 0}],
        })
    );
}

#[test]
fn neither_journal_nor_state_nor_debug_output_holds_a_secret() {
    let emulator = emulator();
    let granted = log_in(&emulator);
    let rotated = refresh(&emulator, &granted.member("refresh_token"));
    let query = "response_type=code&client_id=myApplication&redirect_uri=http%3A%2F%2Flocalhost&state=stateCanary";
    let form = format!("{query}&username=demo%40example.com&password=myPassword&action=login");
    let back = post(&emulator, "/OAuth/Authorize", &form);
    let code = back
        .header("location")
        .and_then(|location| location.split(['=', '&']).nth(1))
        .unwrap()
        .to_owned();
    let redeem = format!(
        "grant_type=authorization_code&code={code}&redirect_uri={}",
        encode("http://localhost")
    );
    let from_code = token(&emulator, &redeem);
    token(&emulator, &redeem);
    refresh(&emulator, "unknownCanary");
    refresh(&emulator, &granted.member("refresh_token"));
    search(&emulator, "unknownCanary");
    get(
        &emulator,
        "/1/json/unknownCanary/x?query=unknownCanary",
        &[],
    );
    token(
        &emulator,
        "grant_type=password&username=unknownCanary&password=unknownCanary",
    );

    let mut secrets = vec![
        "myPassword".to_owned(),
        "myApplicationSecret".to_owned(),
        "Canary".to_owned(),
        code,
    ];
    for reply in [&granted, &rotated, &from_code] {
        secrets.push(reply.member("access_token"));
        secrets.push(reply.member("refresh_token"));
    }
    let shown = [
        get(&emulator, "/_emulator/journal", &[]).text().to_owned(),
        get(&emulator, "/_emulator/state", &[]).text().to_owned(),
        format!("{emulator:?}"),
        format!("{:?}", emulator.journal()),
        format!("{:?}", emulator.state()),
        format!("{:?}", Emulator::builder()),
    ];
    for secret in &secrets {
        for text in &shown {
            assert!(!text.contains(secret.as_str()), "{secret} in {text}");
        }
    }
}

#[test]
fn the_clock_is_advanced_by_a_span() {
    let emulator = emulator();
    let reply = control(&emulator, "clock", r#"{"advance":"90s"}"#);
    assert_eq!(reply.status, 200);
    assert_eq!(reply.member("now"), "2001-09-09T01:48:10.000Z");
    for body in [
        r#"{"advance":"soon"}"#,
        r#"{"advance":90}"#,
        r#"{"retreat":"90s"}"#,
        r#"{"advance":"90s","also":1}"#,
        "",
    ] {
        let reply = control(&emulator, "clock", body);
        assert_eq!(reply.status, 400, "{body}");
        assert!(!reply.member("error").is_empty());
    }
}

#[test]
fn a_real_clock_is_a_conflict() {
    let emulator = Emulator::builder().start().unwrap();
    let reply = control(&emulator, "clock", r#"{"advance":"90s"}"#);
    assert_eq!(reply.status, 409);
    assert_eq!(
        get(&emulator, "/_emulator/state", &[]).member("clock"),
        "real"
    );
}

#[test]
fn faults_are_set_as_a_list_that_replaces_the_one_before() {
    let emulator = emulator();
    let first = control(
        &emulator,
        "faults",
        r#"[{"on":"password","nth":"every","then":"status:500"}]"#,
    );
    assert_eq!(first.json(), json!({"faults": 1}));
    assert_eq!(log_in(&emulator).status, 500);
    let second = control(
        &emulator,
        "faults",
        r#"[{"on":"token","nth":2,"then":"after-commit:bom"},{"on":"service","nth":1,"then":"html-502"}]"#,
    );
    assert_eq!(second.json(), json!({"faults": 2}));
    assert_eq!(log_in(&emulator).status, 200);
    assert!(log_in(&emulator).body.starts_with(b"\xef\xbb\xbf"));
    assert_eq!(control(&emulator, "faults", "[]").status, 200);
}

#[test]
fn a_fault_that_is_not_there_is_refused_and_changes_nothing() {
    let emulator = emulator();
    emulator.add_fault(FaultRule::every(FaultPoint::Password, Fault::Bare400));
    for (body, clue) in [
        (
            r#"[{"on":"token","nth":1,"then":"explode"}]"#,
            "unknown fault",
        ),
        (
            r#"[{"on":"token","nth":1,"then":"status:42"}]"#,
            "200 to 599",
        ),
        (r#"[{"on":"lunch","nth":1,"then":"bom"}]"#, "lunch"),
        (r#"[{"on":"token","nth":0,"then":"bom"}]"#, "every"),
        (r#"{"on":"token"}"#, "a list of rules"),
    ] {
        let reply = control(&emulator, "faults", body);
        assert_eq!(reply.status, 400, "{body}");
        let error = reply.member("error");
        assert!(error.contains(clue), "{error}");
    }
    assert_eq!(log_in(&emulator).status, 400);
}

#[test]
fn a_user_or_a_family_can_be_revoked() {
    let emulator = emulator();
    let one = log_in(&emulator);
    let two = log_in(&emulator);
    let reply = control(&emulator, "revoke", r#"{"family":"f1"}"#);
    assert_eq!(reply.json(), json!({"families": 1}));
    assert_eq!(search(&emulator, &one.member("access_token")).status, 401);
    assert_eq!(search(&emulator, &two.member("access_token")).status, 200);
    let reply = control(&emulator, "revoke", r#"{"user":"demo@example.com"}"#);
    assert_eq!(reply.json(), json!({"families": 1}));
    assert_eq!(refresh(&emulator, &two.member("refresh_token")).status, 400);
    let again = control(&emulator, "revoke", r#"{"user":"demo@example.com"}"#);
    assert_eq!(again.json(), json!({"families": 0}));
    let unknown = control(&emulator, "revoke", r#"{"family":"f9"}"#);
    assert_eq!(unknown.json(), json!({"families": 0}));
    let nobody = control(&emulator, "revoke", r#"{"user":"nobody"}"#);
    assert_eq!(nobody.status, 404);
    assert!(nobody.member("error").starts_with("user: "));
    for body in [
        r#"{"family":"nine"}"#,
        r#"{}"#,
        r#"{"user":"a","family":"f1"}"#,
    ] {
        assert_eq!(control(&emulator, "revoke", body).status, 400);
    }
    assert_eq!(emulator.counts().families_revoked, 2);
}

#[test]
fn revoking_in_process_is_the_same() {
    let emulator = emulator();
    let granted = log_in(&emulator);
    assert_eq!(emulator.revoke_user("demo@example.com"), 1);
    assert_eq!(emulator.revoke_user("demo@example.com"), 0);
    assert!(!emulator.revoke_family("f1".parse().unwrap()));
    assert_eq!(
        refresh(&emulator, &granted.member("refresh_token")).status,
        400
    );
}

#[test]
fn after_a_reset_everything_is_as_new() {
    let emulator = emulator();
    let started = emulator.now();
    let granted = log_in(&emulator);
    emulator.add_fault(FaultRule::every(FaultPoint::Token, Fault::DropBefore));
    emulator.advance(Duration::from_secs(90)).unwrap();
    let reply = control(&emulator, "reset", "");
    assert_eq!(reply.status, 200);
    assert_eq!(emulator.now(), started);
    assert_eq!(emulator.counts(), Counts::default());
    assert!(emulator.journal().events.is_empty());
    assert!(emulator.state().families.is_empty());
    let old = refresh(&emulator, &granted.member("refresh_token"));
    assert_eq!(old.status, 400);
    assert_eq!(emulator.counts().reuse, 0);
    let new = log_in(&emulator);
    assert_ne!(new.member("refresh_token"), granted.member("refresh_token"));
}

#[test]
fn pages_of_other_sites_cannot_control_the_emulator() {
    let emulator = emulator();
    let own = emulator.url().to_owned();
    let port = emulator.addr().port();
    let localhost = format!("http://localhost:{port}");
    for (origin, status) in [
        ("https://evil.example", 403),
        ("null", 403),
        ("http://127.0.0.1:1", 403),
        (own.as_str(), 200),
        (localhost.as_str(), 200),
    ] {
        let headers = [("Origin", origin)];
        let reply = send(&emulator, "POST", "/_emulator/reset", &headers, "");
        assert_eq!(reply.status, status, "{origin}");
        let reply = get(&emulator, "/_emulator/journal", &headers);
        assert_eq!(reply.status, status, "{origin}");
    }
}

#[test]
fn a_name_that_merely_resolves_to_this_machine_cannot_control_the_emulator() {
    let emulator = emulator();
    for (host, status) in [
        ("rebound.evil.example", 403),
        ("localhost.evil.example:80", 403),
        ("localhost", 200),
        ("127.0.0.1:9", 200),
    ] {
        let reply = get(&emulator, "/_emulator/journal", &[("Host", host)]);
        assert_eq!(reply.status, status, "{host}");
    }
}

#[test]
fn control_calls_have_one_method_each() {
    let emulator = emulator();
    for call in ["clock", "policy", "faults", "revoke", "reset"] {
        let reply = get(&emulator, &format!("/_emulator/{call}"), &[]);
        assert_eq!(reply.status, 405);
        assert_eq!(reply.header("allow"), Some("POST"));
    }
    for call in ["journal", "state"] {
        assert_eq!(control(&emulator, call, "").status, 405);
    }
    assert_eq!(control(&emulator, "nothing", "").status, 404);
}

#[test]
fn advancing_is_in_the_journal() {
    let emulator = emulator();
    emulator.advance(Duration::from_millis(1500)).unwrap();
    let journal: Value = get(&emulator, "/_emulator/journal", &[]).json();
    assert_eq!(
        journal["events"][0],
        json!({
            "sequence": 1,
            "at": "2001-09-09T01:46:41.500Z",
            "kind": "clock_advanced",
            "milliseconds": 1500,
        })
    );
}

#[test]
fn who_watches_is_told_each_request_once_with_what_it_led_to_also_after_a_reset() {
    let emulator = emulator();
    log_in(&emulator);
    let mut watch = emulator.watch();
    assert_eq!(watch.news(), Watched::default(), "it looks ahead");
    let kinds = |watched: &Watched| -> Vec<Vec<u64>> {
        let events = |seen: &WatchedRequest| seen.events.iter().map(|e| e.sequence).collect();
        watched.requests.iter().map(events).collect()
    };
    let granted = log_in(&emulator);
    refresh(&emulator, &granted.member("refresh_token"));
    let news = watch.news();
    assert_eq!(kinds(&news), [[3, 4], [5, 6]]);
    assert_eq!(watch.news(), Watched::default());
    for _ in 0..1_003 {
        get(&emulator, "/nothing", &[]);
    }
    let news = watch.news();
    assert_eq!((news.missed, news.requests.len()), (3, 1_000));
    emulator.reset();
    log_in(&emulator);
    let news = watch.news();
    assert_eq!((news.missed, kinds(&news)), (0, vec![vec![1, 2]]));
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn what_a_control_call_refuses_names_the_field() {
    let emulator = emulator();
    for (call, body, told) in [
        (
            "clock",
            r#"{"advance":90}"#,
            "advance: invalid type: integer `90`, expected a string",
        ),
        (
            "clock",
            r#"{"advance":"0s"}"#,
            "advance: a whole number from 1 ",
        ),
        (
            "clock",
            r#"{"retreat":"1s"}"#,
            "retreat: there is no such field; there are advance",
        ),
        ("clock", "{}", "advance: it is missing"),
        (
            "clock",
            "{\n",
            r#"the body is not JSON; write it as {"advance":"90s"}"#,
        ),
        (
            "policy",
            r#"{"policy":"grace"}"#,
            "policy: this policy needs a span of time",
        ),
        (
            "policy",
            r#"{"policy":"grace:0s"}"#,
            "policy: a span of time is a whole number from 1 ",
        ),
        (
            "faults",
            r#"[{"on":"token","nth":1,"then":"bom"},{"on":"x"}]"#,
            "rule 2: on: unknown variant `x`",
        ),
        (
            "faults",
            r#"[{"on":"token","nth":1,"then":"delay:0s"}]"#,
            "rule 1: then: a delay is ",
        ),
        (
            "faults",
            r#"[{"on":"token","nth":0,"then":"bom"}]"#,
            "rule 1: nth: ",
        ),
        (
            "revoke",
            r#"{"family":"nine"}"#,
            "family: not the name of a family",
        ),
        ("revoke", r#"{"user":1}"#, "user: invalid type"),
        ("revoke", "{}", "user: it is missing"),
    ] {
        let reply = control(&emulator, call, body);
        assert_eq!(reply.status, 400, "{body}");
        let error = reply.member("error");
        assert!(error.starts_with(told), "{error}");
        assert!(
            !error.contains("line") && !error.contains("column"),
            "{error}"
        );
    }
}

#[test]
fn any_user_logs_in_where_that_was_asked_for() {
    let emulator = Emulator::builder().any_user().start().unwrap();
    let log_in = |user: &str, password: &str| {
        let form = format!(
            "grant_type=password&username={}&password={}",
            encode(user),
            encode(password)
        );
        token(&emulator, &form).status
    };
    assert_eq!(log_in("someone@example.com", "anything"), 200);
    assert_eq!(log_in("demo@example.com", "another"), 200);
    assert_eq!(log_in("someone@example.com", ""), 400);
    let body = r#"{"user":"someone@example.com"}"#;
    assert_eq!(
        control(&emulator, "revoke", body).json(),
        json!({"families": 1})
    );
    let body = r#"{"user":"nobody@example.com"}"#;
    assert_eq!(control(&emulator, "revoke", body).status, 404);
}
