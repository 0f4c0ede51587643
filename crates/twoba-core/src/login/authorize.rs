//! The URL that a browser login starts with.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64ct::{Base64UrlUnpadded, Encoding};
use sha2::{Digest, Sha256};

use super::redirect::RedirectUri;
use super::remembered::Login;
use crate::client::{Client, ClientError};
use crate::form;
use crate::provider::Endpoint;
use crate::seed::Seed;
use crate::time::Timestamp;

/// The parameters that only this crate sets.
const OURS: [&str; 7] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
];

impl Client {
    /// Starts a login by browser. It returns the URL to open, and the login to keep until the
    /// browser comes back to `redirect`.
    ///
    /// The state and the PKCE verifier hold 256 bits each, drawn from `seed`. The method is S256.
    ///
    /// # Errors
    ///
    /// - the provider has no login page: [`ClientError::NoAuthorizationEndpoint`]
    /// - the login page's address sets a parameter of this crate: [`ClientError::Parameter`]
    pub fn authorize(
        &self,
        redirect: RedirectUri,
        seed: Seed,
        now: Timestamp,
    ) -> Result<(String, Login), ClientError> {
        self.authorize_with(redirect, &[], seed, now)
    }

    /// Starts a login like [`authorize`](Self::authorize), with additional parameters for the login
    /// page, such as `prompt` or `login_hint`.
    ///
    /// # Errors
    ///
    /// - as for [`authorize`](Self::authorize)
    /// - a parameter is one that this crate sets, is repeated, or is already in the endpoint's
    ///   address: [`ClientError::Parameter`]
    pub fn authorize_with(
        &self,
        redirect: RedirectUri,
        extra: &[(&str, &str)],
        mut seed: Seed,
        now: Timestamp,
    ) -> Result<(String, Login), ClientError> {
        let endpoint = self
            .provider()
            .authorization_endpoint()
            .ok_or(ClientError::NoAuthorizationEndpoint)?;
        check(endpoint, extra)?;
        let state = seed.draw_text();
        let verifier = seed.into_text();
        let mut url = self.login_page(endpoint, &redirect, &state, &verifier);
        for &(name, value) in extra {
            let mut encoded = Vec::new();
            form::push_encoded(&mut encoded, name);
            form::push_fields(&mut url, &[(&form::encoded_text(encoded), value)]);
        }
        let url = form::encoded_text(url);
        let login = Login {
            state,
            verifier,
            redirect,
            started_at: now,
            authority: self.provider().authority().to_string(),
            client_id: self.id().to_string(),
            issuer: self.provider().issuer().cloned(),
        };
        Ok((url, login))
    }

    /// The login page's address with the parameters of this crate.
    fn login_page(
        &self,
        endpoint: &Endpoint,
        redirect: &RedirectUri,
        state: &str,
        verifier: &str,
    ) -> Vec<u8> {
        let mut room = [0; CHALLENGE_LEN];
        let challenge = challenge_in(&mut room, verifier);
        let fields = [
            ("response_type", "code"),
            ("client_id", self.id()),
            ("redirect_uri", redirect.as_str()),
            ("scope", self.scope()),
        ];
        // These need no encoding.
        let drawn = [
            "&state=",
            state,
            "&code_challenge=",
            challenge,
            "&code_challenge_method=S256",
        ];
        let drawn_len: usize = drawn.iter().map(|part| part.len()).sum();
        let base = endpoint.as_str();
        let room = base.len() + 1 + form::encoded_fields_len(&fields) + drawn_len;
        let mut url = Vec::with_capacity(room);
        url.extend_from_slice(base.as_bytes());
        // RFC 6749 section 3.1: a query part that the endpoint has is kept.
        match endpoint.uri().query() {
            Some("") => {}
            Some(_) => url.push(b'&'),
            None => url.push(b'?'),
        }
        form::push_fields(&mut url, &fields);
        for part in drawn {
            url.extend_from_slice(part.as_bytes());
        }
        url
    }
}

/// RFC 6749 section 3.1: no parameter is repeated. None overrides a parameter of this crate.
fn check(endpoint: &Endpoint, extra: &[(&str, &str)]) -> Result<(), ClientError> {
    let own: Vec<(String, String)> = match endpoint.uri().query() {
        Some(query) => serde_urlencoded::from_str(query).map_err(|_| ClientError::Parameter)?,
        None => Vec::new(),
    };
    let mut seen: Vec<&str> = Vec::from(OURS);
    let names = own.iter().map(|(name, _)| name.as_str());
    for name in names.chain(extra.iter().map(|(name, _)| *name)) {
        if name.is_empty() || seen.contains(&name) {
            return Err(ClientError::Parameter);
        }
        seen.push(name);
    }
    Ok(())
}

/// Length of a SHA-256 in Base64 without padding.
const CHALLENGE_LEN: usize = 43;

// RFC 7636 section 4.2: BASE64URL(SHA256(ASCII(verifier))).
#[cfg(test)]
pub(super) fn challenge(verifier: &str) -> String {
    let mut text = [0; CHALLENGE_LEN];
    String::from(challenge_in(&mut text, verifier))
}

/// Writes the challenge into the caller's buffer. It is read once and not kept.
fn challenge_in<'t>(text: &'t mut [u8; CHALLENGE_LEN], verifier: &str) -> &'t str {
    let digest = Sha256::digest(verifier.as_bytes());
    // The room is exactly what 32 bytes need.
    Base64UrlUnpadded::encode(&digest, text).unwrap_or_default()
}
