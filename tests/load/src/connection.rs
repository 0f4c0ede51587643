//! Decides how requests are written to a kept connection and answers taken off it; not what either says.

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Nothing that is measured takes this long.
const PATIENCE: Duration = Duration::from_secs(30);

/// More than any answer of a token endpoint.
const ROOM: usize = 16 * 1024;

/// A connection that is kept for many requests.
pub(crate) struct Connection {
    stream: TcpStream,
    room: Vec<u8>,
}

/// An answer, as long as the next one is not asked for.
pub(crate) struct Answer<'c> {
    pub(crate) status: u16,
    pub(crate) body: &'c [u8],
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self {
            stream,
            room: vec![0; ROOM],
        })
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream.write_all(bytes)
    }

    /// Waits for the answer to the one request that is under way.
    pub(crate) fn receive(&mut self) -> Result<Answer<'_>> {
        let mut filled = 0;
        let (status, body) = loop {
            let free = self.room.get_mut(filled..).unwrap_or_default();
            match self.stream.read(free)? {
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                more => filled += more,
            }
            let read = self.room.get(..filled).unwrap_or_default();
            if let Some((head, start)) = head(read) {
                let (status, length) = status_and_length(head)?;
                if filled - start >= length {
                    break (status, start..filled);
                }
            }
        };
        let body = self.room.get(body).unwrap_or_default();
        Ok(Answer { status, body })
    }
}

/// The head of a message that has arrived up to here, and where its body begins.
fn head(read: &[u8]) -> Option<(&[u8], usize)> {
    let end = read.windows(4).position(|window| window == b"\r\n\r\n")?;
    Some((read.get(..end)?, end + 4))
}

fn status_and_length(head: &[u8]) -> Result<(u16, usize)> {
    let strange = || Error::new(ErrorKind::InvalidData, "not an answer with a length");
    let head = std::str::from_utf8(head).map_err(|_| strange())?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    let length = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_length = name.eq_ignore_ascii_case("content-length");
        is_length.then(|| value.trim())
    });
    let status = status.and_then(|text| text.parse().ok());
    let length = length.and_then(|text| text.parse().ok());
    status.zip(length).ok_or_else(strange)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_and_length_are_read_however_they_are_spelled() {
        let head = b"HTTP/1.1 400 Bad Request\r\ndate: x\r\ncontent-LENGTH:12";
        assert_eq!(status_and_length(head).unwrap(), (400, 12));
        assert!(status_and_length(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked").is_err());
    }

    #[test]
    fn a_head_ends_at_the_empty_line() {
        assert_eq!(head(b"a\r\nb\r\n\r\nc"), Some((&b"a\r\nb"[..], 8)));
        assert_eq!(head(b"a\r\nb\r\n\r"), None);
    }
}
