//! The locks on which callers meet, in one place. Under `cfg(loom)`, loom explores them.

use std::sync::PoisonError;

#[cfg(loom)]
use loom::sync::Mutex as Lock;
#[cfg(loom)]
pub(crate) use loom::sync::MutexGuard;
#[cfg(not(loom))]
use std::sync::Mutex as Lock;
#[cfg(not(loom))]
pub(crate) use std::sync::MutexGuard;

/// A lock that survives a panic. Its content changes in single steps only.
#[derive(Debug)]
pub(crate) struct Mutex<T>(Lock<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Lock::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A value that is set once and read by many callers.
#[cfg(not(loom))]
#[derive(Debug)]
pub(crate) struct Once<T>(std::sync::OnceLock<T>);

#[cfg(not(loom))]
impl<T: Clone> Once<T> {
    pub(crate) fn new() -> Self {
        Self(std::sync::OnceLock::new())
    }

    pub(crate) fn get(&self) -> Option<T> {
        self.0.get().cloned()
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.get().is_some()
    }

    /// Sets it, unless it is set.
    pub(crate) fn set(&self, value: T) {
        drop(self.0.set(value));
    }
}

/// The same for loom, which has no such cell.
#[cfg(loom)]
#[derive(Debug)]
pub(crate) struct Once<T>(Mutex<Option<T>>);

#[cfg(loom)]
impl<T: Clone> Once<T> {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(None))
    }

    pub(crate) fn get(&self) -> Option<T> {
        self.0.lock().clone()
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.lock().is_some()
    }

    /// Sets it, unless it is set.
    pub(crate) fn set(&self, value: T) {
        self.0.lock().get_or_insert(value);
    }
}
