//! Reads an envelope: the called operation and its arguments.

use serde_json::{Map, Value};

use super::fault::Fault;
use super::names::{NAMESPACE, SOAP, action, item_name};
use super::xml::{self, Element};
use crate::products::{Function, Kind, Problem, Shape};

/// A call: the function, if it is known, and its arguments.
pub(super) struct Call {
    pub(super) function: Option<&'static Function>,
    pub(super) arguments: Result<Value, Fault>,
}

impl Call {
    /// A call that cannot be read.
    pub(super) const fn unreadable(fault: Fault) -> Self {
        Self {
            function: None,
            arguments: Err(fault),
        }
    }

    /// Reads an envelope that was sent to a service with this `SOAPAction`.
    pub(super) fn read(body: &[u8], service: &[&'static Function], soap_action: &str) -> Self {
        let operation = match operation(body) {
            Ok(operation) => operation,
            Err(fault) => return Self::unreadable(fault),
        };
        let named = |function: &&&'static Function| {
            operation.namespace == NAMESPACE && operation.name == function.operation()
        };
        let Some(function) = service.iter().find(named).copied() else {
            return Self::unreadable(Fault::client(Problem::unknown_function()));
        };
        let arguments = if soap_action.is_empty() || soap_action == action(function) {
            record(function.asks, &operation).map_err(Fault::client)
        } else {
            let message = "The SOAPAction is not that of the operation in the body.";
            Err(Fault::client(Problem::bad_request(message)))
        };
        Self {
            function: Some(function),
            arguments,
        }
    }
}

/// The one element in the body.
fn operation(body: &[u8]) -> Result<Element, Fault> {
    let bad = |message: String| Fault::client(Problem::bad_request(message));
    let envelope = xml::parse(body).map_err(|why| bad(format!("The envelope {why}.")))?;
    if envelope.name != "Envelope" {
        return Err(bad("The root is not an envelope.".into()));
    }
    // SOAP 1.1 section 4.1.2: another namespace is another version.
    if envelope.namespace != SOAP {
        return Err(Fault::version_mismatch());
    }
    let mut parts = envelope.children.into_iter().peekable();
    if let Some(header) = parts.next_if(|part| is_soap(part, "Header")) {
        // SOAP 1.1 section 4.2.3: what must be understood and is not leads to this fault.
        if header.children.iter().any(|entry| entry.must_be_understood) {
            return Err(Fault::must_understand());
        }
    }
    let body = parts.next().filter(|part| is_soap(part, "Body"));
    let mut operations = body.map(|body| body.children).unwrap_or_default();
    match (operations.pop(), operations.is_empty()) {
        (Some(operation), true) => Ok(operation),
        (Some(_), false) | (None, _) => Err(bad(
            "The envelope has no body with exactly one operation.".into(),
        )),
    }
}

fn is_soap(element: &Element, name: &str) -> bool {
    element.namespace == SOAP && element.name == name
}

/// Reads the members of a record, in any order.
fn record(shape: &Shape, element: &Element) -> Result<Value, Problem> {
    let mut values = Map::new();
    for child in &element.children {
        let Some(member) = shape
            .members
            .iter()
            .find(|member| member.name == child.name && child.namespace == NAMESPACE)
        else {
            let message = "The body holds an element that the operation does not know.";
            return Err(Problem::bad_request(message));
        };
        if child.is_nil {
            continue;
        }
        let (kind, _) = member.kind.required();
        let value =
            value(kind, child).ok_or_else(|| Problem::wrong(member.name, kind.expected()))?;
        // As in a query, an empty text counts as absent.
        if value != Value::String(String::new())
            && values.insert(member.name.to_owned(), value).is_some()
        {
            let message = format!("The parameter {} occurs more than once.", member.name);
            return Err(Problem::bad_request(message));
        }
    }
    let missing = shape
        .members
        .iter()
        .find(|member| member.kind.required().1 && !values.contains_key(member.name));
    match missing {
        Some(member) => Err(Problem::missing(member.name)),
        None => Ok(Value::Object(values)),
    }
}

fn value(kind: Kind, element: &Element) -> Option<Value> {
    let value = match kind {
        Kind::List(item) => {
            let items = element.children.iter().map(|child| {
                (child.name == item_name(*item) && child.namespace == NAMESPACE)
                    .then(|| value(*item, child))?
            });
            Value::Array(items.collect::<Option<_>>()?)
        }
        Kind::Record(shape) => record(shape, element).ok()?,
        Kind::Optional(kind) => return value(*kind, element),
        Kind::Text | Kind::Whole | Kind::Decimal | Kind::Flag | Kind::Picture => {
            if !element.children.is_empty() {
                return None;
            }
            scalar(kind, &element.text)?
        }
    };
    kind.fits(&value).then_some(value)
}

/// Reads the lexical forms of XML Schema part 2 that JSON has too.
fn scalar(kind: Kind, text: &str) -> Option<Value> {
    match (kind, text.trim()) {
        (Kind::Text, _) => Some(Value::String(text.to_owned())),
        (Kind::Flag, "true" | "1") => Some(Value::Bool(true)),
        (Kind::Flag, "false" | "0") => Some(Value::Bool(false)),
        (Kind::Whole | Kind::Decimal, number) => serde_json::from_str(number).ok(),
        (_, _) => None,
    }
}
