//! SOAP: what is read out of an answer stood in it, nothing grows, and a description's operations can be called.

use http::{Response, StatusCode};
use serde_json::Value;
use twoba_core::Provider;
use twoba_services::{
    Function, ProductSearch, ServiceError, ServiceErrorKind, Soap, SoapCall, SoapDescription,
    SoapError,
};

use crate::choice::pick;

/// Longest message, in characters: two of the service's texts and a clause of ours.
const MESSAGE_MAX: usize = 2 * 500 + 256;

/// Reads an answer: the first byte says of which status, and the rest is the body, read as a description,
/// as the answer to a call and as that to a question with a type.
///
/// # Panics
///
/// - more text comes out than went in, or comes out of a document type
/// - an operation that was described cannot be called
/// - an error is not fit to be printed
pub fn soap(data: &[u8]) {
    let Some((&choice, body)) = data.split_first() else {
        return;
    };
    let statuses = [
        StatusCode::OK,
        StatusCode::INTERNAL_SERVER_ERROR,
        StatusCode::UNAUTHORIZED,
    ];
    let Some(&status) = pick(&statuses, choice) else {
        return;
    };
    let mut response = Response::new(body.to_vec());
    *response.status_mut() = status;
    described(&response);
    let Ok(call) = SoapCall::new("Product", "Search", "urn:a") else {
        panic!("the name of an operation is refused");
    };
    let found = call.judge(&response);
    match &found {
        Ok(answer) => {
            assert!(status.is_success());
            assert!(!starts_with_a_document_type(body));
            assert_eq!(answer.as_bytes(), body);
            let texts = text(&answer.to_json());
            assert!(texts <= body.len(), "{texts} bytes out of {}", body.len());
        }
        Err(error) => printable(error),
    }
    let Some(asked) = question() else {
        panic!("a question is refused");
    };
    match (asked.judge(&response), found) {
        (Ok(answer), Ok(_)) => {
            // A description of a product is as long as it was.
            let texts: usize = answer
                .products
                .iter()
                .filter_map(|product| product.description.as_ref())
                .map(String::len)
                .sum();
            assert!(texts <= body.len());
        }
        (Ok(_), Err(_)) => panic!("a type is read out of what is no answer"),
        (Err(error), Ok(_)) => {
            assert_eq!(error.kind, ServiceErrorKind::NotSoap(SoapError::Unexpected));
        }
        (Err(error), Err(other)) => assert_eq!(error, other),
    }
    if let Ok(own) = call.with_xml(body) {
        assert!(!starts_with_a_document_type(body));
        assert!(own.request(&Provider::two_ba()).is_ok());
    }
}

fn question() -> Option<Soap<ProductSearch>> {
    let wsdl = "<d:definitions targetNamespace='urn:a' xmlns:d='http://schemas.xmlsoap.org/wsdl/'>\
                <d:binding><s:binding xmlns:s='http://schemas.xmlsoap.org/wsdl/soap/'/>\
                <d:operation name='Search'/></d:binding></d:definitions>";
    let asked = SoapDescription::of("Product").ok()?;
    let description = asked.judge(&Response::new(wsdl.into())).ok()?;
    Soap::new(ProductSearch::new("x"), &description).ok()
}

fn described(response: &Response<Vec<u8>>) {
    let Ok(asked) = SoapDescription::of("Product") else {
        panic!("the name of a service is refused");
    };
    match asked.judge(response) {
        Ok(description) => {
            assert!(!starts_with_a_document_type(response.body()));
            assert!(description.operations().count() > 0);
            for operation in description.operations() {
                assert!(operation.len() <= response.body().len());
                // The namespace and the action are the service's own words, and may be unfit for a header.
                assert!(SoapCall::described(&description, operation).is_ok());
            }
        }
        Err(error) => printable(&error),
    }
}

fn starts_with_a_document_type(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    text.trim_start_matches('\u{feff}')
        .trim_start()
        .starts_with("<!DOCTYPE")
}

/// How many bytes of text there are.
fn text(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(text).sum(),
        Value::Object(members) => members.values().map(text).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

pub(crate) fn printable(error: &ServiceError) {
    let message = error.to_string();
    assert!(message.chars().count() <= MESSAGE_MAX, "{message:?}");
    assert!(!message.chars().any(char::is_control), "{message:?}");
}
