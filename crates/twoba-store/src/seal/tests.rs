//! What a seal keeps secret, and what it does with damage and with keys that change.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use twoba_core::SessionKey;

use super::*;
use crate::protection::{Protection, Protector};
use crate::sealed::is_sealed;

fn key(text: &str) -> SessionKey {
    SessionKey::parse(text).unwrap()
}

/// Writes a file of keys, for its owner only.
pub(crate) fn write_keys(path: &Path, keys: &[EncryptionKey]) {
    let lines = keys.iter().map(|key| format!("{}\n", *key.to_base64()));
    let new = path.with_extension("new");
    fs::write(&new, lines.collect::<String>()).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&new, fs::Permissions::from_mode(0o600)).unwrap();
    }
    // Whoever reads it meanwhile reads the old keys or the new ones.
    fs::rename(new, path).unwrap();
}

fn record() -> StoredGrant {
    StoredGrant::from_bytes(b"{\"refresh_token\":\"CANARY\"}".to_vec())
}

/// A sealer whose keys a test changes.
fn sealer() -> (Sealer, Arc<Mutex<Vec<EncryptionKey>>>) {
    let keys = Arc::new(Mutex::new(vec![EncryptionKey::random().unwrap()]));
    let read = Arc::clone(&keys);
    let source = KeysFrom::new("a test", move || Ok(read.lock().unwrap().clone()));
    (Sealer::new(source), keys)
}

#[test]
fn what_was_sealed_is_opened_and_shows_nothing() {
    let (sealer, _) = sealer();
    let id = sealer.first_key().unwrap();
    let key = key("ann");
    let sealed = sealer.seal(id, Label::Record(&key), &record()).unwrap();
    assert_eq!(sealed.len(), record().expose().len() + SEAL_OVERHEAD);
    assert_eq!(key_of(&sealed), Some(id));
    let shown = String::from_utf8_lossy(&sealed);
    assert!(!shown.contains("CANARY") && !shown.contains("refresh"));
    assert_eq!(sealer.open(Label::Record(&key), sealed).unwrap(), record());
    let (one, other) = (
        sealer.seal(id, Label::Record(&key), &record()).unwrap(),
        sealer.seal(id, Label::Record(&key), &record()).unwrap(),
    );
    assert_ne!(one, other);
}

#[test]
fn a_record_is_opened_as_what_it_was_sealed_only() {
    let (sealer, _) = sealer();
    let id = sealer.first_key().unwrap();
    let (ann, bob) = (key("ann"), key("bob"));
    let sealed = sealer.seal(id, Label::Record(&ann), &record()).unwrap();
    for label in [Label::Record(&bob), Label::Rescue(&ann)] {
        let opened = sealer.open(label, sealed.clone()).unwrap();
        assert_eq!(opened.expose(), sealed);
    }
}

#[test]
fn damage_is_read_as_bytes_that_are_no_record() {
    let (sealer, _) = sealer();
    let id = sealer.first_key().unwrap();
    let ann = key("ann");
    let sealed = sealer.seal(id, Label::Record(&ann), &record()).unwrap();
    for at in HEADER_LEN - NONCE_LEN..sealed.len() {
        let mut damaged = sealed.clone();
        damaged[at] ^= 1;
        let opened = sealer.open(Label::Record(&ann), damaged.clone()).unwrap();
        assert_eq!(opened.expose(), damaged);
    }
    for len in 0..sealed.len() {
        let opened = sealer.open(Label::Record(&ann), sealed[..len].to_vec());
        assert!(!opened.unwrap().expose().starts_with(b"{"));
    }
    let unsealed = sealer.open(Label::Record(&ann), record().expose().to_vec());
    assert!(!unsealed.unwrap().expose().starts_with(b"{"));
}

#[test]
fn a_new_key_is_found_without_a_restart_and_a_missing_one_is_named() {
    let (sealer, keys) = sealer();
    let ann = key("ann");
    let old = sealer.first_key().unwrap();
    let sealed = sealer.seal(old, Label::Record(&ann), &record()).unwrap();
    let new = EncryptionKey::random().unwrap();
    keys.lock().unwrap().push(new.clone());
    let renewed = sealer.seal(new.id(), Label::Record(&ann), &record());
    assert_eq!(key_of(&renewed.unwrap()), Some(new.id()));
    let other = EncryptionKey::random().unwrap();
    match sealer.seal(other.id(), Label::Record(&ann), &record()) {
        Err(StoreError::KeyUnknown { id, place }) => {
            assert_eq!((id, place.as_str()), (other.id(), "a test"));
        }
        outcome => panic!("{outcome:?}"),
    }
    let opened = sealer.open(Label::Record(&ann), sealed).unwrap();
    assert_eq!(opened, record());
}

