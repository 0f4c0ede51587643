//! Compresses a body for a fault.

use hyper::body::Bytes;
use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};

/// The usual level.
const LEVEL: u8 = 6;

/// A content coding (RFC 9110 section 8.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Gzip,
    Deflate,
}

impl Coding {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
        }
    }

    pub(super) fn encode(self, body: &[u8]) -> Bytes {
        match self {
            Self::Gzip => gzip(body).into(),
            Self::Deflate => compress_to_vec_zlib(body, LEVEL).into(),
        }
    }
}

/// RFC 1952: an empty header, the data, their checksum and length.
fn gzip(body: &[u8]) -> Vec<u8> {
    const HEADER: &[u8] = &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    // RFC 1952 section 2.3.1: modulo 2^32.
    let [a, b, c, d, ..] = body.len().to_le_bytes();
    let checksum = crc32fast::hash(body).to_le_bytes();
    [
        HEADER,
        &compress_to_vec(body, LEVEL),
        &checksum,
        &[a, b, c, d],
    ]
    .concat()
}
