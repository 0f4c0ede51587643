//! Product Data from requests to types.

use http::Response;
use serde_json::{Value, json};
use twoba_core::{Endpoint, Provider, Timestamp};

use super::*;
use crate::error::{CallError, ServiceError, ServiceErrorKind};
use crate::{Decimal, Function};

mod sync;
mod table;

const GLN: &str = "2008710000011";

fn answer(status: u16, body: &Value) -> Response<Vec<u8>> {
    let mut response = Response::new(serde_json::to_vec(body).unwrap());
    *response.status_mut() = status.try_into().unwrap();
    response
}

fn there() -> Provider {
    Implementer::two_ba().provider().unwrap()
}

fn uri<O: Operation>(call: &Call<O>) -> String {
    call.request(&there()).unwrap().uri().to_string()
}

#[test]
fn there_are_31_operations_with_names_of_their_own() {
    let mut names: Vec<_> = OPERATIONS.iter().map(|outline| outline.name).collect();
    let mut paths: Vec<_> = OPERATIONS.iter().map(|outline| outline.path).collect();
    names.sort_unstable();
    names.dedup();
    paths.sort_unstable();
    paths.dedup();
    assert_eq!((names.len(), paths.len()), (31, 31));
    let of = |scope| {
        OPERATIONS
            .iter()
            .filter(|outline| outline.scope() == scope)
            .count()
    };
    let scopes = [
        Scope::Products,
        Scope::TradeItems,
        Scope::NetPrices,
        Scope::Stock,
    ];
    assert_eq!(scopes.map(of), [11, 17, 2, 1]);
    let bulk = OPERATIONS
        .iter()
        .filter(|outline| outline.path.contains("/bulk/"));
    assert!(
        bulk.clone()
            .all(|outline| outline.query.contains(&"cursor"))
    );
    assert_eq!(bulk.count(), 13);
}

#[test]
fn numbers_stand_in_the_path_and_are_escaped() {
    let base = "https://rest.2ba.nl/api/v1";
    let whole = operations::Product::of(GLN, "a/b ?#%+\u{e9}").unwrap();
    assert_eq!(
        uri(&whole),
        format!("{base}/products/{GLN}/a%2Fb%20%3F%23%25%2B%C3%A9")
    );
    let price = operations::NetPriceByGtin::of(GLN, "08710000000001").unwrap();
    let price = price
        .with_quantity(&Decimal::parse("2.50").unwrap())
        .with_currency(&CurrencyCode::Eur);
    assert_eq!(
        uri(&price),
        format!("{base}/netprices/{GLN}/item-gtin/08710000000001?quantity=2.50&currency=EUR")
    );
}

#[test]
fn a_list_is_asked_for_by_its_parameters() {
    let call = operations::BulkProductDescriptions::all()
        .with_limit(1000)
        .unwrap()
        .with_gln(GLN)
        .unwrap()
        .with_selection("s 1")
        .unwrap()
        .with_changes_since(Timestamp::from_unix_millis(1_784_678_400_999))
        .with_language("nl-NL")
        .with_language("en")
        .with_cursor("one")
        .with_cursor("two");
    let query = "limit=1000&manufacturerIdGln=2008710000011&selectionId=s+1\
                 &mutationDateTime=2026-07-22T00%3A00%3A00Z&language=nl-NL&language=en&cursor=two";
    assert_eq!(uri(&call).split_once('?').unwrap().1, query);
    let items = operations::BulkTradeItemDetails::all()
        .with_gln(GLN)
        .unwrap();
    assert!(uri(&items).ends_with("?supplierIdGln=2008710000011"));
    let stages = operations::BulkProductLcaDeclarations::all();
    let stages = stages
        .with_life_cycle_stage(&LifeCycleStage::A1A3)
        .with_life_cycle_stage(&"Z".into());
    assert!(uri(&stages).ends_with("?lifeCycleStage=A1-A3&lifeCycleStage=Z"));
}

