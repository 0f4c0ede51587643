//! What Product Data answers, from a request to its JSON.

use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, Method};
use serde_json::Value;

use super::*;
use crate::SampleServices;
use crate::answer::Content;
use crate::form::Parameters;
use crate::mount::Mount;

const KG: &str = "products/2008710000011/KG-60040-W";
const ITEM: &str = "trade-items/2008710000103/A00100";

fn caller(scopes: &[&str]) -> Caller {
    Caller {
        fingerprint: "0123456789ab".to_owned(),
        family: "f1".to_owned(),
        generation: 0,
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
    }
}

fn asked(path: &str, verdict: Result<Option<Caller>, Unauthorized>) -> (Answer, Value) {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let (path, headers) = (format!("{BASE}{path}"), HeaderMap::new());
    let query = Parameters::parse(query.as_bytes()).unwrap();
    let head = Head {
        method: &Method::GET,
        path: &path,
        query: Ok(&query),
        headers: &headers,
        is_foreign: false,
    };
    let services = SampleServices::new("http://127.0.0.1:1", 1);
    let Ok(Step::Asked(Asked {
        work: Work::Judge(Proof::Header, then),
        ..
    })) = services.begin(head)
    else {
        panic!("{path}");
    };
    let answer = then.with(verdict);
    let Content::Text { text, .. } = &answer.content else {
        panic!("{path}: {answer:?}");
    };
    let json = serde_json::from_str(text).unwrap();
    (answer, json)
}

fn get(path: &str) -> (u16, Value) {
    let all = [
        "read:products",
        "read:tradeitems",
        "read:netprices",
        "read:stock",
    ];
    let (answer, json) = asked(path, Ok(Some(caller(&all))));
    (answer.status, json)
}

fn header<'a>(answer: &'a Answer, name: &HeaderName) -> Option<&'a str> {
    let mut headers = answer.headers.iter();
    headers
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
}

#[test]
fn a_token_has_to_be_for_the_part_that_is_asked() {
    let (answer, json) = asked(KG, Err(Unauthorized::Expired));
    assert_eq!((answer.status, &json["status"]), (401, &401.into()));
    for scopes in [&[][..], &["read:stock", "read:tradeitems"]] {
        let (answer, json) = asked(KG, Ok(Some(caller(scopes))));
        assert_eq!((answer.status, &json["status"]), (403, &403.into()));
        let said = header(&answer, &WWW_AUTHENTICATE).unwrap();
        assert_eq!(
            said,
            r#"Bearer error="insufficient_scope", scope="read:products""#
        );
    }
    let (answer, _) = asked(KG, Ok(Some(caller(&["read:products"]))));
    assert_eq!(
        (answer.status, header(&answer, &API_VERSION)),
        (200, Some("1.0.0-Preview3"))
    );
}

#[test]
fn only_the_two_roots_are_not_found() {
    for root in [
        "products/2008710000011/none",
        "trade-items/2008710000103/none",
    ] {
        let (status, json) = get(root);
        assert_eq!(
            (status, &json["type"]),
            (404, &"https://example.com/problems/not-found".into())
        );
    }
    for (part, member) in [
        ("products/2008710000011/none/details", "details"),
        (
            "products/2008710000011/none/lca-environmental",
            "lcaEnvironmental",
        ),
        ("trade-items/2008710000103/none/details", "details"),
        ("trade-items/2008710000103/none/ordering", "ordering"),
    ] {
        let (status, json) = get(part);
        let value = json["data"].get(member);
        assert_eq!((status, value), (200, Some(&Value::Null)), "{part}");
    }
    for (part, member) in [
        ("products/2008710000011/none/descriptions", "descriptions"),
        ("products/2008710000011/none/attachments", "attachments"),
        ("trade-items/2008710000103/none/pricings", "pricings"),
        (
            "trade-items/2008710000103/none/enclosed-items",
            "enclosedItems",
        ),
    ] {
        let (status, found) = get(part);
        assert_eq!((status, &found["data"][member]), (200, &json([])), "{part}");
    }
    let (status, stock) = get("stock/2008710000103/none");
    assert_eq!((status, &stock["data"]["available"]), (200, &false.into()));
}

fn json<const N: usize>(values: [Value; N]) -> Value {
    Value::Array(values.into())
}

