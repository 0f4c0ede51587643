//! The sample services by SOAP 1.1: calls, faults, the description, and what is refused.

use std::time::Duration;

use twoba_emulator::{BearerRefusal, Clock, Emulator, EventKind, Fault, FaultPoint, FaultRule};

use crate::wire::{Reply, exchange, get, log_in, send};

const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const NAMESPACE: &str = "urn:twoba-emulator:1";
const MEDIA_TYPE: (&str, &str) = ("Content-Type", "text/xml; charset=utf-8");

/// A caller with a good token.
struct Caller {
    emulator: Emulator,
    bearer: String,
}

fn caller() -> Caller {
    let emulator = Emulator::builder().clock(Clock::Manual).start().unwrap();
    let bearer = format!("Bearer {}", log_in(&emulator).member("access_token"));
    Caller { emulator, bearer }
}

fn envelope(body: &str) -> String {
    format!("<s:Envelope xmlns:s=\"{ENVELOPE}\"><s:Body>{body}</s:Body></s:Envelope>")
}

fn search(query: &str) -> String {
    envelope(&format!(
        "<Search xmlns=\"{NAMESPACE}\"><query>{query}</query></Search>"
    ))
}

impl Caller {
    /// Posts this to a service, with an empty action.
    fn post(&self, service: &str, body: &str) -> Reply {
        self.post_with(service, &[MEDIA_TYPE, ("SOAPAction", "\"\"")], body)
    }

    fn post_with(&self, service: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let mut headers = headers.to_vec();
        headers.push(("Authorization", &self.bearer));
        let path = format!("/1/soap/{service}");
        send(&self.emulator, "POST", &path, &headers, body)
    }

    /// Calls one operation with these elements in it.
    fn call(&self, service: &str, operation: &str, arguments: &str) -> Reply {
        let body = format!(
            "<q:{operation} xmlns:q=\"{NAMESPACE}\" xmlns=\"{NAMESPACE}\">{arguments}</q:{operation}>"
        );
        let action = format!("\"{NAMESPACE}/{service}/{operation}\"");
        self.post_with(
            service,
            &[MEDIA_TYPE, ("SOAPAction", &action)],
            &envelope(&body),
        )
    }
}

/// Holds an answer to be a fault with this code, and returns what it says.
fn fault(reply: &Reply, status: u16, code: &str) -> String {
    let text = reply.text();
    assert_eq!(reply.status, status, "{text}");
    assert_eq!(
        reply.header("content-type"),
        Some("text/xml; charset=utf-8")
    );
    let between = |from: &str, to: &str| {
        let (_, rest) = text
            .split_once(from)
            .unwrap_or_else(|| panic!("no {from} in {text}"));
        rest.split_once(to).unwrap().0.to_owned()
    };
    assert_eq!(between("<faultcode>", "<"), format!("s:{code}"));
    let message = between("<faultstring xml:lang=\"en\">", "<");
    assert!(text.contains("<detail><ErrorDocument "), "{text}");
    assert_eq!(between("<IsError>", "<"), "true");
    assert_eq!(between("<ErrorMessage>", "<"), message);
    assert!(!between("<Status>", "<").is_empty());
    message
}

#[test]
fn an_operation_answers_what_its_function_answers() {
    let caller = caller();
    let reply = caller.call(
        "Product",
        "Search",
        "<query>kabelgoot</query><pageSize>1</pageSize>",
    );
    assert_eq!(reply.status, 200);
    assert_eq!(
        reply.header("content-type"),
        Some("text/xml; charset=utf-8")
    );
    let text = reply.text();
    assert!(text.contains(&format!("<SearchResponse xmlns=\"{NAMESPACE}\"")));
    assert!(
        text.contains("<SearchResult><Total>8</Total><Products><ProductSummary><Id>1000001</Id>")
    );
    // What XML minds is escaped.
    assert!(text.contains("<ManufacturerName>Goot &amp; Zn. (verzonnen)</ManufacturerName>"));
    assert_eq!(text.matches("<ProductSummary>").count(), 1);
}

