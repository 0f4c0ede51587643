//! Calls and answers of the JSON services, a row each.

use super::*;

fn answer(status: u16, body: &str) -> Response<String> {
    let mut response = Response::new(body.to_string());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
    response
}

fn search() -> JsonCall {
    JsonCall::new("Product/Search").unwrap()
}

#[test]
fn parameters_are_encoded_in_their_order() {
    let call = search()
        .with_parameter("query", "kabel goot&60")
        .with_parameter("a", "\u{e9}")
        .with_callback(CallbackName::parse("cb").unwrap());
    assert_eq!(
        call.request(&Provider::two_ba()).unwrap().uri(),
        "https://api.2ba.nl/1/json/Product/Search?query=kabel+goot%2660&a=%C3%A9&callback=cb"
    );
}

#[test]
fn a_function_cannot_leave_its_service() {
    for good in [
        "Product/Search",
        "product/details/08712345678906",
        "UOB/Interface",
    ] {
        assert!(JsonCall::new(good).is_ok(), "{good}");
    }
    for bad in [
        "", "Product", "/Search", "Product/", "../x", "a/../b", "a/b?c", "a/b#", "a//b",
    ] {
        let refused = JsonCall::new(bad).unwrap_err();
        assert!(matches!(refused, CallError::Function { .. }), "{bad}");
    }
}

#[test]
fn a_mistyped_function_is_answered_with_the_nearest() {
    for (bad, nearest) in [
        ("Product.Search", Some("Product/Search")),
        ("search", Some("Product/Search")),
        ("Product//Serach", Some("Product/Search")),
        ("x", None),
    ] {
        let refused = JsonCall::new(bad).unwrap_err();
        assert_eq!(refused, CallError::Function { nearest }, "{bad}");
    }
    assert_eq!(
        JsonCall::new("TradeItemForGLN").unwrap_err().to_string(),
        "not a service's function: write it as Service/Function, as in TradeItem/ForGLN"
    );
    // 2BA has functions that nobody here knows: the service decides.
    let call = JsonCall::new("Product/Serach").unwrap();
    assert!(call.request(&Provider::two_ba()).is_ok());
    let error = call.judge(&answer(404, "")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the service refuses the request (status 404); did you mean Product/Search?"
    );
    assert_eq!(call.judge(&answer(500, "")).unwrap_err().nearest(), None);
    let known = search().judge(&answer(404, "")).unwrap_err();
    assert_eq!(known.nearest(), None);
    let far = JsonCall::new("UOB/Interface").unwrap();
    assert_eq!(far.judge(&answer(404, "")).unwrap_err().nearest(), None);
}

#[test]
fn a_parameter_that_is_missing_is_named_with_an_example() {
    let checked = |function: &str, parameters: &[(&str, &str)]| {
        let call = JsonCall::with_parameters(function, parameters).unwrap();
        // The service decides.
        assert!(call.request(&Provider::two_ba()).is_ok());
        call.check().map_err(|error| error.to_string())
    };
    assert_eq!(
        checked("product/search", &[("Query2", "x")]).unwrap_err(),
        "Product/Search needs the parameter query, as in query=kabelgoot"
    );
    for (function, parameters) in [
        ("product/SEARCH", &[("QUERY", "x")] as &[_]),
        ("product/details/08712345678906", &[]),
        ("Participant/List", &[]),
        ("UOB/Interface", &[]),
    ] {
        assert!(checked(function, parameters).is_ok(), "{function}");
    }
    assert!(checked("Product/Details", &[]).is_err());
}

#[test]
fn an_error_is_told_by_the_object_or_the_status() {
    let object = r#"{"IsError":true,"ErrorMessage":"no\u0007pe","Status":"BadRequest"}"#;
    for (status, body, kind) in [
        (400, object, ServiceErrorKind::Refused),
        (200, object, ServiceErrorKind::Refused),
        (401, object, ServiceErrorKind::Unauthorized),
        (401, "", ServiceErrorKind::Unauthorized),
        (403, "<html>", ServiceErrorKind::Unauthorized),
        (404, "", ServiceErrorKind::Refused),
        (429, "", ServiceErrorKind::Unavailable),
        (302, "", ServiceErrorKind::Redirect),
        (500, object, ServiceErrorKind::Fault),
        (502, "<html>", ServiceErrorKind::Unavailable),
        (200, "<html>", ServiceErrorKind::NotJson),
        (200, "", ServiceErrorKind::NotJson),
    ] {
        let error = search().judge(&answer(status, body)).unwrap_err();
        assert_eq!(error.kind, kind, "{status} {body}");
    }
    let error = search().judge(&answer(400, object)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the service refuses the request (status 400, BadRequest: nope)"
    );
}

