//! The same functions by SOAP: read from the service's description, and answered as by JSON.

use std::fmt::Debug;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use twoba_emulator::{Fault, FaultPoint};
use twoba_services::{
    CallError, FilterFeatures, Function, Gtin, ListedFilter, NumericFilter, ParticipantList,
    ProductAttachments, ProductByCode, ProductByGtin, ProductByTradeItem, ProductDetails,
    ProductDetailsForProduct, ProductForDrawing, ProductSearch, Question, ServiceErrorKind, Soap,
    SoapCall, SoapDescription, Thumbnail, TradeItemByCode, TradeItemsOf,
};
use twoba_testkit::{Running, fixture};
use twoba_tests::prepared;

use crate::asking::Asking;

const MAKER: &str = "2008710000011";
const SUPPLIER: &str = "2008710000103";

fn described(asking: &Asking, service: &str) -> SoapDescription {
    asking.ask(&SoapDescription::of(service).unwrap()).unwrap()
}

/// The question has one answer, whichever way it is asked.
#[track_caller]
fn same_by_both<Q>(asking: &Asking, question: Q)
where
    Q: Question + Function<Answer = <Q as Question>::Answer> + Clone,
    <Q as Question>::Answer: Debug + PartialEq,
{
    let by_json = asking.ask(&question).unwrap();
    let description = described(asking, Soap::<Q>::service());
    let by_soap = asking
        .ask(&Soap::new(question, &description).unwrap())
        .unwrap();
    assert_eq!(by_soap, by_json);
}

#[test]
fn every_question_has_the_same_answer_by_soap_and_by_json() {
    let asking = Asking::new();
    let gtin = || Gtin::parse("2008710001001").unwrap();
    same_by_both(&asking, ProductSearch::new("kabelgoot <wit> & grijs"));
    same_by_both(
        &asking,
        ProductSearch::new("kabelgoot wit").with_page_size(3_u32),
    );
    same_by_both(&asking, ProductDetails::new(gtin()));
    same_by_both(&asking, ProductDetailsForProduct::new(gtin()));
    same_by_both(&asking, ProductByGtin::new(gtin()).with_features(true));
    same_by_both(
        &asking,
        ProductByCode::new(MAKER, "KG-60040-W").with_features(false),
    );
    same_by_both(&asking, ProductByTradeItem::new(SUPPLIER, "A00100"));
    same_by_both(&asking, ProductForDrawing::new(1_000_012_u64));
    same_by_both(&asking, ProductAttachments::new(1_000_001_u64));
    let one_type = vec!["PPI".to_owned()];
    same_by_both(
        &asking,
        ProductAttachments::new(1_000_001_u64).with_types(one_type),
    );
    same_by_both(&asking, TradeItemsOf::new(SUPPLIER));
    same_by_both(&asking, TradeItemByCode::new(SUPPLIER, "A00100"));
    let filters = FilterFeatures::new("EC990001")
        .with_listed(vec![ListedFilter::new(
            "EF990004",
            vec!["EV990002".to_owned()],
        )])
        .with_numeric(vec![NumericFilter::new("EF990001", 150_u8, 250_u8)]);
    same_by_both(&asking, filters);
    same_by_both(&asking, ParticipantList::new().with_limit(2_u32));
    let thumbnail = Thumbnail::new(MAKER, "KG-60040-W");
    let by_json = asking.ask(&thumbnail).unwrap();
    let soap = Soap::new(thumbnail, &described(&asking, "Thumbnail")).unwrap();
    assert_eq!(asking.ask(&soap).unwrap().bytes, by_json.bytes);
}

