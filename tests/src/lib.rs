//! Shared pieces of the outside-in tests.