#[test]
fn arguments_that_cannot_be_right_are_refused_before_anything_is_sent() {
    let (long, longer) = ("x".repeat(35), "x".repeat(36));
    assert!(operations::Stock::of(GLN, &long).is_ok());
    for number in ["", ".", "..", &longer] {
        assert_eq!(
            operations::Stock::of(GLN, number),
            Err(ArgumentError::Number),
            "{number}"
        );
    }
    for gln in ["", "200871000001", "20087100000111", "200871000001x"] {
        assert_eq!(
            operations::Stock::of(gln, "x"),
            Err(ArgumentError::Gln),
            "{gln}"
        );
    }
    for gtin in ["", "1234567", "123456789012345", "1234567x"] {
        assert_eq!(
            operations::NetPriceByGtin::of(GLN, gtin),
            Err(ArgumentError::Gtin)
        );
    }
    let all = operations::BulkProductDetails::all;
    for limit in [0, 1001] {
        assert_eq!(all().with_limit(limit), Err(ArgumentError::Limit));
    }
    assert_eq!(all().with_gln("1"), Err(ArgumentError::Gln));
    assert_eq!(all().with_selection(""), Err(ArgumentError::Selection));
    assert_eq!(
        all().with_selection(&"x".repeat(51)),
        Err(ArgumentError::Selection)
    );
}

#[test]
fn implementers_are_values_with_addresses_that_can_be_used() {
    for there in [
        Implementer::two_ba(),
        Implementer::two_ba_acceptance(),
        Implementer::artikelbeheer(),
        Implementer::etimix(),
    ] {
        assert_eq!(
            Implementer::at(there.base())
                .as_ref()
                .map(Implementer::base),
            Ok(there.base())
        );
        let token = Endpoint::parse("https://id.example/token").unwrap();
        let provider = there
            .clone()
            .with_token_endpoint(&token)
            .provider()
            .unwrap();
        assert_eq!(
            provider.service_base().map(Endpoint::as_str),
            Some(there.base())
        );
        assert!(provider.serves(&format!("{}/stock", there.base()).parse().unwrap()));
        if let Some(own) = there.provider() {
            assert!(
                own.token_endpoint()
                    .as_str()
                    .ends_with(".2ba.nl/connect/token")
            );
        }
    }
    assert!(
        Implementer::two_ba().provider().is_some() && Implementer::etimix().provider().is_none()
    );
    assert!(Implementer::at("http://data.example/").is_err());
    assert!(Implementer::at("https://data.example/?x").is_err());
    let call = operations::Stock::of(GLN, "x").unwrap();
    let elsewhere = call
        .clone()
        .at(&Implementer::at("https://data.example/api/").unwrap());
    assert_eq!(
        uri(&elsewhere),
        format!("https://data.example/api/stock/{GLN}/x")
    );
    let without = Provider::custom(Endpoint::parse("https://id.example/token").unwrap());
    assert_eq!(
        call.request(&without).unwrap_err(),
        CallError::NoServiceBase
    );
}

fn details(more: Value) -> Value {
    let mut details = json!({"productValidityDate": "2026-01-01"});
    let members = more.as_object().unwrap().clone();
    details.as_object_mut().unwrap().extend(members);
    json!({"data": {"manufacturerIdGln": GLN, "manufacturerProductNumber": "x", "details": details}})
}

fn read(more: Value) -> ProductDetails {
    let call = operations::ProductDetails::of(GLN, "x").unwrap();
    let read = call.judge(&answer(200, &details(more))).unwrap();
    read.body.data.details.unwrap()
}

#[test]
fn null_is_as_good_as_absent_and_unknown_members_are_passed_over() {
    let plain = read(json!({}));
    assert_eq!(
        read(json!({"brandName": null, "productGtins": null, "productStatus": null})),
        plain
    );
    assert_eq!(
        read(json!({"newMember": {"a": [1, 2]}, "another": null})),
        plain
    );
    assert_eq!((plain.brand_name, plain.product_gtins.len()), (None, 0));
}

#[test]
fn values_that_are_not_known_yet_are_kept() {
    let status = |text: &str| read(json!({"productStatus": text})).product_status.unwrap();
    assert_eq!(status("ON HOLD"), ProductStatus::OnHold);
    assert_eq!(status("REVIVED"), ProductStatus::Unknown("REVIVED".into()));
    assert_eq!(status("on hold").as_str(), "on hold");
    assert_eq!(ProductStatus::from("ACTIVE"), ProductStatus::Active);
    for text in RelationType::KNOWN {
        let value = RelationType::from(*text);
        assert_eq!(value.as_str(), *text);
        assert!(!matches!(value, RelationType::Unknown(_)));
        assert_eq!(serde_json::to_value(&value).unwrap(), json!(text));
    }
}

