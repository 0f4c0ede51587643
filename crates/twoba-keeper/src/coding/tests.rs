//! What is decoded, what is left as it came, and that nobody mistakes the one for the other.

use http::HeaderValue;
use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::*;

const LIMIT: usize = 100_000;
const TEXT: &[u8] = b"{\"access_token\":\"myAccessToken\",\"token_type\":\"bearer\"}";

/// A gzip header with these flags and what they say that follows it, the data, and the trailer.
fn gzipped(flags: u8, fields: &[u8], text: &[u8]) -> Vec<u8> {
    let length = u32::try_from(text.len()).unwrap();
    [
        &[0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 255],
        fields,
        &compress_to_vec(text, 6),
        &crc32fast::hash(text).to_le_bytes(),
        &length.to_le_bytes(),
    ]
    .concat()
}

fn answer(codings: &[&'static str], encoded: &[u8]) -> Response<Body> {
    let mut body = Body::up_to(LIMIT);
    body.push(encoded);
    let mut answer = Response::new(body);
    for coding in codings {
        let coding = HeaderValue::from_static(coding);
        answer.headers_mut().append(CONTENT_ENCODING, coding);
    }
    answer
}

/// What comes of such a body; `None` where it is left as it came.
fn decoded(coding: &'static str, encoded: &[u8]) -> Option<Vec<u8>> {
    let answer = undone(answer(&[coding], encoded));
    let left = answer.headers().contains_key(CONTENT_ENCODING);
    if left {
        assert_eq!(answer.body().as_ref(), encoded);
    }
    (!left).then(|| answer.into_body().into_vec())
}

#[test]
fn gzip_and_both_kinds_of_deflate_are_undone() {
    for text in [TEXT, &[b'a'; 60_000], &[b'x'; LIMIT]] {
        for (coding, encoded) in [
            ("gzip", gzipped(0, b"", text)),
            ("GZIP", gzipped(0, b"", text)),
            ("x-gzip", gzipped(0, b"", text)),
            ("identity, gzip", gzipped(0, b"", text)),
            ("gzip", gzipped(1 << 2, b"\x03\x00abc", text)),
            ("gzip", gzipped(1 << 3, b"name\0", text)),
            ("gzip", gzipped(1 << 4, b"comment\0", text)),
            ("gzip", gzipped(1 << 1, b"12", text)),
            ("gzip", gzipped(0b1_1111, b"\x01\x00an\0c\0\x31\x32", text)),
            ("deflate", compress_to_vec_zlib(text, 6)),
            ("deflate", compress_to_vec(text, 6)),
        ] {
            let decoded = decoded(coding, &encoded);
            assert_eq!(decoded.as_deref(), Some(text), "{coding}, {}", text.len());
        }
    }
}

#[test]
fn what_cannot_be_undone_stays_as_it_came() {
    let gzip = gzipped(0, b"", TEXT);
    let zlib = compress_to_vec_zlib(TEXT, 6);
    let changed = |at: usize| {
        let mut bytes = gzip.clone();
        bytes[at] ^= 0x40;
        bytes
    };
    let followed = |bytes: &[u8]| [bytes, b"\0"].concat();
    for (coding, encoded) in [
        ("br", gzip.clone()),
        ("utf-8", TEXT.to_vec()),
        ("gzip, gzip", gzip.clone()),
        ("gzip", TEXT.to_vec()),
        ("gzip", Vec::new()),
        ("deflate", Vec::new()),
        ("deflate", gzip.clone()),
        ("gzip", zlib.clone()),
        ("gzip", followed(&gzip)),
        ("gzip", [&*gzip, &*gzip].concat()),
        ("deflate", followed(&zlib)),
        ("deflate", followed(&compress_to_vec(TEXT, 6))),
        // A reserved flag, checksum, length.
        ("gzip", changed(3)),
        ("gzip", changed(gzip.len() - 5)),
        ("gzip", changed(gzip.len() - 1)),
    ] {
        assert_eq!(decoded(coding, &encoded), None, "{coding}");
    }
    for (coding, whole) in [("gzip", &gzip), ("deflate", &zlib)] {
        for length in 0..whole.len() {
            assert_eq!(decoded(coding, &whole[..length]), None, "{coding} {length}");
        }
    }
    let twice = undone(answer(&["gzip", "gzip"], &gzip));
    assert_eq!(twice.body().as_ref(), gzip);
}

#[test]
fn decoding_ends_at_the_limit_of_the_body() {
    let text = vec![b'a'; 20 * LIMIT];
    for (coding, encoded) in [
        ("gzip", gzipped(0, b"", &text)),
        ("deflate", compress_to_vec_zlib(&text, 6)),
        ("deflate", compress_to_vec(&text[..=LIMIT], 6)),
    ] {
        let answer = undone(answer(&[coding], &encoded));
        assert!(answer.body().is_over(), "{coding}");
        assert_eq!(answer.body().as_ref().len(), LIMIT + 1);
    }
}

#[test]
fn an_empty_body_that_was_encoded_keeps_its_header() {
    for (coding, encoded) in [
        ("gzip", gzipped(0, b"", b"")),
        ("deflate", compress_to_vec_zlib(b"", 6)),
        ("deflate", compress_to_vec(b"", 6)),
    ] {
        let answer = undone(answer(&[coding], &encoded));
        assert_eq!(answer.body().as_ref(), b"");
        assert_eq!(answer.headers()[CONTENT_ENCODING], coding);
    }
}

#[test]
fn a_length_that_is_no_longer_true_goes() {
    let mut encoded = answer(&["gzip"], &gzipped(0, b"", TEXT));
    let length = HeaderValue::from_static("75");
    encoded.headers_mut().insert(CONTENT_LENGTH, length);
    assert!(!undone(encoded).headers().contains_key(CONTENT_LENGTH));
}

proptest! {
    #[test]
    fn any_text_comes_back_at_any_level(text in any::<Vec<u8>>(), level in 0..=10_u8) {
        prop_assume!(!text.is_empty());
        let zlib = decoded("deflate", &compress_to_vec_zlib(&text, level));
        prop_assert_eq!(zlib.as_ref(), Some(&text));
        let raw = decoded("deflate", &compress_to_vec(&text, level));
        prop_assert_eq!(raw.as_ref(), Some(&text));
    }

    /// Broken data of any kind end at the limit or stay as they came.
    #[test]
    fn what_is_broken_does_no_harm(
        coding in select(&["gzip", "deflate"][..]),
        text in proptest::collection::vec(any::<u8>(), 0..2_000),
        at in any::<Index>(),
        byte in any::<u8>(),
    ) {
        let mut encoded = if coding == "gzip" {
            gzipped(0, b"", &text)
        } else {
            compress_to_vec_zlib(&text, 6)
        };
        let at = at.index(encoded.len());
        encoded[at] = byte;
        for encoded in [&encoded, &text] {
            let answer = undone(answer(&[coding], encoded));
            prop_assert!(answer.body().as_ref().len() <= LIMIT + 1);
        }
    }
}
