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

#[test]
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

#[test]
fn an_answer_over_the_limit_is_not_read() {
    let body = " ".repeat(RESPONSE_BODY_MAX + 1);
    let response = answer(200, "application/json", &body);
    assert_eq!(verdict(&custom(), &response), "unavailable TooLarge");
}
