//! Descriptions, as .NET writes them and as others might.

use super::*;

const WSDL: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<wsdl:definitions name="Product" targetNamespace="urn:service"
    xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/"
    xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
    xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/"
    xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <wsdl:types>
    <xs:schema targetNamespace="urn:other"><xs:element name="Other"/></xs:schema>
    <xs:schema targetNamespace="urn:contract"><xs:element name="Search"/></xs:schema>
  </wsdl:types>
  <wsdl:binding name="Twelve"><soap12:binding/>
    <wsdl:operation name="Wrong"/></wsdl:binding>
  <wsdl:binding name="Eleven"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>
    <wsdl:operation name="Search"><soap:operation soapAction="urn:contract/IProduct/Search"/>
    </wsdl:operation>
    <wsdl:operation name="Details"/>
    <wsdl:operation name="not a name"/>
    <wsdl:operation/>
  </wsdl:binding>
</wsdl:definitions>"#;

fn judge(status: u16, body: &str) -> Result<SoapDescription, ServiceError> {
    let mut response = Response::new(body.into());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
    SoapDescription::of("Product").unwrap().judge(&response)
}

#[test]
fn operations_are_those_of_the_binding_to_soap_1_1() {
    let description = judge(200, WSDL).unwrap();
    assert_eq!(description.service(), "Product");
    assert_eq!(
        description.operations().collect::<Vec<_>>(),
        ["Search", "Details"]
    );
    let search = description.operation("SEARCH").unwrap();
    assert_eq!(search.namespace, "urn:contract");
    assert_eq!(search.action, "urn:contract/IProduct/Search");
    let details = description.operation("Details").unwrap();
    assert_eq!((&*details.namespace, &*details.action), ("urn:service", ""));
    assert_eq!(description.operation("Wrong"), None);
    assert_eq!(description.nearest("Serach"), Some("Search"));
    assert_eq!(description.nearest("Participants"), None);
}

#[test]
fn what_describes_nothing_is_refused() {
    let bare = WSDL.replace("soap:binding", "soap12:binding");
    let empty = WSDL.replace("wsdl:operation", "wsdl:documentation");
    for text in ["<definitions/>", "<html/>", &bare, &empty] {
        let error = judge(200, text).unwrap_err();
        let expected = ServiceErrorKind::NotSoap(SoapError::NotADescription);
        assert_eq!(error.kind, expected, "{text}");
    }
    assert_eq!(
        judge(404, WSDL).unwrap_err().kind,
        ServiceErrorKind::Refused
    );
    assert_eq!(SoapDescription::of("../x"), Err(CallError::Operation));
    let request = SoapDescription::of("Product").unwrap();
    let request = request.request(&Provider::two_ba()).unwrap();
    assert_eq!(
        request.uri(),
        "https://api.2ba.nl/1/soap/Product?SingleWsdl"
    );
}
