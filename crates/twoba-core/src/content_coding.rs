//! Reads the content codings of a body by the grammar of `Content-Encoding`.

use alloc::string::String;

use http::HeaderMap;
use http::header::CONTENT_ENCODING;

use crate::text::printable;

/// The codings that the headers claim, in the order of their application, joined by commas. `None`
/// if there is none. `identity` does not count (RFC 9110 section 12.5.3).
#[must_use]
pub fn content_coding(headers: &HeaderMap) -> Option<String> {
    let mut codings = String::new();
    for value in headers.get_all(CONTENT_ENCODING) {
        let listed = String::from_utf8_lossy(value.as_bytes());
        for coding in listed.split(',').map(str::trim) {
            if coding.is_empty() || coding.eq_ignore_ascii_case("identity") {
                continue;
            }
            if !codings.is_empty() {
                codings.push_str(", ");
            }
            codings.push_str(coding);
        }
    }
    let mut codings = printable(&codings);
    codings.make_ascii_lowercase();
    Some(codings).filter(|codings| !codings.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&'static str]) -> Option<String> {
        let lines = values.iter().map(|value| {
            let value = http::HeaderValue::from_static(value);
            (CONTENT_ENCODING, value)
        });
        content_coding(&lines.collect())
    }

    #[test]
    fn all_codings_are_named_but_identity() {
        assert_eq!(of(&[]), None);
        assert_eq!(of(&["", "Identity", " , "]), None);
        assert_eq!(of(&["GZip"]).as_deref(), Some("gzip"));
        assert_eq!(of(&["identity, deflate "]).as_deref(), Some("deflate"));
        assert_eq!(of(&["gzip, br", "x"]).as_deref(), Some("gzip, br, x"));
    }
}
