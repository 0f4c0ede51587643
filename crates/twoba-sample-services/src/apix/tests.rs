//! What ApiX answers, from a request to its JSON.

use http::{HeaderMap, HeaderValue};

use super::*;
use crate::SampleServices;
use crate::answer::Content;
use crate::caller::{Caller, Unauthorized};
use crate::mount::Mount;

fn caller(scopes: &[&str]) -> Verdict {
    Ok(Some(Caller {
        fingerprint: "0123456789ab".to_owned(),
        family: "f1".to_owned(),
        generation: 0,
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
    }))
}

/// What a request by this method is answered with.
fn asked(path: &str, body: Option<&[u8]>, media_type: &str, verdict: Verdict) -> (u16, Value) {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let (path, mut headers) = (format!("{BASE}{path}"), HeaderMap::new());
    headers.insert(CONTENT_TYPE, HeaderValue::from_str(media_type).unwrap());
    let query = Parameters::parse(query.as_bytes()).unwrap();
    let method = if body.is_some() {
        Method::POST
    } else {
        Method::GET
    };
    let head = Head {
        method: &method,
        path: &path,
        query: Ok(&query),
        headers: &headers,
        is_foreign: false,
    };
    let services = SampleServices::new("http://127.0.0.1:1", 1);
    let asked = match (services.begin(head).unwrap(), body) {
        (Step::Asked(asked), None) => asked,
        (Step::Body(then), Some(body)) => then.with(Ok(body.to_vec())),
        other => panic!("{path}: {other:?}"),
    };
    let Work::Judge(_, then) = asked.work else {
        panic!("{path}: nobody is judged");
    };
    let answer = then.with(verdict);
    match answer.content {
        Content::Text { text, .. } => (answer.status, serde_json::from_str(&text).unwrap()),
        Content::Png(bytes) => (answer.status, bytes.len().into()),
        Content::Empty => (answer.status, Value::Null),
    }
}

fn get(path: &str) -> (u16, Value) {
    asked(path, None, "text/plain", caller(&[]))
}

fn post(path: &str, body: &Value) -> (u16, Value) {
    let body = body.to_string();
    let media_type = "application/json; charset=utf-8";
    asked(path, Some(body.as_bytes()), media_type, caller(&["apix"]))
}

fn search(body: &Value) -> Value {
    let (status, found) = post("Product/Search", body);
    assert_eq!(status, 200, "{found}");
    found
}

#[test]
fn a_search_is_cut_into_pages_and_narrowed_to_what_can_be_drawn() {
    let all = json!({"from": 0, "size": 3, "languagecode": "NL", "searchString": "kabelgoot"});
    let found = search(&all);
    assert_eq!(found["total"], 8);
    let ids = |found: &Value| -> Vec<u64> {
        let items = found["items"].as_array().unwrap().iter();
        items.map(|item| item["id"].as_u64().unwrap()).collect()
    };
    let first = ids(&found);
    assert_eq!(first.len(), 3);
    let mut rest = all.clone();
    (rest["from"], rest["size"]) = (json!(3), json!(1000));
    let rest = ids(&search(&rest));
    assert_eq!(rest.len(), 5);
    assert!(first.iter().all(|id| !rest.contains(id)));
    let mut drawn = all;
    (drawn["onlyModelling"], drawn["size"]) = (json!(true), json!(1000));
    let found = search(&drawn);
    let total = found["total"].as_u64().unwrap();
    assert!((1..8).contains(&total), "{total}");
    let items = found["items"].as_array().unwrap();
    assert!(
        items
            .iter()
            .all(|item| item["modellingClass"]["code"] == "MC990001")
    );
    let beyond = json!({"from": 99_999, "size": 10, "languagecode": "NL", "filters": []});
    assert_eq!(search(&beyond)["items"], json!([]));
}

#[test]
fn a_product_is_the_same_however_it_is_asked_for() {
    let (status, product) = get("product/1000001?languagecode=NL");
    assert_eq!(status, 200);
    assert_eq!(product["productCode"], "KG-60040-W");
    assert_eq!(product["features"][0]["numericValue"], 60);
    assert_eq!(product["features"][0]["unit"]["abbreviation"], "mm");
    assert_eq!(product["weightQuantity"], 1.18);
    let by_code = json!({
        "languagecode": "NL", "manufacturerGln": "2008710000011", "productCode": "KG-60040-W",
    });
    assert_eq!(
        post("Product/GetOnGlnAndProductCode", &by_code),
        (200, product.clone())
    );
    let listed = json!({"languagecode": "NL", "productIds": [7, 1_000_001]});
    assert_eq!(post("Product/List", &listed), (200, json!([product])));
    let picture = get("Product/ThumbNail?gln=2008710000011&productcode=KG-60040-W");
    assert!(picture.0 == 200 && picture.1.as_u64().unwrap() > 100);
    let (status, class) = get("etim/Class/EC990001");
    assert_eq!(
        (status, &class["features"][0]["type"]),
        (200, &json!("Numeric"))
    );
}

#[test]
fn what_is_wrong_is_named_as_a_problem() {
    let good = json!({"from": 0, "size": 1, "languagecode": "NL"});
    for (member, value) in [
        ("from", json!(-1)),
        ("from", json!("0")),
        ("size", json!(1001)),
        ("size", Value::Null),
        ("languagecode", json!("")),
        ("searchString", json!(7)),
        ("onlyModelling", json!("yes")),
        ("filters", json!([{"code": "Brand"}])),
        ("featureFilters", json!([{"code": "EF990001"}])),
    ] {
        let mut bad = good.clone();
        bad[member] = value;
        let (status, problem) = post("Product/Search", &bad);
        assert_eq!((status, &problem["status"]), (400, &json!(400)), "{bad}");
        let words = problem["errors"][member][0].as_str();
        assert!(words.is_some_and(|words| words.ends_with('.')), "{problem}");
    }
    for body in [json!([]), json!(7), Value::Null] {
        assert_eq!(post("Product/Search", &body).0, 400, "{body}");
        assert_eq!(post("Product/List", &body).0, 400, "{body}");
    }
    for (path, expected) in [
        ("Product/7", 404),
        ("Product/seven", 400),
        ("etim/Class/EC000003", 404),
        ("Product/ThumbNail?gln=1&productcode=2", 404),
    ] {
        let (status, problem) = get(path);
        assert_eq!(
            (status, &problem["status"]),
            (expected, &json!(expected)),
            "{path}"
        );
    }
    let unread =
        |body: &[u8], media_type| asked("Product/Search", Some(body), media_type, caller(&[])).0;
    assert_eq!(unread(b"{", "application/json"), 400);
    assert_eq!(unread(good.to_string().as_bytes(), "text/plain"), 415);
    assert_eq!(
        unread(good.to_string().as_bytes(), "application/x+json"),
        200
    );
}

#[test]
fn a_token_for_other_things_is_not_for_this_one() {
    let status = |verdict| asked("Product/1000001", None, "a/b", verdict).0;
    assert_eq!(status(caller(&[])), 200);
    assert_eq!(status(caller(&["unifeed", "apix"])), 200);
    assert_eq!(status(caller(&["unifeed"])), 403);
    assert_eq!(status(Err(Unauthorized::Expired)), 401);
}
