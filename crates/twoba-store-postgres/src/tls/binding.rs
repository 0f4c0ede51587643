//! The digest of a certificate that binds a login to the connection: `tls-server-end-point`, RFC 5929
//! section 4.1.

use sha2::{Digest, Sha256, Sha384, Sha512};

const SEQUENCE: u8 = 0x30;
const OBJECT: u8 = 0x06;

/// Object identifiers of signatures with SHA-256 or less: RSA with MD5, SHA-1 and SHA-256, and ECDSA
/// with SHA-1 and SHA-256. RFC 5929 has SHA-256 in place of what is weaker.
const WITH_SHA_256: [&[u8]; 5] = [
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04",
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05",
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b",
    b"\x2a\x86\x48\xce\x3d\x04\x01",
    b"\x2a\x86\x48\xce\x3d\x04\x03\x02",
];
const WITH_SHA_384: [&[u8]; 2] = [
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c",
    b"\x2a\x86\x48\xce\x3d\x04\x03\x03",
];
const WITH_SHA_512: [&[u8]; 2] = [
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d",
    b"\x2a\x86\x48\xce\x3d\x04\x03\x04",
];

/// The digest by the hash of the certificate's signature. `None` if the signature names no hash, as
/// Ed25519 does not: the login is then not bound.
pub(super) fn end_point(certificate: &[u8]) -> Option<Vec<u8>> {
    let algorithm = signature_algorithm(certificate)?;
    if WITH_SHA_256.contains(&algorithm) {
        return Some(Sha256::digest(certificate).to_vec());
    }
    if WITH_SHA_384.contains(&algorithm) {
        return Some(Sha384::digest(certificate).to_vec());
    }
    let sha_512 = WITH_SHA_512.contains(&algorithm);
    sha_512.then(|| Sha512::digest(certificate).to_vec())
}

/// A certificate is a sequence of what is signed, the algorithm, and the signature.
fn signature_algorithm(certificate: &[u8]) -> Option<&[u8]> {
    let (parts, _) = element(certificate, SEQUENCE)?;
    let (_, behind) = element(parts, SEQUENCE)?;
    let (algorithm, _) = element(behind, SEQUENCE)?;
    element(algorithm, OBJECT).map(|(identifier, _)| identifier)
}

/// The content of an element of DER, and what follows it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        if digits.len() > 4 {
            return None;
        }
        let length = digits
            .iter()
            .fold(0, |sum, digit| (sum << 8) | usize::from(*digit));
        (length, rest)
    };
    if found != tag {
        return None;
    }
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_bound_by_the_hash_of_the_signature() {
        for (algorithm, length) in [
            (&rcgen::PKCS_ECDSA_P256_SHA256, Some(32)),
            (&rcgen::PKCS_ECDSA_P384_SHA384, Some(48)),
            (&rcgen::PKCS_ED25519, None),
        ] {
            let key = rcgen::KeyPair::generate_for(algorithm).unwrap();
            let names = [String::from("db.example.com")];
            let parameters = rcgen::CertificateParams::new(names).unwrap();
            let certificate = parameters.self_signed(&key).unwrap();
            let digest = end_point(certificate.der());
            assert_eq!(digest.as_ref().map(Vec::len), length);
            for cut in 0..certificate.der().len() {
                assert_eq!(end_point(&certificate.der()[..cut]), None);
            }
        }
    }
}