/// An answer with these headers.
fn with(status: u16, headers: &[(&str, &str)], body: &str) -> ServiceError {
    let mut response = answer(status, body);
    for (name, value) in headers {
        let name: header::HeaderName = name.parse().unwrap();
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    search().judge(&response).unwrap_err()
}

#[test]
fn a_redirect_says_where_it_points_without_what_may_be_secret() {
    let location = "http://u:canary@evil.example:81/x?token=canary#canary";
    let error = with(302, &[("location", location)], "");
    assert_eq!(error.kind, ServiceErrorKind::Redirect);
    assert_eq!(
        error.to_string(),
        "the service's address redirects, which is not followed (status 302, to evil.example:81/x)"
    );
    assert_eq!(
        with(301, &[("location", "/login?x")], "").redirects_to(),
        Some("/login")
    );
    assert_eq!(with(307, &[], "").redirects_to(), None);
}

#[test]
fn a_page_that_forbids_is_no_refusal_of_the_service() {
    let html = [("content-type", "text/html; charset=utf-8")];
    let object = r#"{"IsError":true,"ErrorMessage":"no","Status":"Forbidden"}"#;
    for (status, headers, body, kind) in [
        (403, &html[..], "<html>", ServiceErrorKind::Page),
        (511, &html, "<html>", ServiceErrorKind::Page),
        (403, &html, object, ServiceErrorKind::Unauthorized),
        (403, &[], "", ServiceErrorKind::Unauthorized),
        (401, &html, "<html>", ServiceErrorKind::Unauthorized),
        (404, &html, "<html>", ServiceErrorKind::Refused),
    ] {
        assert_eq!(with(status, headers, body).kind, kind, "{status} {body}");
    }
}

#[test]
fn how_long_the_service_asks_to_wait_is_told() {
    let wait = |headers: &[(&str, &str)]| with(503, headers, "").retry_after();
    let seconds = |seconds| Some(std::time::Duration::from_secs(seconds));
    let (at, later) = (
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:50:07 GMT",
    );
    assert_eq!(wait(&[("retry-after", "3")]), seconds(3));
    assert_eq!(wait(&[("retry-after", "99999999")]), seconds(3600));
    assert_eq!(wait(&[("retry-after", later), ("date", at)]), seconds(30));
    assert_eq!(wait(&[("retry-after", later)]), None);
    assert_eq!(wait(&[]), None);
    assert_eq!(with(404, &[("retry-after", "3")], "").retry_after(), None);
}

#[test]
fn json_in_another_charset_is_called_so() {
    let latin: &[u8] = b"{\"x\":\"caf\xe9\"}";
    let mut response = Response::new(latin.to_vec());
    let kind = |response: &Response<Vec<u8>>| search().judge(response).unwrap_err().kind;
    assert_eq!(kind(&response), ServiceErrorKind::NotUtf8);
    let typed = search().reading::<std::collections::BTreeMap<String, String>>();
    let error = Function::judge(&typed, &response).unwrap_err();
    assert_eq!(error.kind, ServiceErrorKind::NotUtf8);
    *response.body_mut() = b"\xff\xfe{\0}\0".to_vec();
    assert_eq!(kind(&response), ServiceErrorKind::NotJson);
}

#[test]
fn an_answer_may_be_any_json() {
    for body in ["[]", "7", "{\"IsError\":false}", "\u{feff}{}", "null"] {
        assert!(search().judge(&answer(200, body)).is_ok(), "{body}");
    }
}

#[test]
fn plain_json_is_as_good_as_the_jsonp_that_was_asked_for() {
    let call = search().with_callback(CallbackName::parse("cb").unwrap());
    let typed = |media_type: &str, body: &str| {
        let mut response = answer(200, body);
        let media_type = media_type.parse().unwrap();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, media_type);
        call.judge(&response)
    };
    for media_type in [
        "application/json",
        "text/json; charset=utf-8",
        "application/vnd.x+json",
    ] {
        let found = typed(media_type, r#"{"a":1}"#).unwrap();
        assert_eq!(found.as_bytes(), br#"{"a":1}"#, "{media_type}");
        let refused = typed(media_type, r#"{"IsError":true,"Status":"Unauthorized"}"#);
        assert_eq!(refused.unwrap_err().kind, ServiceErrorKind::Unauthorized);
        assert_eq!(
            typed(media_type, "cb({})").unwrap_err().kind,
            ServiceErrorKind::NotJson
        );
    }
    for media_type in ["text/html", "application/javascript"] {
        let refused = typed(media_type, r#"{"a":1}"#).unwrap_err();
        assert!(
            matches!(refused.kind, ServiceErrorKind::NotJsonp(_)),
            "{media_type}"
        );
    }
}

#[test]
fn jsonp_carries_the_real_status_of_a_data_service() {
    let call = search().with_callback(CallbackName::parse("cb").unwrap());
    let found = call.judge(&answer(200, "cb([1]);")).unwrap();
    assert_eq!(found.as_bytes(), b"[1]");
    let error = call
        .judge(&answer(200, "cb(\n{\"IsError\":true},\n401\n);"))
        .unwrap_err();
    assert_eq!(
        (error.kind, error.status),
        (ServiceErrorKind::Unauthorized, 401)
    );
    let error = call.judge(&answer(200, "evil([1])")).unwrap_err();
    assert!(matches!(error.kind, ServiceErrorKind::NotJsonp(_)));
    let error = call.judge(&answer(502, "<html>")).unwrap_err();
    assert_eq!(error.kind, ServiceErrorKind::Unavailable);
}
