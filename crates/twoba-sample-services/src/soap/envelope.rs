//! Writes an envelope around a function's result.

use quick_xml::escape::minimal_escape;
use serde_json::Value;

use super::names::{NAMESPACE, SCHEMA_INSTANCE, SOAP, item_name};
use crate::products::{Function, Kind};

/// An envelope around this body.
pub(super) fn envelope(body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\
         <s:Envelope xmlns:s=\"{SOAP}\"><s:Body>{body}</s:Body></s:Envelope>"
    )
}

/// The body of an operation's response.
pub(super) fn response(function: &Function, result: &Value) -> String {
    let operation = function.operation();
    let mut body =
        format!("<{operation}Response xmlns=\"{NAMESPACE}\" xmlns:i=\"{SCHEMA_INSTANCE}\">");
    write(
        &mut body,
        &format!("{operation}Result"),
        function.gives,
        result,
    );
    body.push_str(&format!("</{operation}Response>"));
    body
}

/// Writes one element of this kind.
pub(super) fn write(out: &mut String, name: &str, kind: Kind, value: &Value) {
    if value.is_null() {
        out.push_str(&format!("<{name} i:nil=\"true\"/>"));
        return;
    }
    out.push_str(&format!("<{name}>"));
    match (kind, value) {
        (Kind::Optional(kind), value) => content(out, *kind, value),
        (kind, value) => content(out, kind, value),
    }
    out.push_str(&format!("</{name}>"));
}

fn content(out: &mut String, kind: Kind, value: &Value) {
    match (kind, value) {
        (Kind::Record(shape), Value::Object(object)) => {
            for member in shape.members {
                let value = object.get(member.name).unwrap_or(&Value::Null);
                write(out, member.name, member.kind, value);
            }
        }
        (Kind::List(kind), Value::Array(items)) => {
            for item in items {
                write(out, item_name(*kind), *kind, item);
            }
        }
        (_, Value::String(text)) => out.push_str(&minimal_escape(text.as_str())),
        (_, plain) => out.push_str(&plain.to_string()),
    }
}