#[test]
fn lists_records_and_absent_values_cross_over() {
    let caller = caller();
    let filters = "<query/><productClassId><string>EC990001</string></productClassId>\
        <featuresA><FeatureA><FeatureId>EF990004</FeatureId>\
        <ValueList><string>EV990002</string></ValueList></FeatureA></featuresA>\
        <featuresN><FeatureN><ValueMax>150.5</ValueMax><ValueMin>0</ValueMin>\
        <FeatureId>EF990001</FeatureId></FeatureN></featuresN>";
    let reply = caller.call("ProductFilter", "GetFeatures", filters);
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(reply.text().contains("<ValueID>EV990002</ValueID>"));
    assert!(!reply.text().contains("EV990001"));
    assert!(reply.text().contains("<UnitShortNotation i:nil=\"true\"/>"));

    let nil = "<gtin>02008710001001</gtin><includeFeatures \
        xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:nil=\"true\"/>";
    let reply = caller.call("Product", "DetailsByGtinA", nil);
    assert!(reply.text().contains("<Features i:nil=\"true\"/>"));
    let wanted = "<gtin>02008710001001</gtin><includeFeatures> 1 </includeFeatures>";
    let reply = caller.call("Product", "DetailsByGtinA", wanted);
    assert!(reply.text().contains("<FeatureID>EF990001</FeatureID>"));
}

#[test]
fn a_picture_arrives_as_base64_and_without_a_token() {
    let caller = caller();
    let body = envelope(&format!(
        "<Product xmlns=\"{NAMESPACE}\"><gln>2008710000011</gln>\
         <productcode>KG-60040-W</productcode></Product>"
    ));
    let headers = [MEDIA_TYPE, ("SOAPAction", "\"\"")];
    let reply = send(
        &caller.emulator,
        "POST",
        "/1/soap/Thumbnail",
        &headers,
        &body,
    );
    assert_eq!(reply.status, 200);
    // The signature of a PNG begins so in base64.
    assert!(reply.text().contains("<ProductResult>iVBORw0KGgo"));
}

#[test]
fn the_journal_counts_calls_by_soap_as_service_calls() {
    let caller = caller();
    caller.call("Product", "Search", "<query>a</query>");
    caller.call("ProductFilter", "GetFeatures", "");
    caller.post("Product", "nonsense");
    let functions: Vec<_> = caller
        .emulator
        .journal()
        .events
        .into_iter()
        .filter_map(|event| {
            if let EventKind::ServiceCall { function } = event.kind {
                Some(function)
            } else {
                None
            }
        })
        .collect();
    let expected = [Some("Product/Search"), Some("ProductFilter/Features"), None];
    assert_eq!(functions, expected);
    assert_eq!(caller.emulator.counts().service_calls, 3);
}

#[test]
fn a_bad_token_is_a_fault_with_status_401() {
    let mut caller = caller();
    caller.bearer = "Bearer nonsense".into();
    let reply = caller.post("Product", &search("kabelgoot"));
    let message = fault(&reply, 401, "Client");
    assert_eq!(message, "The access token is unknown, expired or revoked.");
    assert_eq!(
        reply.header("www-authenticate"),
        Some("Bearer error=\"invalid_token\"")
    );
    let headers = [MEDIA_TYPE, ("SOAPAction", "\"\"")];
    let body = search("kabelgoot");
    let reply = send(&caller.emulator, "POST", "/1/soap/Product", &headers, &body);
    assert_eq!(fault(&reply, 401, "Client"), "An access token is required.");
    assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
    assert_eq!(caller.emulator.counts().service_401, 2);
}

#[test]
fn an_expired_token_is_refused_as_such() {
    let caller = caller();
    assert_eq!(caller.post("Product", &search("a")).status, 200);
    caller.emulator.advance(Duration::from_secs(121)).unwrap();
    fault(&caller.post("Product", &search("a")), 401, "Client");
    let last = caller.emulator.journal().events.pop().unwrap();
    assert!(matches!(
        last.kind,
        EventKind::ServiceRefused {
            reason: BearerRefusal::Expired,
            ..
        }
    ));
}

#[test]
fn what_the_caller_did_wrong_is_a_client_fault_that_names_it() {
    let caller = caller();
    for (operation, arguments, message) in [
        ("Search", "", "The parameter query is missing."),
        ("Search", "<query/>", "The parameter query is missing."),
        (
            "Search",
            "<query>a</query><query>b</query>",
            "The parameter query occurs more than once.",
        ),
        (
            "Search",
            "<query><b/></query>",
            "The parameter query has to be a text.",
        ),
        (
            "Search",
            "<query>a</query><pageSize>many</pageSize>",
            "The parameter pageSize has to be a whole number.",
        ),
        (
            "Search",
            "<query>a</query><page>1</page>",
            "The body holds an element that the operation does not know.",
        ),
        (
            "Search",
            "<query xmlns=\"\">a</query>",
            "The body holds an element that the operation does not know.",
        ),
        (
            "AttachmentsA",
            "<id>1</id><filterTypes><int>1</int></filterTypes>",
            "The parameter filterTypes has to be a list of texts.",
        ),
        (
            "DetailsByGtinA",
            "<gtin>1</gtin>",
            "The parameter gtin has to be 14 digits; put zeros in front of a shorter one.",
        ),
        (
            "DetailsByGtinA",
            "<gtin>99999999999999</gtin>",
            "There is no product with this GTIN.",
        ),
        (
            "Nothing",
            "",
            "There is no service or function of this name.",
        ),
    ] {
        let reply = caller.call("Product", operation, arguments);
        assert_eq!(fault(&reply, 500, "Client"), message, "{arguments}");
    }
}

