//! Table tests of the judge: one row an answer, one word for the outcome.

use alloc::format;
use alloc::string::{String, ToString};

use http::header::CONTENT_TYPE;

use super::*;
use crate::jsonp::CallbackName;
use crate::provider::Endpoint;
use crate::provider::Rules;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_000_000);

fn custom() -> Provider {
    Provider::custom(Endpoint::parse("https://id.example/token").unwrap())
}

fn answer(status: u16, media_type: &str, body: &str) -> Response<String> {
    let mut response = Response::new(body.to_string());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
    if !media_type.is_empty() {
        let value = media_type.parse().unwrap();
        response.headers_mut().insert(CONTENT_TYPE, value);
    }
    response
}

/// One word and a detail for what the judge says.
fn verdict(provider: &Provider, response: &Response<String>) -> String {
    match judge(provider, NOW, response) {
        Ok(granted) => format!("granted {:?}", granted.lifetime),
        Err(TokenError::Refused(facts)) => match facts.code {
            Some(code) => format!("refused {code}"),
            None => format!("refused {}", facts.status),
        },
        Err(TokenError::Unavailable(why, _)) => format!("unavailable {why:?}"),
        Err(TokenError::Malformed(why, _)) => format!("malformed {why:?}"),
    }
}

fn with_lifetime(json: &str) -> Response<String> {
    let body = format!(r#"{{"access_token":"t","token_type":"bearer","expires_in":{json}}}"#);
    answer(200, "application/json", &body)
}

// shows: TR4
#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn every_spelling_of_a_lifetime_has_a_meaning() {
    for (json, standard, strict) in [
        ("3600", "granted Known(3600s)", "granted Known(3600s)"),
        ("3600.0", "granted Known(3600s)", "granted Known(3600s)"),
        ("3600.5", "granted Known(3600s)", "granted Known(3600s)"),
        ("1e3", "granted Known(1000s)", "granted Known(1000s)"),
        ("0", "granted Expired", "granted Expired"),
        ("-1", "granted Expired", "granted Expired"),
        (
            "1e30",
            "granted Known(3153600000s)",
            "granted Known(3153600000s)",
        ),
        (
            "18446744073709551615",
            "granted Known(3153600000s)",
            "granted Known(3153600000s)",
        ),
        (
            "9007199254740993",
            "granted Known(3153600000s)",
            "granted Known(3153600000s)",
        ),
        (
            "2147483648",
            "granted Known(2147483648s)",
            "granted Known(2147483648s)",
        ),
        (
            "\"3600\"",
            "granted Known(3600s)",
            "malformed Member(\"expires_in\")",
        ),
        (
            "\"-5\"",
            "granted Expired",
            "malformed Member(\"expires_in\")",
        ),
        (
            "null",
            "granted Unknown",
            "malformed Member(\"expires_in\")",
        ),
        (
            "false",
            "granted Unknown",
            "malformed Member(\"expires_in\")",
        ),
        ("{}", "granted Unknown", "malformed Member(\"expires_in\")"),
        (
            "\"\"",
            "granted Unknown",
            "malformed Member(\"expires_in\")",
        ),
        (
            "\"zzz\"",
            "granted Unknown",
            "malformed Member(\"expires_in\")",
        ),
        (
            "\"3600abc\"",
            "granted Unknown",
            "malformed Member(\"expires_in\")",
        ),
        (
            "\"inf\"",
            "granted Unknown",
            "malformed Member(\"expires_in\")",
        ),
    ] {
        let response = with_lifetime(json);
        assert_eq!(verdict(&custom(), &response), standard, "{json}");
        let provider = custom().with_rules(Rules::strict());
        assert_eq!(verdict(&provider, &response), strict, "{json}, strict");
    }
    let unsaid = answer(
        200,
        "application/json",
        r#"{"access_token":"t","token_type":"BEARER"}"#,
    );
    assert_eq!(verdict(&custom(), &unsaid), "granted Unknown");
}

