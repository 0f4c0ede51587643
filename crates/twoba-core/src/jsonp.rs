//! Reads JSONP by its grammar: a JSON text inside a call. It evaluates nothing and guesses nothing.

use alloc::string::String;

use serde::de::IgnoredAny;

/// Longest callback name, in bytes: room for any name a program would choose.
const NAME_MAX: usize = 128;

/// The name of a JSONP callback. It consists of identifiers of ASCII letters, digits, `_` and `$`,
/// joined by dots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackName(String);

/// The error for a text that is no callback name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a callback name: use letters, digits, _ and $, parts joined by dots, 128 at most")]
#[non_exhaustive]
pub struct CallbackNameError;

impl CallbackName {
    /// Reads a callback name.
    ///
    /// # Errors
    ///
    /// - the text is empty, longer than 128 bytes, or not identifiers joined by dots:
    ///   [`CallbackNameError`]
    pub fn parse(name: impl Into<String>) -> Result<Self, CallbackNameError> {
        let name = name.into();
        let identifier = |part: &str| {
            !part.is_empty()
                && !part.starts_with(|c: char| c.is_ascii_digit())
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'$')
        };
        if name.len() > NAME_MAX || !name.split('.').all(identifier) {
            return Err(CallbackNameError);
        }
        Ok(Self(name))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The content of a JSONP answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Jsonp<'a> {
    /// The first argument: a JSON text in UTF-8.
    pub json: &'a [u8],
    /// The second argument: the real status of an answer whose HTTP status had to be 200.
    pub status: Option<u16>,
}

impl Jsonp<'_> {
    /// The real status of an answer with this HTTP status. The second argument counts only beside a
    /// success: another status is real, whatever a body says.
    #[must_use]
    pub fn real_status(&self, http: u16) -> u16 {
        match (http, self.status) {
            (200..=299, Some(status)) => status,
            (_, _) => http,
        }
    }
}

/// The error for an answer that is not the requested JSONP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the JSONP asked for: expected {expected} at byte {position}")]
#[non_exhaustive]
pub struct JsonpError {
    /// Where the body departs from the grammar, in bytes from its start.
    pub position: usize,
    /// The expected text at that position.
    pub expected: &'static str,
}

/// Splits the call `callback( JSON [, status] ) [;]` into its parts. White space may stand between
/// the parts, and `/**/` before the name.
///
/// ```
/// use twoba_core::jsonp::{self, CallbackName};
///
/// let name = CallbackName::parse("shop.show")?;
/// let answer = jsonp::parse(b"shop.show({\"IsError\":true},\n 400);", &name)?;
/// assert_eq!(answer.json, b"{\"IsError\":true}");
/// assert_eq!(answer.status, Some(400));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// - the body is anything else, such as a call of another name: [`JsonpError`]
pub fn parse<'a>(body: &'a [u8], callback: &CallbackName) -> Result<Jsonp<'a>, JsonpError> {
    let mut reader = Reader { body, at: 0 };
    reader.skip(b"\xef\xbb\xbf");
    reader.space();
    if reader.skip(b"/**/") {
        reader.space();
    }
    reader.expect(callback.as_str().as_bytes(), "the callback's name")?;
    reader.space();
    reader.expect(b"(", "(")?;
    reader.space();
    let start = reader.at;
    let json = reader.json()?;
    // The parser passes over texts, and does not look at their bytes.
    if let Err(error) = core::str::from_utf8(json) {
        reader.at = start.saturating_add(error.valid_up_to());
        return Err(reader.error("valid UTF-8"));
    }
    reader.space();
    let status = if reader.skip(b",") {
        reader.space();
        let status = reader.status()?;
        reader.space();
        Some(status)
    } else {
        None
    };
    reader.expect(b")", ")")?;
    reader.space();
    reader.skip(b";");
    reader.space();
    if reader.rest().is_empty() {
        Ok(Jsonp { json, status })
    } else {
        Err(reader.error("the end"))
    }
}

