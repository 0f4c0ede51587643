//! Reads XML within bounds.
//!
//! SOAP 1.1 section 3 forbids document types and processing instructions. No entity can be
//! declared, and nothing is ever fetched.

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};
use quick_xml::{NsReader, XmlVersion};
use thiserror::Error;

use super::names::{SCHEMA_INSTANCE, SOAP};

/// The deepest nesting. Envelope, body, operation, list, record, list and value are seven.
const MAX_DEPTH: usize = 16;

/// The most elements of a document.
const MAX_ELEMENTS: usize = 2000;

/// The most attributes of an element. They are compared pair by pair.
const MAX_ATTRIBUTES: usize = 32;

/// An element, with the parts that the readers of envelopes need.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Element {
    /// The namespace, or an empty text.
    pub(super) namespace: String,
    pub(super) name: String,
    /// Whether `xsi:nil` says that there is no value.
    pub(super) is_nil: bool,
    /// Whether a reader that does not know this header must refuse the envelope.
    pub(super) must_be_understood: bool,
    /// The text between the children, joined.
    pub(super) text: String,
    pub(super) children: Vec<Self>,
}

/// Why a text cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(super) enum Unreadable {
    #[error("is not UTF-8")]
    NotUtf8,
    #[error("is not well-formed XML 1.0 with namespaces")]
    Malformed,
    #[error("has a document type, which SOAP bars")]
    DocumentType,
    #[error("has a processing instruction, which SOAP bars")]
    Instruction,
    #[error("refers to an entity that is not declared")]
    Entity,
    #[error("has too many elements or attributes, or has them too deep")]
    TooMuch,
}

/// Reads a whole document and returns its root.
pub(super) fn parse(bytes: &[u8]) -> Result<Element, Unreadable> {
    let text = std::str::from_utf8(bytes).map_err(|_| Unreadable::NotUtf8)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if !text.chars().all(is_allowed) {
        return Err(Unreadable::Malformed);
    }
    let mut reader = NsReader::from_str(text);
    reader.config_mut().check_comments = true;
    let mut tree = Tree::default();
    let mut is_first = true;
    loop {
        match reader.read_event().map_err(|_| Unreadable::Malformed)? {
            Event::Start(start) => tree.open(element(&reader, &start)?)?,
            Event::Empty(start) => {
                tree.open(element(&reader, &start)?)?;
                tree.close();
            }
            Event::End(_) => tree.close(),
            Event::Text(text) => tree.text(&text.xml10_content())?,
            Event::CData(text) => tree.characters(&text.xml10_content())?,
            Event::GeneralRef(reference) => tree.characters(&character(&reference)?)?,
            Event::Comment(_) => {}
            Event::Decl(declaration) if is_first => match declaration.encoding() {
                None => {}
                Some(Ok(name)) if name.eq_ignore_ascii_case("utf-8") => {}
                Some(_) => return Err(Unreadable::NotUtf8),
            },
            Event::Decl(_) => return Err(Unreadable::Malformed),
            Event::PI(_) => return Err(Unreadable::Instruction),
            Event::DocType(_) => return Err(Unreadable::DocumentType),
            Event::Eof => return tree.root(),
        }
        is_first = false;
    }
}

/// The part of the document that was read so far.
#[derive(Default)]
struct Tree {
    /// The open elements, from the root down.
    open: Vec<Element>,
    root: Option<Element>,
    count: usize,
}

impl Tree {
    fn open(&mut self, element: Element) -> Result<(), Unreadable> {
        self.count += 1;
        if self.open.len() == MAX_DEPTH || self.count > MAX_ELEMENTS {
            return Err(Unreadable::TooMuch);
        }
        if self.root.is_some() {
            return Err(Unreadable::Malformed);
        }
        self.open.push(element);
        Ok(())
    }

    /// Closes an element. The XML reader has checked that the ends match the starts.
    fn close(&mut self) {
        let Some(element) = self.open.pop() else {
            return;
        };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
    }

    fn text(&mut self, text: &str) -> Result<(), Unreadable> {
        let outside = self.open.is_empty();
        if outside && text.chars().all(|c| c.is_ascii_whitespace()) {
            return Ok(());
        }
        self.characters(text)
    }

    fn characters(&mut self, text: &str) -> Result<(), Unreadable> {
        let element = self.open.last_mut().ok_or(Unreadable::Malformed)?;
        element.text.push_str(text);
        Ok(())
    }

    fn root(self) -> Result<Element, Unreadable> {
        match self.root {
            Some(root) if self.open.is_empty() => Ok(root),
            Some(_) | None => Err(Unreadable::Malformed),
        }
    }
}

fn element(reader: &NsReader<&[u8]>, start: &BytesStart<'_>) -> Result<Element, Unreadable> {
    let (namespace, name) = reader.resolver().resolve_element(start.name());
    let mut element = Element {
        namespace: bound(&namespace)?.to_owned(),
        name: name.into_inner().to_owned(),
        ..Element::default()
    };
    for (count, attribute) in start.attributes().enumerate() {
        if count == MAX_ATTRIBUTES {
            return Err(Unreadable::TooMuch);
        }
        let attribute = attribute.map_err(|_| Unreadable::Malformed)?;
        let value = attribute
            .normalized_value(XmlVersion::Explicit1_0)
            .map_err(|_| Unreadable::Entity)?;
        let (namespace, name) = reader.resolver().resolve_attribute(attribute.key);
        let is_true = matches!(&*value, "1" | "true");
        match (bound(&namespace)?, name.into_inner()) {
            (SCHEMA_INSTANCE, "nil") => element.is_nil = is_true,
            (SOAP, "mustUnderstand") => element.must_be_understood = is_true,
            (_, _) => {}
        }
    }
    Ok(element)
}

