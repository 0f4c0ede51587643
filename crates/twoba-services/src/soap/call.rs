//! Any operation of any SOAP service, by its name or with XML of the caller's own.

use http::{Request, Response};
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use twoba_core::Provider;

use super::description::SoapDescription;
use super::envelope::{self, is_name};
use super::reader::{Node, Unfit, to_value};
use super::xml::{self, Element, Space};
use crate::error::{CallError, ServiceError, ServiceErrorKind};
use crate::function::Function;
use crate::question::Value;
use crate::soap_error::SoapError;

/// A call of one operation of a SOAP service.
///
/// ```
/// use twoba_core::Provider;
/// use twoba_services::{Function, SoapCall};
///
/// let call = SoapCall::new("Product", "Search", "urn:example")?
///     .with_action("urn:example/Search")
///     .with_parameter("query", "kabelgoot");
/// let request = call.request(&Provider::two_ba())?;
/// assert_eq!(request.uri(), "https://api.2ba.nl/1/soap/Product");
/// assert_eq!(request.headers()["soapaction"], "\"urn:example/Search\"");
/// # Ok::<(), twoba_services::CallError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoapCall {
    service: String,
    operation: String,
    namespace: String,
    action: String,
    parameters: Vec<(String, Value)>,
    own: Option<Own>,
}

/// XML of the caller's own.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Own {
    Operation(String),
    Envelope(String),
}

impl SoapCall {
    /// A call of this operation, whose elements are of `namespace`. `SOAPAction` is empty until
    /// [`with_action`](Self::with_action) says more, which leaves it to the address what is meant.
    ///
    /// # Errors
    ///
    /// - a name that is none: [`CallError::Operation`]
    pub fn new(
        service: impl Into<String>,
        operation: impl Into<String>,
        namespace: impl Into<String>,
    ) -> Result<Self, CallError> {
        let (service, operation) = (service.into(), operation.into());
        if !is_name(&service) || !is_name(&operation) {
            return Err(CallError::Operation);
        }
        Ok(Self {
            service,
            operation,
            namespace: namespace.into(),
            action: String::new(),
            parameters: Vec::new(),
            own: None,
        })
    }

    /// A call of this operation as the service describes it, in any letter case of its name.
    ///
    /// # Errors
    ///
    /// - the service has no such operation: [`CallError::UnknownOperation`];
    ///   [`SoapDescription::nearest`] may know which one was meant
    pub fn described(description: &SoapDescription, operation: &str) -> Result<Self, CallError> {
        let operation = description
            .operation(operation)
            .ok_or(CallError::UnknownOperation)?;
        let call = Self::new(description.service(), &operation.name, &operation.namespace)?;
        Ok(call.with_action(&operation.action))
    }

    /// Sets what `SOAPAction` says, without quotes.
    #[must_use]
    pub fn with_action(mut self, action: impl Into<String>) -> Self {
        self.action = action.into();
        self
    }

    /// Adds a parameter. Add them in the order of the description.
    #[must_use]
    pub fn with_parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters
            .push((name.into(), Value::Plain(value.into())));
        self
    }

    /// The same call with one more parameter that is a list of texts. Inferred: that its items are called
    /// `string`.
    #[must_use]
    pub fn with_list(mut self, name: impl Into<String>, items: Vec<String>) -> Self {
        self.parameters.push((name.into(), Value::Texts(items)));
        self
    }

    pub(super) fn with_values(mut self, values: Vec<(&'static str, Value)>) -> Self {
        let named = values
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value));
        self.parameters.extend(named);
        self
    }

    /// Sets the XML that is sent instead of parameters: the operation's element, or a whole envelope.
    ///
    /// # Errors
    ///
    /// - no UTF-8, not well formed, or with a document type: [`CallError::Body`]
    pub fn with_xml(mut self, xml: &[u8]) -> Result<Self, CallError> {
        let root = xml::parse(xml).map_err(|_| CallError::Body)?;
        let text = std::str::from_utf8(xml).map_err(|_| CallError::Body)?;
        let text = text.trim_start_matches('\u{feff}');
        self.own = Some(if root.is(Space::Soap, "Envelope") {
            Own::Envelope(text.to_owned())
        } else {
            // A declaration may stand at the start of a document only.
            let bare = match text.strip_prefix("<?xml") {
                Some(rest) => rest.split_once("?>").map_or("", |(_, rest)| rest),
                None => text,
            };
            Own::Operation(bare.trim().to_owned())
        });
        Ok(self)
    }
}

impl Function for SoapCall {
    type Answer = SoapAnswer;

    fn request(&self, provider: &Provider) -> Result<Request<Vec<u8>>, CallError> {
        let uri = envelope::address(provider.soap_base(), &self.service, "")?;
        let envelope = match &self.own {
            Some(Own::Envelope(envelope)) => envelope.clone(),
            Some(Own::Operation(operation)) => envelope::around(operation),
            None => envelope::around(&envelope::operation(
                &self.operation,
                &self.namespace,
                &self.parameters,
            )?),
        };
        envelope::request(uri, &self.action, envelope)
    }

    fn judge(&self, response: &Response<Vec<u8>>) -> Result<SoapAnswer, ServiceError> {
        let element = envelope::answer(response)?;
        Ok(SoapAnswer {
            status: response.status().as_u16(),
            envelope: response.body().clone(),
            element,
        })
    }
}

/// What a SOAP service answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoapAnswer {
    status: u16,
    envelope: Vec<u8>,
    /// The one in the body.
    element: Element,
}

impl SoapAnswer {
    /// The envelope as the service wrote it.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.envelope
    }

    /// The name of the element in the body, as `SearchResponse`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.element.name
    }

    /// The result as JSON, for whoever has no type for it: texts stay texts, what is nil is null, and
    /// elements of one name that occur more than once are a list.
    #[must_use]
    pub fn to_json(&self) -> Json {
        to_value(self.result())
    }

    /// The result read as `T`: elements are members by their name without namespace, and a list is an
    /// element with its items in it. [`Decimal`](crate::Decimal) keeps digits.
    ///
    /// # Errors
    ///
    /// - it has another form: [`ServiceError`]
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, ServiceError> {
        self.read_by(|node| T::deserialize(node))
    }

    pub(super) fn read_by<'e, T>(
        &'e self,
        read: fn(Node<'e>) -> Result<T, Unfit>,
    ) -> Result<T, ServiceError> {
        read(Node(self.result())).map_err(|Unfit| {
            let kind = ServiceErrorKind::NotSoap(SoapError::Unexpected);
            ServiceError::bare(kind, self.status)
        })
    }

    /// What stands in `..Result`, as .NET services have it; else the element of the body itself.
    fn result(&self) -> &Element {
        match self.element.children.as_slice() {
            [only] if only.name.ends_with("Result") => only,
            _ => &self.element,
        }
    }
}

#[cfg(test)]
mod tests;
