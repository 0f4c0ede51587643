//! Questions as the services get them, and what their answers are read as.

use http::HeaderMap;

use super::*;
use crate::decimal::Decimal;
use crate::gtin::Gtin;

fn uri(question: &impl Function) -> String {
    let request = question.request(&Provider::two_ba()).unwrap();
    let uri = request.uri().to_string();
    let below = uri.strip_prefix("https://api.2ba.nl/1/json/");
    below.unwrap().to_owned()
}

fn answer(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Response<Vec<u8>> {
    let mut response = Response::new(body.into());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, media_type.parse().unwrap());
    *response.headers_mut() = headers;
    response
}

fn json(body: &str) -> Response<Vec<u8>> {
    answer(200, "application/json; charset=utf-8", body)
}

fn gtin() -> Gtin {
    Gtin::parse("2008710001001").unwrap()
}

#[test]
fn every_question_is_asked_in_2bas_spelling() {
    for (found, expected) in [
        (
            uri(&ProductSearch::new("kabel goot").with_page_size(5_u32)),
            "Product/Search?query=kabel+goot&pageSize=5",
        ),
        (
            uri(&ProductDetails::new(gtin())),
            "Product/Details/02008710001001",
        ),
        (
            uri(&ProductDetailsForProduct::new(gtin())),
            "Product/DetailsForProduct?gtin=02008710001001",
        ),
        (
            uri(&ProductByGtin::new(gtin()).with_features(true)),
            "Product/DetailsByGtinA?gtin=02008710001001&includeFeatures=true",
        ),
        (
            uri(&ProductByCode::new("1", "a&b")),
            "Product/DetailsByGLNAndProductcodeA?gln=1&productcode=a%26b",
        ),
        (
            uri(&ProductByTradeItem::new("1", "2")),
            "Product/DetailsByGLNAndTradeItemId?gln=1&tradeItemId=2",
        ),
        (
            uri(&ProductForDrawing::new(7_u64)),
            "Product/DetailsRTById?id=7",
        ),
        (
            uri(&ProductAttachments::new(7_u64).with_types(vec!["PPI".to_owned()])),
            "Product/AttachmentsA?id=7&filterTypes=%5B%22PPI%22%5D",
        ),
        (uri(&TradeItemsOf::new("1")), "TradeItem/ForGLN?gln=1"),
        (
            uri(&TradeItemByCode::new("1", "2")),
            "TradeItem/DetailsByGLNAndTradeItemIdA?gln=1&tradeItemId=2",
        ),
        (
            uri(&FilterFeatures::new("EC1")),
            "ProductFilter/Features?productClassId=%5B%22EC1%22%5D",
        ),
        (
            uri(&Thumbnail::new("1", "a")),
            "Thumbnail/Product?gln=1&productcode=a",
        ),
        (
            uri(&ParticipantList::new()
                .with_limit(2_u32)
                .with_kind("Datasupplier")),
            "Participant/List?limit=2&type=Datasupplier",
        ),
    ] {
        assert_eq!(found, expected);
    }
}

#[test]
fn an_answer_is_read_with_its_digits_whatever_the_case_of_its_names() {
    let product = ProductByGtin::new(gtin())
        .judge(&json(
            r#"{"ID":7,"Manufacture":"A","WeightQuantity":1.180,"New":{"Id":8},
                "Features":[{"FeatureId":"EF1","NumericValue":60.0,"LogicalValue":null}]}"#,
        ))
        .unwrap();
    assert_eq!(product.id, Some(7));
    assert_eq!(product.manufacturer_name.as_deref(), Some("A"));
    let digits = |number: &Option<Decimal>| number.as_ref().unwrap().to_string();
    assert_eq!(digits(&product.weight_quantity), "1.180");
    assert_eq!(digits(&product.features[0].numeric_value), "60.0");
    assert_eq!(product.features[0].feature_id.as_deref(), Some("EF1"));
    let files = ProductAttachments::new(7_u64).judge(&json(r#"[{"Url":"x"}]"#));
    assert_eq!(files.unwrap()[0].url.as_deref(), Some("x"));
    assert_eq!(
        ProductAttachments::new(7_u64).judge(&json("null")),
        Ok(vec![])
    );
}

#[test]
fn an_answer_that_is_none_is_told_why() {
    let kind = |response: &Response<Vec<u8>>| {
        let error = ProductSearch::new("x").judge(response).unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
        error.kind
    };
    let unexpected = ServiceErrorKind::Unexpected {
        line: 2,
        column: 17,
    };
    assert_eq!(
        kind(&json("{\"Total\":1,\n\"Total\":\"secret\"}")),
        unexpected
    );
    assert_eq!(kind(&json("{\"Total\":")), ServiceErrorKind::NotJson);
    assert_eq!(kind(&json("<html>secret")), ServiceErrorKind::NotJson);
    let refusal = r#"{"IsError":true,"Status":"BadRequest","ErrorMessage":"no"}"#;
    assert_eq!(kind(&json(refusal)), ServiceErrorKind::Refused);
    assert_eq!(
        kind(&answer(503, "text/html", "")),
        ServiceErrorKind::Unavailable
    );
    let problem = answer(
        400,
        "application/problem+json",
        r#"{"type":"about:blank","title":"Bad Request","detail":"size"}"#,
    );
    assert_eq!(kind(&problem), ServiceErrorKind::Refused);
    // A product is no list.
    let at_the_second_bracket = ServiceErrorKind::Unexpected {
        line: 1,
        column: 14,
    };
    let deep = format!("{{\"Products\":{}", "[".repeat(100_000));
    assert_eq!(kind(&json(&deep)), at_the_second_bracket);
    let many = |count: usize| format!("[{}{{}}]", "{},".repeat(count - 1));
    assert_eq!(kind(&json(&many(250_001))), ServiceErrorKind::TooLarge);
    assert!(ProductSearch::new("x").judge(&json(&many(1000))).is_ok());
    let mut encoded = json("\x1f\u{8b}");
    let gzip = header::HeaderValue::from_static("br");
    encoded.headers_mut().insert(header::CONTENT_ENCODING, gzip);
    assert_eq!(kind(&encoded), ServiceErrorKind::Encoded);
}

#[test]
fn a_picture_is_one_by_what_it_is_said_to_be() {
    let asked = Thumbnail::new("1", "a");
    let judge = |response: &Response<Vec<u8>>| asked.judge(response).map_err(|error| error.kind);
    for media_type in ["image/png", "Image/GIF; x=1", "application/octet-stream"] {
        let picture = judge(&answer(200, media_type, *b"GIF")).unwrap();
        assert_eq!(picture.bytes, b"GIF");
        assert!(!picture.media_type.contains([';', 'I']), "{picture:?}");
    }
    for (response, kind) in [
        (
            answer(200, "text/html", "<html>"),
            ServiceErrorKind::NotAPicture,
        ),
        (answer(200, "image/png", ""), ServiceErrorKind::NotAPicture),
        (json("{}"), ServiceErrorKind::NotAPicture),
        (json(r#"{"IsError":true}"#), ServiceErrorKind::Refused),
        (answer(401, "text/html", ""), ServiceErrorKind::Unauthorized),
        (
            answer(400, "application/json", "{}"),
            ServiceErrorKind::Refused,
        ),
    ] {
        assert_eq!(judge(&response), Err(kind));
    }
    let request = asked.request(&Provider::two_ba()).unwrap();
    assert_eq!(
        request.headers()[header::ACCEPT],
        "image/*, application/json"
    );
}
