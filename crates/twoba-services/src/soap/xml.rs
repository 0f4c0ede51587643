//! Which XML is read at all, and how much of it; not what it means.
//!
//! SOAP 1.1 section 3 forbids document types and processing instructions, so no entity can be declared.
//! Nothing is fetched, and nothing is expanded beyond one character.

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};
use quick_xml::{NsReader, XmlVersion};

use crate::soap_error::SoapError;

/// How deep elements may lie in each other: envelopes have some ten levels, schemas some more.
const DEPTH_MAX: usize = 32;

/// How many elements there may be in all: 10,000 trade items, and what stands around them.
const ELEMENTS_MAX: usize = 250_000;

/// How many attributes one element may have; they are compared in pairs.
const ATTRIBUTES_MAX: usize = 64;

/// The attributes that readers ask for, without a prefix; all others would only fill memory.
const ATTRIBUTES: [&str; 3] = ["name", "soapAction", "targetNamespace"];

/// Longest document, in bytes.
const LENGTH_MAX: usize = 32 * 1024 * 1024;

/// SOAP 1.1.
pub(super) const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";
const SCHEMA: &str = "http://www.w3.org/2001/XMLSchema";
const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";
const WSDL_SOAP: &str = "http://schemas.xmlsoap.org/wsdl/soap/";

/// The namespaces that make a difference to a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    /// An envelope's own.
    Soap,
    /// A description's own.
    Wsdl,
    /// What a description says of SOAP 1.1.
    WsdlSoap,
    /// A schema's own.
    Schema,
    /// Any other, or none.
    Other,
}

/// An element, with what readers ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) space: Space,
    pub(super) name: Box<str>,
    /// `xsi:nil` says that there is no value.
    pub(super) is_nil: bool,
    /// Those of [`ATTRIBUTES`].
    attributes: Vec<(&'static str, Box<str>)>,
    /// The text between the children, in one.
    pub(super) text: String,
    pub(super) children: Vec<Self>,
}

impl Element {
    /// Whether it is this one of a namespace.
    pub(super) fn is(&self, space: Space, name: &str) -> bool {
        self.space == space && &*self.name == name
    }

    /// The attribute of this name, if it is one of [`ATTRIBUTES`].
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(own, _)| *own == name);
        found.map(|(_, value)| &**value)
    }

    /// The first element of this name below, in any namespace, itself left out.
    pub(super) fn below(&self, name: &str) -> Option<&Self> {
        self.children
            .iter()
            .find_map(|child| match &*child.name == name {
                true => Some(child),
                false => child.below(name),
            })
    }
}

