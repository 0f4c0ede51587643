//! Calls of ApiX and what comes back.

use serde::Deserialize;
use serde_json::json;
use twoba_core::Endpoint;

use super::*;
use crate::apix::{ApixSearch, ApixSearchAnswer};
use crate::decimal::Decimal;
use crate::error::ServiceErrorKind;

fn answer(status: u16, body: &str) -> Response<Vec<u8>> {
    let mut response = Response::new(body.into());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
    response
}

#[test]
fn a_path_cannot_leave_the_base() {
    for bad in [
        "", "..", "a/../b", "a//b", "a?b", "a#b", "a b", "a/", ".a", "a%2f",
    ] {
        let refused = ApixCall::get(bad).unwrap_err();
        assert_eq!(refused, CallError::Function { nearest: None }, "{bad}");
    }
    let provider = Provider::two_ba();
    for good in ["Product/7", "/etim/Class/EC000003", "a.b"] {
        let request = ApixCall::get(good).unwrap().request(&provider).unwrap();
        assert_eq!(request.method(), Method::GET);
        assert!(request.uri().path().starts_with("/api/v1/"));
        assert!(provider.serves(request.uri()), "the token may go there");
    }
    let bare = Provider::custom(Endpoint::parse("https://id.example/token").unwrap());
    let refused = ApixCall::get("Product/7").unwrap().request(&bare);
    assert_eq!(refused.unwrap_err(), CallError::NoApixBase);
}

#[test]
fn a_body_is_sent_as_it_was_written() {
    let sent = |call: ApixCall| {
        let request = call.request(&Provider::two_ba()).unwrap();
        assert_eq!(request.method(), Method::POST);
        assert_eq!(request.headers()["content-type"], "application/json");
        String::from_utf8(request.into_body()).unwrap()
    };
    let own = br#"{"min": 1.50, "max": 1e400}"#;
    let call = ApixCall::post_json("Product/Filters", own).unwrap();
    assert!(!call.is_repeatable());
    assert_eq!(sent(call).as_bytes(), own);
    let exact = json!({"a": 1});
    assert_eq!(sent(ApixCall::post("x", &exact).unwrap()), r#"{"a":1}"#);
    assert_eq!(ApixCall::post_json("x", b"{"), Err(CallError::Value));
    let price = Decimal::parse("1.50").unwrap();
    assert_eq!(sent(ApixCall::post("x", &[price]).unwrap()), "[1.50]");
}

#[test]
fn an_answer_may_be_a_number_or_a_problem() {
    let call = ApixCall::post_json("unifeed/UobInterface", b"{}").unwrap();
    let found = call.judge(&answer(200, "17")).unwrap();
    assert_eq!(found.value(), &json!(17));
    let typed = call.clone().reading::<u64>();
    assert_eq!(typed.judge(&answer(200, "17")), Ok(17));
    let problem = r#"{"title":"Not Found","status":404,"detail":"no such class"}"#;
    for error in [
        call.judge(&answer(404, problem)).unwrap_err(),
        typed.judge(&answer(404, problem)).unwrap_err(),
    ] {
        assert_eq!(error.kind, ServiceErrorKind::Refused);
        assert_eq!(error.problem().unwrap().title.as_deref(), Some("Not Found"));
        assert_eq!(error.message.as_deref(), Some("no such class"));
    }
}

#[test]
fn a_search_is_bounded_and_read() {
    let asked = ApixSearch::new("NL").with_page(0, 1001);
    let error = asked.request(&Provider::two_ba()).unwrap_err();
    assert_eq!(error.to_string(), "size may be 1000 at most");
    let asked = ApixSearch::new("NL")
        .with_page(0, 0)
        .with_only_modelling(true);
    let request = asked.request(&Provider::two_ba()).unwrap();
    assert_eq!(request.uri(), "https://apix.2ba.nl/api/v1/Product/Search");
    let body = br#"{"from":0,"size":0,"languagecode":"NL","onlyModelling":true}"#;
    assert_eq!(request.body(), body);
    let found = asked
        .judge(&answer(
            200,
            r#"{"total":1,"took":3,"items":[{"id":7,"gtin":"0200","weightQuantity":1.10,
                "etimClass":{"code":"EC1","description":"Goot"},"status":null,"isDeleted":false,
                "features":[{"code":"EF1","type":"Range","unit":{"abbreviation":"mm"},
                    "rangeValue":{"min":1.50,"max":2}}],"attachments":null}]}"#,
        ))
        .unwrap();
    let product = &found.items[0];
    assert_eq!((found.total, product.id), (Some(1), Some(7)));
    assert_eq!(product.weight_quantity.as_ref().unwrap().as_str(), "1.10");
    assert_eq!(
        product.etim_class.as_ref().unwrap().code.as_deref(),
        Some("EC1")
    );
    let feature = &product.features[0];
    let range = feature.range_value.as_ref().unwrap();
    assert_eq!(range.min.as_ref().unwrap().as_str(), "1.50");
    assert!(feature.numeric_value.is_none() && product.attachments.is_empty());
    assert_eq!(
        asked.judge(&answer(200, "{}")),
        Ok(ApixSearchAnswer::default())
    );
}