// shows: TR2 TR3 TR8 TR11
#[test]
fn a_success_must_hold_a_usable_token() {
    for (body, outcome) in [
        ("{}", "malformed Member(\"access_token\")"),
        (
            r#"{"access_token":null}"#,
            "malformed Member(\"access_token\")",
        ),
        (
            r#"{"access_token":7}"#,
            "malformed Member(\"access_token\")",
        ),
        (r#"{"access_token":""}"#, "malformed AccessToken(Empty)"),
        (
            r#"{"access_token":"a\nb","token_type":"bearer"}"#,
            "malformed AccessToken(Forbidden { position: 1 })",
        ),
        (
            r#"{"access_token":"t"}"#,
            "malformed Member(\"token_type\")",
        ),
        (
            r#"{"access_token":"t","token_type":"mac"}"#,
            "malformed TokenType",
        ),
        (
            r#"{"access_token":"t","token_type":""}"#,
            "malformed TokenType",
        ),
        (
            r#"{"access_token":"t","access_token":"u","token_type":"bearer"}"#,
            "malformed Shape",
        ),
        (
            r#"{"access_token":"t","token_type":"bearer","refresh_token":[]}"#,
            "malformed Member(\"refresh_token\")",
        ),
        ("[]", "malformed Shape"),
        ("null", "malformed Shape"),
        (
            "{\"access_token\":\"t\"",
            "malformed Json { line: 1, column: 19 }",
        ),
        ("{}{}", "malformed Json { line: 1, column: 3 }"),
        (
            r#"{"access_token":"t","error":"invalid_grant"}"#,
            "refused invalid_grant",
        ),
    ] {
        let response = answer(200, "application/json", body);
        assert_eq!(verdict(&custom(), &response), outcome, "{body}");
    }
    let untyped = answer(200, "application/json", r#"{"access_token":"t"}"#);
    assert_eq!(verdict(&Provider::two_ba(), &untyped), "granted Unknown");
}

// shows: TR1 TR11
#[test]
fn members_that_nobody_knows_are_passed_over_to_a_bound() {
    let with = |member: &str| {
        let body = format!(r#"{{"x":{member},"access_token":"t","token_type":"bearer"}}"#);
        verdict(&custom(), &answer(200, "application/json", &body))
    };
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    for junk in [
        "null",
        "[1,2.5,-3,\"x\",{\"y\":[]}]",
        "{\"access_token\":\"u\"}",
        &nested(31),
    ] {
        assert_eq!(with(junk), "granted Unknown", "{junk}");
    }
    for deep in [nested(32), nested(10_000), "{\"a\":".repeat(10_000)] {
        assert!(with(&deep).starts_with("malformed"), "{}", deep.len());
    }
    let many: String = (0..10_000).map(|n| format!("\"m{n}\":{n},")).collect();
    let body = format!("{{{many}\"access_token\":\"t\",\"token_type\":\"bearer\"}}");
    assert_eq!(
        verdict(&custom(), &answer(200, "application/json", &body)),
        "granted Unknown"
    );
    let long = format!("\"{}\"", "x".repeat(900 * 1024));
    assert_eq!(with(&long), "granted Unknown");
    for size in [1, 64 * 1024] {
        let token = "x".repeat(size);
        let body = format!(r#"{{"access_token":"{token}","token_type":"bearer"}}"#);
        let response = answer(200, "application/json", &body);
        assert_eq!(verdict(&custom(), &response), "granted Unknown", "{size}");
    }
}

#[test]
fn what_is_forgiven_is_named() {
    let body = "\u{feff}{\"access_token\":\"t\",\"expires_in\":\"60\",\"scope\":null}";
    let granted = judge(&Provider::two_ba(), NOW, &answer(200, "", body)).unwrap();
    assert_eq!(
        granted.forgiven.iter().collect::<alloc::vec::Vec<_>>(),
        [
            Rule::AcceptMissingTokenType,
            Rule::AcceptNumericStringLifetime,
            Rule::AcceptNull,
            Rule::AcceptMissingMediaType,
            Rule::AcceptByteOrderMark,
        ]
    );
    let plain = r#"{"access_token":"t","token_type":"bearer","expires_in":60}"#;
    let granted = judge(&custom(), NOW, &answer(200, "application/json", plain)).unwrap();
    assert_eq!(granted.forgiven, Rules::strict());
    assert_eq!(Provider::two_ba().strict().rules(), Rules::strict());
}

// shows: TR5
#[test]
fn a_granted_scope_is_compared_with_the_one_asked_for() {
    let granted = |scope: &str| {
        let body = format!(r#"{{"access_token":"t","token_type":"bearer","scope":{scope}}}"#);
        judge(&custom(), NOW, &answer(200, "application/json", &body)).unwrap()
    };
    for (scope, change) in [
        ("null", ScopeChange::AsAsked),
        ("\"a b\"", ScopeChange::AsAsked),
        ("\"b  a a\"", ScopeChange::AsAsked),
        ("\"a\"", ScopeChange::Narrower),
        ("\"\"", ScopeChange::AsAsked),
        ("\"a b c\"", ScopeChange::Wider),
        ("\"a c\"", ScopeChange::Other),
    ] {
        assert_eq!(granted(scope).scope_change("a b"), change, "{scope}");
    }
}

// shows: AR11
#[test]
fn a_description_in_another_charset_does_not_hide_the_code() {
    let body = b"{\"error\":\"invalid_grant\",\"error_description\":\"ung\xfcltig\"}";
    let mut response = Response::new(body.to_vec());
    *response.status_mut() = http::StatusCode::BAD_REQUEST;
    let json = "application/json".parse().unwrap();
    response.headers_mut().insert(CONTENT_TYPE, json);
    let error = judge(&custom(), NOW, &response).unwrap_err();
    assert_eq!(error.facts().code, Some(ErrorCode::InvalidGrant));
    assert_eq!(
        error.facts().description.as_deref(),
        Some("ung\u{fffd}ltig")
    );
}

// shows: TR7 TR8
#[test]
fn only_an_oauth_answer_is_a_verdict() {
    let grant = r#"{"access_token":"t","token_type":"bearer"}"#;
    let refusal = r#"{"error":"invalid_grant"}"#;
    for (status, media_type, body, outcome) in [
        (200, "application/json", grant, "granted Unknown"),
        (201, "application/json", grant, "granted Unknown"),
        (200, "", grant, "granted Unknown"),
        (200, "text/html", grant, "unavailable NotJson"),
        (200, "application/jsonx", grant, "unavailable NotJson"),
        (200, "text/html", "<html>", "unavailable NotJson"),
        (204, "", "", "malformed Json { line: 1, column: 0 }"),
        (302, "", "", "unavailable Redirect"),
        (400, "application/json", refusal, "refused invalid_grant"),
        (400, "text/html", refusal, "refused 400"),
        (400, "", "", "refused 400"),
        (400, "text/html", "<html>", "refused 400"),
        (401, "", "", "refused 401"),
        (403, "text/html", "<html>", "refused 403"),
        (429, "application/json", refusal, "unavailable Busy"),
        (500, "application/json", refusal, "unavailable ServerError"),
        (502, "text/html", "<html>", "unavailable ServerError"),
        (503, "", "", "unavailable ServerError"),
    ] {
        let response = answer(status, media_type, body);
        assert_eq!(
            verdict(&custom(), &response),
            outcome,
            "{status} {media_type} {body}"
        );
    }
}

#[test]
fn only_a_200_is_a_success_to_the_letter() {
    let grant = r#"{"access_token":"t","token_type":"bearer"}"#;
    let strict = custom().strict();
    let partial = custom().with_rules(Rules::standard().with(Rule::AcceptPartialContent));
    let good = "granted Unknown";
    for (status, by_standard, by_letter, of_parts) in [
        (200, true, true, true),
        (201, true, false, true),
        (202, true, false, true),
        (203, true, false, true),
        (206, false, false, true),
        (226, true, false, true),
    ] {
        let response = answer(status, "application/json", grant);
        for (provider, is_good) in [
            (custom(), by_standard),
            (Provider::two_ba(), by_standard),
            (strict.clone(), by_letter),
            (partial.clone(), of_parts),
        ] {
            let bad = format!("malformed Status({status})");
            let expected = if is_good { good } else { &bad };
            assert_eq!(verdict(&provider, &response), expected, "{status}");
        }
    }
    let without = custom().with_rules(Rules::standard().without(Rule::AcceptCreated));
    let created = answer(201, "application/json", grant);
    assert_eq!(verdict(&without, &created), "malformed Status(201)");
    let granted = judge(&custom(), NOW, &created).unwrap();
    assert!(granted.forgiven.has(Rule::AcceptCreated));
    // The real status of JSONP, too.
    let provider = strict.with_callback(CallbackName::parse("cb").unwrap());
    let script = answer(200, "application/javascript", &format!("cb({grant}, 201)"));
    assert_eq!(verdict(&provider, &script), "malformed Status(201)");
}

#[test]
fn a_code_with_control_characters_is_none() {
    for code in [
        r"invalid_grant\u0000",
        r"\u0007invalid_grant",
        r"invalid\n_grant",
        r"in\u007fvalid_grant",
        r"invalid_grant\u0085",
    ] {
        let body = format!("{{\"error\":\"{code}\"}}");
        let refused = verdict(&Provider::two_ba(), &answer(400, "application/json", &body));
        assert_eq!(refused, "refused 400", "{code}");
        let refused = verdict(&Provider::two_ba(), &answer(200, "application/json", &body));
        assert_eq!(refused, "refused 200", "{code}");
    }
    // Whoever asks by hand gets another code, which stays another one when it was stored.
    for text in [
        "invalid_grant\0",
        "\u{1b}invalid_client",
        "invalid_\r\ngrant",
    ] {
        let code = ErrorCode::from_text(text);
        assert!(matches!(&code, ErrorCode::Other(_)), "{code}");
        let stored = serde_json::to_string(&code).unwrap();
        assert_eq!(serde_json::from_str::<ErrorCode>(&stored).unwrap(), code);
    }
}

#[test]
fn jsonp_carries_the_real_status() {
    let provider = custom().with_callback(CallbackName::parse("cb").unwrap());
    let script = "application/javascript";
    for (media_type, body, outcome) in [
        (
            script,
            r#"cb({"access_token":"t","token_type":"bearer"});"#,
            "granted Unknown",
        ),
        (
            script,
            "cb({\"error\":\"invalid_grant\"},\n400);",
            "refused invalid_grant",
        ),
        (script, "cb({}, 503)", "unavailable ServerError"),
        (
            "application/json",
            r#"{"access_token":"t","token_type":"bearer"}"#,
            "granted Unknown",
        ),
        ("text/html", "<html>", "unavailable NotJson"),
    ] {
        let response = answer(200, media_type, body);
        assert_eq!(verdict(&provider, &response), outcome, "{body}");
    }
    let foreign = answer(200, script, "other({})");
    assert!(verdict(&provider, &foreign).starts_with("malformed Jsonp"));
    assert_eq!(
        verdict(&custom(), &foreign),
        "unavailable NotJson",
        "script that nobody asked for is a page"
    );
}

// shows: TR11
#[test]
fn a_byte_order_mark_is_forgiven_by_rule() {
    let body = "\u{feff}{\"access_token\":\"t\",\"token_type\":\"bearer\"}";
    let response = answer(200, "application/json", body);
    assert_eq!(verdict(&custom(), &response), "granted Unknown");
    let strict = custom().with_rules(Rules::strict());
    assert!(verdict(&strict, &response).starts_with("malformed Json"));
}

#[test]
fn an_error_keeps_facts_and_no_body() {
    let body = r#"{"error":"invalid_grant","error_description":"bad\u0007 <b>","secret":"canary"}"#;
    let error = judge(&custom(), NOW, &answer(400, "application/json", body)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the server refused (status 400, invalid_grant: bad <b>)"
    );
    assert!(!format!("{error:?}").contains("canary"));
    assert_eq!(error.facts().body_len, body.len());
}

// shows: TR11
#[test]
fn an_answer_over_the_limit_is_not_read() {
    let tail = " ".repeat(RESPONSE_BODY_MAX);
    let jsonp = custom().with_callback(CallbackName::parse("cb").unwrap());
    let good = r#"{"access_token":"t","token_type":"bearer"}"#;
    for (provider, status, media_type, start, outcome) in [
        // It may be a rotation, whose grant is lost.
        (
            custom(),
            200,
            "application/json",
            good,
            "malformed TooLarge",
        ),
        (custom(), 206, "application/json", "", "malformed TooLarge"),
        (custom(), 200, "", "", "malformed TooLarge"),
        (
            jsonp.clone(),
            200,
            "text/html",
            " cb({",
            "malformed TooLarge",
        ),
        // It is a page, or no success.
        (custom(), 200, "text/html", "<html>", "unavailable TooLarge"),
        (jsonp, 200, "text/html", "<html>", "unavailable TooLarge"),
        (
            custom().with_rules(Rules::strict()),
            200,
            "",
            "",
            "unavailable TooLarge",
        ),
        (
            custom(),
            400,
            "application/json",
            "",
            "unavailable TooLarge",
        ),
        (
            custom(),
            503,
            "application/json",
            "",
            "unavailable TooLarge",
        ),
    ] {
        let response = answer(status, media_type, &format!("{start} {tail}"));
        assert_eq!(
            verdict(&provider, &response),
            outcome,
            "{status} {media_type}"
        );
    }
}

#[test]
fn a_status_that_is_no_success_is_real_whatever_a_callback_says() {
    let provider = custom().with_callback(CallbackName::parse("cb").unwrap());
    let refusal = r#"cb({"error":"invalid_grant"}, 400);"#;
    let token = r#"cb({"access_token":"t","token_type":"bearer"}, 200);"#;
    for (status, body, outcome) in [
        (503, refusal, "unavailable ServerError"),
        (500, token, "unavailable ServerError"),
        (429, refusal, "unavailable Busy"),
        (302, token, "unavailable Redirect"),
        (400, token, "refused 400"),
        (201, refusal, "refused invalid_grant"),
    ] {
        for media_type in ["application/javascript", "text/html"] {
            let response = answer(status, media_type, body);
            assert_eq!(verdict(&provider, &response), outcome, "{status} {body}");
        }
    }
}

#[test]
fn a_code_is_read_beside_a_description_in_another_charset() {
    let body = b"{\"error\":\"invalid_grant\",\"error_description\":\"caf\xe9\"}".to_vec();
    for status in [200, 400] {
        let mut response = answer(status, "application/json", "").map(|_| body.clone());
        *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
        let Err(TokenError::Refused(facts)) = judge(&custom(), NOW, &response) else {
            panic!("{status}");
        };
        assert_eq!(facts.code, Some(ErrorCode::InvalidGrant), "{status}");
    }
    let token = b"{\"access_token\":\"t\",\"token_type\":\"bearer\",\"x\":\"caf\xe9\"}".to_vec();
    let response = answer(200, "application/json", "").map(|_| token.clone());
    let outcome = judge(&custom(), NOW, &response);
    assert!(
        matches!(outcome, Err(TokenError::Malformed(..))),
        "{outcome:?}"
    );
}

#[test]
fn a_secret_is_repeated_by_no_error_even_where_the_text_was_cut_inside_it() {
    let long = "r".repeat(5) + &"0123456789".repeat(40);
    for (secret, description) in [
        (
            "correct-horse-battery",
            format!("{}correct-horse-battery", "x".repeat(240)),
        ),
        (
            "correct-horse-battery",
            "no: correct-horse-battery".to_string(),
        ),
        (&long, format!("bad: {long}")),
        (&long, format!("{}{long}", "x".repeat(200))),
        ("a+b/c= d", "refresh_token=a%2Bb%2Fc%3D+d".to_string()),
    ] {
        let body = serde_json::json!({"error": description.as_str(), "error_description": description.as_str()});
        let response = answer(400, "application/json", &body.to_string());
        let error = judge(&custom(), NOW, &response).unwrap_err();
        let told = error.without(&[secret]).to_string();
        assert_eq!(told, "the server refused (status 400, (not repeated))");
    }
    // What only begins like one is told.
    let body = r#"{"error":"invalid_grant","error_description":"not correct"}"#;
    let response = answer(400, "application/json", body);
    let error = judge(&custom(), NOW, &response).unwrap_err();
    let told = error.without(&["correct-horse-battery"]).to_string();
    assert!(told.contains("not correct"), "{told}");
}

#[test]
fn an_encoded_answer_is_told_by_its_coding() {
    let encoded = |status, media_type, body: &str| {
        let mut response = answer(status, media_type, body);
        let coding = http::HeaderValue::from_static("GZip");
        let headers = response.headers_mut();
        headers.insert(http::header::CONTENT_ENCODING, coding);
        response
    };
    let good = r#"{"access_token":"t","token_type":"bearer"}"#;
    let jsonp = custom().with_callback(CallbackName::parse("cb").unwrap());
    for provider in [custom(), jsonp] {
        for (status, media_type, body, outcome) in [
            (200, "application/json", "\u{1f}\u{8b}", "malformed Encoded"),
            (200, "application/json", "", "malformed Encoded"),
            (200, "text/html", "\u{1f}\u{8b}", "unavailable Encoded"),
            (400, "application/json", "\u{1f}\u{8b}", "refused 400"),
            (400, "", "", "refused 400"),
            (503, "", "", "unavailable ServerError"),
            // Nothing that is encoded is JSON: this coding is claimed in error.
            (200, "application/json", good, "granted Unknown"),
        ] {
            let response = encoded(status, media_type, body);
            assert_eq!(verdict(&provider, &response), outcome, "{media_type}");
            let Err(error) = judge(&provider, NOW, &response) else {
                continue;
            };
            assert_eq!(error.facts().content_coding.as_deref(), Some("gzip"));
            assert!(!error.facts().is_bare_bad_request());
            let text = error.to_string();
            assert!(text.contains("Content-Encoding gzip"), "{text}");
            assert!(!text.contains("not JSON"), "{text}");
        }
    }
    let script = encoded(200, "text/javascript", "\u{1f}\u{8b}");
    let jsonp = custom().with_callback(CallbackName::parse("cb").unwrap());
    assert_eq!(verdict(&jsonp, &script), "malformed Encoded");
}
