//! A program of the documents.

#![expect(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "so it stands there"
)]

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
