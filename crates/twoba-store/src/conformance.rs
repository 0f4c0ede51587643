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
mod cases;
pub mod changes;
mod list;
mod subjects;

use twoba_core::SessionKey;

use crate::store::{AsyncStore, ListedKind, Store};

pub use awaited::{Awaited, Driven, block_on};
pub use subjects::{Folder, Memory};

/// A store under test, empty at first, and what the cases have to know of it.
pub trait Subject: Send + Sync {
    /// The store, opened once more, as another process would open it.
    fn open(&self) -> Box<dyn Store>;

    /// Puts bytes where the record of `key` stands, past the store, as a disk that was damaged
    /// or another program would leave them. Where the store keeps a revision beside them, it
    /// is of these bytes; where it keeps dates, there are none.
    fn plant(&self, key: &SessionKey, bytes: &[u8]);

    /// What the store has kept aside of `key`, read past the store.
    fn kept_aside(&self, key: &SessionKey) -> Vec<Vec<u8>>;

    /// How the thing of this kind that lies there is protected, in words of the store's own;
    /// the cases compare them. Without it, everything lies in one place with one protection.
    fn protection(&self, _: &SessionKey, _: ListedKind) -> String {
        "as everything in the store".to_owned()
    }

    /// Lets no write of `key` succeed from now on, or lets them succeed again; false where a
    /// test cannot do that.
    fn obstruct(&self, _: &SessionKey, _obstructed: bool) -> bool {
        false
    }

    /// Has the lease of `key` run out, as if its holder had been silent for too long; false
    /// where leases do not run out.
    fn lapse(&self, _: &SessionKey) -> bool {
        false
    }

    /// How many keys make many.
    fn many(&self) -> usize {
        200
    }
}

/// A store under test whose operations are awaited. Its [`open`](Subject::open) is an
/// [`Awaited`] of the same store.
pub trait AsyncSubject: Subject {
    /// The store, opened once more.
    fn open_async(&self) -> Box<dyn AsyncStore>;

    /// Drives a future to its end, where the store's futures can be polled.
    fn drive(&self, future: Driven<'_>) {
        block_on(future);
    }
}

/// A case: one sentence that has to be true of every store.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Case {
    /// The sentence, in the form of a function's name.
    pub name: &'static str,
    run: fn(&dyn Subject),
}

impl Case {
    /// Every case.
    #[must_use]
    pub fn all() -> &'static [Self] {
        crate::conformance!(@list cases)
    }

    /// Puts a store through it.
    ///
    /// # Panics
    ///
    /// - the sentence is not true of this store
    pub fn run(&self, subject: &dyn Subject) {
        (self.run)(subject);
    }
}

/// A case for stores that are awaited only.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct AsyncCase {
    /// The sentence, in the form of a function's name.
    pub name: &'static str,
    run: fn(&dyn AsyncSubject),
}

impl AsyncCase {
    /// Every case.
    #[must_use]
    pub fn all() -> &'static [Self] {
        crate::conformance_async!(@list async_cases)
    }

    /// Puts a store through it.
    ///
    /// # Panics
    ///
    /// - the sentence is not true of this store
    pub fn run(&self, subject: &dyn AsyncSubject) {
        (self.run)(subject);
    }
}

/// Puts a store through the case of this name.
///
/// # Panics
///
/// - there is no such case
/// - the sentence is not true of this store
pub fn check(name: &str, subject: &dyn Subject) {
    let case = Case::all().iter().find(|case| case.name == name);
    case.unwrap_or_else(|| panic!("no case is called {name}"))
        .run(subject);
}

/// As [`check`], for the cases of stores that are awaited only.
///
/// # Panics
///
/// - there is no such case
/// - the sentence is not true of this store
pub fn check_async(name: &str, subject: &dyn AsyncSubject) {
    let case = AsyncCase::all().iter().find(|case| case.name == name);
    case.unwrap_or_else(|| panic!("no case is called {name}"))
        .run(subject);
}
