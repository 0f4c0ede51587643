//! Where somebody stands who reads a list page by page.

use super::call::Call;
use super::operation::Bulk;
use crate::error::ServiceError;

/// The place in a list: the call for the next page, until there is none.
#[derive(Debug)]
pub struct Paging<O> {
    next: Option<Call<O>>,
}

impl<O: Bulk> Paging<O> {
    /// Begins at the place that the call names.
    #[must_use]
    pub const fn from(call: Call<O>) -> Self {
        Self { next: Some(call) }
    }

    /// The call for the next page. `None` after the last one.
    #[must_use]
    pub const fn next(&self) -> Option<&Call<O>> {
        self.next.as_ref()
    }

    /// Goes on behind this page. After an error the place is the same as before.
    ///
    /// # Errors
    ///
    /// - more follows, and the page leads to itself or nowhere:
    ///   [`NoNextPage`](crate::ServiceErrorKind::NoNextPage)
    pub fn reached(&mut self, page: &O::Answer) -> Result<(), ServiceError> {
        if let Some(call) = &self.next {
            self.next = call.following(page)?;
        }
        Ok(())
    }
}