fn bound<'n>(namespace: &ResolveResult<'n>) -> Result<&'n str, Unreadable> {
    match namespace {
        ResolveResult::Bound(Namespace(name)) => Ok(name),
        ResolveResult::Unbound => Ok(""),
        ResolveResult::Unknown(_) => Err(Unreadable::Malformed),
    }
}

/// A character by its number, or by one of the five names that need no declaration.
fn character(reference: &BytesRef<'_>) -> Result<String, Unreadable> {
    let numbered = reference
        .resolve_char_ref()
        .map_err(|_| Unreadable::Malformed)?;
    match numbered {
        Some(character) if is_allowed(character) => Ok(character.to_string()),
        Some(_) => Err(Unreadable::Malformed),
        None => quick_xml::escape::resolve_predefined_entity(reference)
            .map(str::to_owned)
            .ok_or(Unreadable::Entity),
    }
}

/// XML 1.0 section 2.2.
const fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Unreadable {
        parse(text.as_bytes()).unwrap_err()
    }

    #[test]
    fn names_are_resolved_and_texts_joined() {
        let root = parse(
            b"\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- hello -->\
              <a:r xmlns:a='urn:a'><b>1 &lt; 2<!-- no -->&#x20ac;<![CDATA[<&>]]></b>\
              <c xmlns='urn:c'/></a:r>\n",
        )
        .unwrap();
        assert_eq!(
            (root.namespace.as_str(), root.name.as_str()),
            ("urn:a", "r")
        );
        let [b, c] = root.children.as_slice() else {
            panic!("not two children");
        };
        assert_eq!(b.text, "1 < 2\u{20ac}<&>");
        assert_eq!(b.namespace, "");
        assert_eq!((c.namespace.as_str(), c.name.as_str()), ("urn:c", "c"));
    }

    #[test]
    fn two_attributes_are_understood_by_their_namespace() {
        let text = format!(
            "<r xmlns:i='{SCHEMA_INSTANCE}' xmlns:s='{SOAP}'>\
             <a i:nil='true'/><b nil='true'/><c s:mustUnderstand='1'/></r>"
        );
        let root = parse(text.as_bytes()).unwrap();
        let nil: Vec<_> = root.children.iter().map(|child| child.is_nil).collect();
        assert_eq!(nil, [true, false, false]);
        assert!(root.children[2].must_be_understood);
    }

    #[test]
    fn a_document_type_is_refused_before_anything_is_made_of_it() {
        let bomb = "<!DOCTYPE r [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]><r>&b;</r>";
        let outside = "<!DOCTYPE r SYSTEM 'http://127.0.0.1:1/x.dtd'><r/>";
        assert_eq!(refused(bomb), Unreadable::DocumentType);
        assert_eq!(refused(outside), Unreadable::DocumentType);
        assert_eq!(refused("<r>&b;</r>"), Unreadable::Entity);
        assert_eq!(refused("<r a='&b;'/>"), Unreadable::Entity);
    }

    #[test]
    fn an_instruction_or_another_encoding_is_refused() {
        assert_eq!(
            refused("<?xml-stylesheet href='x'?><r/>"),
            Unreadable::Instruction
        );
        let latin = "<?xml version='1.0' encoding='iso-8859-1'?><r/>";
        assert_eq!(refused(latin), Unreadable::NotUtf8);
        assert_eq!(parse(b"<r>\xe9</r>"), Err(Unreadable::NotUtf8));
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        for text in [
            "",
            " ",
            "text",
            "<r>",
            "</r>",
            "<r></s>",
            "<r/><r/>",
            "<r/>text",
            "&lt;<r/>",
            "<r a='1' a='2'/>",
            "<r a=1/>",
            "<r a/>",
            "<x:r/>",
            "<r x:a='1'/>",
            "<r>\u{1}</r>",
            "<r>&#1;</r>",
            "<r>&#xd800;</r>",
            "<r><!-- a -- b --></r>",
            "<r/><?xml version='1.0'?>",
            "{\"is\":\"json\"}",
        ] {
            assert_eq!(refused(text), Unreadable::Malformed, "{text}");
        }
    }

    #[test]
    fn depth_and_numbers_are_bounded() {
        let nested = |depth| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
        assert!(parse(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert_eq!(refused(&nested(MAX_DEPTH + 1)), Unreadable::TooMuch);
        assert_eq!(refused(&"<a>".repeat(100_000)), Unreadable::TooMuch);
        let many = |count| format!("<r>{}</r>", "<a/>".repeat(count));
        assert!(parse(many(MAX_ELEMENTS - 1).as_bytes()).is_ok());
        assert_eq!(refused(&many(MAX_ELEMENTS)), Unreadable::TooMuch);
        let attributes: String = (0..40).map(|at| format!(" a{at}=''")).collect();
        assert_eq!(refused(&format!("<r{attributes}/>")), Unreadable::TooMuch);
    }

    #[test]
    fn an_envelope_with_any_byte_changed_or_cut_off_is_read_or_refused() {
        let good = format!(
            "<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"{SOAP}\"><!-- c --><s:Body>\
             <q a='&amp;'>&#65;<![CDATA[x]]></q></s:Body></s:Envelope>"
        );
        assert!(parse(good.as_bytes()).is_ok());
        let mut read = 0;
        for at in 0..good.len() {
            assert!(parse(&good.as_bytes()[..at]).is_err(), "{at}");
            for byte in *b"<>&;\"'/!?[:= \0\xff\xc3" {
                let mut changed = good.clone().into_bytes();
                changed[at] = byte;
                read += usize::from(parse(&changed).is_ok());
            }
        }
        assert!(read > 0);
    }
}
