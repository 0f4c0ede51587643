//! The token endpoint: grants, rotation, refusals and JSONP.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Barrier;
use std::time::Duration;

use serde_json::Value;
use twoba_emulator::{Behavior, Clock, Emulator, Endpoint, EventKind, Refusal};

use crate::wire::{
    CLIENT, Reply, encode, get, log_in, post, post_with, refresh, refresh_form, search, send, token,
};

fn emulator() -> Emulator {
    Emulator::builder().start().unwrap()
}

/// The reason of the last refusal in the journal.
fn reason(emulator: &Emulator) -> Option<Refusal> {
    let events = emulator.journal().events;
    events.iter().rev().find_map(|event| {
        let EventKind::Refused {
            endpoint, reason, ..
        } = event.kind
        else {
            return None;
        };
        assert_eq!(endpoint, Endpoint::Token);
        Some(reason)
    })
}

#[track_caller]
fn check_refused(emulator: &Emulator, reply: &Reply, status: u16, code: &str, why: Refusal) {
    assert_eq!(reply.status, status);
    assert_eq!(reply.member("error"), code);
    assert_eq!(
        reply.header("content-type"),
        Some("application/json; charset=utf-8")
    );
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(reply.header("pragma"), Some("no-cache"));
    assert_eq!(reason(emulator), Some(why));
}

#[test]
fn a_password_login_is_answered_with_the_documented_members() {
    let emulator = emulator();
    let reply = log_in(&emulator);
    assert_eq!(reply.status, 200);
    let body = reply.json();
    let mut members: Vec<_> = body.as_object().unwrap().keys().collect();
    members.sort();
    assert_eq!(
        members,
        ["access_token", "expires_in", "refresh_token", "token_type"]
    );
    assert_eq!(body["token_type"], "bearer");
    assert_eq!(body["expires_in"], 120);
    assert!(reply.member("refresh_token").contains('!'));
    let access = reply.member("access_token");
    assert!(access.contains('-') && access.contains('_'));
    assert_eq!(
        reply.header("content-type"),
        Some("application/json; charset=utf-8")
    );
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(reply.header("pragma"), Some("no-cache"));
    assert!(reply.is_whole());
}

#[test]
fn both_paths_are_the_same_endpoint() {
    let emulator = emulator();
    let first = log_in(&emulator).member("refresh_token");
    let form = format!("{CLIENT}&{}", refresh_form(&first));
    let second = post(&emulator, "/connect/token", &form);
    assert_eq!(second.status, 200);
    assert_eq!(
        refresh(&emulator, &second.member("refresh_token")).status,
        200
    );
}

#[test]
fn a_password_that_encoding_breaks_works_when_it_is_encoded() {
    let emulator = emulator();
    for password in [
        "p%40ss+word%2B%26%3D%25%C3%A9",
        "p%40ss%20word%2b%26%3d%25%c3%a9",
    ] {
        let form = format!("grant_type=password&username=tricky%40example.com&password={password}");
        assert_eq!(token(&emulator, &form).status, 200);
    }
    // As the documentation's sample does it: without any encoding.
    let raw = "grant_type=password&username=tricky@example.com&password=p@ss word+&=%\u{e9}";
    let reply = token(&emulator, raw);
    check_refused(
        &emulator,
        &reply,
        400,
        "invalid_request",
        Refusal::MalformedForm,
    );
}

#[test]
fn a_wrong_password_is_an_invalid_grant() {
    let emulator = emulator();
    for user in [
        "username=demo%40example.com&password=wrong",
        "username=nobody&password=myPassword",
    ] {
        let reply = token(&emulator, &format!("grant_type=password&{user}"));
        check_refused(
            &emulator,
            &reply,
            400,
            "invalid_grant",
            Refusal::WrongPassword,
        );
    }
    assert_eq!(emulator.counts().refused, 2);
    assert_eq!(emulator.counts().password, 2);
}

