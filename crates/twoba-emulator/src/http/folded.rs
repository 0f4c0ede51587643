//! Folds a header on the wire. The HTTP library writes each header on one line only.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::header::HeaderName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The header that is folded.
pub(super) const NAME: HeaderName = HeaderName::from_static("x-folded");

/// The value of the header. The three spaces become the end of a line and the start of the next.
pub(super) const ONE_LINE: &str = "one line   and another";

/// The header line as the library writes it, and the bytes that replace it. Both are of the same
/// length, so that lengths stay true.
const WRITTEN: &[u8] = b"x-folded: one line   and another\r\n";
const FOLDED: &[u8] = b"x-folded: one line\r\n and another\r\n";

/// A connection on which that header is folded.
pub(super) struct Folding<S>(pub(super) S);

/// The head of an answer with its header folded; `None` if it has no such header. The library
/// writes a head in one piece.
fn folded(written: &[u8]) -> Option<Vec<u8>> {
    let mut start = 0;
    // As far as the empty line, so that no body is looked through.
    for line in written.split_inclusive(|&byte| byte == b'\n') {
        match line {
            WRITTEN => break,
            b"\r\n" => return None,
            _ => start += line.len(),
        }
    }
    let (before, rest) = written.split_at_checked(start)?;
    let behind = rest.strip_prefix(WRITTEN)?;
    Some([before, FOLDED, behind].concat())
}

impl<S: AsyncRead + Unpin> AsyncRead for Folding<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Folding<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let stream = Pin::new(&mut self.0);
        match folded(bytes) {
            Some(folded) => stream.poll_write(context, &folded),
            None => stream.poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_folded_and_nothing_else_is() {
        let line = std::str::from_utf8(WRITTEN).unwrap();
        let head = format!("HTTP/1.1 200 OK\r\n{line}a: b\r\n\r\nbody");
        let text = folded(head.as_bytes()).unwrap();
        let expected = head.replace("line   and", "line\r\n and");
        assert_eq!(text, expected.as_bytes());
        for other in ["", "a", &format!("HTTP/1.1 200 OK\r\n\r\n{line}")] {
            assert_eq!(folded(other.as_bytes()), None);
        }
    }

    #[test]
    fn a_fold_changes_no_length() {
        assert_eq!(WRITTEN.len(), FOLDED.len());
        assert_eq!(WRITTEN, format!("{NAME}: {ONE_LINE}\r\n").as_bytes());
    }
}
