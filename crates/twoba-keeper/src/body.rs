//! The body of an answer while it is read: bounded, and wiped after use.

use std::io::{self, ErrorKind, Read};
use std::{fmt, mem};

use zeroize::optimization_barrier;

/// The first capacity of a body, in bytes.
const FIRST_ROOM: usize = 8 * 1024;

/// How many bytes are read at once.
const PIECE: usize = 64 * 1024;

/// The body of an answer. It can hold one byte more than its limit, so that its judge notices a
/// body that is too long.
#[derive(Default)]
pub struct Body {
    bytes: Vec<u8>,
    limit: usize,
}

impl Body {
    /// Makes an empty body of at most `limit` bytes.
    #[must_use]
    pub fn up_to(limit: usize) -> Self {
        Self {
            bytes: Vec::new(),
            limit,
        }
    }

    /// Reads a body from a reader, up to its end or to the first byte past `limit`.
    ///
    /// # Errors
    ///
    /// - the reader fails: the reader's error
    pub fn read(mut reader: impl Read, limit: usize) -> io::Result<Self> {
        let mut body = Self::up_to(limit);
        loop {
            let filled = body.bytes.len();
            if filled == body.bytes.capacity() {
                body.move_to((2 * filled).max(FIRST_ROOM));
            }
            let end = body.bytes.capacity().min(filled + body.room().min(PIECE));
            body.bytes.resize(end, 0);
            let read = reader.read(body.bytes.get_mut(filled..).unwrap_or_default());
            let brought = read.as_ref().map_or(0, |read| *read);
            body.bytes.truncate(filled + brought);
            match read {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
                Ok(0) => return Ok(body),
                Ok(_) if body.is_over() => return Ok(body),
                Ok(_) => {}
            }
        }
    }

    /// Adds a chunk. Returns false if more than the limit has arrived, so that the reader can stop.
    pub fn push(&mut self, chunk: &[u8]) -> bool {
        let chunk = chunk.get(..self.room()).unwrap_or(chunk);
        let needed = self.bytes.len() + chunk.len();
        if needed > self.bytes.capacity() {
            self.move_to(needed.max(2 * self.bytes.capacity()).max(FIRST_ROOM));
        }
        self.bytes.extend_from_slice(chunk);
        !self.is_over()
    }

    /// Whether more bytes than the limit have arrived.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.bytes.len() > self.limit
    }

    /// Resizes the body to `length` bytes, at most to the limit. New bytes are zero.
    pub(crate) fn resize(&mut self, length: usize) {
        let length = length.min(self.limit.saturating_add(1));
        if length > self.bytes.capacity() {
            self.move_to(length);
        }
        self.bytes.resize(length, 0);
    }

    /// The limit in bytes.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// How many more bytes the body takes.
    fn room(&self) -> usize {
        self.limit
            .saturating_add(1)
            .saturating_sub(self.bytes.len())
    }

    /// The bytes, for a caller that keeps them. They are no longer wiped.
    pub(crate) fn into_vec(mut self) -> Vec<u8> {
        mem::take(&mut self.bytes)
    }

    /// Moves the bytes to a larger buffer. A vector that grows by itself would leave the old bytes
    /// behind.
    fn move_to(&mut self, capacity: usize) {
        let mut larger = Vec::with_capacity(capacity);
        larger.extend_from_slice(&self.bytes);
        wipe(&mut self.bytes);
        self.bytes = larger;
    }
}

/// Wipes a large body at once. One byte at a time would take seconds in a debug build.
fn wipe(bytes: &mut [u8]) {
    bytes.fill(0);
    optimization_barrier(bytes);
}

impl Drop for Body {
    fn drop(&mut self) {
        wipe(&mut self.bytes);
    }
}

impl AsMut<[u8]> for Body {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }
}

impl AsRef<[u8]> for Body {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes, redacted)", self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_keeps_one_byte_more_than_it_may_have_and_says_so() {
        let mut body = Body::up_to(5);
        assert!(body.push(b"abc"));
        assert!(body.push(b"de"));
        assert!(!body.is_over());
        assert!(!body.push(b"fgh"));
        assert!(!body.push(b"i"));
        assert_eq!(body.as_ref(), b"abcdef");
    }

    /// Brings one byte at a time, and is interrupted before each.
    struct Dripping<'a>(&'a [u8], bool);

    impl Read for Dripping<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(ErrorKind::Interrupted.into());
            }
            (&mut self.0).take(1).read(buffer)
        }
    }

    #[test]
    fn a_body_is_read_to_its_end_or_to_the_first_byte_too_many() {
        let sent: Vec<u8> = (0..200_000_u32).map(|at| (at % 251) as u8).collect();
        let read = |limit| Body::read(&sent[..], limit).unwrap();
        assert_eq!(read(1_000_000).as_ref(), sent);
        assert!(!read(sent.len()).is_over());
        for limit in [0, 10, 70_000, sent.len() - 1] {
            let body = read(limit);
            assert!(body.is_over(), "{limit}");
            assert_eq!(body.as_ref(), &sent[..=limit]);
        }
        let sent = &sent[..2_000];
        let body = Body::read(Dripping(sent, false), 30_000).unwrap();
        assert_eq!(body.as_ref(), sent);
    }

    #[test]
    fn a_reader_that_fails_brings_no_body() {
        let fails = Dripping(b"", false).chain(Failing);
        assert!(Body::read(fails, 10).is_err());
    }

    /// Never brings anything.
    struct Failing;

    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(ErrorKind::ConnectionReset.into())
        }
    }

    #[test]
    fn a_body_grows_without_losing_anything() {
        let mut body = Body::up_to(1024 * 1024);
        let mut expected = Vec::new();
        for number in 0..100_u8 {
            let chunk = vec![number; 1 + 31 * usize::from(number)];
            assert!(body.push(&chunk));
            expected.extend_from_slice(&chunk);
        }
        assert_eq!(body.into_vec(), expected);
    }

    #[test]
    fn a_body_is_not_printed() {
        let mut body = Body::up_to(10);
        body.push(b"canary");
        assert_eq!(format!("{body:?}"), "Body(6 bytes, redacted)");
    }
}