#[test]
fn decimals_have_more_digits_than_a_float_keeps() {
    let body = r#"{"data":{"quantity":612345678901.1230,"available":true}}"#;
    let call = operations::Stock::of(GLN, "x").unwrap();
    let read = call.judge(&Response::new(body.into())).unwrap();
    assert_eq!(read.body.data.quantity.as_str(), "612345678901.1230");
    let of_older_servers = body.replace("612345678901.1230", "\"12.50\"");
    let read = call.judge(&Response::new(of_older_servers.into())).unwrap();
    assert_eq!(read.body.data.quantity.as_str(), "12.50");
}

#[test]
fn the_lists_of_a_whole_have_three_states() {
    let call = operations::Product::of(GLN, "x").unwrap();
    let mut whole = details(json!({}));
    whole["data"]["descriptions"] = json!(null);
    whole["data"]["etimClassifications"] = json!([]);
    let read = call.judge(&answer(200, &whole)).unwrap().body.data;
    assert_eq!(read.descriptions, None, "null: not included");
    assert_eq!(
        read.etim_classifications,
        Some(Vec::new()),
        "there are none"
    );
    assert_eq!(read.attachments, None, "absent is read as null");
}

#[test]
fn an_answer_without_what_it_promised_says_where() {
    let call = operations::ProductDetails::of(GLN, "x").unwrap();
    let body = r#"{"data": {"manufacturerIdGln": "canary",
        "manufacturerProductNumber": 5}}"#;
    let error = call.judge(&Response::new(body.into())).unwrap_err();
    assert_eq!(
        error.kind,
        ServiceErrorKind::Unexpected {
            line: 2,
            column: 38
        }
    );
    assert!(!format!("{error} {error:?} {error:#?}").contains("canary"));
    let page = operations::BulkProductDetails::all();
    for body in [
        "{}",
        r#"{"data":[]}"#,
        r#"{"meta":{"cursor":null,"hasNext":false,"limit":1}}"#,
    ] {
        let error = page.judge(&Response::new(body.into())).unwrap_err();
        assert!(
            matches!(error.kind, ServiceErrorKind::Unexpected { .. }),
            "{body}: {error}"
        );
    }
    for body in ["", "<html>", "{\"data\":"] {
        let error = page.judge(&Response::new(body.into())).unwrap_err();
        assert_eq!(error.kind, ServiceErrorKind::NotJson, "{body}");
    }
}

#[test]
fn no_list_takes_up_far_more_than_it_is_long() {
    let call = operations::TradeItemLogisticDetails::of(GLN, "x").unwrap();
    let body = |count: usize| {
        let list = vec![json!({}); count];
        json!({"data": {"supplierIdGln": GLN, "supplierItemNumber": "x", "logisticDetails": list}})
    };
    assert!(call.judge(&answer(200, &body(lists::MAX))).is_ok());
    let error = call.judge(&answer(200, &body(lists::MAX + 1))).unwrap_err();
    assert!(matches!(error.kind, ServiceErrorKind::Unexpected { .. }));
}

fn problem(status: u16, body: &Value) -> ServiceError {
    let call = operations::Product::of(GLN, "x").unwrap();
    call.judge(&answer(status, body)).unwrap_err()
}

#[test]
fn a_problem_is_typed_bounded_and_stripped() {
    let long = "\u{1b}[31mx".repeat(1000);
    let error = problem(
        400,
        &json!({
            "type": "https://example.com/validation", "title": "Wrong", "status": 400, "detail": long,
            "instance": "/1", "errors": {"limit": ["too much", 5], "x": "one", "y": {}}, "more": [1],
        }),
    );
    assert_eq!((error.kind, error.status), (ServiceErrorKind::Refused, 400));
    let problem = error.problem().unwrap();
    assert_eq!(
        problem.kind.as_deref(),
        Some("https://example.com/validation")
    );
    assert_eq!(
        (problem.status, problem.title.as_deref()),
        (Some(400), Some("Wrong"))
    );
    let detail = problem.detail.as_deref().unwrap();
    assert!(detail.chars().count() <= 500 && !detail.contains('\u{1b}'));
    assert_eq!(
        problem.errors_of("LIMIT"),
        Some(&["too much".to_owned()][..])
    );
    assert_eq!(problem.errors_of("x"), Some(&["one".to_owned()][..]));
    assert_eq!(problem.errors_of("z"), None);
}

