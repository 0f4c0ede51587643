//! What stands around every answer: one object, or a page of many.

use serde::{Deserialize, Serialize};

use super::lists;
use super::pagination::CursorPaginationMetadata;

/// An answer with one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Data<T> {
    /// `data`.
    pub data: T,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
#[non_exhaustive]
pub struct Page<T> {
    /// `data`: up to 1,000 items; a page of more than 10,000 is refused.
    #[serde(deserialize_with = "lists::required")]
    pub data: Vec<T>,
    /// `meta`: where the page stands.
    pub meta: CursorPaginationMetadata,
}

impl<T> Page<T> {
    /// The cursor of the next page, if there is one.
    #[must_use]
    pub fn next_cursor(&self) -> Option<&str> {
        let cursor = self.meta.cursor.as_deref();
        cursor.filter(|_| self.meta.has_next)
    }
}