struct Reader<'a> {
    body: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a [u8] {
        self.body.get(self.at..).unwrap_or_default()
    }

    fn error(&self, expected: &'static str) -> JsonpError {
        JsonpError {
            position: self.at,
            expected,
        }
    }

    fn space(&mut self) {
        let blank = |b: &&u8| matches!(b, b' ' | b'\t' | b'\r' | b'\n');
        self.at += self.rest().iter().take_while(blank).count();
    }

    fn skip(&mut self, literal: &[u8]) -> bool {
        let found = self.rest().starts_with(literal);
        if found {
            self.at += literal.len();
        }
        found
    }

    fn expect(&mut self, literal: &[u8], expected: &'static str) -> Result<(), JsonpError> {
        if self.skip(literal) {
            Ok(())
        } else {
            Err(self.error(expected))
        }
    }

    /// One JSON value. The JSON parser finds its end, so brackets and `);` inside strings do no
    /// harm.
    fn json(&mut self) -> Result<&'a [u8], JsonpError> {
        let rest = self.rest();
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<IgnoredAny>();
        match values.next() {
            Some(Ok(_)) => {
                let end = values.byte_offset();
                self.at += end;
                Ok(rest.get(..end).unwrap_or_default())
            }
            Some(Err(_)) | None => self.scalar(),
        }
    }

    /// A number, `true`, `false` or `null`. The parser needs to see the end of such a value, and
    /// does not accept `)` as one.
    fn scalar(&mut self) -> Result<&'a [u8], JsonpError> {
        let rest = self.rest();
        let inside = |b: &&u8| b.is_ascii_alphanumeric() || b"+-.".contains(b);
        let end = rest.iter().take_while(inside).count();
        let found = rest.get(..end).unwrap_or_default();
        match serde_json::from_slice::<IgnoredAny>(found) {
            Ok(_) => {
                self.at += end;
                Ok(found)
            }
            Err(_) => Err(self.error("a JSON value")),
        }
    }

    // RFC 9110 section 15: three digits up to 599; a status below 200 ends no exchange.
    fn status(&mut self) -> Result<u16, JsonpError> {
        let digits = self
            .rest()
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count();
        let number = self.rest().get(..digits).unwrap_or_default();
        let status = core::str::from_utf8(number)
            .ok()
            .and_then(|text| text.parse().ok())
            .filter(|status| digits == 3 && (200..600).contains(status));
        match status {
            Some(status) => {
                self.at += digits;
                Ok(status)
            }
            None => Err(self.error("an HTTP status")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<(&str, Option<u16>), JsonpError> {
        let name = CallbackName::parse("cb").unwrap();
        parse(body.as_bytes(), &name)
            .map(|found| (core::str::from_utf8(found.json).unwrap(), found.status))
    }

    // shows: RV4
    #[test]
    fn a_call_is_taken_apart() {
        for (body, json, status) in [
            ("cb({\"a\":1})", "{\"a\":1}", None),
            ("cb({});", "{}", None),
            ("/**/cb({});", "{}", None),
            ("\u{feff} cb ( {} ) ;\r\n", "{}", None),
            ("cb({\"a\":\"x);\"});", "{\"a\":\"x);\"}", None),
            ("cb({\"a\":\"\u{2028}\"});", "{\"a\":\"\u{2028}\"}", None),
            ("cb({},\n  400\n);", "{}", Some(400)),
            ("cb([1, 2])", "[1, 2]", None),
            ("cb(null)", "null", None),
            ("cb(-1.5e3,400);", "-1.5e3", Some(400)),
        ] {
            assert_eq!(read(body), Ok((json, status)), "{body}");
        }
    }

    // shows: RV4
    #[test]
    fn anything_else_is_refused_with_its_position() {
        for (body, position, expected) in [
            ("", 0, "the callback's name"),
            ("{\"a\":1}", 0, "the callback's name"),
            ("other({})", 0, "the callback's name"),
            ("cbx({})", 2, "("),
            ("cb.x({})", 2, "("),
            ("cb(", 3, "a JSON value"),
            ("cb(cb({}))", 3, "a JSON value"),
            ("cb({}", 5, ")"),
            ("cb({})alert(1)", 6, "the end"),
            ("cb({});alert(1)", 7, "the end"),
            ("cb({}, 4e2)", 7, "an HTTP status"),
            ("cb({}, 99)", 7, "an HTTP status"),
            ("cb({}, 142)", 7, "an HTTP status"),
            ("cb({}, 600)", 7, "an HTTP status"),
            ("cb({}, 400, 1)", 10, ")"),
        ] {
            assert_eq!(read(body), Err(JsonpError { position, expected }), "{body}");
        }
    }

    #[test]
    fn what_is_no_utf_8_is_refused_where_it_begins() {
        let name = CallbackName::parse("cb").unwrap();
        for (body, position) in [
            (&b"cb({\"a\":\"\xff\"})"[..], 9),
            (b"cb(\"\xe9\", 400)", 4),
            (b"cb([\"\xc3\xa9\", \"\xc3\"])", 11),
            (b"cb(\"\xed\xa0\x80\")", 4),
        ] {
            let expected = "valid UTF-8";
            assert_eq!(parse(body, &name), Err(JsonpError { position, expected }));
        }
    }

    // shows: RV4
    #[test]
    fn a_callback_name_cannot_carry_script() {
        for good in ["cb", "a.b.c", "$", "_x9", "jQuery.cb_1"] {
            assert!(CallbackName::parse(good).is_ok(), "{good}");
        }
        let long = "a".repeat(NAME_MAX + 1);
        for bad in [
            "",
            ".",
            "a.",
            "9a",
            "a b",
            "a(",
            "alert(1)//",
            "\u{e9}",
            &long,
        ] {
            assert!(CallbackName::parse(bad).is_err(), "{bad}");
        }
    }
}
