//! The interface types: what each can return, and whether it needs a `hookUrl`.

/// The way in which a selection goes back to the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InterfaceType {
    Json,
    JsonPost,
    ServerJsonPost,
    JsonGet,
    Oci,
    Oci2,
    Download,
}

/// The part of a selection that goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// A supplier's articles, with prices and quantities.
    Articles,
    /// A manufacturer's products.
    Products,
    /// The name of a kind of object, and the number of one object.
    Reference(&'static str),
}

/// How an OCI form names a product. This is the only difference between OCI and OCI2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProductName {
    Guid,
    Number,
}

/// Whether an interface type uses `hookUrl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hook {
    Required,
    Optional,
    Unused,
}

impl InterfaceType {
    const ALL: [Self; 7] = [
        Self::Json,
        Self::JsonPost,
        Self::ServerJsonPost,
        Self::JsonGet,
        Self::Oci,
        Self::Oci2,
        Self::Download,
    ];

    /// The type of that name, in the documents' spelling.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == text)
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::JsonPost => "JSONPOST",
            Self::ServerJsonPost => "SERVERJSONPOST",
            Self::JsonGet => "JSONGET",
            Self::Oci => "OCI",
            Self::Oci2 => "OCI2",
            Self::Download => "DOWNLOAD",
        }
    }

    pub(super) const fn hook(self) -> Hook {
        match self {
            Self::Json => Hook::Optional,
            Self::JsonPost | Self::ServerJsonPost | Self::JsonGet | Self::Oci | Self::Oci2 => {
                Hook::Required
            }
            Self::Download => Hook::Unused,
        }
    }

    /// The content that this type returns for an `interface`, if it can return any.
    pub(super) fn content(self, interface: Interface) -> Option<Content> {
        let has = |bits| interface.0 & bits != 0;
        let articles = has(ARTICLE | SELECTION_LIST).then_some(Content::Articles);
        let products = has(PRODUCT).then_some(Content::Products);
        match self {
            Self::Json | Self::JsonPost => articles.or(products),
            Self::ServerJsonPost | Self::Oci | Self::Oci2 => articles,
            // Which of the two bits stands for which object is not documented.
            Self::JsonGet => [
                (OBJECT, "interface"),
                (COMPOSITION, "composition"),
                (SELECTION_LIST, "productselection"),
            ]
            .into_iter()
            .find(|(bit, _)| has(*bit))
            .map(|(_, object)| Content::Reference(object)),
            // Seen with an object only, which is a product in a drawing program's words.
            Self::Download => articles.or(Some(Content::Products)),
        }
    }
}

/// The bit mask of the parameter `interface`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Interface(u32);

const ARTICLE: u32 = 1;
const SELECTION_LIST: u32 = 2;
const PRODUCT: u32 = 4;
const OBJECT: u32 = 32;
const COMPOSITION: u32 = 64;

impl Interface {
    /// Reads a sum of known bits.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let known = ARTICLE | SELECTION_LIST | PRODUCT | OBJECT | COMPOSITION;
        text.parse()
            .ok()
            .filter(|mask| *mask != 0 && mask & !known == 0)
            .map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_known_in_the_spelling_of_the_documents() {
        for kind in InterfaceType::ALL {
            assert_eq!(InterfaceType::parse(kind.name()), Some(kind));
        }
        for text in ["", "json", "OCI3", "JSON "] {
            assert_eq!(InterfaceType::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_interface_is_a_sum_of_known_bits() {
        for text in ["1", "3", "4", "7", "32", "64", "103"] {
            assert!(Interface::parse(text).is_some(), "{text}");
        }
        for text in ["", "0", "8", "35x", "-1", "128", "99999999999"] {
            assert_eq!(Interface::parse(text), None, "{text}");
        }
    }

    #[test]
    fn every_type_carries_what_it_is_documented_to_carry() {
        use Content::{Articles, Products, Reference};
        use InterfaceType as T;
        for (kind, mask, expected) in [
            (T::Json, "3", Some(Articles)),
            (T::Json, "4", Some(Products)),
            (T::Json, "7", Some(Articles)),
            (T::Json, "32", None),
            (T::JsonPost, "4", Some(Products)),
            (T::ServerJsonPost, "3", Some(Articles)),
            (T::ServerJsonPost, "4", None),
            (T::Oci, "1", Some(Articles)),
            (T::Oci2, "4", None),
            (T::JsonGet, "32", Some(Reference("interface"))),
            (T::JsonGet, "64", Some(Reference("composition"))),
            (T::JsonGet, "2", Some(Reference("productselection"))),
            (T::JsonGet, "1", None),
            (T::Download, "32", Some(Products)),
        ] {
            let interface = Interface::parse(mask).unwrap();
            assert_eq!(kind.content(interface), expected, "{kind:?} {mask}");
        }
    }
}
