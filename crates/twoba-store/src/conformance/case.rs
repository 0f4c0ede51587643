//! The cases by name, and how a store is put through them.

use super::subject::{AsyncSubject, Subject};

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
