//! SOAP 1.1: calls by name or by type, answers, faults, and what a service says of itself.
//!
//! 2BA documents that its services speak SOAP, where their descriptions are, and that the token goes into
//! an HTTP header. No message of theirs is published: names of elements, namespaces and actions are read
//! from the service's description, and everything else here is SOAP 1.1, or inferred from it.

mod call;
mod description;
mod envelope;
mod reader;
mod typed;
mod xml;

pub use call::{SoapAnswer, SoapCall};
pub use description::{SoapDescription, SoapDescriptionOf};
pub use typed::Soap;
