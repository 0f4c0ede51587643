//! The names that envelopes and their description are made of; all but SOAP's own are this crate's.

use crate::products::{Function, Kind};

/// The version that is spoken here.
pub(super) const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
pub(super) const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";
/// Of all messages and types.
pub(super) const NAMESPACE: &str = "urn:twoba-emulator:1";

/// The media type of envelopes.
pub(super) const XML: &str = "text/xml; charset=utf-8";

/// What `SOAPAction` says for a function.
pub(super) fn action(function: &Function) -> String {
    let (service, operation) = (function.service(), function.operation());
    format!("{NAMESPACE}/{service}/{operation}")
}

/// What an item of a list is called.
pub(super) const fn item_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Record(shape) => shape.name,
        Kind::Whole => "long",
        Kind::Decimal => "decimal",
        Kind::Flag => "boolean",
        Kind::Picture => "base64Binary",
        Kind::Text | Kind::Optional(_) | Kind::List(_) => "string",
    }
}
