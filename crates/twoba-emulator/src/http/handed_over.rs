//! Prepares a request for the mounted services. Fingerprints replace the credentials.

use hyper::HeaderMap;
use hyper::header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION};
use twoba_sample_services::LINK_TOKEN;
use twoba_sample_services::form::{Malformed, Parameters};

use crate::identifier::Fingerprint;

/// Removes the headers with credentials.
pub(super) fn without_proofs(headers: &mut HeaderMap) {
    for name in [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE] {
        headers.remove(name);
    }
}

/// A query, and the token that was taken out of it.
pub(super) struct Query {
    pub(super) parameters: Result<Parameters, Malformed>,
    pub(super) token: Option<String>,
}

impl Query {
    /// Reads a query. If the token occurs elsewhere in it, its fingerprint replaces it there too.
    /// The same is done to a value whose name marks it as a secret, even a misspelled one.
    pub(super) fn read(text: &str) -> Self {
        let parameters = match Parameters::parse(text.as_bytes()) {
            Ok(parameters) => parameters,
            Err(malformed) => {
                return Self {
                    parameters: Err(malformed),
                    token: None,
                };
            }
        };
        let token = parameters.get(LINK_TOKEN).map(str::to_owned);
        let shown = parameters.iter().map(|(name, value)| {
            let value = if is_secret(name) && !value.is_empty() {
                instead_of(value)
            } else {
                without(value, token.as_deref())
            };
            (without(name, token.as_deref()), value)
        });
        Self {
            parameters: Ok(shown.collect()),
            token,
        }
    }
}

/// Whether a parameter of this name holds a secret.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["token", "secret", "password", "bearer", "authorization"]
        .iter()
        .any(|word| name.contains(word))
}

/// A text in which the token does not occur.
fn without(text: &str, token: Option<&str>) -> String {
    match token {
        Some(token) => text.replace(token, &instead_of(token)),
        None => text.to_owned(),
    }
}

/// The text that replaces a token or secret.
fn instead_of(secret: &str) -> String {
    format!("[{}]", Fingerprint::of(secret))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::{CONTENT_TYPE, HeaderValue};

    #[test]
    fn no_token_is_among_the_parameters() {
        let query = Query::read(
            "accessToken=canary&access_token=other&q=canary&canary=1&hookUrl=http://h/?t=canary",
        );
        let parameters = query.parameters.unwrap();
        let shown: String = parameters
            .iter()
            .map(|(name, value)| format!("{name}={value}&"))
            .collect();
        assert!(
            !shown.contains("canary") && !shown.contains("other"),
            "{shown}"
        );
        let fingerprint = format!("[{}]", Fingerprint::of("canary"));
        assert_eq!(parameters.get(LINK_TOKEN), Some(fingerprint.as_str()));
        assert_eq!(parameters.get("q"), Some(fingerprint.as_str()));
        assert_eq!(query.token.as_deref(), Some("canary"));
    }

    #[test]
    fn what_is_no_secret_stays_as_it_is() {
        let query = Query::read("q=a%26b&accessToken=&q=&cbap=y");
        let parameters = query.parameters.unwrap();
        let pairs: Vec<_> = parameters.iter().collect();
        assert_eq!(
            pairs,
            [("q", "a&b"), ("accessToken", ""), ("q", ""), ("cbap", "y")]
        );
        assert_eq!(query.token, None);
        assert!(Query::read("%zz").parameters.is_err());
    }

    #[test]
    fn no_header_that_proves_something_is_left() {
        let mut headers = HeaderMap::new();
        for name in [AUTHORIZATION, AUTHORIZATION, COOKIE, CONTENT_TYPE] {
            headers.append(name, HeaderValue::from_static("canary"));
        }
        without_proofs(&mut headers);
        assert_eq!(headers.len(), 1);
        assert!(headers.contains_key(CONTENT_TYPE));
    }
}