#[test]
fn a_refresh_rotates_and_a_second_use_ends_the_family() {
    let emulator = emulator();
    let first = log_in(&emulator);
    let second = refresh(&emulator, &first.member("refresh_token"));
    assert_eq!(second.status, 200);
    assert_eq!(
        search(&emulator, &second.member("access_token")).status,
        200
    );

    let reused = refresh(&emulator, &first.member("refresh_token"));
    assert_eq!(reused.status, 400);
    assert_eq!(
        refresh(&emulator, &second.member("refresh_token")).status,
        400
    );
    for access in [&first, &second] {
        let reply = search(&emulator, &access.member("access_token"));
        assert_eq!(reply.status, 401);
    }
    let counts = emulator.counts();
    assert_eq!(counts.token_posts, 4);
    assert_eq!(counts.password, 1);
    assert_eq!(counts.refresh, 3);
    assert_eq!(counts.rotations, 1);
    assert_eq!(counts.reuse, 1);
    assert_eq!(counts.families_revoked, 1);
    assert_eq!(counts.refused, 2);
    assert_eq!(counts.service_calls, 3);
    assert_eq!(counts.service_401, 2);
}

#[test]
fn a_bad_refresh_token_gets_a_bare_400_as_2ba_documents_it() {
    let emulator = emulator();
    let reply = refresh(&emulator, "tGzv3JOkF0XG5Qx2TIKWIA");
    assert_eq!(reply.status, 400);
    assert_eq!(reply.body, b"");
    assert_eq!(reply.header("content-type"), None);
    assert_eq!(reason(&emulator), Some(Refusal::UnknownRefreshToken));
}

#[test]
fn a_bad_refresh_token_gets_an_error_document_from_a_plain_server() {
    let emulator = Emulator::builder()
        .behavior(Behavior::Plain)
        .start()
        .unwrap();
    let reply = refresh(&emulator, "tGzv3JOkF0XG5Qx2TIKWIA");
    check_refused(
        &emulator,
        &reply,
        400,
        "invalid_grant",
        Refusal::UnknownRefreshToken,
    );
}

#[test]
fn a_wrong_client_does_not_burn_a_refresh_token() {
    let emulator = emulator();
    let mine = log_in(&emulator).member("refresh_token");
    let grant = refresh_form(&mine);
    for client in [
        "client_id=myApplication&client_secret=wrong",
        "client_id=nobody&client_secret=myApplicationSecret",
        "client_id=publicApplication",
        "a=b",
    ] {
        let form = format!("{client}&{grant}");
        assert_ne!(post(&emulator, "/OAuth/Token", &form).status, 200);
    }
    assert_eq!(refresh(&emulator, &mine).status, 200);
    assert_eq!(emulator.counts().reuse, 0);
}

#[test]
fn of_many_refreshes_at_once_exactly_one_gets_tokens() {
    const CALLERS: usize = 8;
    for _ in 0..10 {
        let emulator = emulator();
        let mine = log_in(&emulator).member("refresh_token");
        let line = Barrier::new(CALLERS);
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let callers: Vec<_> = (0..CALLERS)
                .map(|_| {
                    scope.spawn(|| {
                        line.wait();
                        refresh(&emulator, &mine).status
                    })
                })
                .collect();
            callers.into_iter().map(|c| c.join().unwrap()).collect()
        });
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1);
        assert_eq!(emulator.counts().rotations, 1);
        assert_eq!(emulator.counts().reuse, 7);
        assert_eq!(emulator.counts().families_revoked, 1);
    }
}