#[test]
fn a_file_of_keys_is_read_line_by_line() {
    let key = EncryptionKey::random().unwrap();
    let text = format!("\u{feff}# the keys\n\n  {}  \r\n", *key.to_base64());
    let ids: Vec<KeyId> = parse_keys(&text)
        .unwrap()
        .iter()
        .map(EncryptionKey::id)
        .collect();
    assert_eq!(ids, [key.id()]);
    assert!(matches!(parse_keys("# none\n"), Err(KeySourceError::NoKey)));
    let wrong = parse_keys(&format!("{}\nabc\n", *key.to_base64()));
    assert!(matches!(
        wrong,
        Err(KeySourceError::NotAKey { line: 2, .. })
    ));
    assert!(matches!(
        parse_keys(&"#\n".repeat(10_000)),
        Err(KeySourceError::TooLarge)
    ));
    let shown = format!("{key:?}");
    assert!(!shown.contains(key.to_base64().as_str()));
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;

    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("key");
    let key = EncryptionKey::random().unwrap();
    write_keys(&path, std::slice::from_ref(&key));
    let of_mode = |mode| {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        Sealer::new(KeyFile::new(&path)).first_key()
    };
    assert_eq!(of_mode(0o600).unwrap(), key.id());
    let error = of_mode(0o640).unwrap_err().to_string();
    assert!(error.contains("chmod 600"), "{error}");
}

#[test]
fn the_protection_of_a_store_does_not_follow_the_keys_of_a_program() {
    let (sealer, _) = sealer();
    let id = sealer.first_key().unwrap();
    let (with, without) = (Protector::with_keys(sealer), Protector::without_keys());
    let sealed = with.of_a_new_store().unwrap();
    assert_eq!(sealed, Protection::Encrypted(id));
    assert_eq!(without.of_a_new_store().unwrap(), Protection::Plain);
    for protection in [sealed, Protection::Plain] {
        let told = protection.to_string();
        assert_eq!(Protection::parse(&told), Some(protection));
    }
    for damaged in ["", "plain ", "encrypted", "encrypted 12", "encrypted "] {
        assert_eq!(Protection::parse(damaged), None);
    }
    let ann = key("ann");
    let label = Label::Record(&ann);
    let stored = record();
    let kept = with.protect(sealed, "it", label, &stored).unwrap();
    let kept = kept.into_owned();
    assert!(is_sealed(&kept));
    let opened = with.open(sealed, "it", label, kept.clone()).unwrap();
    assert_eq!(opened, record());
    for outcome in [
        without.open(sealed, "it", label, kept.clone()),
        without.open(Protection::Plain, "it", label, kept.clone()),
        without.open(Protection::Plain, "it", label, kept[..9].to_vec()),
    ] {
        assert!(matches!(outcome, Err(StoreError::Encrypted { .. })));
    }
    let outcome = with.protect(Protection::Plain, "it", label, &stored);
    assert!(matches!(outcome, Err(StoreError::NotEncrypted { .. })));
    let outcome = with.open(Protection::Plain, "it", label, record().expose().to_vec());
    assert!(matches!(outcome, Err(StoreError::NotEncrypted { .. })));
}

/// Bytes as they may lie in a store: any, and some that begin as sealed ones do.
fn any_stored() -> impl Strategy<Value = Vec<u8>> {
    let rest = proptest::collection::vec(any::<u8>(), 0..200);
    (rest, 0..=HEADER_LEN, any::<bool>()).prop_map(|(rest, cut, is_known)| {
        let mut header = MAGIC.to_vec();
        let id = if is_known {
            known_key().id()
        } else {
            KeyId::from_bytes([7; 8])
        };
        header.extend(id.to_bytes());
        header.truncate(cut);
        [header, rest].concat()
    })
}

/// The same key in each run.
fn known_key() -> EncryptionKey {
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
        .parse()
        .unwrap()
}

proptest! {
    #[test]
    fn any_bytes_are_opened_as_no_record_or_name_a_missing_key(stored in any_stored()) {
        let sealer = Sealer::new(KeysFrom::new("a test", || Ok(vec![known_key()])));
        let ann = key("ann");
        match sealer.open(Label::Record(&ann), stored.clone()) {
            Ok(opened) => {
                // Nobody can make bytes that open, and none of these is taken for a record.
                prop_assert!(opened.schedule().is_none());
                prop_assert!(opened.expose().ends_with(&stored));
                prop_assert!(opened.expose().len() <= stored.len() + 1);
            }
            Err(StoreError::KeyUnknown { id, .. }) => {
                prop_assert_eq!(key_of(&stored), Some(id));
                prop_assert_ne!(id, known_key().id());
            }
            Err(error) => prop_assert!(false, "{error}"),
        }
    }

    #[test]
    fn any_record_is_opened_again_and_no_damage_of_it(
        record in proptest::collection::vec(any::<u8>(), 0..300),
        at in any::<prop::sample::Index>(),
        bit in 0..8_u32,
    ) {
        let sealer = Sealer::new(KeysFrom::new("a test", || Ok(vec![known_key()])));
        let ann = key("ann");
        let record = StoredGrant::from_bytes(record);
        let mut sealed = sealer.seal(known_key().id(), Label::Record(&ann), &record).unwrap();
        prop_assert_eq!(&sealer.open(Label::Record(&ann), sealed.clone()).unwrap(), &record);
        let at = at.index(sealed.len());
        sealed[at] ^= 1 << bit;
        match sealer.open(Label::Record(&ann), sealed.clone()) {
            Ok(opened) => prop_assert!(opened.expose().ends_with(&sealed)),
            // The id of its key was hit.
            Err(StoreError::KeyUnknown { .. }) => prop_assert!(at < MAGIC.len() + KeyId::LEN),
            Err(error) => prop_assert!(false, "{error}"),
        }
    }
}
