//! Questions with types, over SOAP.

use super::*;
use crate::question::{ProductAttachments, ProductSearch, Thumbnail};

fn described(service: &str, operation: &str) -> SoapDescription {
    let wsdl = format!(
        "<d:definitions targetNamespace='urn:a' xmlns:d='http://schemas.xmlsoap.org/wsdl/' \
         xmlns:s='http://schemas.xmlsoap.org/wsdl/soap/'><d:binding><s:binding/>\
         <d:operation name='{operation}'><s:operation soapAction='urn:a/{operation}'/>\
         </d:operation></d:binding></d:definitions>"
    );
    let asked = SoapDescription::of(service).unwrap();
    asked.judge(&Response::new(wsdl.into())).unwrap()
}

fn answered(operation: &str, result: &str) -> Response<Vec<u8>> {
    let envelope = format!(
        "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body>\
         <{operation}Response xmlns='urn:a'><{operation}Result>{result}</{operation}Result>\
         </{operation}Response></s:Body></s:Envelope>"
    );
    Response::new(envelope.into())
}

#[test]
fn a_question_is_written_as_the_service_describes_it() {
    let asked = ProductAttachments::new(7_u64).with_types(vec!["PPI".to_owned(), "<".to_owned()]);
    let soap = Soap::new(asked, &described("Product", "AttachmentsA")).unwrap();
    let request = soap.request(&Provider::two_ba()).unwrap();
    assert_eq!(request.headers()["soapaction"], "\"urn:a/AttachmentsA\"");
    let body = String::from_utf8(request.into_body()).unwrap();
    let expected = "<AttachmentsA xmlns=\"urn:a\"><id>7</id><filterTypes><string>PPI</string>\
                    <string>&lt;</string></filterTypes></AttachmentsA>";
    assert!(body.contains(expected), "{body}");
    let files = "<Attachment><URL>x</URL></Attachment><Attachment/>";
    let found = soap.judge(&answered("AttachmentsA", files)).unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].url.as_deref(), Some("x"));
    assert_eq!(Soap::<ProductSearch>::service(), "Product");
    let other = Soap::new(ProductSearch::new("x"), &described("Product", "Other"));
    assert_eq!(other, Err(CallError::UnknownOperation));
}

#[test]
fn a_picture_comes_as_base64() {
    let description = described("Thumbnail", "Product");
    let soap = Soap::new(Thumbnail::new("1", "a"), &description).unwrap();
    let picture = soap.judge(&answered("Product", "R0l\n G\t")).unwrap();
    assert_eq!(
        (&*picture.media_type, &*picture.bytes),
        (Picture::ANY, b"GIF".as_slice())
    );
    for bad in ["", "?", "R0lG=", "<x/>"] {
        assert!(soap.judge(&answered("Product", bad)).is_err(), "{bad}");
    }
}