#[test]
fn a_rotation_is_in_the_journal_before_the_first_byte_of_the_answer() {
    let emulator = emulator();
    let mine = log_in(&emulator).member("refresh_token");
    let form = format!("{CLIENT}&{}", refresh_form(&mine));
    let mut stream = TcpStream::connect(emulator.addr()).unwrap();
    let head = format!(
        "POST /OAuth/Token HTTP/1.1\r\nHost: localhost\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
        form.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(form.as_bytes()).unwrap();
    stream.read_exact(&mut [0]).unwrap();
    assert_eq!(emulator.counts().rotations, 1);
}

#[test]
fn tokens_from_before_a_refresh_expire_by_the_clock_of_the_emulator() {
    let emulator = Emulator::builder()
        .clock(Clock::Manual)
        .token_lifetime(Duration::from_secs(90))
        .start()
        .unwrap();
    let granted = log_in(&emulator);
    assert_eq!(granted.json()["expires_in"], 90);
    let access = granted.member("access_token");
    emulator.advance(Duration::from_secs(89)).unwrap();
    assert_eq!(search(&emulator, &access).status, 200);
    emulator.advance(Duration::from_secs(1)).unwrap();
    assert_eq!(search(&emulator, &access).status, 401);
    let fresh = refresh(&emulator, &granted.member("refresh_token"));
    assert_eq!(search(&emulator, &fresh.member("access_token")).status, 200);
}

#[test]
fn a_bad_client_in_the_form_body_gets_401_without_a_challenge() {
    let emulator = emulator();
    for (client, why) in [
        ("client_id=nobody&client_secret=x", Refusal::UnknownClient),
        (
            "client_id=myApplication&client_secret=x",
            Refusal::WrongClientSecret,
        ),
        ("client_id=myApplication", Refusal::WrongClientSecret),
        ("a=b", Refusal::NoClient),
    ] {
        let form = format!("{client}&grant_type=refresh_token&refresh_token=x");
        let reply = post(&emulator, "/OAuth/Token", &form);
        check_refused(&emulator, &reply, 401, "invalid_client", why);
        assert_eq!(reply.header("www-authenticate"), None);
    }
}

#[test]
fn basic_is_accepted_and_a_bad_one_is_challenged() {
    let emulator = emulator();
    let form = "grant_type=password&username=demo%40example.com&password=myPassword";
    // myApplication:myApplicationSecret
    let good = "Basic bXlBcHBsaWNhdGlvbjpteUFwcGxpY2F0aW9uU2VjcmV0";
    let reply = post_with(&emulator, "/connect/token", ("Authorization", good), form);
    assert_eq!(reply.status, 200);
    // myApplication:wrong
    let bad = "Basic bXlBcHBsaWNhdGlvbjp3cm9uZw==";
    let reply = post_with(&emulator, "/connect/token", ("Authorization", bad), form);
    check_refused(
        &emulator,
        &reply,
        401,
        "invalid_client",
        Refusal::WrongClientSecret,
    );
    let challenge = reply.header("www-authenticate").unwrap();
    assert!(challenge.starts_with("Basic ") && challenge.contains("error=\"invalid_client\""));
}

#[test]
fn a_public_client_may_not_use_the_password_grant() {
    let emulator = emulator();
    let reply = post(
        &emulator,
        "/OAuth/Token",
        "client_id=publicApplication&grant_type=password&username=demo%40example.com&password=myPassword",
    );
    check_refused(
        &emulator,
        &reply,
        400,
        "unauthorized_client",
        Refusal::GrantNotAllowed,
    );
}

#[test]
fn grants_that_are_not_there_are_unsupported() {
    let emulator = emulator();
    let grant = encode("urn:ietf:params:oauth:grant-type:device_code");
    let reply = token(&emulator, &format!("grant_type={grant}"));
    check_refused(
        &emulator,
        &reply,
        400,
        "unsupported_grant_type",
        Refusal::UnsupportedGrantType,
    );
}

#[test]
fn requests_that_break_the_form_are_invalid() {
    let emulator = emulator();
    for (form, why) in [
        ("grant_type=refresh_token", Refusal::MissingParameter),
        (
            "grant_type=refresh_token&refresh_token=",
            Refusal::MissingParameter,
        ),
        ("refresh_token=x", Refusal::MissingParameter),
        ("grant_type=password&username=x", Refusal::MissingParameter),
        (
            "grant_type=authorization_code&code=x",
            Refusal::MissingParameter,
        ),
        (
            "grant_type=password&grant_type=password",
            Refusal::RepeatedParameter,
        ),
        (
            "grant_type=refresh_token&refresh_token=x&x=1&x=2",
            Refusal::RepeatedParameter,
        ),
        (
            "grant_type=refresh_token&refresh_token=%",
            Refusal::MalformedForm,
        ),
    ] {
        let reply = token(&emulator, form);
        check_refused(&emulator, &reply, 400, "invalid_request", why);
    }
}

#[test]
fn a_secret_in_the_url_is_refused() {
    let emulator = emulator();
    let path = "/OAuth/Token?client_secret=myApplicationSecret";
    let reply = post(
        &emulator,
        path,
        "client_id=myApplication&grant_type=password",
    );
    check_refused(
        &emulator,
        &reply,
        400,
        "invalid_request",
        Refusal::ParameterInUrl,
    );
}

#[test]
fn a_body_that_is_no_form_is_invalid() {
    let emulator = emulator();
    let form = "grant_type=refresh_token&refresh_token=x";
    for headers in [
        &[("Content-Type", "application/json")][..],
        &[(
            "Content-Type",
            "application/x-www-form-urlencoded;charset=utf-16",
        )],
        &[],
    ] {
        let reply = send(&emulator, "POST", "/OAuth/Token", headers, form);
        check_refused(
            &emulator,
            &reply,
            400,
            "invalid_request",
            Refusal::WrongContentType,
        );
    }
    let headers = [(
        "Content-Type",
        "application/x-www-form-urlencoded; charset=UTF-8",
    )];
    let form =
        format!("{CLIENT}&grant_type=password&username=demo%40example.com&password=myPassword");
    let reply = send(&emulator, "POST", "/OAuth/Token", &headers, &form);
    assert_eq!(reply.status, 200);
}

#[test]
fn a_body_over_one_mebibyte_is_too_large() {
    let emulator = emulator();
    let limit = 1024 * 1024;
    let reply = token(&emulator, &format!("x={}", "a".repeat(limit)));
    check_refused(
        &emulator,
        &reply,
        413,
        "invalid_request",
        Refusal::BodyTooLarge,
    );
    let room = limit - CLIENT.len() - "&grant_type=x&x=".len();
    let reply = token(&emulator, &format!("grant_type=x&x={}", "a".repeat(room)));
    assert_eq!(reply.member("error"), "unsupported_grant_type");
}

#[test]
fn only_post_gets_tokens() {
    let emulator = emulator();
    for method in ["GET", "PUT", "DELETE", "OPTIONS"] {
        let reply = send(&emulator, method, "/OAuth/Token", &[], "");
        assert_eq!(reply.status, 405, "{method}");
        assert_eq!(reply.header("allow"), Some("POST"));
    }
    assert_eq!(emulator.counts().token_posts, 0);
    assert_eq!(get(&emulator, "/oauth/token", &[]).status, 404);
}

#[test]
fn a_callback_gets_a_script() {
    let emulator = emulator();
    let login = "grant_type=password&username=demo%40example.com&password=myPassword";
    let in_form = token(&emulator, &format!("{login}&callback=my.cb"));
    let in_query = post(
        &emulator,
        "/OAuth/Token?callback=my.cb",
        &format!("{CLIENT}&{login}"),
    );
    for reply in [in_form, in_query] {
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("content-type"), Some("application/javascript"));
        let call = reply.text();
        let json = call
            .strip_prefix("my.cb(")
            .and_then(|rest| rest.strip_suffix(");"))
            .unwrap();
        let document: Value = serde_json::from_str(json).unwrap();
        assert_eq!(document["token_type"], "bearer");
    }
}

