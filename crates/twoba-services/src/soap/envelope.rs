//! Envelopes: written around an operation, and taken apart into an answer or a fault.

use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri, header};
use quick_xml::escape::minimal_escape;
use twoba_core::{Endpoint, is_json};

use super::xml::{self, Element, SOAP, Space};
use crate::error::{CallError, ServiceError, ServiceErrorKind};
use crate::json::below;
use crate::question::Value;
use crate::refusal::{self, Said, shown};
use crate::soap_error::SoapError;

/// An envelope around the element of an operation.
pub(super) fn around(operation: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\
         <s:Envelope xmlns:s=\"{SOAP}\"><s:Body>{operation}</s:Body></s:Envelope>"
    )
}

/// The element of an operation, with its parameters in order.
pub(super) fn operation(
    name: &str,
    namespace: &str,
    parameters: &[(String, Value)],
) -> Result<String, CallError> {
    let mut out = format!("<{name} xmlns=\"{}\">", escaped(namespace)?);
    for (name, value) in parameters {
        element(&mut out, name, value)?;
    }
    out.push_str(&format!("</{name}>"));
    Ok(out)
}

fn element(out: &mut String, name: &str, value: &Value) -> Result<(), CallError> {
    if !is_name(name) {
        return Err(CallError::Operation);
    }
    out.push_str(&format!("<{name}>"));
    match value {
        Value::Plain(text) => out.push_str(&escaped(text)?),
        Value::Number(number) => out.push_str(number.as_str()),
        Value::Texts(texts) => {
            for text in texts {
                out.push_str(&format!("<string>{}</string>", escaped(text)?));
            }
        }
        Value::Records(record, records) => {
            for members in records {
                out.push_str(&format!("<{record}>"));
                for (name, value) in members {
                    element(out, name, value)?;
                }
                out.push_str(&format!("</{record}>"));
            }
        }
    }
    out.push_str(&format!("</{name}>"));
    Ok(())
}

fn escaped(text: &str) -> Result<String, CallError> {
    if !text.chars().all(xml::is_character) {
        return Err(CallError::Character);
    }
    // A bare carriage return would arrive as a line feed.
    let escaped = minimal_escape(text).replace('\r', "&#13;");
    Ok(escaped.replace('"', "&quot;"))
}

/// Whether it can be the name of a service, an operation or a parameter.
pub(super) fn is_name(name: &str) -> bool {
    let starts = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    name.bytes().next().is_some_and(starts)
        && name.len() <= 128
        && name
            .bytes()
            .all(|byte| starts(byte) || byte.is_ascii_digit() || byte == b'-')
}

/// The address of a service.
pub(super) fn address(
    base: Option<&Endpoint>,
    service: &str,
    query: &str,
) -> Result<Uri, CallError> {
    let base = base.ok_or(CallError::NoSoapBase)?;
    let uri = format!("{}{query}", below(base, service));
    uri.parse().map_err(|_| CallError::TooLong)
}

/// A request that calls an operation.
pub(super) fn request(
    uri: Uri,
    action: &str,
    envelope: String,
) -> Result<Request<Vec<u8>>, CallError> {
    let mut request = Request::new(envelope.into_bytes());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = uri;
    let headers = request.headers_mut();
    let xml = HeaderValue::from_static("text/xml; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, xml);
    headers.insert(header::ACCEPT, HeaderValue::from_static("text/xml"));
    // SOAP 1.1 section 6.1.1: the header has to be there, and its value is quoted.
    let action =
        HeaderValue::try_from(format!("\"{action}\"")).map_err(|_| CallError::Character)?;
    headers.insert("soapaction", action);
    Ok(request)
}

/// The one element in the body of a successful answer; a fault is an error.
pub(super) fn answer(response: &Response<Vec<u8>>) -> Result<Element, ServiceError> {
    let status = response.status();
    let not_soap = |error| ServiceError::bare(ServiceErrorKind::NotSoap(error), status.as_u16());
    let found = match body(response.body()) {
        Ok(element) if element.is(Space::Soap, "Fault") => {
            return Err(of_fault(&element, status.as_u16()).of_answer(response.headers()));
        }
        Ok(element) if status.is_success() => return Ok(element),
        Ok(_) => SoapError::NoAnswer,
        Err(error) => error,
    };
    let error = if status.is_success() {
        not_soap(found)
    } else {
        refusal::error(
            status.as_u16(),
            said_as_json(response.headers(), response.body()),
            ServiceErrorKind::NotSoap(found),
        )
    };
    Err(error.of_answer(response.headers()))
}

/// What stands before the services may answer with JSON.
fn said_as_json(headers: &HeaderMap, body: &[u8]) -> Option<Said> {
    is_json(headers)
        .then(|| serde_json::from_slice(body).ok())
        .flatten()
        .as_ref()
        .map(Said::by)
}

fn body(bytes: &[u8]) -> Result<Element, SoapError> {
    let envelope = xml::parse(bytes)?;
    // SOAP 1.1 section 4.1.2: another namespace is another version.
    if !envelope.is(Space::Soap, "Envelope") {
        return Err(SoapError::NotAnEnvelope);
    }
    let mut bodies = envelope
        .children
        .into_iter()
        .filter(|part| part.is(Space::Soap, "Body"));
    let (Some(body), None) = (bodies.next(), bodies.next()) else {
        return Err(SoapError::NotAnEnvelope);
    };
    let mut inside = body.children.into_iter();
    match (inside.next(), inside.next()) {
        (Some(element), None) => Ok(element),
        (Some(_) | None, _) => Err(SoapError::NoAnswer),
    }
}

/// A fault says in its detail what 2BA's error object says in JSON (inferred: it is what the emulator does),
/// else by `faultcode` and `faultstring` (SOAP 1.1 section 4.4).
fn of_fault(fault: &Element, status: u16) -> ServiceError {
    let text = |parent: &Element, name: &str| {
        let found = parent.below(name)?;
        Some(shown(found.text.trim())).filter(|text| !text.is_empty())
    };
    let detail = fault.children.iter().find(|part| &*part.name == "detail");
    let in_detail = |name: &str| detail.and_then(|detail| text(detail, name));
    let code = text(fault, "faultcode");
    let code = code.map(|code| match code.rsplit_once(':') {
        Some((_, local)) => local.to_owned(),
        None => code,
    });
    let is_theirs = code.as_deref().is_some_and(|code| {
        // The classes may be refined behind a dot.
        code.split('.').next() == Some("Server")
    });
    let said = in_detail("Status");
    let kind = match (status, said.as_deref()) {
        (401 | 403, _) | (_, Some("Unauthorized")) => ServiceErrorKind::Unauthorized,
        (408 | 425 | 429 | 502..=504, _) => ServiceErrorKind::Unavailable,
        (_, Some("InternalServerError")) => ServiceErrorKind::Fault,
        (_, _) if is_theirs => ServiceErrorKind::Fault,
        (_, _) => ServiceErrorKind::Refused,
    };
    ServiceError {
        status_text: said.or(code),
        message: in_detail("ErrorMessage").or_else(|| text(fault, "faultstring")),
        ..ServiceError::bare(kind, status)
    }
}

#[cfg(test)]
mod tests;
