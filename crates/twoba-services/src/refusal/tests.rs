//! Errors as the services write them.

use serde_json::json;

use super::*;

fn read(status: u16, json: &Value) -> ServiceError {
    error(status, Some(Said::by(json)), ServiceErrorKind::NotJson)
}

#[test]
fn a_problem_is_told_with_all_that_it_says() {
    let error = read(
        404,
        &json!({
            "type": "https://example.com/unknown", "title": "Not\u{7} Found", "status": 404,
            "detail": "There is no product 7.", "instance": "/errors/1", "traceId": "00-1",
        }),
    );
    assert_eq!(error.kind, ServiceErrorKind::Refused);
    assert_eq!(
        error.to_string(),
        "the service refuses the request (status 404, Not Found: There is no product 7.)"
    );
    let problem = error.problem().unwrap();
    assert_eq!(problem.kind.as_deref(), Some("https://example.com/unknown"));
    assert_eq!(problem.instance.as_deref(), Some("/errors/1"));
}

#[test]
fn the_error_object_is_no_problem_and_other_json_is_neither() {
    let error = read(
        400,
        &json!({"IsError": true, "Status": "BadRequest", "title": "x"}),
    );
    assert_eq!(
        (error.problem(), error.status_text.as_deref()),
        (None, Some("BadRequest"))
    );
    for other in [
        json!([1]),
        json!({"a": 1}),
        json!(null),
        json!({"title": 7}),
    ] {
        let error = read(400, &other);
        assert_eq!(
            (error.problem(), error.message.as_deref()),
            (None, None),
            "{other}"
        );
    }
    let long = "x".repeat(10_000);
    let error = read(400, &json!({"ErrorMessage": long}));
    assert_eq!(error.message.unwrap().len(), MESSAGE_MAX);
}

#[test]
fn a_message_says_what_is_wrong_with_the_first_parameters() {
    let error = read(
        400,
        &json!({
            "title": "Bad Request", "detail": "See `errors`.",
            "errors": {"from": [], "query": "Missing.", "size": ["It has to be\u{202e} a number.", "x"]},
        }),
    );
    assert_eq!(
        error.to_string(),
        "the service refuses the request (status 400, Bad Request: See `errors`.; query: Missing.; \
         size: It has to be a number.)"
    );
    let many: serde_json::Map<_, _> = (0..40).map(|n| (n.to_string(), json!("x"))).collect();
    let error = read(400, &json!({"title": "t", "errors": many}));
    assert_eq!(error.to_string().matches(": x").count(), 5);
}

#[test]
fn an_error_object_is_told_from_data_that_speaks_of_one() {
    for (json, expected) in [
        (r#"{"IsError":true}"#, true),
        (r#"{ "IsError" : true , "x": [1] }"#, true),
        (r#"{"IsError":false}"#, false),
        (r#"{"a":"\"IsError\":true"}"#, false),
        (r#"{"a":{"IsError":true}}"#, false),
        (r#"[{"IsError":true}]"#, false),
        (r#"{"IsError":"true"}"#, false),
        ("{}", false),
    ] {
        assert_eq!(is_error_object(json.as_bytes()), expected, "{json}");
    }
}
