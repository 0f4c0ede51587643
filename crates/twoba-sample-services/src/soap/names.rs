//! The names in envelopes and in their description. All but SOAP's own are this crate's.

use crate::products::{Function, Kind};

/// The namespace of the supported version.
pub(super) const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
pub(super) const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";
/// The namespace of all messages and types.
pub(super) const NAMESPACE: &str = "urn:twoba-emulator:1";

/// The media type of envelopes.
pub(super) const XML: &str = "text/xml; charset=utf-8";

/// The `SOAPAction` of a function.
pub(super) fn action(function: &Function) -> String {
    let (service, operation) = (function.service(), function.operation());
    format!("{NAMESPACE}/{service}/{operation}")
}

/// The name of an item in a list.
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
