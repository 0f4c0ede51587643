//! Lists whose items are kept as the server wrote them, for who stores them and does not look at them.

use std::marker::PhantomData;

use serde_json::value::RawValue;

use super::call::Call;
use super::envelope::Page;
use super::operation::{Bulk, Operation, Outline, sealed::Sealed};

/// A bulk operation whose items are JSON texts: every member and every digit is there.
#[derive(Debug)]
pub struct Raw<O>(PhantomData<O>);

impl<O: Bulk> Sealed for Raw<O> {}

impl<O: Bulk> Operation for Raw<O> {
    type Answer = Page<Box<RawValue>>;

    const OUTLINE: Outline = O::OUTLINE;
}

impl<O: Bulk> Bulk for Raw<O> {
    type Item = Box<RawValue>;
}

impl<O: Bulk> Call<O> {
    /// The same call, whose items are kept as the server wrote them.
    #[must_use]
    pub fn raw(self) -> Call<Raw<O>> {
        self.answered_by()
    }
}