#[test]
fn a_type_of_the_callers_own_is_read() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Own {
        id: u64,
    }
    let call = ApixCall::get("Product/7").unwrap().reading::<Own>();
    assert_eq!(
        call.judge(&answer(200, r#"{"id":7,"x":1}"#)),
        Ok(Own { id: 7 })
    );
    let error = call.judge(&answer(200, r#"{"id":"7"}"#)).unwrap_err();
    assert!(matches!(
        error.kind,
        ServiceErrorKind::Unexpected { line: 1, .. }
    ));
}

#[test]
fn a_mistyped_function_is_answered_with_the_one_that_was_meant() {
    let provider = Provider::two_ba();
    let refused = |path: &str| {
        let call = ApixCall::get(path).unwrap();
        call.request(&provider).unwrap();
        let error = call.judge(&answer(404, "{}")).unwrap_err();
        error.details.and_then(|details| details.nearest)
    };
    for (path, meant) in [
        ("Product/Serach", Some("Product/Search")),
        ("product/thumbnial", Some("Product/ThumbNail")),
        ("etim/Class/Sugest", Some("etim/Class/Suggest")),
        ("Product/Search", None),
        ("Product/95064565", None),
        ("etim/Class/EC000003", None),
        ("Nothing/Of/The/Kind", None),
    ] {
        assert_eq!(refused(path).map(|known| known.name), meant, "{path}");
    }
    let bad = ApixCall::get("Product Search").unwrap_err();
    let nearest = Some("Product/Search");
    assert_eq!(bad, CallError::Function { nearest });
}

#[test]
fn what_a_function_needs_is_told_with_an_example() {
    let told = |call: ApixCall| call.check().map_err(|error| error.to_string());
    let get = |path| ApixCall::get(path).unwrap();
    let example = r#"{"from":0,"size":10,"languagecode":"NL","searchString":"pomp"}"#;
    assert_eq!(
        told(get("product/search")),
        Err(format!(
            "Product/Search needs JSON as its body, as in {example}"
        ))
    );
    let search = ApixCall::post_json("Product/Search", example.as_bytes());
    assert_eq!(told(search.unwrap()), Ok(()));
    assert_eq!(
        told(get("Product/ThumbNail").with_parameter("GLN", "2008710000011")),
        Err(
            "Product/ThumbNail needs the parameter productcode, as in productcode=KG-60040-W"
                .to_owned()
        )
    );
    for whole in ["Product/7", "etim/Class/EC000003", "Something/Else"] {
        assert_eq!(told(get(whole)), Ok(()), "{whole}");
    }
}
