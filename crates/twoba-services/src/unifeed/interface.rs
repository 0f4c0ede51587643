//! By which way a selection comes back, and what may be selected.

use std::ops::BitOr;

use serde::Serialize;

/// The way in which a selection comes back from Unifeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub enum InterfaceType {
    /// A form with the field `Json`, posted by the browser; without an address to post to, a page that an
    /// embedded browser reads.
    #[serde(rename = "JSON")]
    Json,
    /// JSON, posted by a script in the browser: the receiver has to answer its preflight.
    #[serde(rename = "JSONPOST")]
    JsonPost,
    /// JSON, posted by Unifeed's server, which does not wait for the answer.
    #[serde(rename = "SERVERJSONPOST")]
    ServerJsonPost,
    /// JSON in the query of an address that the browser goes to. Seen in 2BA's demo program.
    #[serde(rename = "JSONGET")]
    JsonGet,
    /// A form with a field for each property of each item; deprecated by 2BA.
    #[serde(rename = "OCI")]
    Oci,
    /// The same, with a number for the product.
    #[serde(rename = "OCI2")]
    Oci2,
    /// A file that the person saves. Seen in 2BA's demo program.
    #[serde(rename = "DOWNLOAD")]
    Download,
}

impl InterfaceType {
    /// The name in 2BA's spelling.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
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

    /// Whether nothing comes back without an address to come back to.
    #[must_use]
    pub const fn needs_hook(self) -> bool {
        match self {
            Self::JsonPost | Self::ServerJsonPost | Self::JsonGet | Self::Oci | Self::Oci2 => true,
            Self::Json | Self::Download => false,
        }
    }
}

/// The kinds of things that may be selected, as a sum of bits.
///
/// ```
/// use twoba_services::Interface;
///
/// assert_eq!((Interface::ARTICLE | Interface::SELECTION_LIST).bits(), 3);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Interface(u32);

impl Interface {
    /// One article: what a supplier sells.
    pub const ARTICLE: Self = Self(1);
    /// A list of articles.
    pub const SELECTION_LIST: Self = Self(2);
    /// A product: what a manufacturer makes.
    pub const PRODUCT: Self = Self(4);
    /// An object for drawing programs. 2BA's demo program has it; which of the two bits is which object,
    /// nobody says.
    pub const DRAWING_32: Self = Self(32);
    /// The other object for drawing programs.
    pub const DRAWING_64: Self = Self(64);

    /// The sum.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }
}

impl BitOr for Interface {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
