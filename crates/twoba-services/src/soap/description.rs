//! What a SOAP service says of itself by WSDL 1.1: its operations, their namespace and their actions.

use http::{Request, Response, header};
use twoba_core::Provider;

use super::envelope::{self, is_name};
use super::xml::{self, Element, Space};
use crate::error::{CallError, ServiceError, ServiceErrorKind};
use crate::function::Function;
use crate::known;
use crate::refusal;
use crate::soap_error::SoapError;

/// The description of a SOAP service, by WSDL 1.1.
///
/// 2BA documents where it is: at the service's address with `?SingleWsdl`. It is the same for everybody, so
/// that a program can keep it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoapDescription {
    service: String,
    operations: Vec<Operation>,
}

/// One operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Operation {
    pub(super) name: String,
    /// Of its elements.
    pub(super) namespace: String,
    pub(super) action: String,
}

impl SoapDescription {
    /// Makes the question for the description of a service, such as `Product`.
    ///
    /// # Errors
    ///
    /// - a name that is none: [`CallError::Operation`]
    pub fn of(service: impl Into<String>) -> Result<SoapDescriptionOf, CallError> {
        let service = service.into();
        if !is_name(&service) {
            return Err(CallError::Operation);
        }
        Ok(SoapDescriptionOf { service })
    }

    /// The service that it is of.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.service
    }

    /// The names of the operations, in the service's order.
    pub fn operations(&self) -> impl Iterator<Item = &str> {
        self.operations.iter().map(|operation| &*operation.name)
    }

    /// The operation that a mistyped name is nearest to.
    #[must_use]
    pub fn nearest(&self, mistyped: &str) -> Option<&str> {
        known::nearest(mistyped, self.operations())
    }

    pub(super) fn operation(&self, name: &str) -> Option<&Operation> {
        let exact = |operation: &&Operation| operation.name == name;
        let any_case = |operation: &&Operation| known::is_same(&operation.name, name);
        let operations = &self.operations;
        let found = operations.iter().find(exact);
        found.or_else(|| operations.iter().find(any_case))
    }

    /// Reads a description: the first binding to SOAP 1.1.
    fn read(service: &str, bytes: &[u8]) -> Result<Self, SoapError> {
        let root = xml::parse(bytes)?;
        if !root.is(Space::Wsdl, "definitions") {
            return Err(SoapError::NotADescription);
        }
        let is_bound = |part: &&Element| {
            part.is(Space::Wsdl, "binding")
                && part
                    .children
                    .iter()
                    .any(|child| child.is(Space::WsdlSoap, "binding"))
        };
        let binding = root.children.iter().find(is_bound);
        let binding = binding.ok_or(SoapError::NotADescription)?;
        let operations: Vec<_> = binding
            .children
            .iter()
            .filter(|part| part.is(Space::Wsdl, "operation"))
            .filter_map(|part| operation(&root, part))
            .collect();
        if operations.is_empty() {
            return Err(SoapError::NotADescription);
        }
        Ok(Self {
            service: service.to_owned(),
            operations,
        })
    }
}

fn operation(root: &Element, bound: &Element) -> Option<Operation> {
    let name = bound.attribute("name").filter(|name| is_name(name))?;
    let mut soap = bound.children.iter();
    let soap = soap.find(|part| part.is(Space::WsdlSoap, "operation"));
    let action = soap.and_then(|soap| soap.attribute("soapAction"));
    let namespace = namespace(root, name).or_else(|| root.attribute("targetNamespace"))?;
    Some(Operation {
        name: name.to_owned(),
        namespace: namespace.to_owned(),
        action: action.unwrap_or_default().to_owned(),
    })
}

/// The namespace of the schema that declares the operation's element.
fn namespace<'e>(root: &'e Element, operation: &str) -> Option<&'e str> {
    let declares = |schema: &&Element| {
        schema.is(Space::Schema, "schema")
            && schema.children.iter().any(|part| {
                part.is(Space::Schema, "element") && part.attribute("name") == Some(operation)
            })
    };
    let types = root
        .children
        .iter()
        .filter(|part| part.is(Space::Wsdl, "types"));
    let mut schemas = types.flat_map(|types| &types.children);
    schemas.find(declares)?.attribute("targetNamespace")
}

/// The question for the description of a SOAP service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoapDescriptionOf {
    service: String,
}

impl Function for SoapDescriptionOf {
    type Answer = SoapDescription;

    fn request(&self, provider: &Provider) -> Result<Request<Vec<u8>>, CallError> {
        let uri = envelope::address(provider.soap_base(), &self.service, "?SingleWsdl")?;
        let mut request = Request::new(Vec::new());
        *request.uri_mut() = uri;
        let xml = header::HeaderValue::from_static("text/xml");
        request.headers_mut().insert(header::ACCEPT, xml);
        Ok(request)
    }

    fn judge(&self, response: &Response<Vec<u8>>) -> Result<SoapDescription, ServiceError> {
        let status = response.status();
        let error = if status.is_success() {
            match SoapDescription::read(&self.service, response.body()) {
                Ok(description) => return Ok(description),
                Err(error) => ServiceError::bare(ServiceErrorKind::NotSoap(error), status.as_u16()),
            }
        } else {
            let unreadable = ServiceErrorKind::NotSoap(SoapError::NotADescription);
            refusal::error(status.as_u16(), None, unreadable)
        };
        Err(error.of_answer(response.headers()))
    }

    fn is_repeatable(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests;
