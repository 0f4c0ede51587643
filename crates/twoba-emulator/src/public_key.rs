//! The public keys of clients, and the verification of signatures.

use std::fmt;

use base64ct::{Base64, Encoding};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
    VerificationAlgorithm,
};

/// The object identifiers of RFC 5480, RFC 8017 and RFC 8410, with the bytes after them.
const P256: &[u8] = &[
    0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d,
    0x03, 0x01, 0x07,
];
const RSA: &[u8] = &[
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];
const EDWARDS: &[u8] = &[0x06, 0x03, 0x2b, 0x65, 0x70];

/// The public half of the key with which a client signs its assertions.
///
/// ```
/// use twoba_emulator::{PublicKey, RegisteredClient};
///
/// let key = PublicKey::from_pem(
///     "-----BEGIN PUBLIC KEY-----\n\
///      MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n\
///      -----END PUBLIC KEY-----\n",
/// )?;
/// let client = RegisteredClient::signing("shop", key);
/// # Ok::<(), twoba_emulator::PublicKeyError>(())
/// ```
#[derive(Clone)]
pub struct PublicKey {
    kind: Kind,
    bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Es256,
    Rs256,
    EdDsa,
}

/// The error for a text that is no usable public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "no public key in PEM (BEGIN PUBLIC KEY) for P-256, Ed25519 or RSA, as `openssl pkey -pubout` writes it"
)]
#[non_exhaustive]
pub struct PublicKeyError;

impl PublicKey {
    /// Reads the key of a PEM text.
    ///
    /// # Errors
    ///
    /// - the text is no PEM, or the key is not of P-256, Ed25519 or RSA: [`PublicKeyError`]
    pub fn from_pem(text: &str) -> Result<Self, PublicKeyError> {
        let body = text.trim().strip_prefix("-----BEGIN PUBLIC KEY-----");
        let body = body.and_then(|body| body.strip_suffix("-----END PUBLIC KEY-----"));
        let body: String = body.ok_or(PublicKeyError)?.split_whitespace().collect();
        let der = Base64::decode_vec(&body).map_err(|_| PublicKeyError)?;
        Self::from_der(&der).ok_or(PublicKeyError)
    }

    /// Reads the key of a `SubjectPublicKeyInfo` (RFC 5280 section 4.1).
    fn from_der(der: &[u8]) -> Option<Self> {
        let (info, behind) = element(der, 0x30)?;
        let (algorithm, rest) = element(info, 0x30)?;
        let (bits, end) = element(rest, 0x03)?;
        // The first byte says how many bits of the last one are none.
        let bytes = bits.strip_prefix(&[0])?.to_vec();
        let kind = match algorithm {
            P256 => Kind::Es256,
            RSA => Kind::Rs256,
            EDWARDS => Kind::EdDsa,
            _ => return None,
        };
        (behind.is_empty() && end.is_empty()).then_some(Self { kind, bytes })
    }

    /// Whether this key has signed `input` by the algorithm of that name.
    pub(crate) fn has_signed(&self, algorithm: &str, input: &[u8], signature: &[u8]) -> bool {
        let (name, verification): (_, &dyn VerificationAlgorithm) = match self.kind {
            Kind::Es256 => ("ES256", &ECDSA_P256_SHA256_FIXED),
            Kind::Rs256 => ("RS256", &RSA_PKCS1_2048_8192_SHA256),
            Kind::EdDsa => ("EdDSA", &ED25519),
        };
        let key = UnparsedPublicKey::new(verification, &self.bytes);
        name == algorithm && key.verify(input, signature).is_ok()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({:?})", self.kind)
    }
}

/// The content of the DER element at the start, if it has this tag, and the bytes after it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&first, rest) = der.split_first()?;
    let (&short, rest) = rest.split_first()?;
    let (length, rest) = match short {
        0..=0x7f => (usize::from(short), rest),
        0x81 | 0x82 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(short & 0x7f))?;
            let length = bytes
                .iter()
                .fold(0, |sum, &byte| sum * 256 + usize::from(byte));
            (length, rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    (first == tag).then_some((content, rest))
}

#[cfg(test)]
mod tests {
    use base64ct::Base64UrlUnpadded;

    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        Base64UrlUnpadded::decode_vec(text).unwrap()
    }

    // RFC 7515 appendix A.3.
    #[test]
    fn the_signature_of_rfc_7515_over_es256_is_taken() {
        let x = bytes("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
        let y = bytes("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
        let info = [&[0x30, 0x59, 0x30, 0x13], P256, &[0x03, 0x42, 0, 4], &x, &y].concat();
        let key = PublicKey::from_der(&info).unwrap();
        let input = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6\
                     Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let signature = bytes(
            "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
        );
        assert!(key.has_signed("ES256", input.as_bytes(), &signature));
        assert!(!key.has_signed("RS256", input.as_bytes(), &signature));
        assert!(!key.has_signed("none", input.as_bytes(), b""));
        assert!(!key.has_signed("ES256", b"x", &signature));
        assert_eq!(format!("{key:?}"), "PublicKey(Es256)");
    }

    #[test]
    fn other_texts_are_no_keys() {
        for text in [
            "",
            "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----",
            "-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----",
            "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----",
            "-----BEGIN PUBLIC KEY-----\nMIIBIjAN\n-----END PUBLIC KEY-----",
        ] {
            assert_eq!(
                PublicKey::from_pem(text).err(),
                Some(PublicKeyError),
                "{text}"
            );
        }
    }
}
