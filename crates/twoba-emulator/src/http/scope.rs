//! The scope that a request names, at the token endpoint and on the way to the login page.

use twoba_sample_services::form::Parameters;

use crate::refusal::Refusal;
use crate::registry::RegisteredClient;

/// The requested scope, if there is one: each word once, and all of them allowed to the client.
pub(super) fn asked_for(
    client: &RegisteredClient,
    parameters: &Parameters,
) -> Result<Option<String>, Refusal> {
    let Some(asked) = parameters.get("scope") else {
        return Ok(None);
    };
    if !asked.split(' ').all(|word| is_known(client, word)) {
        return Err(Refusal::UnknownScope);
    }
    Ok(known_of(client, parameters))
}

/// The words of the requested scope that the client may have. RFC 6749 section 3.3 lets a server leave
/// out the others; the tokens say which are left.
pub(super) fn known_of(client: &RegisteredClient, parameters: &Parameters) -> Option<String> {
    let mut words: Vec<&str> = Vec::new();
    for word in parameters.get("scope")?.split(' ') {
        if is_known(client, word) && !words.contains(&word) {
            words.push(word);
        }
    }
    (!words.is_empty()).then(|| words.join(" "))
}

/// RFC 6749 section 3.3.
fn is_known(client: &RegisteredClient, word: &str) -> bool {
    let allowed = |b: u8| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    !word.is_empty() && word.bytes().all(allowed) && client.may_ask_for(word)
}
