//! The programs of the documents, compiled and run as they stand there. Their text stands in the
//! documents alone: the build script takes it from them.

#[expect(
    dead_code,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "the program is run as one of its own; here its functions are"
)]
mod embedded;
mod server;

pub use embedded::journey::{journey, journey_by_std_net};

/// The document itself: its examples are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/embedding.md")]
#[derive(Debug)]
pub struct Document;
