//! The body of a service's answer while it arrives.

use std::fmt;
use std::io::{self, Read};

use ureq::BodyReader;

/// The body of an answer of a service, read while it arrives. Dropping it ends the transfer.
///
/// The whole call takes at most an hour. There is no limit to the length.
pub struct Streamed(BodyReader<'static>);

impl Streamed {
    pub(crate) fn new(reader: BodyReader<'static>) -> Self {
        Self(reader)
    }
}

impl Read for Streamed {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}

impl fmt::Debug for Streamed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Streamed")
    }
}
