//! The sample service behind its Bearer check.

use serde_json::{Value, json};
use twoba_emulator::{BearerRefusal, Emulator, EventKind, FaultPoint, FaultRule};

use crate::wire::{get, log_in, search, send};

fn emulator() -> (Emulator, String) {
    let emulator = Emulator::builder().start().unwrap();
    let bearer = format!("Bearer {}", log_in(&emulator).member("access_token"));
    (emulator, bearer)
}

const SEARCH: &str = "/1/json/Product/Search?query=kabelgoot";

#[test]
fn a_search_finds_products_in_the_shape_of_2ba() {
    let (emulator, bearer) = emulator();
    let reply = get(&emulator, SEARCH, &[("Authorization", &bearer)]);
    assert_eq!(reply.status, 200);
    let found = reply.json();
    let products = found["Products"].as_array().unwrap();
    assert_eq!(found["Total"], products.len());
    assert!(!products.is_empty());
    for product in products {
        assert_eq!(product["GTIN"].as_str().unwrap().len(), 14);
        assert!(
            product["Description"]
                .as_str()
                .unwrap()
                .to_lowercase()
                .contains("kabelgoot")
        );
    }
    assert!(found.get("IsError").is_none());
}

#[test]
fn names_of_services_are_read_in_any_case() {
    let (emulator, bearer) = emulator();
    let path = SEARCH.replace("Product/Search", "product/SEARCH");
    let reply = get(&emulator, &path, &[("Authorization", &bearer)]);
    assert_eq!(reply.status, 200);
}

#[test]
fn a_bad_token_is_unauthorized_in_the_documented_shape() {
    let (emulator, _) = emulator();
    let reply = search(&emulator, "nonsense");
    assert_eq!(reply.status, 401);
    assert_eq!(
        reply.header("www-authenticate"),
        Some("Bearer error=\"invalid_token\"")
    );
    let body = reply.json();
    assert_eq!(body["IsError"], json!(true));
    assert_eq!(body["Status"], "Unauthorized");
    assert!(body["ErrorMessage"].is_string());
    assert_eq!(emulator.counts().service_401, 1);
}

#[test]
fn a_call_without_a_token_is_told_that_it_needs_one() {
    let (emulator, bearer) = emulator();
    let token = bearer.strip_prefix("Bearer ").unwrap();
    let basic = format!("Basic {token}");
    for headers in [&[][..], &[("Authorization", basic.as_str())]] {
        let reply = get(&emulator, SEARCH, headers);
        assert_eq!(reply.status, 401);
        assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
    }
    let in_query = get(&emulator, &format!("{SEARCH}&access_token={token}"), &[]);
    assert_eq!(in_query.status, 401);
    let last = emulator.journal().events.pop().unwrap();
    assert_eq!(
        last.kind,
        EventKind::ServiceRefused {
            reason: BearerRefusal::NoToken,
            family: None,
            generation: None
        }
    );
}

#[test]
fn a_search_without_a_query_is_a_bad_request() {
    let (emulator, bearer) = emulator();
    for path in ["/1/json/Product/Search", "/1/json/Product/Search?query="] {
        let reply = get(&emulator, path, &[("Authorization", &bearer)]);
        assert_eq!(reply.status, 400);
        assert_eq!(reply.member("Status"), "BadRequest");
    }
}

#[test]
fn a_function_that_is_not_there_is_not_found() {
    let (emulator, bearer) = emulator();
    for path in [
        "/1/json/Product/Nothing",
        "/1/json/Product",
        "/1/json/Product/Search/more",
        "/1/json/",
    ] {
        let reply = get(&emulator, path, &[("Authorization", &bearer)]);
        assert_eq!(reply.status, 404, "{path}");
        assert_eq!(reply.member("Status"), "NotFound");
        assert_eq!(reply.json()["IsError"], true);
    }
    assert_eq!(emulator.counts().service_calls, 4);
}

#[test]
fn a_service_takes_get_only_and_ignores_the_callback_of_anything_else() {
    let (emulator, bearer) = emulator();
    let path = format!("{SEARCH}&callback=cb");
    let reply = send(&emulator, "POST", &path, &[("Authorization", &bearer)], "");
    assert_eq!(reply.status, 405);
    assert_eq!(reply.header("allow"), Some("GET"));
    assert_eq!(reply.json()["IsError"], true);
}

