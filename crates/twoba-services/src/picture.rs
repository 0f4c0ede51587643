//! Pictures that a service answers with: bytes, and what kind of picture they are said to be.

use std::fmt;

/// A picture, as the service gave it. The bytes are not looked at.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Picture {
    /// What the service says that it is, such as `image/png`; where it says nothing, as over SOAP,
    /// `application/octet-stream`.
    pub media_type: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Picture {
    /// What pictures are called of which nothing is said.
    pub(crate) const ANY: &str = "application/octet-stream";

    pub(crate) fn new(media_type: impl Into<String>, bytes: Vec<u8>) -> Self {
        let media_type = media_type.into();
        Self { media_type, bytes }
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Picture({}, {} bytes)",
            self.media_type,
            self.bytes.len()
        )
    }
}
