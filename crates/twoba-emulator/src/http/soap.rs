//! Decides how the services are called by SOAP 1.1; what they find is decided by `products`.
//!
//! 2BA documents the address, the WSDL's and the name of one operation, and no message: the
//! namespaces, actions and types are this emulator's own. Whoever reads the WSDL need not know.

mod envelope;
mod fault;
mod wsdl;
mod xml;

use base64ct::{Base64, Encoding};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderName, WWW_AUTHENTICATE};
use hyper::{HeaderMap, Method, Request};
use serde_json::Value;

use super::answer::Answer;
use super::bearer;
use super::damage::{Outcome, play};
use super::request::{self, only};
use crate::products::{Found, Function, Problem};
use crate::world::Shared;
use envelope::Call;
use fault::Fault;

/// The version that is spoken here.
const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";
/// Of all messages and types.
const NAMESPACE: &str = "urn:twoba-emulator:1";
const XML: &str = "text/xml; charset=utf-8";
const SOAP_ACTION: HeaderName = HeaderName::from_static("soapaction");

/// The largest envelope that is read; what a function can be asked fits many times.
const MAX_ENVELOPE: usize = 64 * 1024;

/// What `SOAPAction` says for a function.
fn action(function: &Function) -> String {
    let (service, operation) = (function.service(), function.operation());
    format!("{NAMESPACE}/{service}/{operation}")
}

pub(super) async fn handle(shared: &Shared, name: &str, request: Request<Incoming>) -> Outcome {
    let service = Function::of_service(name);
    if *request.method() != Method::POST {
        return Outcome::Answer(description(shared, &service, &request));
    }
    let (head, body) = request.into_parts();
    let call = match request::body(body).await {
        Ok(body) => read(&head.headers, &service, &body),
        Err(refusal) => Call::unreadable(http_fault(refusal.status(), refusal.description())),
    };
    let fault = shared
        .world()
        .service_call(call.function.map(|function| function.name));
    // A service changes nothing, so a made-up answer is the real one.
    play(fault, |_work| answer(shared, &head.headers, call)).await
}

fn read(headers: &HeaderMap, service: &[&'static Function], body: &[u8]) -> Call {
    if service.is_empty() {
        let problem = Problem::unknown_function();
        return Call::unreadable(Fault::with_status_of_problem(problem));
    }
    if !is_xml(headers) {
        return Call::unreadable(http_fault(415, "the content type is not text/xml in UTF-8"));
    }
    if body.len() > MAX_ENVELOPE {
        return Call::unreadable(http_fault(413, "the envelope is over 64 KiB"));
    }
    // SOAP 1.1 section 6.1.1: the header is a must, and empty where the URL says it all.
    let Some(action) = only(headers, &SOAP_ACTION) else {
        let message = "The header SOAPAction is missing.";
        return Call::unreadable(Fault::client(Problem::bad_request(message)));
    };
    Call::read(body, service, action.trim().trim_matches('"'))
}

fn is_xml(headers: &HeaderMap) -> bool {
    let Some(declared) = only(headers, &CONTENT_TYPE) else {
        return false;
    };
    let mut parts = declared.split(';').map(str::trim);
    let is_xml = parts
        .next()
        .is_some_and(|media| media.eq_ignore_ascii_case("text/xml"));
    is_xml
        && parts.all(|parameter| match parameter.split_once('=') {
            Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
                value.trim_matches('"').eq_ignore_ascii_case("utf-8")
            }
            Some(_) | None => true,
        })
}

/// A fault for what HTTP has a status of its own for.
fn http_fault(status: u16, message: &str) -> Fault {
    Fault::with_status_of_problem(Problem {
        status,
        ..Problem::bad_request(format!("The request is refused: {message}."))
    })
}

fn answer(shared: &Shared, headers: &HeaderMap, call: Call) -> Answer {
    if let Err(reason) = bearer::admit(shared, call.function, headers) {
        let (problem, challenge) = bearer::refusal(reason);
        return Fault::with_status_of_problem(problem)
            .answer()
            .with(WWW_AUTHENTICATE, challenge);
    }
    match (call.function, call.arguments) {
        (_, Err(fault)) => fault.answer(),
        (None, Ok(_)) => Fault::client(Problem::unknown_function()).answer(),
        (Some(function), Ok(arguments)) => match result(function.call(&shared.url, arguments)) {
            Ok(result) => {
                let body = envelope::response(function, &result);
                Answer::media(200, XML, envelope::envelope(&body))
            }
            Err(problem) => Fault::of(problem).answer(),
        },
    }
}

fn result(found: Result<Found, Problem>) -> Result<Value, Problem> {
    match found? {
        Found::Document(json) => serde_json::from_str(&json).map_err(|_| Problem::internal()),
        Found::Picture(bytes) => Ok(Value::String(Base64::encode_string(&bytes))),
    }
}

/// The WSDL: for everybody, as there is nothing secret in it.
fn description<T>(shared: &Shared, service: &[&'static Function], request: &Request<T>) -> Answer {
    let query = request.uri().query().unwrap_or_default();
    let asked = ["wsdl", "singleWsdl"];
    let asked = asked.iter().any(|name| query.eq_ignore_ascii_case(name));
    if service.is_empty() {
        Answer::not_found()
    } else if !asked {
        Answer::method_not_allowed("POST")
    } else {
        Answer::reading(request, || {
            Answer::media(200, XML, wsdl::document(&shared.url, service))
        })
    }
}