#[test]
fn a_refusal_without_a_readable_problem_has_the_kind_of_its_status() {
    for (status, expected) in [
        (401, ServiceErrorKind::Unauthorized),
        (403, ServiceErrorKind::Unauthorized),
        (404, ServiceErrorKind::Refused),
        (429, ServiceErrorKind::Unavailable),
        (500, ServiceErrorKind::Fault),
        (503, ServiceErrorKind::Unavailable),
    ] {
        assert_eq!(problem(status, &json!([1])).kind, expected, "{status}");
    }
    let many: serde_json::Map<_, _> = (0..500).map(|n| (n.to_string(), json!(["x"]))).collect();
    assert_eq!(
        problem(400, &json!({"errors": many}))
            .problem()
            .unwrap()
            .errors
            .len(),
        50
    );
}

#[test]
fn headers_tell_people_of_versions_and_ends() {
    let mut response = answer(200, &details(json!({})));
    for (name, value) in [
        ("api-version", "1.0.0-Preview3"),
        ("deprecation", "@1767225600"),
        ("sunset", "Fri, 01 Jan 2027 00:00:00 GMT"),
        ("link", r#"<https://a.example/>; rel="next"; title="a, b""#),
        (
            "link",
            r#"<https://b.example/?a,b>;rel=deprecation, <https://c.example/>; REL="x Sunset""#,
        ),
    ] {
        response.headers_mut().append(name, value.parse().unwrap());
    }
    let call = operations::ProductDetails::of(GLN, "x").unwrap();
    let notices = call.judge(&response).unwrap().notices;
    assert_eq!(notices.api_version.as_deref(), Some("1.0.0-Preview3"));
    assert_eq!(notices.deprecation.as_deref(), Some("@1767225600"));
    assert_eq!(
        notices.sunset.as_deref(),
        Some("Fri, 01 Jan 2027 00:00:00 GMT")
    );
    assert_eq!(
        notices.deprecation_link.as_deref(),
        Some("https://b.example/?a,b")
    );
    assert_eq!(notices.sunset_link.as_deref(), Some("https://c.example/"));
    for link in [
        "",
        "<",
        "<>",
        "a, <b>; rel",
        "<b>; rel=\"",
        "x".repeat(2000).as_str(),
    ] {
        response.headers_mut().insert("link", link.parse().unwrap());
        let notices = call.judge(&response).unwrap().notices;
        assert_eq!(notices.sunset_link, None, "{link}");
    }
}

#[test]
fn a_page_leads_to_the_next() {
    let call = operations::BulkProductDetails::all().with_limit(5).unwrap();
    let page = |cursor: Value, has_next: bool| {
        let meta = json!({"cursor": cursor, "hasNext": has_next, "limit": 5});
        call.judge(&answer(200, &json!({"data": [], "meta": meta})))
            .unwrap()
            .body
    };
    let next = call.after(&page(json!("c 1"), true)).unwrap();
    assert!(uri(&next).ends_with("?limit=5&cursor=c+1"));
    assert!(call.after(&page(json!(null), false)).is_none());
    assert!(call.after(&page(json!("left over"), false)).is_none());
}

#[test]
fn a_page_that_leads_to_itself_is_an_error() {
    let page = |cursor: &str, more: bool| {
        let text =
            format!(r#"{{"data":[],"meta":{{"cursor":{cursor},"hasNext":{more},"limit":100}}}}"#);
        let answer = http::Response::new(text.into_bytes());
        let call = operations::BulkProductDetails::all().with_cursor("here");
        let page = call.judge(&answer).unwrap().body;
        call.following(&page).map(|next| next.is_some())
    };
    assert!(page(r#""there""#, true).unwrap());
    assert!(!page("null", false).unwrap());
    for astray in [page(r#""here""#, true), page("null", true)] {
        assert_eq!(astray.unwrap_err().kind, ServiceErrorKind::NoNextPage);
    }
}