#[test]
fn an_envelope_that_is_none_is_a_fault() {
    let caller = caller();
    let twelve = search("a").replace(ENVELOPE, "http://www.w3.org/2003/05/soap-envelope");
    fault(&caller.post("Product", &twelve), 500, "VersionMismatch");
    let header = format!(
        "<s:Envelope xmlns:s=\"{ENVELOPE}\"><s:Header><x s:mustUnderstand=\"1\"/></s:Header>\
         <s:Body><Search xmlns=\"{NAMESPACE}\"><query>a</query></Search></s:Body></s:Envelope>"
    );
    fault(&caller.post("Product", &header), 500, "MustUnderstand");
    let understood = header.replace("mustUnderstand=\"1\"", "mustUnderstand=\"0\"");
    assert_eq!(caller.post("Product", &understood).status, 200);
    for body in [
        String::new(),
        "<a/>".into(),
        "{\"query\":\"kabelgoot\"}".into(),
        envelope(""),
        envelope("<a/><b/>"),
        envelope("text"),
        search("a").replace("</query>", ""),
        search("&nbsp;"),
        format!("<?xml version=\"1.0\"?><?run me?>{}", search("a")),
    ] {
        let message = fault(&caller.post("Product", &body), 500, "Client");
        assert!(message.len() < 100, "{message}");
    }
}

#[test]
fn a_document_type_is_refused_however_small_the_bomb() {
    let caller = caller();
    let levels: String = (1..10)
        .map(|level| {
            format!(
                "<!ENTITY l{level} \"{}\">",
                format!("&l{};", level - 1).repeat(10)
            )
        })
        .collect();
    let bomb = format!(
        "<!DOCTYPE s [<!ENTITY l0 \"ha\">{levels}]>{}",
        search("&l9;")
    );
    let file = format!(
        "<!DOCTYPE s [<!ENTITY f SYSTEM \"file:///etc/passwd\">]>{}",
        search("&f;")
    );
    for body in [bomb, file] {
        let message = fault(&caller.post("Product", &body), 500, "Client");
        assert_eq!(
            message,
            "The envelope has a document type, which SOAP bars."
        );
    }
}

#[test]
fn depth_number_and_size_are_bounded() {
    let caller = caller();
    let deep = envelope(&format!("{}{}", "<a>".repeat(5000), "</a>".repeat(5000)));
    let wide = envelope(&"<a/>".repeat(5000));
    let attributes: String = (0..5000).map(|at| format!(" a{at}=''")).collect();
    let bristling = envelope(&format!("<a{attributes}/>"));
    let message = "The envelope has too many elements or attributes, or has them too deep.";
    for body in [deep, wide, bristling] {
        assert_eq!(
            fault(&caller.post("Product", &body), 500, "Client"),
            message
        );
    }
    let long = search(&"a".repeat(64 * 1024));
    fault(&caller.post("Product", &long), 413, "Client");
    let huge = search(&"a".repeat(1024 * 1024));
    fault(&caller.post("Product", &huge), 413, "Client");
    assert_eq!(caller.post("Product", &search("a")).status, 200);
}

#[test]
fn bytes_that_are_no_text_are_a_fault() {
    let caller = caller();
    let mut request = format!(
        "POST /1/soap/Product HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: text/xml\r\n\
         SOAPAction: \"\"\r\nAuthorization: {}\r\nContent-Length: 4\r\n\r\n",
        caller.emulator.addr(),
        caller.bearer
    )
    .into_bytes();
    request.extend(b"\xff\xfe<\0");
    let answer = String::from_utf8(exchange(caller.emulator.addr(), &request)).unwrap();
    assert!(answer.starts_with("HTTP/1.1 500 "));
    assert!(answer.contains("The envelope is not UTF-8."));
}

