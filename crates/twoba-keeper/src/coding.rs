//! Decodes the content coding of an answer: gzip and deflate, within the limit of the body.

use http::Response;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::{
    TINFL_FLAG_PARSE_ZLIB_HEADER, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
};
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};
use twoba_core::content_coding;

use crate::body::Body;

/// The capacity for the first piece of decoded data.
const FIRST_PIECE: usize = 16 * 1024;

/// The length of gzip's trailer: checksum and length (RFC 1952 section 2.3.1).
const GZIP_TRAILER: usize = 8;

/// The answer without its coding. Some answers cannot be decoded: another coding, several codings,
/// or data that are broken, cut off or followed by other data. Such an answer stays as it came, and
/// its header tells the judge.
pub(crate) fn undone(mut answer: Response<Body>) -> Response<Body> {
    let Some(coding) = content_coding(answer.headers()) else {
        return answer;
    };
    // More has come than may: that is judged by its length.
    if answer.body().is_over() {
        return answer;
    }
    let (encoded, limit) = (answer.body().as_ref(), answer.body().limit());
    let decoded = match coding.as_str() {
        // RFC 9110 section 8.4.1.3: x-gzip is the same.
        "gzip" | "x-gzip" => gzip(encoded, limit),
        // RFC 9110 section 8.4.1.2: zlib is what is meant; some servers leave its frame out.
        "deflate" => zlib(encoded, limit).or_else(|| raw(encoded, limit)),
        _ => None,
    };
    let Some(decoded) = decoded else {
        return answer;
    };
    answer.headers_mut().remove(CONTENT_LENGTH);
    // The header of an empty body stays: somebody encoded it, so that it is no bare answer.
    if !decoded.as_ref().is_empty() {
        answer.headers_mut().remove(CONTENT_ENCODING);
    }
    *answer.body_mut() = decoded;
    answer
}

/// Decodes RFC 1950, to its last byte.
fn zlib(encoded: &[u8], limit: usize) -> Option<Body> {
    whole(encoded, TINFL_FLAG_PARSE_ZLIB_HEADER, limit)
}

/// Decodes RFC 1951, to its last byte.
fn raw(encoded: &[u8], limit: usize) -> Option<Body> {
    whole(encoded, 0, limit)
}

fn whole(encoded: &[u8], flags: u32, limit: usize) -> Option<Body> {
    let (body, rest) = inflate(encoded, flags, limit)?;
    (body.is_over() || rest.is_empty()).then_some(body)
}

/// Decodes RFC 1952, one member.
fn gzip(encoded: &[u8], limit: usize) -> Option<Body> {
    let (body, rest) = inflate(behind_gzip_header(encoded)?, 0, limit)?;
    if body.is_over() {
        return Some(body);
    }
    let trailer: [u8; GZIP_TRAILER] = rest.try_into().ok()?;
    let checksum = crc32fast::hash(body.as_ref()).to_le_bytes();
    // RFC 1952 section 2.3.1: the length modulo 2^32, which no limit here reaches.
    let length = u32::try_from(body.as_ref().len()).ok()?.to_le_bytes();
    let expected = trailer.split_at_checked(checksum.len())?;
    (expected == (checksum.as_slice(), length.as_slice())).then_some(body)
}

/// The data after the header of RFC 1952 section 2.3: ten bytes, and the parts that their flags
/// announce.
fn behind_gzip_header(encoded: &[u8]) -> Option<&[u8]> {
    const HEADER_CRC: u8 = 1 << 1;
    const EXTRA: u8 = 1 << 2;
    const NAME: u8 = 1 << 3;
    const COMMENT: u8 = 1 << 4;
    const RESERVED: u8 = 0b1110_0000;
    let (&[0x1f, 0x8b, 8, flags, ..], mut rest) = encoded.split_first_chunk::<10>()? else {
        return None;
    };
    if flags & RESERVED != 0 {
        return None;
    }
    if flags & EXTRA != 0 {
        let (length, behind) = rest.split_first_chunk()?;
        rest = behind.get(usize::from(u16::from_le_bytes(*length))..)?;
    }
    for text in [NAME, COMMENT] {
        if flags & text != 0 {
            let end = rest.iter().position(|&byte| byte == 0)?;
            rest = rest.get(end + 1..)?;
        }
    }
    if flags & HEADER_CRC != 0 {
        rest = rest.get(2..)?;
    }
    Some(rest)
}

/// The inflated data, and the bytes after the deflated data. If the data exceed the limit, it is
/// their start.
fn inflate(encoded: &[u8], flags: u32, limit: usize) -> Option<(Body, &[u8])> {
    let flags = flags | TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let mut decoder = Box::new(DecompressorOxide::new());
    let mut body = Body::up_to(limit);
    body.resize(FIRST_PIECE);
    let (mut rest, mut length) = (encoded, 0);
    loop {
        let out = body.as_mut();
        let (status, read, written) = decompress(&mut decoder, rest, out, length, flags);
        rest = rest.get(read..)?;
        length += written;
        match status {
            TINFLStatus::Done => break,
            TINFLStatus::HasMoreOutput if body.is_over() => break,
            TINFLStatus::HasMoreOutput => body.resize(2 * body.as_ref().len()),
            TINFLStatus::FailedCannotMakeProgress
            | TINFLStatus::BadParam
            | TINFLStatus::Adler32Mismatch
            | TINFLStatus::Failed
            | TINFLStatus::NeedsMoreInput
            | _ => return None,
        }
    }
    // What stands behind it was never written.
    body.resize(length);
    Some((body, rest))
}

#[cfg(test)]
mod tests;
