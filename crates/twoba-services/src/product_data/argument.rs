//! What can be wrong with what a call is asked for, and how it is found before anything is sent.

/// Why a call cannot be made of its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArgumentError {
    /// A GLN is not 13 digits.
    #[error("not a GLN: write its 13 digits")]
    Gln,
    /// A product or item number has no character or more than 35, or is `.` or `..`, which HTTP clients
    /// take out of a path.
    #[error("not a product or item number: write 1 to 35 characters")]
    Number,
    /// A GTIN is not 8 to 14 digits.
    #[error("not a GTIN: write its 8 to 14 digits")]
    Gtin,
    /// A page is asked for with no item, or with more than 1,000.
    #[error("not a length of a page: say 1 to 1000")]
    Limit,
    /// The id of a selection has no character, or more than 50.
    #[error("not the id of a selection: write 1 to 50 characters")]
    Selection,
}

pub(super) fn gln(text: &str) -> Result<&str, ArgumentError> {
    match text.len() == 13 && are_digits(text) {
        true => Ok(text),
        false => Err(ArgumentError::Gln),
    }
}

pub(super) fn gtin(text: &str) -> Result<&str, ArgumentError> {
    match (8..=14).contains(&text.len()) && are_digits(text) {
        true => Ok(text),
        false => Err(ArgumentError::Gtin),
    }
}

pub(super) fn number(text: &str) -> Result<&str, ArgumentError> {
    match is_long(text, 35) && text != "." && text != ".." {
        true => Ok(text),
        false => Err(ArgumentError::Number),
    }
}

pub(super) fn selection(text: &str) -> Result<&str, ArgumentError> {
    match is_long(text, 50) {
        true => Ok(text),
        false => Err(ArgumentError::Selection),
    }
}

pub(super) fn limit(items: u16) -> Result<u16, ArgumentError> {
    match (1..=1000).contains(&items) {
        true => Ok(items),
        false => Err(ArgumentError::Limit),
    }
}

fn are_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the text has a character, and no more than `most`.
fn is_long(text: &str, most: usize) -> bool {
    !text.is_empty() && text.chars().count() <= most
}
