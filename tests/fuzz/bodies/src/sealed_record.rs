//! A sealed record as it lies in a store: whatever stands there, only what was sealed is opened.

use std::sync::LazyLock;

use twoba_core::{SessionKey, StoredGrant};
use twoba_store::seal::{EncryptionKey, KeysFrom, Sealer};
use twoba_store::{KeyId, Label, StoreError};

use crate::choice::pick;
use crate::shown::assert_fit_to_print;

/// The first bytes of what is sealed.
const BEGIN: &[u8] = b"\x8f2BAseal";

/// How many bytes stand round a record: those, the id of the key, a nonce and a tag.
const ROUND: usize = BEGIN.len() + KeyId::LEN + 24 + TAG;

/// How many of them stand behind it.
const TAG: usize = 16;

/// The key of the store.
static KEY: LazyLock<Option<EncryptionKey>> =
    LazyLock::new(|| "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".parse().ok());

static SEALER: LazyLock<Sealer> = LazyLock::new(|| {
    Sealer::new(KeysFrom::new("the target", || {
        Ok(KEY.clone().into_iter().collect())
    }))
});

/// What stands before the bytes of the input, so that a fuzzer gets past the header.
#[derive(Debug, Clone, Copy)]
enum Begins {
    AsItIs,
    AsSealed,
    WithTheKey,
    WithAnotherKey,
}

const BEGINS: [Begins; 4] = [
    Begins::AsItIs,
    Begins::AsSealed,
    Begins::WithTheKey,
    Begins::WithAnotherKey,
];

/// Opens stored bytes: two choices (of which session and kind they are, and what stands before
/// them), then the bytes. The same bytes are sealed as a record too.
///
/// # Panics
///
/// - bytes are opened that were not sealed, or as something else than what they were sealed as
/// - what was sealed is not opened, or shows what it holds
/// - what is no record is taken for one
pub fn sealed_record(data: &[u8]) {
    let Some((&[what, begins], bytes)) = data.split_first_chunk() else {
        return;
    };
    let (Ok(ann), Ok(ben)) = (SessionKey::parse("ann"), SessionKey::parse("ben")) else {
        panic!("the sessions of this target cannot be named");
    };
    let labels = [
        Label::Record(&ann),
        Label::Rescue(&ann),
        Label::Record(&ben),
    ];
    let (Some(&label), Some(begins)) = (pick(&labels, what), pick(&BEGINS, begins)) else {
        return;
    };
    let Some(key) = KEY.as_ref().map(EncryptionKey::id) else {
        panic!("the key of this target is none");
    };
    let begin = match begins {
        Begins::AsItIs => Vec::new(),
        Begins::AsSealed => BEGIN.to_vec(),
        Begins::WithTheKey => [BEGIN, &key.to_bytes()].concat(),
        Begins::WithAnotherKey => [BEGIN, &[7; KeyId::LEN]].concat(),
    };
    let stored = [&begin, bytes].concat();
    if open(label, &stored, key) {
        assert_bound(&labels, label, &stored, key);
    }
    let record = StoredGrant::from_bytes(bytes.to_vec());
    let sealed = match SEALER.seal(key, label, &record) {
        Ok(sealed) => sealed,
        Err(error) => panic!("it is not sealed: {error}"),
    };
    assert_eq!(sealed.len(), bytes.len() + ROUND);
    // Fewer bytes may be the same by chance, and in the header stands what everybody knows.
    let text = sealed.get(ROUND - TAG..).unwrap_or_default();
    assert!(bytes.len() < 8 || !text.windows(bytes.len()).any(|part| part == bytes));
    match SEALER.open(label, sealed.clone()) {
        Ok(opened) => assert_eq!(opened, record),
        Err(error) => panic!("it is not opened: {error}"),
    }
    assert_bound(&labels, label, &sealed, key);
}

/// What was sealed is opened as that only, and only as a whole.
fn assert_bound(labels: &[Label<'_>], label: Label<'_>, sealed: &[u8], key: KeyId) {
    for other in labels.iter().filter(|other| **other != label) {
        assert!(!open(*other, sealed, key), "it is opened as {other:?}");
    }
    let mut damaged = sealed.to_vec();
    if let Some(last) = damaged.last_mut() {
        *last ^= 1;
    }
    assert!(!open(label, &damaged, key), "it is opened although damaged");
    damaged.pop();
    assert!(!open(label, &damaged, key), "it is opened although cut");
}

/// Whether stored bytes are opened. What is not is told by what stands there.
fn open(label: Label<'_>, stored: &[u8], key: KeyId) -> bool {
    let id = stored
        .strip_prefix(BEGIN)
        .and_then(|rest| rest.get(..KeyId::LEN));
    let id = id.filter(|_| stored.len() >= ROUND);
    match SEALER.open(label, stored.to_vec()) {
        Ok(opened) if opened.expose().len() + ROUND == stored.len() => {
            assert_eq!(id, Some(key.to_bytes().as_slice()));
            true
        }
        Ok(opened) => {
            // No session takes it for a record, also where a whole record stands there unsealed.
            assert!(opened.schedule().is_none());
            let begins = if stored.starts_with(BEGIN) {
                &[][..]
            } else {
                &[0xff]
            };
            assert_eq!(opened.expose(), [begins, stored].concat());
            assert!(id.is_none_or(|id| id == key.to_bytes()));
            false
        }
        Err(error) => {
            assert_fit_to_print(&error);
            let StoreError::KeyUnknown { id: missing, .. } = error else {
                panic!("{error}");
            };
            assert_eq!(id, Some(missing.to_bytes().as_slice()));
            assert_ne!(missing, key);
            false
        }
    }
}