#[test]
fn the_lists_of_a_whole_have_three_states() {
    let (_, kg) = get(KG);
    assert!(
        kg["data"]["attachments"]
            .as_array()
            .is_some_and(|list| list.len() == 2)
    );
    let (_, old) = get(&format!("{KG}?etimReleaseVersion=8.0"));
    assert_eq!(old["data"]["etimClassifications"], json([]));
    let warm = crate::products::products()
        .iter()
        .find(|product| product.maker.gln == "2008710000059");
    let (_, warm) = get(&format!("products/2008710000059/{}", warm.unwrap().code));
    assert_eq!(warm["data"].get("attachments"), Some(&Value::Null));
    assert_eq!(
        warm["data"].get("lcaEnvironmental"),
        None,
        "optional members are absent"
    );
    let (_, item) = get(ITEM);
    assert_eq!(item["data"]["packagingUnits"], json([]));
    assert!(item["data"]["pricings"].is_array());
}

#[test]
fn pages_lead_through_a_whole_list_and_no_other() {
    let path = "trade-items/bulk/pricings?limit=7";
    let (mut numbers, mut cursor) = (Vec::new(), String::new());
    loop {
        let (status, page) = get(&format!("{path}{cursor}"));
        assert_eq!(status, 200);
        let (data, meta) = (page["data"].as_array().unwrap(), &page["meta"]);
        assert_eq!(meta["hasPrev"], !numbers.is_empty());
        assert_eq!(meta["prevCursor"].is_null(), numbers.is_empty());
        numbers.extend(data.iter().map(|row| row["supplierItemNumber"].clone()));
        match meta["cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => {
                assert_eq!(
                    (&meta["hasNext"], &meta["estimatedTotal"]),
                    (&false.into(), &numbers.len().into())
                );
                break;
            }
        }
        let (status, foreign) = get(&format!("trade-items/bulk/details?limit=7{cursor}"));
        assert_eq!(
            (status, foreign["errors"]["cursor"].is_array()),
            (400, true)
        );
    }
    let (_, all) = get("trade-items/bulk/pricings?limit=1000");
    let all: Vec<_> = all["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["supplierItemNumber"].clone())
        .collect();
    assert_eq!(numbers, all);
    assert!(all.len() > 50);
}

#[test]
fn lists_are_narrowed_down() {
    let total = |query: &str| {
        let (status, page) = get(&format!("products/bulk/{query}"));
        assert_eq!(status, 200, "{query}");
        page["data"].as_array().unwrap().len()
    };
    let all = total("details");
    assert_eq!(all, crate::products::products().len());
    assert!((1..all).contains(&total("details?manufacturerIdGln=2008710000011")));
    assert!((1..all).contains(&total("details?selectionId=EC990001")));
    assert!((1..all).contains(&total("details?mutationDateTime=2025-06-01T00:00:00Z")));
    assert_eq!(total("details?mutationDateTime=2026-01-01T00:00:00Z"), 0);
    assert_eq!(total("descriptions?limit=1000"), 2 * all);
    assert_eq!(total("descriptions?language=nl&limit=1000"), all);
    assert_eq!(total("descriptions?language=fr"), 0);
    let stages = total("lca-environmental?limit=1000");
    assert_eq!(
        total("lca-environmental?lifeCycleStage=D&lifeCycleStage=A4"),
        stages / 2
    );
    assert_eq!(total("etim-classifications?etimReleaseVersion=8.0"), 0);
}

#[test]
fn a_price_is_for_a_quantity_and_found_by_either_number() {
    let (_, list) = get(&format!("{ITEM}/pricings"));
    assert_eq!(
        list["data"]["pricings"][0]["grossListPrice"].to_string(),
        "12.5"
    );
    for name in [
        "item-number/A00100",
        "item-gtin/02008710001001",
        "item-gtin/2008710001001",
    ] {
        let (status, price) = get(&format!(
            "netprices/2008710000103/{name}?quantity=2.5&currency=EUR"
        ));
        assert_eq!(status, 200, "{name}");
        // Another crate may have members keep their order.
        let expected = r#"{"currency":"EUR","netPriceInOrderUnit":10.625,"quantity":2.5}"#;
        assert_eq!(price, serde_json::from_str::<Value>(expected).unwrap());
    }
    for (name, field) in [
        ("item-number/none", "supplierItemNumber"),
        ("item-gtin/12345678", "itemGtin"),
        ("item-gtin/x", "itemGtin"),
        ("item-number/A00100?currency=USD", "currency"),
        ("item-number/A00100?quantity=-1", "quantity"),
    ] {
        let (status, problem) = get(&format!("netprices/2008710000103/{name}"));
        assert_eq!(
            (status, problem["errors"][field].is_array()),
            (400, true),
            "{name}"
        );
    }
}

#[test]
fn an_old_release_is_told_to_people() {
    let (answer, _) = asked(
        &format!("{KG}?etimReleaseVersion=8.0"),
        Ok(Some(caller(&["read:products"]))),
    );
    for name in [DEPRECATION, SUNSET, LINK] {
        assert!(header(&answer, &name).is_some(), "{name}");
    }
}
