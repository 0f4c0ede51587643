//! A signer for clients that authenticate with a private key in memory.

use std::fmt;
use std::sync::Arc;

use base64ct::{Base64, Encoding};
use ring::error::Unspecified;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use twoba_core::{SignError, Signer};
use zeroize::Zeroizing;

/// A private key in memory that signs a client's assertions (RFC 7523). It signs with P-256 by
/// ES256, with RSA of 2,048 bits or more by RS256, and with Ed25519 by `EdDSA`. Its clones are the
/// same key.
///
/// `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256` makes one, and
/// `openssl pkey -pubout` the public half for the server.
#[derive(Clone)]
pub struct PrivateKey {
    pair: Arc<Pair>,
    key_id: Option<String>,
}

enum Pair {
    Es256(EcdsaKeyPair),
    Rs256(RsaKeyPair),
    EdDsa(Ed25519KeyPair),
}

/// Why a text or bytes cannot be used as a private key. The error repeats nothing of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PrivateKeyError {
    /// The text is no PEM of a key in PKCS#8 without a password (`BEGIN PRIVATE KEY`).
    Pem,
    /// The key is not of P-256, of Ed25519, or of RSA with 2,048 to 4,096 bits.
    Key,
}

impl fmt::Display for PrivateKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pem => {
                "no private key in PEM (BEGIN PRIVATE KEY): `openssl pkcs8 -topk8 -nocrypt` writes one"
            }
            Self::Key => "the private key is none of P-256, Ed25519, or RSA with 2048 to 4096 bits",
        })
    }
}

impl std::error::Error for PrivateKeyError {}

impl PrivateKey {
    /// Reads the key of a PEM text with `BEGIN PRIVATE KEY`: PKCS#8 (RFC 5208) without a password.
    ///
    /// # Errors
    ///
    /// - the text is of another form: [`PrivateKeyError::Pem`]
    /// - the key is of another kind: [`PrivateKeyError::Key`]
    pub fn from_pem(text: &str) -> Result<Self, PrivateKeyError> {
        let body = text.trim().strip_prefix("-----BEGIN PRIVATE KEY-----");
        let body = body.and_then(|body| body.strip_suffix("-----END PRIVATE KEY-----"));
        let body = body.ok_or(PrivateKeyError::Pem)?;
        let mut bare = Zeroizing::new(String::with_capacity(body.len()));
        bare.extend(body.split_ascii_whitespace());
        let der = Base64::decode_vec(&bare).map_err(|_| PrivateKeyError::Pem)?;
        Self::from_der(&Zeroizing::new(der))
    }

    /// Reads the key of DER bytes: PKCS#8 without a password.
    ///
    /// # Errors
    ///
    /// - the bytes hold another kind of key, or none: [`PrivateKeyError::Key`]
    pub fn from_der(der: &[u8]) -> Result<Self, PrivateKeyError> {
        let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, der, &random).map(Pair::Es256);
        let pair = pair
            .or_else(|_| Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map(Pair::EdDsa))
            .or_else(|_| RsaKeyPair::from_pkcs8(der).map(Pair::Rs256));
        Ok(Self {
            pair: Arc::new(pair.map_err(|_| PrivateKeyError::Key)?),
            key_id: None,
        })
    }

    /// Sets the name by which the server knows the key.
    #[must_use]
    pub fn with_key_id(mut self, key_id: impl Into<String>) -> Self {
        self.key_id = Some(key_id.into());
        self
    }
}

impl Signer for PrivateKey {
    fn algorithm(&self) -> &str {
        match &*self.pair {
            Pair::Es256(_) => "ES256",
            Pair::Rs256(_) => "RS256",
            Pair::EdDsa(_) => "EdDSA",
        }
    }

    fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    fn sign(&self, input: &[u8]) -> Result<Vec<u8>, SignError> {
        let random = SystemRandom::new();
        let unspecified = |_: Unspecified| SignError::new("there is no randomness to sign with");
        match &*self.pair {
            Pair::Es256(pair) => {
                let signature = pair.sign(&random, input).map_err(unspecified)?;
                Ok(signature.as_ref().to_vec())
            }
            Pair::Rs256(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                let signed = pair.sign(&RSA_PKCS1_SHA256, &random, input, &mut signature);
                signed.map_err(unspecified)?;
                Ok(signature)
            }
            Pair::EdDsa(pair) => Ok(pair.sign(input).as_ref().to_vec()),
        }
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey")
            .field("algorithm", &self.algorithm())
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use base64ct::Base64UrlUnpadded;
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;

    /// The keys of RFC 7515, appendices A.2 and A.3.
    const RSA: &str = include_str!("private_key/rfc-7515-a2.pem");
    const P256: &str = include_str!("private_key/rfc-7515-a3.pem");

    fn bytes(text: &str) -> Vec<u8> {
        Base64UrlUnpadded::decode_vec(text).unwrap()
    }

    #[test]
    fn rs256_signs_as_in_rfc_7515() {
        let key = PrivateKey::from_pem(RSA).unwrap();
        assert_eq!(key.algorithm(), "RS256");
        let input = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6\
                     Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let expected = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF\
                        5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK\
                        5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqt\
                        FZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrB\
                        p0igcN_IoypGlUPQGe77Rw";
        let signature = key.sign(input.as_bytes()).unwrap();
        assert_eq!(Base64UrlUnpadded::encode_string(&signature), expected);
    }

    #[test]
    fn es256_signs_in_the_form_of_json_web_signatures() {
        let key = PrivateKey::from_pem(P256).unwrap().with_key_id("key-1");
        assert_eq!((key.algorithm(), key.key_id()), ("ES256", Some("key-1")));
        let signature = key.sign(b"input").unwrap();
        assert_eq!(signature.len(), 64);
        let x = bytes("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
        let y = bytes("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
        let point = [&[4][..], &x, &y].concat();
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
        public.verify(b"input", &signature).unwrap();
    }

    // RFC 8037 appendix A.4.
    #[test]
    fn ed25519_signs_as_in_rfc_8037() {
        let start = [
            0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22,
            0x04, 0x20,
        ];
        let seed = bytes("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
        let key = PrivateKey::from_der(&[&start[..], &seed].concat()).unwrap();
        assert_eq!(key.algorithm(), "EdDSA");
        let input = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
        let expected = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_Mu\
                        M0KAg";
        let signature = key.sign(input).unwrap();
        assert_eq!(Base64UrlUnpadded::encode_string(&signature), expected);
    }

    #[test]
    fn what_is_no_key_is_said_without_repeating_it() {
        let encrypted = RSA.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
        for text in [
            "",
            "canary",
            &encrypted,
            "-----BEGIN PRIVATE KEY-----\ncanary!",
        ] {
            assert_eq!(PrivateKey::from_pem(text).err(), Some(PrivateKeyError::Pem));
        }
        let other = "-----BEGIN PRIVATE KEY-----\nY2FuYXJ5\n-----END PRIVATE KEY-----";
        assert_eq!(
            PrivateKey::from_pem(other).err(),
            Some(PrivateKeyError::Key)
        );
        let key = PrivateKey::from_pem(P256).unwrap();
        let printed = format!("{key:?}");
        assert_eq!(
            printed,
            "PrivateKey { algorithm: \"ES256\", key_id: None, .. }"
        );
    }
}
