//! The bodies of the fuzz targets as property tests: random bytes, and inputs put together
//! from the pieces that each grammar is made of.
#![allow(clippy::panic, reason = "a test may panic, and says what it looks at")]

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use twoba_fuzz_bodies::TARGETS;

/// Pieces of the inputs of a target, control bytes left out.
fn pieces(target: &str) -> &'static [&'static str] {
    match target {
        "answer" => ANSWER,
        "callback" => CALLBACK,
        "challenge" => CHALLENGE,
        "emulator" => EMULATOR,
        "jsonp" => JSONP,
        "metadata" => METADATA,
        "record" => RECORD,
        "remembered_login" => LOGIN,
        "retry_after" => RETRY_AFTER,
        other => panic!("{other} has no pieces"),
    }
}

const EMULATOR: &[&str] = &[
    "GET ",
    "POST ",
    "/OAuth/Token",
    "/connect/authorize?",
    " HTTP/1.1\r\n",
    "Host: localhost\r\n",
    "Content-Length: 10\r\n",
    "Content-Type: application/x-www-form-urlencoded\r\n",
    "\r\n",
    "&",
    "=",
    "%",
    "%00",
    "grant_type=",
    "refresh_token",
    "password",
    "client_id=myApplication",
    "client_secret=myApplicationSecret",
    "refresh_token={refresh}",
    "token={access}",
    "callback=cb",
    "response_type=code",
    "redirect_uri=http://127.0.0.1/",
    "state=<\"",
    "action=cancel",
    "Authorization: Bearer {access}",
];

const ANSWER: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "true",
    "\"",
    "\\u0061",
    "\\",
    "\u{feff}",
    " ",
    "cb(",
    ");",
    ", 400)",
    "\"access_token\":\"a\"",
    "\"access_token\":\"a b\"",
    "\"access_token\":null",
    "\"token_type\":\"Bearer\"",
    "\"token_type\":\"mac\"",
    "\"expires_in\":3600",
    "\"expires_in\":\"60\"",
    "\"expires_in\":1e30",
    "\"expires_in\":-1",
    "\"expires_in\":\"soon\"",
    "\"refresh_token\":\"r!\"",
    "\"refresh_token\":\"\"",
    "\"scope\":\"a b\"",
    "\"scope\":[1]",
    "\"error\":\"invalid_grant\"",
    "\"error\":\"\\u001b[31m\"",
    "\"error_description\":\"x\\u0000y\"",
    "\"x\":{\"y\":[]}",
    "\"\\u0061ccess_token\":\"b\"",
];
const CALLBACK: &[&str] = &[
    "?",
    "&",
    "=",
    "#",
    "+",
    "%",
    "%2",
    "%00",
    "%41",
    "code",
    "code=c",
    "code=d%20e",
    "state={state}",
    "state=",
    "state=other",
    "st%61te={state}",
    "{state}",
    "error=access_denied",
    "error=",
    "error_description=%1b",
    "iss=https://id.example",
    "iss=https%3A%2F%2Fid.example",
    "iss=https://other.example",
    "#_=_",
    "http://127.0.0.1:8080/back?",
    " ",
    "\u{e9}",
    "scope=a",
];
const CHALLENGE: &[&str] = &[
    "Bearer",
    "basic",
    "Negotiate",
    " ",
    ",",
    ", ",
    "=",
    "\t",
    "\"",
    "\\\"",
    "\\",
    "realm=\"a, b\"",
    "error=invalid_token",
    "error=\"insufficient_scope\"",
    "error=\"\u{85}x\"",
    "YWJj==",
    "a=b",
    "/",
    "\n",
    "\u{e9}",
];
const JSONP: &[&str] = &[
    "cb",
    "a.b",
    "$",
    "\n",
    "(",
    ")",
    ";",
    ",",
    " ",
    "\r\n",
    "\t",
    "/**/",
    "\u{feff}",
    "{}",
    "{\"a\":\"x);\"}",
    "[1,2]",
    "\"s\"",
    "null",
    "12",
    "200",
    "400",
    "99",
    "\u{2028}",
    "{\"a\":",
    "}",
    "alert(1)",
];
const METADATA: &[&str] = &[
    "https://id.example",
    "https://id.example/",
    "/tenant",
    "http://127.0.0.1:1",
    "http://id.example",
    "?",
    "#",
    "@",
    "[::1]",
    ":443",
    "//",
    "\n",
    "{",
    "}",
    ",",
    "\"issuer\":\"https://id.example\"",
    "\"token_endpoint\":\"https://id.example/t\"",
    "\"token_endpoint\":\"http://id.example/t\"",
    "\"authorization_endpoint\":\"https://x.example/\"",
    "\"revocation_endpoint\":null",
    "\"token_endpoint_auth_methods_supported\":[\"client_secret_post\"]",
    "\"authorization_response_iss_parameter_supported\":true",
];
const RECORD: &[&str] = &[
    "twoba-session 1 0123456789abcdef\n",
    "twoba-session 2 0123456789abcdef\n",
    "{",
    "}",
    ",",
    "null",
    "{\"binding\":{\"authority\":\"https://id.example\",\"client_id\":\"app\",\"key\":\"k\"},\"state\":",
    "{\"gone\":",
    "{\"login\":null,\"at\":1}",
    "{\"held\":{",
    "\"generation\":1",
    "\"user\":null",
    "\"login\":\"00000000000000000000000000000001\"",
    "\"intent\":null",
    "\"trouble\":null",
    "\"verdict\":null",
    "\"rejected_at\":0",
    "\"born_of_rejection\":false",
    "\"grant\":",
];
const LOGIN: &[&str] = &[
    "twoba-login 1 0123456789abcdef\n",
    "twoba-login 9 0\n",
    "{",
    "}",
    ",",
    "\"state\":\"s\"",
    "\"state\":\"\"",
    "\"verifier\":\"v\"",
    "\"redirect\":\"http://127.0.0.1/\"",
    "\"redirect\":\"http://x.example/\"",
    "\"started_at\":0",
    "\"authority\":\"https://id.example\"",
    "\"client_id\":\"app\"",
    "\"issuer\":null",
    "\"issuer\":{\"name\":\"i\",\"announced\":true}",
];
const RETRY_AFTER: &[&str] = &[
    "0",
    "1",
    "60",
    "99999999999999999999",
    "-",
    "Sun, ",
    "06 Nov 1994 ",
    "08:49:37",
    " GMT",
    "Sunday, ",
    "06-Nov-94 ",
    "Nov  6 ",
    " 1994",
    "24:00:00",
    "31 Feb 2024 ",
    " ",
    ",",
    "29 Feb 2023 ",
    "0000 ",
    "23:59:60",
];