#[test]
fn a_fault_says_what_is_wrong() {
    let asking = Asking::new();
    let products = described(&asking, "Product");
    let call = |operation: &str| SoapCall::described(&products, operation).unwrap();
    let error = asking.ask(&call("search")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the service refuses the request (status 500, BadRequest: The parameter query is missing.)"
    );
    let unknown = SoapCall::described(&products, "Serach");
    assert_eq!(unknown, Err(CallError::UnknownOperation));
    assert_eq!(products.nearest("Serach"), Some("Search"));
    let error = asking
        .ask(&SoapDescription::of("Nothing").unwrap())
        .unwrap_err();
    assert_eq!((error.kind, error.status), (ServiceErrorKind::Refused, 404));
    asking.world.every(FaultPoint::Service, Fault::Status(401));
    let error = asking
        .ask(&call("Search").with_parameter("query", "x"))
        .unwrap_err();
    assert_eq!(error.kind, ServiceErrorKind::Unauthorized);
}

#[test]
fn xml_of_the_callers_own_is_sent_as_it_is() {
    let asking = Asking::new();
    let products = described(&asking, "Product");
    let own = b"<q:Search xmlns:q='urn:twoba-emulator:1'><q:query>pomp</q:query></q:Search>";
    let call = SoapCall::described(&products, "Search").unwrap();
    let found = asking.ask(&call.clone().with_xml(own).unwrap()).unwrap();
    let same = asking.ask(&call.with_parameter("query", "pomp")).unwrap();
    assert_eq!(found.to_json(), same.to_json());
    assert_eq!(found.name(), "SearchResponse");
}

/// Every value of an answer with its name, in order: what has no value is left out, and so are lists and
/// records, which each library names in its own way.
fn values(name: &str, answer: &Value, all: &mut Vec<(String, String)>) {
    match answer {
        Value::Null => {}
        // An empty list is nothing to zeep.
        Value::String(text) if text.is_empty() => {}
        Value::Object(members) => {
            for (name, value) in members {
                values(name, value, all);
            }
        }
        Value::Array(items) => {
            for item in items {
                values(name, item, all);
            }
        }
        Value::String(text) => all.push((name.to_owned(), text.clone())),
        Value::Bool(_) | Value::Number(_) => all.push((name.to_owned(), answer.to_string())),
    }
}

#[test]
fn zeep_gets_the_same_answers() {
    let Some(python) = prepared("TWOBA_CLIENTS_PYTHON") else {
        return;
    };
    let asking = Asking::new();
    let mut script = Command::new(python);
    script.args(["-u", "-B"]);
    script.arg(fixture::workspace().join("tests/clients/zeep_answers.py"));
    script.arg(asking.world.emulator.url());
    script.env("NO_PROXY", "*").env("no_proxy", "*");
    let ended = Running::start(&mut script)
        .unwrap()
        .finish(Duration::from_secs(60))
        .unwrap();
    assert!(ended.status.success(), "{}{}", ended.stdout, ended.stderr);
    let mut compared = 0;
    for line in ended.stdout.lines() {
        let asked: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| asked[name].as_str().unwrap();
        let description = described(&asking, text("service"));
        let mut call = SoapCall::described(&description, text("operation")).unwrap();
        for (name, value) in asked["parameters"].as_object().unwrap() {
            call = match value.as_array() {
                None => call.with_parameter(name, value.as_str().unwrap()),
                Some(items) => {
                    let items = items.iter().map(|item| item.as_str().unwrap().to_owned());
                    call.with_list(name, items.collect())
                }
            };
        }
        let mut ours = Vec::new();
        values("", &asking.ask(&call).unwrap().to_json(), &mut ours);
        let theirs: Vec<(String, String)> =
            serde_json::from_value(asked["answer"].clone()).unwrap();
        let nameless = |pairs: Vec<(String, String)>| -> Vec<String> {
            pairs.into_iter().map(|(_, text)| text).collect()
        };
        if theirs.iter().any(|(name, _)| name.is_empty()) {
            // A result of one value has no name of its own.
            assert_eq!(nameless(ours), nameless(theirs), "{line:.200}");
        } else {
            assert_eq!(ours, theirs, "{line:.200}");
        }
        compared += 1;
    }
    assert_eq!(compared, 13, "every operation that the emulator describes");
}
