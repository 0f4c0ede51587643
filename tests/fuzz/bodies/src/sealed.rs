//! The line round stored JSON, made here so that a fuzzer gets past its checksum.

use sha2::{Digest, Sha256};

/// The bytes that a store would hold: kind, version 1 and checksum, then the JSON.
pub(crate) fn sealed(kind: &str, json: &[u8]) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(u64::try_from(json.len()).unwrap_or(u64::MAX).to_be_bytes());
    hash.update(json);
    let digits: String = hash
        .finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let mut bytes = format!("{kind} 1 {digits}\n").into_bytes();
    bytes.extend_from_slice(json);
    bytes
}
