//! The questions that have types, asked by SOAP.

use base64ct::{Base64, Encoding};
use http::{Request, Response};
use serde::Deserializer;
use serde::de::Error;
use twoba_core::Provider;

use super::call::SoapCall;
use super::description::SoapDescription;
use super::reader::Node;
use crate::error::{CallError, ServiceError};
use crate::function::Function;
use crate::picture::Picture;
use crate::question::Question;
use crate::record::Member;

/// A question that is asked by SOAP, and has the same answer as by JSON.
///
/// Inferred from the emulator's description: that the parameters are elements of the operation's own
/// namespace, that a list has items called `string`, and that the result has the members that JSON has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Soap<Q> {
    question: Q,
    call: SoapCall,
}

impl<Q: Question> Soap<Q> {
    /// Makes the question to the service of this description.
    ///
    /// # Errors
    ///
    /// - the service has no such operation: [`CallError::UnknownOperation`]
    pub fn new(question: Q, description: &SoapDescription) -> Result<Self, CallError> {
        let call = SoapCall::described(description, Q::OPERATION)?.with_values(question.values());
        Ok(Self { question, call })
    }

    /// The name of the service that the question goes to. Its description is asked for by this name.
    #[must_use]
    pub fn service() -> &'static str {
        let name = Q::KNOWN.name;
        name.split_once('/').map_or(name, |(service, _)| service)
    }

    /// The question.
    #[must_use]
    pub fn question(&self) -> &Q {
        &self.question
    }
}

impl<Q: Question> Function for Soap<Q> {
    type Answer = Q::Answer;

    fn request(&self, provider: &Provider) -> Result<Request<Vec<u8>>, CallError> {
        self.call.request(provider)
    }

    fn judge(&self, response: &Response<Vec<u8>>) -> Result<Q::Answer, ServiceError> {
        self.call
            .judge(response)?
            .read_by(|node: Node<'_>| Q::Answer::read(node))
    }

    fn is_repeatable(&self) -> bool {
        true
    }
}

/// Base64, as XML schemas have bytes.
impl<'de> Member<'de> for Picture {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut text = String::read(deserializer)?;
        text.retain(|c| !c.is_ascii_whitespace());
        let bytes = Base64::decode_vec(&text).map_err(D::Error::custom)?;
        if bytes.is_empty() {
            return Err(D::Error::custom("no picture"));
        }
        Ok(Self::new(Self::ANY, bytes))
    }
}

#[cfg(test)]
mod tests;
