//! Server text made fit to be shown: bounded, and without control characters.

use alloc::string::String;

use crate::limits::ERROR_TEXT_MAX;

/// The text without control characters, cut to [`ERROR_TEXT_MAX`] characters.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(ERROR_TEXT_MAX)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn server_text_is_bounded_and_stripped() {
        assert_eq!(printable("a\x1b[31mb\r\nc"), "a[31mbc");
        assert_eq!(printable(&"\u{e9}".repeat(1000)).chars().count(), 256);
    }
}