/// Reads a whole document and gives its root.
pub(super) fn parse(bytes: &[u8]) -> Result<Element, SoapError> {
    if bytes.len() > LENGTH_MAX {
        return Err(SoapError::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| SoapError::NotUtf8)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if !text.chars().all(is_character) {
        return Err(SoapError::Malformed);
    }
    let mut reader = NsReader::from_str(text);
    reader.config_mut().check_comments = true;
    let mut tree = Tree::default();
    let mut is_first = true;
    loop {
        match reader.read_event().map_err(|_| SoapError::Malformed)? {
            Event::Start(start) => tree.open(element(&reader, &start)?)?,
            Event::Empty(start) => {
                tree.open(element(&reader, &start)?)?;
                tree.close();
            }
            Event::End(_) => tree.close(),
            Event::Text(text) => tree.text(&text.xml10_content())?,
            Event::CData(text) => tree.characters(&text.xml10_content())?,
            Event::GeneralRef(reference) => tree.characters(&referred(&reference)?)?,
            Event::Comment(_) => {}
            Event::Decl(declaration) if is_first => match declaration.encoding() {
                None => {}
                Some(Ok(name)) if name.eq_ignore_ascii_case("utf-8") => {}
                Some(_) => return Err(SoapError::NotUtf8),
            },
            Event::Decl(_) => return Err(SoapError::Malformed),
            Event::PI(_) => return Err(SoapError::Instruction),
            Event::DocType(_) => return Err(SoapError::DocumentType),
            Event::Eof => return tree.into_root(),
        }
        is_first = false;
    }
}

/// What has been read so far.
#[derive(Default)]
struct Tree {
    /// From the root down to where the reader is.
    open: Vec<Element>,
    root: Option<Element>,
    count: usize,
}

impl Tree {
    fn open(&mut self, element: Element) -> Result<(), SoapError> {
        self.count += 1;
        if self.open.len() == DEPTH_MAX {
            return Err(SoapError::TooDeep);
        }
        if self.count > ELEMENTS_MAX {
            return Err(SoapError::TooLarge);
        }
        if self.root.is_some() {
            return Err(SoapError::Malformed);
        }
        self.open.push(element);
        Ok(())
    }

    /// The library has seen to it that ends belong to starts.
    fn close(&mut self) {
        let Some(element) = self.open.pop() else {
            return;
        };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
    }

    fn text(&mut self, text: &str) -> Result<(), SoapError> {
        let is_outside = self.open.is_empty();
        if is_outside && text.chars().all(|c| c.is_ascii_whitespace()) {
            return Ok(());
        }
        self.characters(text)
    }

    fn characters(&mut self, text: &str) -> Result<(), SoapError> {
        let element = self.open.last_mut().ok_or(SoapError::Malformed)?;
        element.text.push_str(text);
        Ok(())
    }

    fn into_root(self) -> Result<Element, SoapError> {
        match self.root {
            Some(root) if self.open.is_empty() => Ok(root),
            Some(_) | None => Err(SoapError::Malformed),
        }
    }
}

fn element(reader: &NsReader<&[u8]>, start: &BytesStart<'_>) -> Result<Element, SoapError> {
    let (namespace, name) = reader.resolver().resolve_element(start.name());
    let mut element = Element {
        space: match bound(&namespace)? {
            SOAP => Space::Soap,
            WSDL => Space::Wsdl,
            WSDL_SOAP => Space::WsdlSoap,
            SCHEMA => Space::Schema,
            _ => Space::Other,
        },
        name: name.into_inner().into(),
        is_nil: false,
        attributes: Vec::new(),
        text: String::new(),
        children: Vec::new(),
    };
    for (count, attribute) in start.attributes().enumerate() {
        if count == ATTRIBUTES_MAX {
            return Err(SoapError::TooLarge);
        }
        let attribute = attribute.map_err(|_| SoapError::Malformed)?;
        let value = attribute
            .normalized_value(XmlVersion::Explicit1_0)
            .map_err(|_| SoapError::Entity)?;
        let (namespace, name) = reader.resolver().resolve_attribute(attribute.key);
        match (bound(&namespace)?, name.into_inner()) {
            (SCHEMA_INSTANCE, "nil") => element.is_nil = matches!(&*value, "1" | "true"),
            ("", name) => {
                let kept = ATTRIBUTES.into_iter().find(|kept| *kept == name);
                element
                    .attributes
                    .extend(kept.map(|kept| (kept, (*value).into())));
            }
            (_, _) => {}
        }
    }
    Ok(element)
}

fn bound<'n>(namespace: &ResolveResult<'n>) -> Result<&'n str, SoapError> {
    match namespace {
        ResolveResult::Bound(Namespace(name)) => Ok(name),
        ResolveResult::Unbound => Ok(""),
        ResolveResult::Unknown(_) => Err(SoapError::Malformed),
    }
}

/// A character by its number, or one of the five names that need no declaration.
fn referred(reference: &BytesRef<'_>) -> Result<String, SoapError> {
    let numbered = reference
        .resolve_char_ref()
        .map_err(|_| SoapError::Malformed)?;
    match numbered {
        Some(character) if is_character(character) => Ok(character.to_string()),
        Some(_) => Err(SoapError::Malformed),
        None => quick_xml::escape::resolve_predefined_entity(reference)
            .map(str::to_owned)
            .ok_or(SoapError::Entity),
    }
}

/// Whether XML can hold it: XML 1.0 section 2.2.
pub(super) const fn is_character(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests;