#[test]
fn a_callback_is_called_as_wcf_does_it() {
    let (emulator, bearer) = emulator();
    let path = format!("{SEARCH}&callback=cb");
    let good = get(&emulator, &path, &[("Authorization", &bearer)]);
    assert_eq!(good.status, 200);
    assert_eq!(
        good.header("content-type"),
        Some("application/x-javascript")
    );
    assert!(good.text().starts_with("cb({") && good.text().ends_with("]});"));

    let bad = get(&emulator, &path, &[]);
    assert_eq!(bad.status, 200);
    assert_eq!(bad.header("www-authenticate"), None);
    let json = bad
        .text()
        .strip_prefix("cb(")
        .and_then(|rest| rest.strip_suffix(", 401);"))
        .unwrap();
    let document: Value = serde_json::from_str(json).unwrap();
    assert_eq!(document["Status"], "Unauthorized");
    assert_eq!(emulator.counts().service_401, 1);
}

#[test]
fn a_callback_that_could_be_a_script_is_a_bad_request() {
    let (emulator, bearer) = emulator();
    let path = format!("{SEARCH}&callback=alert(1)//");
    let reply = get(&emulator, &path, &[("Authorization", &bearer)]);
    assert_eq!(reply.status, 400);
    assert_eq!(reply.member("Status"), "BadRequest");
}

#[test]
fn the_journal_tells_which_generation_called() {
    let (emulator, bearer) = emulator();
    get(&emulator, SEARCH, &[("Authorization", &bearer)]);
    let events = emulator.journal().events;
    let [.., call, served] = events.as_slice() else {
        panic!("too few events");
    };
    assert_eq!(
        call.kind,
        EventKind::ServiceCall {
            function: Some("Product/Search")
        }
    );
    assert!(matches!(
        served.kind,
        EventKind::ServiceServed { generation: 0, .. }
    ));
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn every_function_answers_over_http() {
    let (emulator, bearer) = emulator();
    for (path, member, expected) in [
        (
            "Product/Search?query=kabelgoot&pageSize=2",
            "Total",
            json!(8),
        ),
        ("Product/Details/02008710001001", "ID", json!(1_000_001)),
        (
            "product/details/02008710001001",
            "GTIN",
            json!("02008710001001"),
        ),
        (
            "Product/DetailsForProduct?gtin=02008710001001",
            "WeightQuantity",
            json!(1.18),
        ),
        (
            "Product/DetailsByGtinA?gtin=02008710001001&includeFeatures=false",
            "Features",
            Value::Null,
        ),
        (
            "Product/DetailsByGLNAndProductcodeA?gln=2008710000011&productcode=KG-60040-W",
            "Id",
            json!(1_000_001),
        ),
        (
            "Product/DetailsByGLNAndTradeItemId?gln=2008710000103&tradeItemId=A00100",
            "Manufacture",
            json!("Goot & Zn. (verzonnen)"),
        ),
        (
            "Product/DetailsRTById?id=1000012",
            "ModellingClass",
            json!("MC990010"),
        ),
        (
            "TradeItem/DetailsByGLNAndTradeItemIdA?gln=2008710000103&tradeItemId=A00100",
            "GrossPriceInPriceUnit",
            json!(12.5),
        ),
    ] {
        let reply = get(
            &emulator,
            &format!("/1/json/{path}"),
            &[("Authorization", &bearer)],
        );
        assert_eq!(reply.status, 200, "{path}");
        assert_eq!(reply.json()[member], expected, "{path}");
    }
    for (path, list) in [
        ("TradeItem/ForGLN?gln=2008710000011", "TradeItems"),
        (
            "ProductFilter/Features?productClassId=%5B%22EC990001%22%5D",
            "Features",
        ),
        ("Participant/List", "Participants"),
    ] {
        let reply = get(
            &emulator,
            &format!("/1/json/{path}"),
            &[("Authorization", &bearer)],
        );
        assert!(reply.json()[list].as_array().unwrap().len() > 3, "{path}");
    }
}

#[test]
fn an_error_of_a_function_has_the_documented_shape_in_json_and_jsonp() {
    let (emulator, bearer) = emulator();
    let path = "/1/json/Product/DetailsByGtinA?gtin=123";
    let reply = get(&emulator, path, &[("Authorization", &bearer)]);
    assert_eq!(reply.status, 400);
    assert_eq!(reply.member("Status"), "BadRequest");
    assert!(
        reply
            .member("ErrorMessage")
            .starts_with("The parameter gtin has to be 14 digits")
    );
    let jsonp = get(
        &emulator,
        &format!("{path}&callback=a.b"),
        &[("Authorization", &bearer)],
    );
    assert_eq!(jsonp.status, 200);
    assert_eq!(jsonp.text(), format!("a.b({}, 400);", reply.text()));
}

/// Decodes a PNG with every checksum looked at.
fn decoded(bytes: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes))
        .read_info()
        .unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    reader.finish().unwrap();
    (info.width, info.height, pixels)
}

