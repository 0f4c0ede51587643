//! The envelope around stored JSON: one line with kind, version and checksum.
//!
//! The line is `twoba-session 1 0123456789abcdef`, and the JSON follows it. The version stands
//! first, so that newer content can be told from damaged content. The checksum covers everything
//! after the line.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

use sha2::{Digest, Sha256};

/// Longest first line.
const LINE_MAX: usize = 64;

/// Why the content of an envelope cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EnvelopeError {
    /// The bytes were cut or changed, or this software did not write them.
    Torn,
    /// The content is of another kind, of this release or of a newer one.
    OtherKind,
    /// A newer release wrote it.
    Newer(u32),
}

/// A kind of content and the version of it that this code writes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Envelope {
    pub(crate) kind: &'static str,
    pub(crate) version: u32,
}

impl Envelope {
    /// The line, still without its checksum, and room for this many bytes of JSON. A buffer that
    /// has to grow would leave a copy of the secrets behind.
    pub(crate) fn start(self, room: usize) -> Vec<u8> {
        let mut line = String::with_capacity(LINE_MAX + room);
        let written = write!(line, "{} {} ", self.kind, self.version);
        debug_assert!(written.is_ok(), "writing to a string does not fail");
        line.push_str("0000000000000000\n");
        line.into_bytes()
    }

    /// Writes the checksum once the JSON stands after the line.
    pub(crate) fn seal(bytes: &mut [u8]) {
        let end = bytes.iter().position(|&byte| byte == b'\n').unwrap_or(0);
        let Some((line, json)) = bytes.split_at_mut_checked(end + 1) else {
            return;
        };
        let digits = hex(checksum(json));
        let at = end.saturating_sub(digits.len());
        if let Some(place) = line.get_mut(at..end) {
            place.copy_from_slice(&digits);
        }
    }

    /// An envelope around this JSON.
    #[cfg(test)]
    pub(crate) fn around(self, json: &[u8]) -> Vec<u8> {
        let mut bytes = self.start(json.len());
        bytes.extend_from_slice(json);
        Self::seal(&mut bytes);
        bytes
    }

    /// The JSON in the envelope, if the envelope is whole.
    pub(crate) fn open(self, bytes: &[u8]) -> Result<&[u8], EnvelopeError> {
        let (line, json) = split_line(bytes).ok_or(EnvelopeError::Torn)?;
        let mut words = line.split(' ');
        if words.next() != Some(self.kind) {
            return Err(match is_of_ours(line) {
                true => EnvelopeError::OtherKind,
                false => EnvelopeError::Torn,
            });
        }
        let version: u32 = words
            .next()
            .and_then(|word| word.parse().ok())
            .ok_or(EnvelopeError::Torn)?;
        if version > self.version {
            return Err(EnvelopeError::Newer(version));
        }
        let said = words.next().map(str::as_bytes);
        let sound = said == Some(&hex(checksum(json))) && words.next().is_none();
        if version == self.version && sound {
            Ok(json)
        } else {
            Err(EnvelopeError::Torn)
        }
    }
}

/// Whether this software wrote the line, whatever its kind and version.
fn is_of_ours(line: &str) -> bool {
    let mut words = line.split(' ');
    let kind = words.next().and_then(|word| word.strip_prefix("twoba-"));
    let is_kind = |kind: &str| !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_lowercase());
    let version = words.next().and_then(|word| word.parse::<u32>().ok());
    let checksum = words.next().filter(|word| word.len() == 16);
    kind.is_some_and(is_kind) && version.is_some() && checksum.is_some() && words.next().is_none()
}

fn split_line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.iter().take(LINE_MAX).position(|&b| b == b'\n')?;
    let (line, rest) = bytes.split_at_checked(end)?;
    Some((core::str::from_utf8(line).ok()?, rest.get(1..)?))
}

fn checksum(json: &[u8]) -> u64 {
    digest(&[json])
}

/// All its hexadecimal digits, in lower case.
fn hex(number: u64) -> [u8; 16] {
    let mut digits = *b"0123456789abcdef";
    let known = digits;
    let mut rest = number;
    for digit in digits.iter_mut().rev() {
        let value = usize::try_from(rest % 16).unwrap_or_default();
        *digit = known.get(value).copied().unwrap_or_default();
        rest /= 16;
    }
    digits
}

/// 64 bits of the SHA-256 of some values, each with its length. It tells whether values are the same
/// without keeping them.
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
