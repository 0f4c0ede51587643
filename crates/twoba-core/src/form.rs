//! Form bodies: how a request's fields are written, and that nobody sees them afterwards.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroize;

/// A request body of `application/x-www-form-urlencoded` fields: redacted when printed,
/// wiped when dropped.
pub struct Form {
    body: String,
}

impl Form {
    /// The fields in their order, and behind them a part that is encoded already.
    ///
    /// The buffer has its final size from the start, so no piece of a secret stays behind in
    /// a smaller one.
    pub(crate) fn new(fields: &[(&str, &str)], tail: &str) -> Self {
        let mut body = String::with_capacity(encoded_fields_len(fields) + tail.len() + 1);
        push_fields(&mut body, fields);
        if !tail.is_empty() {
            if !body.is_empty() {
                body.push('&');
            }
            body.push_str(tail);
        }
        Self { body }
    }

    /// The body's length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.body.len()
    }

    /// Whether no field is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.body.is_empty()
    }

    /// The bytes for the server, to be sent and not kept.
    #[must_use]
    pub fn into_bytes(mut self) -> Vec<u8> {
        core::mem::take(&mut self.body).into_bytes()
    }
}

impl AsRef<[u8]> for Form {
    fn as_ref(&self) -> &[u8] {
        self.body.as_bytes()
    }
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Form({} bytes, redacted)", self.body.len())
    }
}

impl Drop for Form {
    fn drop(&mut self) {
        self.body.zeroize();
    }
}

/// No more than this many bytes are needed for the fields, `&` before each of them.
pub(crate) fn encoded_fields_len(fields: &[(&str, &str)]) -> usize {
    let one = |&(name, value): &(&str, &str)| 2 + encoded_len(name) + encoded_len(value);
    fields.iter().map(one).sum()
}

/// Appends the fields, joined by `&`. RFC 6749 section 3.1: one without a value counts as
/// omitted, so it is left out.
pub(crate) fn push_fields(out: &mut String, fields: &[(&str, &str)]) {
    let mut joint = "";
    for (name, value) in fields {
        if value.is_empty() {
            continue;
        }
        out.push_str(joint);
        joint = "&";
        push_encoded(out, name);
        out.push('=');
        push_encoded(out, value);
    }
}

/// RFC 6749 appendix B: the bytes of UTF-8, a space as `+`, `A-Z a-z 0-9 * - . _` as they
/// are and every other one as `%XX`.
pub(crate) fn push_encoded(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| !is_plain(byte)) {
        let (plain, encoded) = rest.split_at(at);
        out.push_str(plain);
        // A character is one byte or more; all of a longer one are encoded.
        let mut characters = encoded.chars();
        if let Some(character) = characters.next() {
            push_escaped(out, character);
        }
        rest = characters.as_str();
    }
    out.push_str(rest);
}

fn push_escaped(out: &mut String, character: char) {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
    ];
    if character == ' ' {
        out.push('+');
        return;
    }
    let digit = |value: u8| DIGITS.get(usize::from(value & 15)).copied().unwrap_or('0');
    for byte in character.encode_utf8(&mut [0; 4]).bytes() {
        out.push('%');
        out.push(digit(byte >> 4));
        out.push(digit(byte));
    }
}

fn encoded_len(text: &str) -> usize {
    let escaped = text.bytes().filter(|&byte| !is_plain(byte) && byte != b' ');
    text.len() + 2 * escaped.count()
}

const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'*' | b'-' | b'.' | b'_')
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    fn encode(text: &str) -> String {
        let mut out = String::new();
        push_encoded(&mut out, text);
        out
    }

    // shows: TK2
    #[test]
    fn appendix_b_of_rfc_6749_is_encoded_as_it_is_there() {
        assert_eq!(encode(" %&+\u{a3}\u{20ac}"), "+%25%26%2B%C2%A3%E2%82%AC");
    }

    // shows: TK1
    #[test]
    fn an_empty_field_is_left_out() {
        let form = Form::new(&[("a", "1"), ("b", ""), ("c", "3")], "d=4");
        assert_eq!(form.as_ref(), b"a=1&c=3&d=4");
        assert_eq!(Form::new(&[("b", "")], "d=4").as_ref(), b"d=4");
        assert!(Form::new(&[], "").is_empty());
    }

    #[test]
    fn a_form_does_not_print_its_fields() {
        let form = Form::new(&[("password", "canary")], "");
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
            let form = Form::new(&given, "");
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
