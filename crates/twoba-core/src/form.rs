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
    /// The fields in their order. A field with an empty value is left out.
    pub(crate) fn new(fields: &[(&str, &str)]) -> Self {
        // RFC 6749 section 3.2: a parameter without a value is treated as omitted.
        let given: Vec<_> = fields
            .iter()
            .copied()
            .filter(|(_, value)| !value.is_empty())
            .collect();
        Self {
            body: encode(&given),
        }
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

/// RFC 6749 appendix B: UTF-8, space as `+`, all but `A-Z a-z 0-9 * - . _` as `%XX`.
/// Pairs of texts always encode, so an error cannot come back.
pub(crate) fn encode(fields: &[(&str, &str)]) -> String {
    serde_urlencoded::to_string(fields).unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn appendix_b_of_rfc_6749_is_encoded_as_it_is_there() {
        assert_eq!(
            encode(&[("v", " %&+\u{a3}\u{20ac}")]),
            "v=+%25%26%2B%C2%A3%E2%82%AC"
        );
    }

    #[test]
    fn an_empty_field_is_left_out() {
        let form = Form::new(&[("a", "1"), ("b", ""), ("c", "3")]);
        assert_eq!(form.as_ref(), b"a=1&c=3");
    }

    #[test]
    fn a_form_does_not_print_its_fields() {
        let form = Form::new(&[("password", "canary")]);
        assert_eq!(format!("{form:?}"), "Form(15 bytes, redacted)");
    }
}
