//! How a client authenticates with a private key instead of a secret. It signs an assertion
//! (RFC 7521, RFC 7523).

use alloc::boxed::Box;
use alloc::string::String;
use core::error::Error;
use core::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::limits::ASSERTION_LIFETIME;
use crate::seed::Seed;
use crate::time::Timestamp;

/// The value of `client_assertion_type`, which tells the server the kind of assertion (RFC 7523
/// section 2.2).
pub(crate) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Signs with a client's private key. The key may be in memory, in a file, or in a device.
///
/// The client calls the signer while it builds a token request, so the signer should answer within
/// seconds.
///
/// ```
/// use twoba_core::{SignError, Signer};
///
/// struct Device;
///
/// impl Signer for Device {
///     fn algorithm(&self) -> &str {
///         "ES256"
///     }
///
///     fn sign(&self, input: &[u8]) -> Result<Vec<u8>, SignError> {
///         Err(SignError::new("the device is not plugged in"))
///     }
/// }
/// ```
pub trait Signer: Send + Sync {
    /// The algorithm's name in JSON Web Signatures, such as `ES256` (RFC 7518 section 3.1).
    fn algorithm(&self) -> &str;

    /// The name of the key. A server needs it if it knows several keys of this client.
    fn key_id(&self) -> Option<&str> {
        None
    }

    /// Signs `input`. The signature has the form that JSON Web Signatures define for the algorithm.
    ///
    /// # Errors
    ///
    /// - the key cannot sign, for whatever reason: [`SignError`]
    fn sign(&self, input: &[u8]) -> Result<alloc::vec::Vec<u8>, SignError>;
}

/// The error of a key that did not sign. Its cause is meant for the owner of the key, and is never
/// stored.
#[derive(Debug, thiserror::Error)]
#[error("the client's key did not sign")]
pub struct SignError(#[source] Box<dyn Error + Send + Sync>);

impl SignError {
    /// Makes an error with this cause. The cause should reveal nothing about the key itself.
    #[must_use]
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

/// The parts of a signer that may be shown.
pub(crate) struct Shown<'a>(pub(crate) &'a dyn Signer);

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("algorithm", &self.0.algorithm())
            .field("key_id", &self.0.key_id())
            .finish()
    }
}

#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    typ: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
}

/// The claims of an assertion (RFC 7523 section 3).
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    jti: &'a str,
    iat: i64,
    exp: i64,
}

fn encoded<T: Serialize>(value: &T) -> Result<String, SignError> {
    let json = serde_json::to_vec(value).map_err(SignError::new)?;
    Ok(Base64UrlUnpadded::encode_string(&json))
}

