//! Why XML from a service is not read, or is not the envelope that was asked for.

/// Why an answer is not the SOAP envelope that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SoapError {
    /// It is not text in UTF-8.
    #[error("is not UTF-8")]
    NotUtf8,
    /// It is not well-formed XML 1.0 with namespaces.
    #[error("is not well-formed XML")]
    Malformed,
    /// It declares a document type, which SOAP forbids and which entities could be hidden in.
    #[error("has a document type, which SOAP forbids")]
    DocumentType,
    /// It has a processing instruction, which SOAP forbids.
    #[error("has a processing instruction, which SOAP forbids")]
    Instruction,
    /// It names an entity beside the five of XML.
    #[error("refers to an entity that XML does not have by itself")]
    Entity,
    /// It has elements nested deeper than 32.
    #[error("is nested too deep")]
    TooDeep,
    /// It has more than 32 MiB, 250,000 elements, or 64 attributes of one element.
    #[error("is too large")]
    TooLarge,
    /// The root is no envelope of SOAP 1.1.
    #[error("is no envelope of SOAP 1.1")]
    NotAnEnvelope,
    /// The body does not hold the answer to the operation.
    #[error("has no answer to the operation in its body")]
    NoAnswer,
    /// What is in the body has another form than the operation's answers.
    #[error("has another form than this operation's answers")]
    Unexpected,
    /// It is no description of a SOAP service by WSDL 1.1.
    #[error("is no description by WSDL 1.1")]
    NotADescription,
}