#[test]
fn a_thumbnail_is_a_png_that_anybody_may_see() {
    let (emulator, bearer) = emulator();
    let path = "/1/json/Thumbnail/product?gln=2008710000011&productcode=KG-60040-W";
    let reply = get(&emulator, path, &[]);
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), Some("image/png"));
    let (width, height, pixels) = decoded(&reply.body);
    assert_eq!((width, height), (96, 96));
    let other = path.replace("-W", "-G");
    let other = get(&emulator, &other, &[("Authorization", &bearer)]);
    assert_ne!(decoded(&other.body).2, pixels);
    // A callback cannot be called with a picture.
    let wrapped = get(&emulator, &format!("{path}&callback=cb"), &[]);
    assert_eq!(wrapped.body, reply.body);
    assert_eq!(emulator.counts().service_calls, 3);
}

#[test]
fn faults_of_the_plan_spoil_a_picture_too() {
    let (emulator, _) = emulator();
    let path = "/1/json/Thumbnail/Product?gln=2008710000011&productcode=KG-60040-W";
    let whole = get(&emulator, path, &[]);
    let through = |fault: &str| {
        let fault = fault.parse().unwrap();
        emulator.add_fault(FaultRule::next(FaultPoint::Service, fault));
        get(&emulator, path, &[])
    };
    let half = through("half-body");
    assert_eq!(half.body, whole.body[..whole.body.len() / 2]);
    assert!(!half.is_whole());
    let replaced = through("status:500");
    assert_eq!((replaced.status, replaced.is_whole()), (500, true));
}

#[test]
fn a_function_that_needs_no_token_refuses_a_bad_one_all_the_same() {
    let (emulator, _) = emulator();
    for path in [
        "/1/json/Thumbnail/Product?gln=2008710000011&productcode=KG-60040-W",
        "/1/json/Participant/List",
    ] {
        assert_eq!(get(&emulator, path, &[]).status, 200);
        let reply = get(&emulator, path, &[("Authorization", "Bearer nonsense")]);
        assert_eq!(reply.member("Status"), "Unauthorized");
    }
}

#[test]
fn the_link_of_an_attachment_leads_to_its_picture() {
    let (emulator, bearer) = emulator();
    let path = "/1/json/Product/AttachmentsA?id=1000001";
    let reply = get(&emulator, path, &[("Authorization", &bearer)]);
    for (attachment, edge) in reply.json().as_array().unwrap().iter().zip([192, 480]) {
        let url = attachment["URL"].as_str().unwrap();
        let path = url.strip_prefix(emulator.url()).unwrap();
        assert!(path.ends_with(attachment["FileName"].as_str().unwrap()));
        let picture = get(&emulator, path, &[]);
        let (width, height, _) = decoded(&picture.body);
        assert_eq!((width, height), (edge, edge));
    }
    for path in [
        "/attachments/",
        "/attachments/2008710000011",
        "/attachments/2008710000011/KG-60040-W-PTI.png",
        "/attachments/2008710000028/KG-60040-W-PPI.png",
        "/attachments/2008710000011/%ff-PPI.png",
    ] {
        assert_eq!(get(&emulator, path, &[]).status, 404, "{path}");
    }
}
