//! Form bodies: how a request's fields are written, and how they stay secret afterwards.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::secret::wipe;

/// A request body of `application/x-www-form-urlencoded` fields. Its `Debug` output is redacted, and
/// its memory is wiped when it is dropped.
pub struct Form {
    body: Vec<u8>,
}

impl Form {
    /// Writes an encoded part, then the fields in order, then another encoded part.
    ///
    /// The buffer has its final size from the start, so no piece of a secret stays behind in
    /// a smaller one.
    pub(crate) fn new(head: &str, fields: &[(&str, &str)], tail: &[u8]) -> Self {
        let room = head.len() + encoded_fields_len(fields) + 1 + tail.len();
        let mut body = Vec::with_capacity(room);
        body.extend_from_slice(head.as_bytes());
        push_fields(&mut body, fields);
        if !tail.is_empty() {
            if !body.is_empty() {
                body.push(b'&');
            }
            body.extend_from_slice(tail);
        }
        Self { body }
    }

    /// The body's length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.body.len()
    }

    /// Whether the form has no field.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.body.is_empty()
    }

    /// The bytes for the server. Send them, and do not keep them.
    #[must_use]
    pub fn into_bytes(mut self) -> Vec<u8> {
        core::mem::take(&mut self.body)
    }
}

impl AsRef<[u8]> for Form {
    fn as_ref(&self) -> &[u8] {
        &self.body
    }
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Form({} bytes, redacted)", self.body.len())
    }
}

impl Drop for Form {
    fn drop(&mut self) {
        wipe(&mut self.body);
    }
}

/// An upper bound for the encoded length of the fields, with `&` before each.
pub(crate) fn encoded_fields_len(fields: &[(&str, &str)]) -> usize {
    let one = |&(name, value): &(&str, &str)| 2 + name.len() + encoded_len(value);
    fields.iter().map(one).sum()
}

/// Appends the fields, joined by `&`. RFC 6749 section 3.1 treats a parameter without a value as
/// omitted, so such a field is left out. The crate's own names need no encoding.
pub(crate) fn push_fields(out: &mut Vec<u8>, fields: &[(&str, &str)]) {
    let mut joined = matches!(out.last(), None | Some(b'?' | b'&'));
    for (name, value) in fields {
        if value.is_empty() {
            continue;
        }
        if !joined {
            out.push(b'&');
        }
        joined = false;
        out.extend_from_slice(name.as_bytes());
        out.push(b'=');
        push_encoded(out, value);
    }
}

/// Encodes by RFC 6749 appendix B. The bytes of UTF-8 `A-Z a-z 0-9 * - . _` stay as they are, a
/// space becomes `+`, and every other byte becomes `%XX`. The result is ASCII.
pub(crate) fn push_encoded(out: &mut Vec<u8>, text: &str) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |value: u8| DIGITS.get(usize::from(value & 15)).copied().unwrap_or(b'0');
    let mut rest = text.as_bytes();
    loop {
        let plain = rest.iter().take_while(|&&byte| is_plain(byte)).count();
        let Some((plain, encoded)) = rest.split_at_checked(plain) else {
            return;
        };
        out.extend_from_slice(plain);
        let Some((&byte, behind)) = encoded.split_first() else {
            return;
        };
        if byte == b' ' {
            out.push(b'+');
        } else {
            out.extend_from_slice(&[b'%', digit(byte >> 4), digit(byte)]);
        }
        rest = behind;
    }
}

/// The text of encoded bytes, which are ASCII.
pub(crate) fn encoded_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_default()
}

/// An upper bound for the encoded length of a text. Counting it exactly costs more than the spare
/// room.
const fn encoded_len(text: &str) -> usize {
    3 * text.len()
}

/// Whether a byte needs no encoding. It is a table, because it checks every byte of every request.
fn is_plain(byte: u8) -> bool {
    static PLAIN: [bool; 256] = {
        let mut plain = [false; 256];
        let mut byte: u8 = 0;
        while byte < 128 {
            #[allow(clippy::indexing_slicing, reason = "evaluated when compiled")]
            {
                plain[byte as usize] =
                    byte.is_ascii_alphanumeric() || matches!(byte, b'*' | b'-' | b'.' | b'_');
            }
            byte += 1;
        }
        plain
    };
    PLAIN.get(usize::from(byte)).copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    fn encode(text: &str) -> String {
        let mut out = Vec::new();
        push_encoded(&mut out, text);
        encoded_text(out)
    }

    // shows: TK2
    #[test]
    fn appendix_b_of_rfc_6749_is_encoded_as_it_is_there() {
        assert_eq!(encode(" %&+\u{a3}\u{20ac}"), "+%25%26%2B%C2%A3%E2%82%AC");
    }

    // shows: TK1
    #[test]
    fn an_empty_field_is_left_out() {
        let form = Form::new("", &[("a", "1"), ("b", ""), ("c", "3")], b"d=4");
        assert_eq!(form.as_ref(), b"a=1&c=3&d=4");
        assert_eq!(Form::new("", &[("b", "")], b"d=4").as_ref(), b"d=4");
        assert!(Form::new("", &[], b"").is_empty());
    }

    #[test]
    fn a_form_does_not_print_its_fields() {
        let form = Form::new("", &[("password", "canary")], b"");
        assert_eq!(format!("{form:?}"), "Form(15 bytes, redacted)");
    }

    proptest! {
        #[test]
        fn the_encoding_is_the_one_that_form_libraries_know(
            fields in proptest::collection::vec(("[a-z_]{1,8}", ".*"), 0..6),
        ) {
            let given: Vec<_> = fields
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .filter(|(_, value)| !value.is_empty())
                .collect();
            let form = Form::new("", &given, b"");
            let body = core::str::from_utf8(form.as_ref()).unwrap();
            prop_assert_eq!(body, serde_urlencoded::to_string(&given).unwrap());
            prop_assert!(body.len() <= encoded_fields_len(&given));
            let read: Vec<(String, String)> = serde_urlencoded::from_str(body).unwrap();
            let expected: Vec<_> = given
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_string()))
                .collect();
            prop_assert_eq!(read, expected);
        }
    }
}
