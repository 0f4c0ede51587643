//! The scope that a request names, at the token endpoint and on the way to the login page.

use twoba_sample_services::form::Parameters;

use crate::refusal::Refusal;
use crate::registry::RegisteredClient;

/// The scope that is asked for, if it is: each word once, and all of them the client's.
pub(super) fn asked_for(
    client: &RegisteredClient,
    parameters: &Parameters,
) -> Result<Option<String>, Refusal> {
    let Some(asked) = parameters.get("scope") else {
        return Ok(None);
    };
    let mut words: Vec<&str> = Vec::new();
    // RFC 6749 section 3.3.
    let is_word = |word: &str| {
        let allowed = |b: u8| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        !word.is_empty() && word.bytes().all(allowed)
    };
    for word in asked.split(' ') {
        if !is_word(word) || !client.may_ask_for(word) {
            return Err(Refusal::UnknownScope);
        }
        if !words.contains(&word) {
            words.push(word);
        }
    }
    Ok(Some(words.join(" ")))
}
