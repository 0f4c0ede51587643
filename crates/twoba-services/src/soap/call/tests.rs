//! Calls by name, and their answers without a type.

use serde::Deserialize;
use serde_json::json;
use twoba_core::Endpoint;

use super::*;
use crate::decimal::Decimal;

fn sent(call: &SoapCall) -> String {
    let request = call.request(&Provider::two_ba()).unwrap();
    assert_eq!(request.method(), http::Method::POST);
    assert_eq!(request.headers()["content-type"], "text/xml; charset=utf-8");
    assert!(!request.headers().contains_key("authorization"));
    String::from_utf8(request.into_body()).unwrap()
}

fn search() -> SoapCall {
    SoapCall::new("Product", "Search", "urn:a").unwrap()
}

#[test]
fn a_call_is_an_envelope_around_its_operation() {
    let around = |inside: &str| {
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><s:Envelope \
             xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>{inside}</s:Body>\
             </s:Envelope>"
        )
    };
    let call = search()
        .with_parameter("query", "a & b")
        .with_parameter("pageSize", "5");
    assert_eq!(
        sent(&call),
        around("<Search xmlns=\"urn:a\"><query>a &amp; b</query><pageSize>5</pageSize></Search>")
    );
    let request = call.request(&Provider::two_ba()).unwrap();
    assert_eq!(request.headers()["soapaction"], "\"\"");
    let own = "\u{feff}<?xml version='1.0'?>\n<q:Search xmlns:q='urn:q'/>\n";
    assert_eq!(
        sent(&search().with_xml(own.as_bytes()).unwrap()),
        around("<q:Search xmlns:q='urn:q'/>")
    );
    let whole = around("<x/>");
    assert_eq!(sent(&search().with_xml(whole.as_bytes()).unwrap()), whole);
}

#[test]
fn what_cannot_be_sent_is_refused_before() {
    for (service, operation) in [("", "Search"), ("Product", ""), ("../x", "y"), ("a", "b c")] {
        let refused = SoapCall::new(service, operation, "urn:a").unwrap_err();
        assert_eq!(refused, CallError::Operation);
    }
    for own in [
        "",
        "text",
        "<a>",
        "<a/><b/>",
        "<!DOCTYPE a><a/>",
        "<a>&b;</a>",
    ] {
        assert_eq!(
            search().with_xml(own.as_bytes()),
            Err(CallError::Body),
            "{own}"
        );
    }
    let bare = Provider::custom(Endpoint::parse("https://id.example/token").unwrap());
    assert_eq!(search().request(&bare).unwrap_err(), CallError::NoSoapBase);
    let call = search().with_action("a\r\nb");
    let refused = call.request(&Provider::two_ba()).unwrap_err();
    assert_eq!(refused, CallError::Character);
}

#[test]
fn an_answer_is_read_with_a_type_or_without() {
    let envelope = "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Header/>\
                    <s:Body><SearchResponse xmlns='urn:a'><SearchResult><Total>2.50</Total>\
                    </SearchResult></SearchResponse></s:Body></s:Envelope>";
    let answer = search().judge(&Response::new(envelope.into())).unwrap();
    assert_eq!(answer.as_bytes(), envelope.as_bytes());
    assert_eq!(answer.name(), "SearchResponse");
    assert_eq!(answer.to_json(), json!({"Total": "2.50"}));

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Found {
        total: Decimal,
    }
    assert_eq!(answer.read::<Found>().unwrap().total.as_str(), "2.50");
    let error = answer.read::<Vec<u8>>().unwrap_err();
    assert_eq!(error.kind, ServiceErrorKind::NotSoap(SoapError::Unexpected));
}
