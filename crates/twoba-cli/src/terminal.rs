//! What a terminal may be shown of texts that others have written.

/// Whether a character controls a terminal or turns the order of the characters around it: ESC and its
/// like, and the marks of Unicode for texts from right to left.
fn controls(one: char) -> bool {
    one.is_control()
        || matches!(
            one,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
        )
}

/// The text with a mark in the place of each character that would control a terminal. Its lines and its
/// tabs stay.
pub(crate) fn shown(text: &str) -> String {
    let stays = |one: char| matches!(one, '\n' | '\t') || !controls(one);
    let shown = text.chars();
    let shown = shown.map(|one| match stays(one) {
        true => one,
        false => char::REPLACEMENT_CHARACTER,
    });
    shown.collect()
}

/// The text on one line, with a blank in the place of each character that would control a terminal.
pub(crate) fn on_one_line(text: &str) -> String {
    let plain = text.chars();
    let plain = plain.map(|one| if controls(one) { ' ' } else { one });
    plain.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_controls_a_terminal_is_not_shown() {
        let text = "caf\u{e9}\t\u{1b}]0;x\u{7}\u{9b}1m\u{202e}\u{2066}\r\n";
        assert_eq!(
            shown(text),
            "caf\u{e9}\t\u{fffd}]0;x\u{fffd}\u{fffd}1m\u{fffd}\u{fffd}\u{fffd}\n"
        );
        assert_eq!(on_one_line("a\u{1b}b\nc\u{202e}"), "a b c ");
    }
}
