//! The interface of SOAP 1.1. `products` finds the data.
//!
//! 2BA documents the address, that of the WSDL, and the name of one operation, but no message. The
//! namespaces, actions and types are this emulator's own. A client that reads the WSDL need not
//! know them.

mod call;
mod envelope;
mod fault;
mod names;
mod wsdl;
mod xml;

use base64ct::{Base64, Encoding};
use http::Method;
use http::header::{CONTENT_TYPE, HeaderName};
use serde_json::Value;

use crate::answer::Answer;
use crate::mount::{Asked, Head, Missing, Step, Subject, Then, Unread, Work};
use crate::products::{self, Found, Function, Problem};
use call::Call;
use fault::Fault;
use names::XML;

const SOAP_ACTION: HeaderName = HeaderName::from_static("soapaction");

/// The largest envelope that is read. The arguments of every function fit into it many times.
const MAX_ENVELOPE: usize = 64 * 1024;

/// Begins to answer a request to the service of this name. Links in the answer begin with `url`.
pub(crate) fn begin<'r>(url: &'r str, name: &str, head: Head<'r>) -> Result<Step<'r>, Missing> {
    let service = Function::of_service(name);
    if *head.method != Method::POST {
        return description(url, &service, head);
    }
    Ok(Step::Body(Then::new(
        move |body: Result<Vec<u8>, Unread>| {
            let call = match body {
                Ok(body) => read(head, &service, &body),
                Err(unread) => Call::unreadable(http_fault(unread.status, unread.reason)),
            };
            Asked {
                subject: Subject::Function(call.function.map(|function| function.name)),
                work: work(url, call),
            }
        },
    )))
}

fn work(url: &str, call: Call) -> Work<'_> {
    let proof = products::proof(call.function);
    let then = move |verdict| match verdict {
        Ok(_) => answer(url, call),
        Err(reason) => Fault::with_status_of_problem(Problem::unauthorized(reason)).answer(),
    };
    Work::Judge(proof, Then::new(then))
}

fn read(head: Head<'_>, service: &[&'static Function], body: &[u8]) -> Call {
    if service.is_empty() {
        let problem = Problem::unknown_function();
        return Call::unreadable(Fault::with_status_of_problem(problem));
    }
    if !is_xml(head) {
        return Call::unreadable(http_fault(415, "the content type is not text/xml in UTF-8"));
    }
    if body.len() > MAX_ENVELOPE {
        return Call::unreadable(http_fault(413, "the envelope is over 64 KiB"));
    }
    // SOAP 1.1 section 6.1.1: the header is a must, and empty where the URL says it all.
    let Some(action) = head.only(&SOAP_ACTION) else {
        let message = "The header SOAPAction is missing.";
        return Call::unreadable(Fault::client(Problem::bad_request(message)));
    };
    Call::read(body, service, action.trim().trim_matches('"'))
}

fn is_xml(head: Head<'_>) -> bool {
    let Some(declared) = head.only(&CONTENT_TYPE) else {
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

/// A fault for a problem that has an HTTP status of its own.
fn http_fault(status: u16, message: &str) -> Fault {
    Fault::with_status_of_problem(Problem {
        status,
        ..Problem::bad_request(format!("The request is refused: {message}."))
    })
}

fn answer(url: &str, call: Call) -> Answer {
    match (call.function, call.arguments) {
        (_, Err(fault)) => fault.answer(),
        (None, Ok(_)) => Fault::client(Problem::unknown_function()).answer(),
        (Some(function), Ok(arguments)) => match result(function.call(url, arguments)) {
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
        Found::Picture(bytes) => Ok(Value::String(Base64::encode_string(bytes))),
    }
}

/// The WSDL. It is open to everybody, because it holds no secret.
fn description<'r>(
    url: &str,
    service: &[&'static Function],
    head: Head<'r>,
) -> Result<Step<'r>, Missing> {
    if service.is_empty() {
        return Err(Missing::Path);
    }
    if !asks_for_a_description(head) {
        return Err(Missing::Method("POST"));
    }
    head.reading()?;
    let answer = Answer::media(200, XML, wsdl::document(url, service));
    Ok(Step::open_page(answer))
}

fn asks_for_a_description(head: Head<'_>) -> bool {
    let Ok(query) = head.query else {
        return false;
    };
    let mut parameters = query.iter();
    let asked = ["wsdl", "singleWsdl"];
    match (parameters.next(), parameters.next()) {
        (Some((name, "")), None) => asked.iter().any(|asked| name.eq_ignore_ascii_case(asked)),
        (Some(_) | None, _) => false,
    }
}