#[test]
fn the_action_has_to_be_there_and_to_fit() {
    let caller = caller();
    let body = search("a");
    let fits = format!("\"{NAMESPACE}/Product/Search\"");
    let bare = format!("{NAMESPACE}/Product/Search");
    for action in ["\"\"", "", &fits, &bare] {
        let headers = [MEDIA_TYPE, ("SOAPAction", action)];
        assert_eq!(
            caller.post_with("Product", &headers, &body).status,
            200,
            "{action}"
        );
    }
    let reply = caller.post_with("Product", &[MEDIA_TYPE], &body);
    assert_eq!(
        fault(&reply, 500, "Client"),
        "The header SOAPAction is missing."
    );
    let other = [MEDIA_TYPE, ("SOAPAction", "\"urn:other\"")];
    let message = fault(&caller.post_with("Product", &other, &body), 500, "Client");
    assert_eq!(
        message,
        "The SOAPAction is not that of the operation in the body."
    );
}

#[test]
fn another_media_type_service_or_method_is_refused_by_its_status() {
    let caller = caller();
    let body = search("a");
    for media_type in [
        "application/soap+xml",
        "application/json",
        "text/xml; charset=utf-16",
    ] {
        let headers = [("Content-Type", media_type), ("SOAPAction", "\"\"")];
        fault(&caller.post_with("Product", &headers, &body), 415, "Client");
    }
    fault(&caller.post("Nothing", &body), 404, "Client");
    assert_eq!(caller.post("product", &body).status, 200);
    for path in ["/1/soap/Product", "/1/soap/Product?wsdl=1"] {
        let reply = get(&caller.emulator, path, &[]);
        assert_eq!((reply.status, reply.header("allow")), (405, Some("POST")));
    }
    let reply = send(&caller.emulator, "PUT", "/1/soap/Product?wsdl", &[], "");
    assert_eq!(reply.status, 405);
    assert_eq!(
        get(&caller.emulator, "/1/soap/Nothing?wsdl", &[]).status,
        404
    );
}

#[test]
fn every_operation_is_described_in_the_wsdl_of_its_service() {
    let emulator = Emulator::builder().start().unwrap();
    let mut operations = 0;
    for (service, operation) in [
        ("Product", "DetailsByGLNAndProductcodeA"),
        ("TradeItem", "ForGLN"),
        ("ProductFilter", "GetFeatures"),
        ("Thumbnail", "Product"),
        ("Participant", "List"),
    ] {
        let path = |query: &str| format!("/1/soap/{service}?{query}");
        let wsdl = get(&emulator, &path("singleWsdl"), &[]);
        assert_eq!(wsdl.status, 200);
        assert_eq!(wsdl.header("content-type"), Some("text/xml; charset=utf-8"));
        for query in ["wsdl", "WSDL", "SingleWSDL"] {
            assert_eq!(get(&emulator, &path(query), &[]).body, wsdl.body, "{query}");
        }
        let text = wsdl.text();
        let action = format!("soapAction=\"{NAMESPACE}/{service}/{operation}\"");
        assert!(text.contains(&action), "{text}");
        let address = format!("location=\"{}/1/soap/{service}\"", emulator.url());
        assert!(text.contains(&address), "{text}");
        operations += text.matches("<soap:operation ").count();
    }
    assert_eq!(operations, 13);
    assert_eq!(emulator.counts().service_calls, 0);
}

#[test]
fn faults_of_the_plan_spoil_calls_by_soap_too() {
    let caller = caller();
    let next = |fault: &str| {
        let fault: Fault = fault.parse().unwrap();
        caller
            .emulator
            .add_fault(FaultRule::next(FaultPoint::Service, fault));
        caller.post("Product", &search("kabelgoot"))
    };
    let reply = next("status:503");
    assert_eq!((reply.status, reply.text()), (503, ""));
    let reply = next("retry-after:7");
    assert_eq!(
        (reply.status, reply.header("retry-after")),
        (503, Some("7"))
    );
    assert!(next("html-200").text().starts_with("<!DOCTYPE html>"));
    let cut = next("half-body");
    assert!(!cut.is_whole() && cut.text().starts_with("<?xml"));
    assert!(next("bom").body.starts_with(b"\xef\xbb\xbf<?xml"));
    assert_eq!(caller.post("Product", &search("kabelgoot")).status, 200);
    assert_eq!(caller.emulator.counts().service_calls, 6);
}
