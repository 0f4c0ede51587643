//! What stands round stored JSON: a line with kind, version and checksum.
//!
//! `twoba-session 1 0123456789abcdef`, then the JSON. The version stands first, so that a
//! newer content is told from a damaged one; the checksum is over everything behind the line.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

use sha2::{Digest, Sha256};

/// Longest first line.
const LINE_MAX: usize = 64;

/// Why there is nothing to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EnvelopeError {
    /// Cut, changed, of another kind, or none of ours.
    Torn,
    /// Written by a newer release.
    Newer(u32),
}

/// A kind of content and the version of it that this code writes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Envelope {
    pub(crate) kind: &'static str,
    pub(crate) version: u32,
}

impl Envelope {
    /// The line in front of `json`, whose buffer should have [`LINE_MAX`] bytes to spare, so
    /// that it does not move and leave a copy behind.
    pub(crate) fn close(self, mut json: Vec<u8>) -> Vec<u8> {
        let mut line = String::with_capacity(LINE_MAX);
        let checksum = checksum(&json);
        let written = writeln!(line, "{} {} {checksum:016x}", self.kind, self.version);
        debug_assert!(written.is_ok(), "writing to a string does not fail");
        json.splice(0..0, line.into_bytes());
        json
    }

    /// The JSON behind the line, if it is whole.
    pub(crate) fn open(self, bytes: &[u8]) -> Result<&[u8], EnvelopeError> {
        let (line, json) = split_line(bytes).ok_or(EnvelopeError::Torn)?;
        let mut words = line.split(' ');
        if words.next() != Some(self.kind) {
            return Err(EnvelopeError::Torn);
        }
        let version: u32 = words
            .next()
            .and_then(|word| word.parse().ok())
            .ok_or(EnvelopeError::Torn)?;
        if version > self.version {
            return Err(EnvelopeError::Newer(version));
        }
        let mut expected = String::with_capacity(16);
        let written = write!(expected, "{:016x}", checksum(json));
        let sound = written.is_ok() && words.next() == Some(&expected) && words.next().is_none();
        if version == self.version && sound {
            Ok(json)
        } else {
            Err(EnvelopeError::Torn)
        }
    }
}

fn split_line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.iter().take(LINE_MAX).position(|&b| b == b'\n')?;
    let (line, rest) = bytes.split_at_checked(end)?;
    Some((core::str::from_utf8(line).ok()?, rest.get(1..)?))
}

fn checksum(json: &[u8]) -> u64 {
    digest(&[json])
}

/// 64 bits of the SHA-256 of some values, each with its length: to tell whether they are the
/// same without keeping them.
pub(crate) fn digest(parts: &[&[u8]]) -> u64 {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    let bytes: [u8; 32] = hash.finalize().into();
    let [a, b, c, d, e, f, g, h, ..] = bytes;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}
