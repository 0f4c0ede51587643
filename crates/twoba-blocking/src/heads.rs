//! Rewrites the heads of answers so that ureq can read them. ureq gives up a whole answer for one
//! unusual line.
//!
//! The file makes three changes for which ureq has no settings. It puts a folded header into one
//! line. It removes a line that is no header. It renames a content coding, because ureq would
//! decode it if another crate enables ureq's feature `gzip`.

use http::HeaderMap;
use http::header::{CONTENT_ENCODING, HeaderName, HeaderValue};
use ureq::Error;
use ureq::unversioned::transport::{Buffers, LazyBuffers, NextTimeout, Transport};
use zeroize::optimization_barrier;

/// The name of the header with an answer's codings while ureq reads the answer.
const HELD_BACK: &str = "x-held-back-content-encoding";

/// The longest head that is rewritten, in bytes. ureq refuses a longer one.
const HEAD_MAX: usize = 64 * 1024;

/// Capacity of each buffer, in bytes. It holds a head of [`HEAD_MAX`] and more.
const BUFFER: usize = 128 * 1024;

/// A connection that rewrites the heads of answers.
#[derive(Debug)]
pub(crate) struct Mending {
    inner: Box<dyn Transport>,
    buffers: LazyBuffers,
    next: Next,
}

/// What the server sends next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Head,
    Body,
    /// Bytes that are not for us: a proxy passes on what the server behind it sends.
    Tunnel,
}

impl Mending {
    pub(crate) fn new(inner: Box<dyn Transport>) -> Self {
        Self {
            inner,
            buffers: LazyBuffers::new(BUFFER, BUFFER),
            next: Next::Body,
        }
    }

    /// Passes a head on when it is complete.
    fn pass_head(&mut self) {
        let from = self.inner.buffers();
        let Some(length) = head_length(from.input()) else {
            // One that is too long is for ureq to refuse.
            if from.input().len() > HEAD_MAX {
                self.next = Next::Body;
                self.pass();
            } else {
                // Nothing is taken, so that more is awaited.
                from.input_consume(0);
            }
            return;
        };
        let head = from.input().get(..length).unwrap_or_default();
        let mended = mended(head);
        // RFC 9110 section 15.2: another head comes behind an interim one.
        if !is_interim(head) {
            self.next = Next::Body;
        }
        append(&mut self.buffers, &mended);
        from.input_consume(length);
    }

    /// Passes on the available bytes.
    fn pass(&mut self) {
        let from = self.inner.buffers();
        let passed = append(&mut self.buffers, from.input());
        from.input_consume(passed);
    }
}

/// Adds as many bytes as there is room for, and returns how many that were.
fn append(buffers: &mut LazyBuffers, bytes: &[u8]) -> usize {
    let room = buffers.input_append_buf();
    let length = bytes.len().min(room.len());
    if let (Some(to), Some(from)) = (room.get_mut(..length), bytes.get(..length)) {
        to.copy_from_slice(from);
    }
    buffers.input_appended(length);
    length
}

impl Transport for Mending {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let mut rest = self.buffers.output().get(..amount).unwrap_or_default();
        // RFC 9110 section 9.3.6: what follows is not ours to look into.
        if rest.starts_with(b"CONNECT ") {
            self.next = Next::Tunnel;
        }
        if self.next != Next::Tunnel {
            self.next = Next::Head;
        }
        while !rest.is_empty() {
            let out = self.inner.buffers().output();
            let length = rest.len().min(out.len());
            let (piece, behind) = rest.split_at(length);
            if let Some(out) = out.get_mut(..length) {
                out.copy_from_slice(piece);
            }
            self.inner.transmit_output(length, timeout)?;
            rest = behind;
        }
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let progress = self.inner.maybe_await_input(timeout)?;
        match self.next {
            Next::Head => self.pass_head(),
            Next::Body | Next::Tunnel => self.pass(),
        }
        Ok(progress)
    }

    fn is_open(&mut self) -> bool {
        // What is left over belongs to no answer.
        self.inner.buffers().input().is_empty() && self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

impl Drop for Mending {
    /// Wipes the buffers, because forms went out through them and tokens came in.
    fn drop(&mut self) {
        wipe(&mut self.buffers);
        wipe(self.inner.buffers());
    }
}

fn wipe(buffers: &mut dyn Buffers) {
    buffers.input_consume(buffers.input().len());
    blank(buffers.input_append_buf());
    blank(buffers.output());
}

fn blank(bytes: &mut [u8]) {
    bytes.fill(0);
    optimization_barrier(bytes);
}

/// The length of a head with its empty line; `None` until that has arrived.
fn head_length(bytes: &[u8]) -> Option<usize> {
    // RFC 9112 section 2.2: empty lines before it count for nothing.
    let mut at = bytes.iter().position(|byte| !b"\r\n".contains(byte))?;
    loop {
        let line = bytes.get(at..)?;
        let length = line.iter().position(|&byte| byte == b'\n')? + 1;
        at += length;
        if matches!(line.get(..length)?, b"\r\n" | b"\n") {
            return Some(at);
        }
    }
}

/// Whether this is the head of an interim answer: status 1xx.
fn is_interim(head: &[u8]) -> bool {
    let mut words = head.trim_ascii_start().split(|&byte| byte == b' ');
    words.nth(1).is_some_and(|status| status.starts_with(b"1"))
}

/// The head, rewritten into lines that ureq can read.
fn mended(head: &[u8]) -> Vec<u8> {
    let mut mended = Vec::with_capacity(head.len());
    let mut lines = head.trim_ascii().split(|&byte| byte == b'\n');
    mended.extend_from_slice(lines.next().unwrap_or_default().trim_ascii_end());
    let mut is_kept = false;
    for line in lines {
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            // RFC 9112 section 5.2: a fold is read as a space.
            if is_kept && is_value(line) {
                mended.push(b' ');
                mended.extend_from_slice(line.trim_ascii());
            }
            continue;
        }
        let field = field(line);
        is_kept = field.is_some();
        if let Some((name, value)) = field {
            mended.extend_from_slice(b"\r\n");
            mended.extend_from_slice(name);
            mended.extend_from_slice(b": ");
            mended.extend_from_slice(value);
        }
    }
    mended.extend_from_slice(b"\r\n\r\n");
    mended
}