/// Some control bytes, then pieces in any order, and now and then a byte of anything.
fn put_together(pieces: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        12 => select(pieces).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => any::<u8>().prop_map(|byte| vec![byte]),
    ];
    (vec(any::<u8>(), 0..4), vec(piece, 0..24))
        .prop_map(|(choices, pieces)| [choices, pieces.concat()].concat())
}

/// A JSON object of some members in any order, behind three control bytes.
fn object(pieces: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let members: Vec<&str> = pieces
        .iter()
        .copied()
        .filter(|piece| piece.starts_with("\"") && piece.contains("\":"))
        .collect();
    let some = vec(select(members), 0..8);
    ("[0-?]{3}", some)
        .prop_map(|(choices, members)| format!("{choices}{{{}}}", members.join(",")).into_bytes())
}

fn all_hold(bytes: impl Fn(&'static [&'static str]) -> BoxedStrategy<Vec<u8>>) {
    for (target, body) in TARGETS {
        let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
            cases: 1000,
            failure_persistence: None,
            ..ProptestConfig::default()
        });
        let outcome = runner.run(&bytes(pieces(target)), |bytes| {
            body(&bytes);
            Ok(())
        });
        assert!(outcome.is_ok(), "{target}: {outcome:?}");
    }
}

#[test]
fn every_target_holds_for_random_bytes() {
    all_hold(|_| vec(any::<u8>(), 0..256).boxed());
}

#[test]
fn every_target_holds_for_its_own_pieces_in_any_order() {
    all_hold(|pieces| put_together(pieces).boxed());
}

#[test]
fn every_target_of_json_holds_for_members_in_any_order() {
    let with_members = |target: &&twoba_fuzz_bodies::Target| {
        pieces(target.0)
            .iter()
            .filter(|piece| piece.starts_with("\"") && piece.contains("\":"))
            .count()
            > 2
    };
    for (target, body) in TARGETS.iter().filter(with_members) {
        let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
            cases: 2000,
            failure_persistence: None,
            ..ProptestConfig::default()
        });
        let outcome = runner.run(&object(pieces(target)), |bytes| {
            body(&bytes);
            Ok(())
        });
        assert!(outcome.is_ok(), "{target}: {outcome:?}");
    }
}
