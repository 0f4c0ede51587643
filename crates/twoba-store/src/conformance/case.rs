//! The cases by name, and the functions that run them.

use super::subject::{AsyncSubject, Subject};

/// A case: one sentence that must be true of every store.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Case {
    /// The sentence, in the form of a function's name.
    pub name: &'static str,
    run: fn(&dyn Subject),
}

impl Case {
    /// All cases.
    #[must_use]
    pub fn all() -> &'static [Self] {
        crate::conformance!(@list cases)
    }

    /// Runs the case on a store.
    ///
    /// # Panics
    ///
    /// - the sentence is not true of this store
    pub fn run(&self, subject: &dyn Subject) {
        (self.run)(subject);
    }
}

/// A case for async stores only.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct AsyncCase {
    /// The sentence, in the form of a function's name.
    pub name: &'static str,
    run: fn(&dyn AsyncSubject),
}

impl AsyncCase {
    /// All cases for async stores.
    #[must_use]
    pub fn all() -> &'static [Self] {
        crate::conformance_async!(@list async_cases)
    }

    /// Runs the case on a store.
    ///
    /// # Panics
    ///
    /// - the sentence is not true of this store
    pub fn run(&self, subject: &dyn AsyncSubject) {
        (self.run)(subject);
    }
}

/// Runs the case of this name on a store.
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

/// Runs the async case of this name on a store.
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
