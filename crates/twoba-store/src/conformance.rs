//! What every store has to do, as cases that any store can be put through (feature
//! `conformance`).
//!
//! A store is put through them by its author, who writes a [`Subject`] and has a test made of
//! each case:
//!
//! ```
//! mod of_the_memory_store {
//!     use twoba_store::conformance::Memory;
//!
//!     twoba_store::conformance!(Memory::default());
//! }
//! ```
//!
//! Stores that are awaited are put through the same cases by way of [`Awaited`], and through
//! some of their own: [`conformance_async!`](crate::conformance_async).
//!
//! A case fails by a panic that says what the store did. A case that this store cannot be put
//! through, because a hook of its subject is not there, says so on standard output and passes.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a case fails by a panic"
)]

mod awaited;
mod case;
mod cases;
pub mod changes;
mod list;
mod subject;
mod subjects;

pub use awaited::{Awaited, Driven};
pub use case::{AsyncCase, Case, check, check_async};
pub use subject::{AsyncSubject, Subject};
pub use subjects::{Folder, Memory};

#[cfg(test)]
mod tests;
