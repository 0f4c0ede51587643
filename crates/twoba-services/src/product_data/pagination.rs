//! Where a page stands.
//!
//! Made of `schemas.txt` by `cargo xtask product-data`.

/// Where in the list a page stands, and how to get the next one.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CursorPaginationMetadata {
    /// `cursor`, `None` where there is none: a text of at least 1 characters.
    pub cursor: Option<Box<str>>,
    /// `prevCursor`, optional: a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prev_cursor: Option<Box<str>>,
    /// `hasNext`: yes or no.
    pub has_next: bool,
    /// `hasPrev`, optional: yes or no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_prev: Option<bool>,
    /// `limit`: a whole number from 1 to 1000.
    pub limit: u64,
    /// `estimatedTotal`, optional: a whole number of at least 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimated_total: Option<u64>,
}