#[test]
fn a_callback_is_told_the_status_of_an_error_as_second_argument() {
    let emulator = emulator();
    for (form, status, code) in [
        (
            "grant_type=refresh_token&refresh_token=x",
            "400",
            "invalid_grant",
        ),
        ("grant_type=x", "400", "unsupported_grant_type"),
    ] {
        let reply = token(&emulator, &format!("{form}&callback=cb"));
        assert_eq!(reply.status, 200);
        let inner = reply
            .text()
            .strip_prefix("cb(")
            .and_then(|rest| rest.strip_suffix(");"))
            .unwrap();
        let (json, second) = inner.rsplit_once(',').unwrap();
        assert!(second.starts_with("\r\n"));
        assert_eq!(second.trim(), status);
        let document: Value = serde_json::from_str(json).unwrap();
        assert_eq!(document["error"], code);
    }
}

#[test]
fn a_callback_that_could_be_a_script_is_refused_without_one() {
    let emulator = emulator();
    let reply = token(&emulator, "grant_type=x&callback=alert(1)%2F%2F");
    check_refused(
        &emulator,
        &reply,
        400,
        "invalid_request",
        Refusal::BadCallback,
    );
    let twice = post(
        &emulator,
        "/OAuth/Token?callback=a",
        &format!("{CLIENT}&grant_type=x&callback=b"),
    );
    check_refused(
        &emulator,
        &twice,
        400,
        "invalid_request",
        Refusal::RepeatedParameter,
    );
}

#[test]
fn a_connection_serves_one_request_after_the_other() {
    let emulator = emulator();
    let form = format!("{CLIENT}&grant_type=x");
    let request = format!(
        "POST /OAuth/Token HTTP/1.1\r\nHost: localhost\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    let mut stream = TcpStream::connect(emulator.addr()).unwrap();
    for posts in 1..=3 {
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = [0; 4096];
        let read = stream.read(&mut answer).unwrap();
        assert!(answer[..read].starts_with(b"HTTP/1.1 400 "));
        assert_eq!(emulator.counts().token_posts, posts);
    }
}
