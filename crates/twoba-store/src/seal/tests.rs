//! What a seal keeps secret, and what it does with damage and with keys that change.

use std::sync::{Arc, Mutex};

use twoba_core::SessionKey;

use super::*;
use crate::protection::{Protection, Protector, is_sealed};

fn key(text: &str) -> SessionKey {
    SessionKey::parse(text).unwrap()
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
    std::fs::write(&path, key.to_base64().as_bytes()).unwrap();
    let of_mode = |mode| {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
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
