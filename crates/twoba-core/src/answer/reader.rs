//! Reads the JSON object of an answer. It uses the fast reader where that is enough.

use super::malformed::Malformed;
use super::members::Members;
use super::plain;

/// Reads one JSON object, and refuses anything after it.
pub(super) fn parse(json: &[u8]) -> Result<Members<'_>, Malformed> {
    // UTF-8 is judged once for all strings; where it is broken, the slower reader says
    // at which place.
    let read = match core::str::from_utf8(json) {
        Ok(text) => {
            if let Some(members) = plain::read(text) {
                return Ok(members);
            }
            Members::read(serde_json::Deserializer::from_str(text))
        }
        Err(_) => Members::read(serde_json::Deserializer::from_slice(json)),
    };
    read.map_err(|error| {
        // The parser's own text would repeat the offending value.
        if error.is_data() {
            Malformed::Shape
        } else {
            Malformed::Json {
                line: error.line(),
                column: error.column(),
            }
        }
    })
}
