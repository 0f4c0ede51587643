//! Answers and faults of SOAP.

use super::*;

fn response(status: u16, body: impl Into<Vec<u8>>) -> Response<Vec<u8>> {
    let mut response = Response::new(body.into());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
    response
}

fn refused(status: u16, body: &str) -> ServiceError {
    answer(&response(status, body)).unwrap_err()
}

#[test]
fn the_body_holds_one_answer() {
    let element = answer(&response(200, around("<a>1</a>"))).unwrap();
    assert_eq!((&*element.name, &*element.text), ("a", "1"));
    let other = around("<a/>").replace("soap/envelope", "soap/envelope2");
    for (body, error) in [
        (around(""), SoapError::NoAnswer),
        (around("<a/><b/>"), SoapError::NoAnswer),
        ("<a/>".to_owned(), SoapError::NotAnEnvelope),
        (other, SoapError::NotAnEnvelope),
        (around("<a>"), SoapError::Malformed),
        ("<!DOCTYPE a><a/>".to_owned(), SoapError::DocumentType),
        ("<html>".to_owned(), SoapError::Malformed),
    ] {
        assert_eq!(
            refused(200, &body).kind,
            ServiceErrorKind::NotSoap(error),
            "{body}"
        );
    }
    let error = refused(200, "<r>&secret;</r>");
    assert_eq!(
        error.to_string(),
        "the service's answer is not the SOAP asked for: it refers to an entity that XML does not \
         have by itself (status 200)"
    );
}

fn fault(code: &str, detail: &str) -> String {
    around(&format!(
        "<s:Fault><faultcode>{code}</faultcode><faultstring xml:lang='en'>no&#9;pe</faultstring>\
         {detail}</s:Fault>"
    ))
}

/// The detail of a fault, with this word for the status.
fn object(status: &str) -> String {
    format!(
        "<detail><e:ErrorDocument xmlns:e='urn:e'><e:IsError>true</e:IsError>\
         <e:ErrorMessage>because</e:ErrorMessage><e:Status>{status}</e:Status>\
         </e:ErrorDocument></detail>"
    )
}

#[test]
fn a_fault_is_told_by_its_detail_else_by_its_code() {
    use ServiceErrorKind::{Fault, Refused, Unauthorized, Unavailable};
    for (status, code, detail, kind) in [
        (500, "s:Client", "BadRequest", Refused),
        (500, "s:Client", "Unauthorized", Unauthorized),
        (500, "a:Own", "InternalServerError", Fault),
    ] {
        let error = refused(status, &fault(code, &object(detail)));
        assert_eq!(error.kind, kind, "{status} {code}");
    }
    for (status, code, kind) in [
        (401, "s:Client", Unauthorized),
        (500, "s:Server", Fault),
        (500, "s:Server.Memory", Fault),
        (500, "s:VersionMismatch", Refused),
        (200, "s:Client", Refused),
        (503, "s:Server", Unavailable),
    ] {
        let error = refused(status, &fault(code, ""));
        assert_eq!(error.kind, kind, "{status} {code}");
    }
    assert_eq!(
        refused(500, &fault("s:Client", &object("BadRequest"))).to_string(),
        "the service refuses the request (status 500, BadRequest: because)"
    );
    assert_eq!(
        refused(500, &fault("s:Server", "")).to_string(),
        "the service has a fault (status 500, Server: nope)"
    );
}

#[test]
fn without_an_envelope_the_status_counts() {
    for (status, kind) in [
        (401, ServiceErrorKind::Unauthorized),
        (404, ServiceErrorKind::Refused),
        (429, ServiceErrorKind::Unavailable),
        (500, ServiceErrorKind::Fault),
        (502, ServiceErrorKind::Unavailable),
    ] {
        assert_eq!(refused(status, "<html>").kind, kind);
        assert_eq!(refused(status, &around("<a/>")).kind, kind);
    }
    let mut json = response(
        401,
        r#"{"IsError":true,"ErrorMessage":"x","Status":"Unauthorized"}"#,
    );
    let media_type = HeaderValue::from_static("application/json");
    json.headers_mut().insert(header::CONTENT_TYPE, media_type);
    assert_eq!(answer(&json).unwrap_err().message.as_deref(), Some("x"));
    let mut encoded = response(200, "\x1f");
    let coding = HeaderValue::from_static("br");
    encoded
        .headers_mut()
        .insert(header::CONTENT_ENCODING, coding);
    assert_eq!(
        answer(&encoded).unwrap_err().kind,
        ServiceErrorKind::Encoded
    );
}

#[test]
fn what_is_sent_is_escaped_and_named() {
    let plain = |name: &str, text: &str| {
        operation(
            "Search",
            "urn:\"a",
            &[(name.to_owned(), Value::Plain(text.to_owned()))],
        )
    };
    let text = "a<b>&c\r\n\"d\"";
    let sent = plain("query", text).unwrap();
    let read = xml::parse(sent.as_bytes()).unwrap();
    assert_eq!(read.children[0].text, text);
    assert_eq!(plain("query", "\u{1}"), Err(CallError::Character));
    for bad in ["", "1a", "a b", "a>", "s:a", "\u{e9}", &"a".repeat(129)] {
        assert_eq!(plain(bad, ""), Err(CallError::Operation), "{bad}");
    }
}
