//! JSONP: what is taken out of a call is JSON, and the call is nothing but a call.

use serde::de::IgnoredAny;
use twoba_core::jsonp::{CallbackName, parse};

use crate::shown::assert_fit_to_print;

/// Takes a call apart: the callback's name on the first line, then the body.
///
/// # Panics
///
/// - a callback name could carry script
/// - what comes out is no JSON, or does not come out again of a plain call
/// - something beside the JSON text, a status and white space was passed over
pub fn jsonp(data: &[u8]) {
    let Some(end) = data.iter().position(|&b| b == b'\n') else {
        return;
    };
    let (name, body) = data.split_at(end);
    let body = body.get(1..).unwrap_or_default();
    let Ok(name) = std::str::from_utf8(name) else {
        return;
    };
    let callback = match CallbackName::parse(name) {
        Ok(callback) => callback,
        Err(error) => return assert_fit_to_print(&error),
    };
    let harmless = |b: u8| b.is_ascii_alphanumeric() || b"._$".contains(&b);
    assert!(name.bytes().all(harmless), "{name:?}");
    assert_eq!(callback.as_str(), name);

    let found = match parse(body, &callback) {
        Ok(found) => found,
        Err(error) => {
            assert!(error.position <= body.len());
            return assert_fit_to_print(&error);
        }
    };
    assert!(serde_json::from_slice::<IgnoredAny>(found.json).is_ok());
    let (before, behind) = around(body, found.json);
    let before = String::from_utf8_lossy(before);
    let before = before
        .trim_start_matches('\u{feff}')
        .trim()
        .trim_start_matches("/**/");
    let opening = before.trim().strip_prefix(name).map(str::trim);
    assert_eq!(opening, Some("("), "{before:?}");
    let closing = |b: &u8| b" \t\r\n,0123456789);".contains(b);
    assert!(behind.iter().all(closing), "{behind:?}");
    let digits = behind.iter().filter(|b| b.is_ascii_digit()).count();
    assert_eq!(digits, if found.status.is_some() { 3 } else { 0 });
    assert!(
        found
            .status
            .is_none_or(|status| (100..600).contains(&status))
    );

    for status in [None, Some(400)] {
        let mut again = format!("{name}(").into_bytes();
        again.extend_from_slice(found.json);
        again.extend_from_slice(if status.is_some() { b",400);" } else { b");" });
        let again = parse(&again, &callback).map(|found| (found.json.to_vec(), found.status));
        assert_eq!(again, Ok((found.json.to_vec(), status)));
    }
}

/// What stands before and behind a part of the body, which the part is a slice of.
fn around<'b>(body: &'b [u8], part: &[u8]) -> (&'b [u8], &'b [u8]) {
    let start = part.as_ptr().addr().wrapping_sub(body.as_ptr().addr());
    let end = start.wrapping_add(part.len());
    assert!(
        start <= body.len() && end <= body.len(),
        "not out of the body"
    );
    let before = body.get(..start).unwrap_or_default();
    (before, body.get(end..).unwrap_or_default())
}