/// Name and value of a header line, if it is one.
fn field(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = line.iter().position(|&byte| byte == b':')?;
    let (name, value) = line.split_at_checked(colon)?;
    // RFC 9112 section 5.1: spaces before the colon do not belong to the name.
    let name = name.trim_ascii_end();
    let value = value.get(1..)?.trim_ascii();
    let parsed = HeaderName::from_bytes(name).ok()?;
    let name = if parsed == CONTENT_ENCODING {
        HELD_BACK.as_bytes()
    } else {
        name
    };
    is_value(value).then_some((name, value))
}

/// RFC 9110 section 5.5: no control characters but the tab.
fn is_value(bytes: &[u8]) -> bool {
    HeaderValue::from_bytes(bytes.trim_ascii()).is_ok()
}

/// Restores the name of the header with an answer's codings.
pub(crate) fn with_codings(headers: &mut HeaderMap) {
    let held_back: Vec<_> = headers.get_all(HELD_BACK).iter().cloned().collect();
    headers.remove(HELD_BACK);
    for coding in held_back {
        headers.append(CONTENT_ENCODING, coding);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;
    use twoba_core::content_coding;

    use super::*;

    #[track_caller]
    fn assert_mended(lines: &str, expected: &str) {
        let head = format!("HTTP/1.1 200 OK\r\n{lines}\r\n");
        assert_eq!(head_length(head.as_bytes()), Some(head.len()), "{lines:?}");
        let mended = String::from_utf8(mended(head.as_bytes())).unwrap();
        assert_eq!(mended, format!("HTTP/1.1 200 OK\r\n{expected}\r\n"));
    }

    #[test]
    fn a_head_becomes_one_that_can_be_read() {
        assert_mended("", "");
        assert_mended("A: b\r\n", "A: b\r\n");
        assert_mended("A: b\nC:d\n", "A: b\r\nC: d\r\n");
        assert_mended("A: b\r\n c\r\n\td \r\nE: f\r\n", "A: b c d\r\nE: f\r\n");
        assert_mended("A:\r\n b\r\n", "A:  b\r\n");
        assert_mended("no header\r\n nor this\r\nA: b\r\n", "A: b\r\n");
        assert_mended("A b: c\r\n: d\r\nE : f\r\n", "E: f\r\n");
        assert_mended("A: b\u{1}\r\nC: d\r\n e\u{1}\r\n", "C: d\r\n");
        assert_mended(
            "content-encoding: gzip\r\n",
            "x-held-back-content-encoding: gzip\r\n",
        );
    }

    #[test]
    fn a_head_ends_with_its_empty_line() {
        for (bytes, length) in [
            ("", None),
            ("\r\n", None),
            ("HTTP/1.1 200 OK\r\n", None),
            ("HTTP/1.1 200 OK\r\nA: b\r\n \r\n", None),
            ("HTTP/1.1 200 OK\r\n\r\nbody\r\n\r\n", Some(19)),
            ("\r\n\r\nHTTP/1.1 200 OK\n\nbody", Some(21)),
        ] {
            assert_eq!(head_length(bytes.as_bytes()), length, "{bytes:?}");
        }
    }

    #[test]
    fn a_coding_gets_its_name_back() {
        let mut headers = HeaderMap::new();
        for coding in ["gzip", "br"] {
            headers.append(HELD_BACK, HeaderValue::from_static(coding));
        }
        with_codings(&mut headers);
        assert_eq!(content_coding(&headers).as_deref(), Some("gzip, br"));
        assert_eq!(headers.len(), 2);
    }

    proptest! {
        /// Whatever a server writes: each line that is left is a header, and the head has one end.
        #[test]
        fn what_is_mended_holds_headers_alone(
            pieces in proptest::collection::vec(
                select(&["A", "b", ":", " ", "\t", "\r\n", "\n", "\r", "\u{0}", "\u{e9}"][..]),
                0..40,
            ),
        ) {
            let head = format!("HTTP/1.1 200 OK\r\n{}\r\n\r\n", pieces.concat());
            let length = head_length(head.as_bytes()).unwrap();
            let mended = mended(head.get(..length).map(str::as_bytes).unwrap());
            prop_assert_eq!(head_length(&mended), Some(mended.len()));
            let text = String::from_utf8(mended).unwrap();
            let lines = text.strip_suffix("\r\n\r\n").unwrap().split("\r\n");
            for line in lines.skip(1) {
                let (name, value) = line.split_once(": ").unwrap();
                prop_assert!(HeaderName::from_bytes(name.as_bytes()).is_ok());
                prop_assert!(HeaderValue::from_bytes(value.as_bytes()).is_ok(), "{:?}", value);
            }
        }
    }
}
