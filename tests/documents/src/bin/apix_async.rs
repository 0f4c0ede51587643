//! A program of the documents.

#![expect(clippy::print_stdout, reason = "so it stands there")]

include!(concat!(env!("OUT_DIR"), "/apix_async.rs"));
