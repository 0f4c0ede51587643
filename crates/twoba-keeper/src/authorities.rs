//! The certificate authorities that a client trusts instead of the platform's.

use std::fmt;

use base64ct::{Base64, Encoding};

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// The certificates of the authorities that vouch for a server. They replace the authorities that
/// the platform trusts.
#[derive(Clone, PartialEq, Eq)]
pub struct Authorities {
    certificates: Vec<Vec<u8>>,
}

/// The error for a text without a certificate, or with an unreadable one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuthoritiesError;

impl fmt::Display for AuthoritiesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no certificate in PEM (BEGIN CERTIFICATE)")
    }
}

impl std::error::Error for AuthoritiesError {}

impl Authorities {
    /// Reads the certificates of a PEM text. Other text may stand between them.
    ///
    /// # Errors
    ///
    /// - the text has no certificate, or one that is not Base64 or has no end: [`AuthoritiesError`]
    pub fn from_pem(text: &str) -> Result<Self, AuthoritiesError> {
        let mut certificates = Vec::new();
        for part in text.split(BEGIN).skip(1) {
            let (body, _) = part.split_once(END).ok_or(AuthoritiesError)?;
            let bare: String = body.split_ascii_whitespace().collect();
            let der = Base64::decode_vec(&bare).map_err(|_| AuthoritiesError)?;
            // A certificate is an ASN.1 sequence.
            if der.first() != Some(&0x30) {
                return Err(AuthoritiesError);
            }
            certificates.push(der);
        }
        match certificates.is_empty() {
            true => Err(AuthoritiesError),
            false => Ok(Self { certificates }),
        }
    }

    /// The certificates in DER form.
    pub fn certificates(&self) -> impl Iterator<Item = &[u8]> {
        self.certificates.iter().map(Vec::as_slice)
    }
}

impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorities")
            .field("certificates", &self.certificates.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_are_found_whatever_stands_between_them() {
        let one = format!("{BEGIN}\r\nMAA=\r\n{END}\r\n");
        let read = Authorities::from_pem(&one).unwrap();
        assert_eq!(read.certificates().collect::<Vec<_>>(), [[0x30, 0]]);
        let two = Authorities::from_pem(&format!("# mine\n{one}\n# another\n{one}")).unwrap();
        assert_eq!(two.certificates().count(), 2);
        assert_eq!(format!("{two:?}"), "Authorities { certificates: 2 }");
    }

    #[test]
    fn what_is_no_certificate_is_refused() {
        for text in [
            "",
            "MAA=",
            BEGIN,
            &format!("{BEGIN}\n{END}"),
            &format!("{BEGIN}\n%%%\n{END}"),
            &format!("{BEGIN}\nAAAA\n{END}"),
            "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----",
        ] {
            assert_eq!(Authorities::from_pem(text), Err(AuthoritiesError), "{text}");
        }
    }
}
