//! What may be shown to a person: bounded, and nothing that a terminal acts on.

use core::fmt::{Debug, Display};

use twoba_core::limits::ERROR_TEXT_MAX;

/// Longest error message, in characters: two of the server's texts and a clause of ours.
const MESSAGE_MAX: usize = 2 * ERROR_TEXT_MAX + 256;

/// Asserts that an error can be printed anywhere.
pub(crate) fn assert_fit_to_print(error: &(impl Debug + Display)) {
    let message = error.to_string();
    let length = message.chars().count();
    assert!(length <= MESSAGE_MAX, "{length} characters: {message:?}");
    assert!(!message.chars().any(char::is_control), "{message:?}");
    assert!(!message.is_empty(), "{error:?} says nothing");
}

/// Asserts that a server's text was bounded and stripped.
pub(crate) fn assert_stripped(text: &str) {
    assert!(text.chars().count() <= ERROR_TEXT_MAX, "{text:?}");
    assert!(!text.chars().any(char::is_control), "{text:?}");
}