/// Makes an assertion for one request that leaves at `now`.
pub(crate) fn assertion(
    signer: &dyn Signer,
    client_id: &str,
    audience: &str,
    now: Timestamp,
    seed: &mut Seed,
) -> Result<Zeroizing<String>, SignError> {
    let header = Header {
        alg: signer.algorithm(),
        typ: "JWT",
        kid: signer.key_id(),
    };
    let seconds = |at: Timestamp| at.unix_millis().div_euclid(1000);
    let claims = Claims {
        iss: client_id,
        sub: client_id,
        aud: audience,
        jti: &seed.draw_text(),
        iat: seconds(now),
        exp: seconds(now.saturating_add(ASSERTION_LIFETIME)),
    };
    let input = Zeroizing::new([encoded(&header)?, encoded(&claims)?].join("."));
    let signature = signer.sign(input.as_bytes())?;
    let signature = Base64UrlUnpadded::encode_string(&signature);
    Ok(Zeroizing::new(
        [input.as_str(), signature.as_str()].join("."),
    ))
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::sync::Arc;
    use alloc::vec::Vec;

    use serde_json::{Value, json};

    use super::*;
    use crate::client::Client;
    use crate::provider::Provider;
    use crate::secret::RefreshToken;

    /// What it signs is the signature, so that a test can read it.
    struct Mirror;

    impl Signer for Mirror {
        fn algorithm(&self) -> &str {
            "ES256"
        }

        fn key_id(&self) -> Option<&str> {
            Some("key-1")
        }

        fn sign(&self, input: &[u8]) -> Result<Vec<u8>, SignError> {
            Ok(input.to_vec())
        }
    }

    struct Broken;

    impl Signer for Broken {
        fn algorithm(&self) -> &str {
            "ES256"
        }

        fn sign(&self, _: &[u8]) -> Result<Vec<u8>, SignError> {
            Err(SignError::new("canary"))
        }
    }

    fn client(signer: impl Signer + 'static) -> Client {
        let provider = Provider::two_ba_connect();
        Client::signing(provider, "my app", Arc::new(signer)).unwrap()
    }

    fn fields(client: &Client) -> Vec<(String, String)> {
        let request = client.client_credentials_request();
        serde_urlencoded::from_bytes(request.body().as_ref()).unwrap()
    }

    fn read(part: &str) -> Value {
        serde_json::from_slice(&Base64UrlUnpadded::decode_vec(part).unwrap()).unwrap()
    }

    fn field<'f>(fields: &'f [(String, String)], name: &str) -> Option<&'f str> {
        let found = fields.iter().find(|(known, _)| known == name)?;
        Some(&found.1)
    }

    #[test]
    fn an_assertion_says_who_asks_whom_and_until_when() {
        let client = client(Mirror);
        let now = Timestamp::from_unix_millis(1_000_000_999);
        let mut seed = Seed::from_bytes([7; 32]);
        let signed = client.signed(now, &mut seed).unwrap();
        let form = fields(&signed);
        assert_eq!(field(&form, "client_assertion_type"), Some(ASSERTION_TYPE));
        assert_eq!(field(&form, "client_id"), Some("my app"));
        assert_eq!(field(&form, "client_secret"), None);
        let assertion = field(&form, "client_assertion").unwrap();
        let parts: Vec<_> = assertion.split('.').collect();
        assert_eq!(parts.len(), 3);
        let header = json!({"alg": "ES256", "typ": "JWT", "kid": "key-1"});
        assert_eq!(read(parts[0]), header);
        let claims = read(parts[1]);
        let mut drawn = Seed::from_bytes([7; 32]);
        let expected = json!({
            "iss": "my app", "sub": "my app", "aud": "https://authorize.2ba.nl/connect/token",
            "jti": drawn.draw_text().as_str(), "iat": 1_000_000, "exp": 1_000_060,
        });
        assert_eq!(claims, expected);
        let input = Base64UrlUnpadded::decode_vec(parts[2]).unwrap();
        assert_eq!(input, format!("{}.{}", parts[0], parts[1]).into_bytes());
    }

    #[test]
    fn each_request_has_an_assertion_of_its_own_and_every_grant_takes_one() {
        let client = client(Mirror);
        let now = Timestamp::from_unix_seconds(1);
        let mut seed = Seed::from_bytes([7; 32]);
        let mut assertions = Vec::new();
        for _ in 0..2 {
            let signed = client.signed(now, &mut seed).unwrap();
            let token = RefreshToken::parse("rt").unwrap();
            let request = signed.refresh_request(&token);
            let form: Vec<(String, String)> =
                serde_urlencoded::from_bytes(request.body().as_ref()).unwrap();
            assertions.push(field(&form, "client_assertion").map(String::from));
        }
        assert!(assertions[0].is_some());
        assert_ne!(assertions[0], assertions[1]);
        // Without one the client only says its name.
        assert_eq!(field(&fields(&client), "client_assertion"), None);
        assert_eq!(field(&fields(&client), "client_id"), Some("my app"));
    }

    #[test]
    fn the_audience_can_be_the_servers_own_name() {
        let provider = Provider::two_ba_connect().with_assertion_audience("https://issuer.example");
        let client = Client::signing(provider, "app", Arc::new(Mirror)).unwrap();
        let now = Timestamp::from_unix_seconds(1);
        let signed = client.signed(now, &mut Seed::from_bytes([7; 32])).unwrap();
        let form = fields(&signed);
        let assertion = field(&form, "client_assertion").unwrap();
        let claims = read(assertion.split('.').nth(1).unwrap());
        assert_eq!(claims["aud"], "https://issuer.example");
    }

    #[test]
    fn a_key_that_does_not_sign_is_said_and_its_cause_stands_beside() {
        let client = client(Broken);
        let now = Timestamp::from_unix_seconds(1);
        let error = client.signed(now, &mut Seed::from_bytes([7; 32]));
        let error = error.map(drop).unwrap_err();
        assert!(!format!("{error}").contains("canary"));
        assert_eq!(format!("{}", error.source().unwrap()), "canary");
    }

    #[test]
    fn a_signing_client_prints_no_assertion() {
        let client = client(Mirror);
        let now = Timestamp::from_unix_seconds(1);
        let signed = client.signed(now, &mut Seed::from_bytes([7; 32])).unwrap();
        assert_eq!(format!("{client:?}"), format!("{signed:?}"));
        assert!(format!("{client:?}").contains("key-1"));
    }
}
