//! The conformance suite: the promises of a store as test cases (feature `conformance`).
//!
//! The author of a store writes a [`Subject`], and makes a test of each case:
//!
//! ```
//! mod of_the_memory_store {
//!     use twoba_store::conformance::Memory;
//!
//!     twoba_store::conformance!(Memory::default());
//! }
//! ```
//!
//! Async stores go through the same cases by way of [`Awaited`], and through some of their own:
//! [`conformance_async!`](crate::conformance_async).
//!
//! A case fails by a panic that says what the store did. Some cases need a hook that a subject may
//! not have. Such a case says so on standard output and passes.

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
pub mod child;
mod list;
pub mod maintained;
mod pass_on;
mod subject;
mod subjects;
pub mod worker;

#[doc(hidden)]
pub use twoba_core as core;

pub use awaited::{Awaited, Driven};
pub use case::{AsyncCase, Case, check, check_async};
pub use maintained::{MaintainedCase, MaintainedSubject};
pub use subject::{AsyncSubject, Subject};
pub use subjects::{Folder, Memory};
pub use worker::work_until_killed;

#[cfg(test)]
mod tests;
