//! Makes server texts fit to be shown: bounded, and without control characters.

use alloc::string::String;

use serde::{Deserialize, Deserializer};

use crate::limits::ERROR_TEXT_MAX;

/// The text without control characters, cut to [`ERROR_TEXT_MAX`] characters.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(ERROR_TEXT_MAX)
        .collect()
}

/// The text with a mark in place of each control character, cut to [`ERROR_TEXT_MAX`] characters.
/// Unlike a [stripped](printable) text, it never becomes another word.
pub(crate) fn marked(text: &str) -> String {
    let mark = |c: char| {
        if c.is_control() {
            char::REPLACEMENT_CHARACTER
        } else {
            c
        }
    };
    text.chars().map(mark).take(ERROR_TEXT_MAX).collect()
}

/// A stored text, made printable again, because anybody may have written the record.
pub(crate) fn stored_printable<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.as_deref().map(printable))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_text_is_believed_no_more_than_a_fresh_one() {
        #[derive(Deserialize)]
        struct Stored {
            #[serde(default, deserialize_with = "stored_printable")]
            text: Option<String>,
        }
        let read = |json| serde_json::from_str::<Stored>(json).unwrap().text;
        assert_eq!(
            read(r#"{"text":"a\u001b[31mb"}"#).as_deref(),
            Some("a[31mb")
        );
        assert_eq!(read(r#"{"text":null}"#), None);
        assert_eq!(read("{}"), None);
    }

    #[test]
    fn server_text_is_bounded_and_stripped() {
        assert_eq!(printable("a\x1b[31mb\r\nc"), "a[31mbc");
        assert_eq!(printable(&"\u{e9}".repeat(1000)).chars().count(), 256);
    }
}
