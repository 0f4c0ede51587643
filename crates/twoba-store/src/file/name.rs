//! The names of a session's files: made from its key, and read back into it.
//!
//! No two keys share a name, not even on file systems that ignore case. No name leads out of the
//! folder or has a dot.

use std::fmt::Write;

use twoba_core::SessionKey;

use crate::store::ListedKind;

/// Longest name of a file on all usual file systems.
const FILE_NAME_MAX: usize = 255;

/// Longest plain name. Earlier releases wrote `.writing-NAME.XXXXXX`, and could store no session
/// for which that was too long.
const PLAIN_MAX: usize = FILE_NAME_MAX - ".writing-.XXXXXX".len();

/// Longest plain name that leaves room for `.replaced-` and a revision.
const PLAIN_ASIDE_MAX: usize = FILE_NAME_MAX - ".replaced-".len() - REVISION_LEN;

/// Hexadecimal digits of a revision.
const REVISION_LEN: usize = 32;

/// The first character of a dense name. No plain name has it.
const DENSE: char = '=';

/// The digits of dense names, five bits each: those of base32hex (RFC 4648 section 7), in lower case.
const DIGITS: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";

/// How the folder ends in which bytes of a session are kept aside.
pub(super) const ASIDE: &str = "aside";

/// How the file ends that is locked for a write.
pub(super) const WRITE: &str = "write";

/// The name of a session's files.
pub(super) fn file_name(key: &SessionKey) -> String {
    name_within(key, PLAIN_MAX)
}

/// The name of the files of bytes that are kept aside.
pub(super) fn aside_name(key: &SessionKey) -> String {
    name_within(key, PLAIN_ASIDE_MAX)
}

fn name_within(key: &SessionKey, longest: usize) -> String {
    let plain = plain(key.as_str());
    if plain.len() <= longest {
        plain
    } else {
        dense(key.as_str())
    }
}

/// How the file of replaced bytes ends.
pub(super) fn aside_ending(revision: u128) -> String {
    format!("replaced-{revision:032x}")
}

/// The session and the content of this file; `None` if the file is neither a record nor kept aside.
pub(super) fn parse(file: &str) -> Option<(SessionKey, ListedKind)> {
    let (name, ending) = file.split_once('.')?;
    let kind = match ending {
        "grant" => ListedKind::Session,
        "rescue" => ListedKind::Rescue,
        _ => {
            let revision = ending.strip_prefix("replaced-")?;
            let is_hex = revision.bytes().all(|byte| byte.is_ascii_hexdigit());
            (is_hex && revision.len() == REVISION_LEN).then_some(ListedKind::KeptAside)?
        }
    };
    let key = key_named(name)?;
    let expected = match kind {
        ListedKind::Session | ListedKind::Rescue => file_name(&key),
        ListedKind::KeptAside => aside_name(&key),
    };
    // Anything else is not a file of ours.
    (expected == name).then_some((key, kind))
}

/// The session of a file or folder with this ending; `None` if it is another one.
pub(super) fn key_of(file: &str, ending: &str) -> Option<SessionKey> {
    let (name, found) = file.split_once('.')?;
    let key = (found == ending).then(|| key_named(name))??;
    (file_name(&key) == name).then_some(key)
}

fn key_named(name: &str) -> Option<SessionKey> {
    let bytes = match name.strip_prefix(DENSE) {
        Some(digits) => from_dense(digits)?,
        None => from_plain(name)?,
    };
    SessionKey::stored(String::from_utf8(bytes).ok()?).ok()
}

/// The key with `%XX` in place of everything but small letters, digits, `-` and `_`.
fn plain(key: &str) -> String {
    let mut name = String::with_capacity(3 * key.len());
    for byte in key.bytes() {
        if byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_' {
            name.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _written = write!(name, "%{byte:02x}");
        }
    }
    name
}

fn from_plain(name: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        rest = after;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
    }
    Some(bytes)
}

/// The key at five bits a letter, for keys that would otherwise be too long. 128 bytes take 206
/// letters.
fn dense(key: &str) -> String {
    let mut name = String::with_capacity(2 + key.len() * 8 / 5);
    name.push(DENSE);
    for five in key.as_bytes().chunks(5) {
        let mut bits = [0; 8];
        for (to, from) in bits.iter_mut().skip(3).zip(five) {
            *to = *from;
        }
        let bits = u64::from_be_bytes(bits);
        // As many digits as hold all bits of these bytes.
        for digit in (0..(five.len() * 8).div_ceil(5)).map(|at| 35 - 5 * at) {
            let digit = usize::try_from(bits >> digit & 31).unwrap_or_default();
            name.extend(DIGITS.get(digit).copied().map(char::from));
        }
    }
    name
}

fn from_dense(digits: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(digits.len());
    for eight in digits.as_bytes().chunks(8) {
        let mut bits: u64 = 0;
        for (at, digit) in (0..).zip(eight) {
            let value = DIGITS.iter().position(|known| known == digit)?;
            bits |= u64::try_from(value).ok()? << (35 - 5 * at);
        }
        let whole = bits.to_be_bytes().into_iter().skip(3);
        bytes.extend(whole.take(eight.len() * 5 / 8));
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn key(text: impl Into<String>) -> SessionKey {
        SessionKey::parse(text).unwrap()
    }

    fn keys() -> Vec<SessionKey> {
        let mut keys: Vec<SessionKey> = [
            "a", "A", "../a", "%41", "a/b", "a.b", "\u{e9}", "..", "=", "=00", "con", " ",
        ]
        .map(key)
        .into();
        for letter in ["a", "A", "\u{10ffff}", "\u{20ac}", "/"] {
            for length in [60, 70, 71, 72, 79, 80, 81, 127, 128] {
                keys.push(key(letter.repeat(length / letter.len())));
            }
        }
        for scope in [
            "",
            "read:products",
            &"read:products ".repeat(40),
            &"/".repeat(110),
        ] {
            keys.push(SessionKey::of_program("myApplication", scope));
        }
        keys
    }

    #[test]
    fn keys_cannot_leave_the_folder_or_meet() {
        let names: BTreeSet<_> = keys()
            .iter()
            .map(|key| file_name(key).to_lowercase())
            .collect();
        let keys: BTreeSet<_> = keys().into_iter().collect();
        assert_eq!(names.len(), keys.len());
        assert!(
            names.iter().all(|name| !name.contains(['/', '.'])),
            "{names:?}"
        );
    }

    #[test]
    fn every_file_has_a_name_that_fits_and_leads_back() {
        for key in keys() {
            let name = file_name(&key);
            let aside = format!("{}.{}", aside_name(&key), aside_ending(u128::MAX));
            let files = [
                (format!("{name}.grant"), Some(ListedKind::Session)),
                (format!("{name}.rescue"), Some(ListedKind::Rescue)),
                (aside, Some(ListedKind::KeptAside)),
                (format!("{name}.lease"), None),
                (format!("{name}.write"), None),
                (format!(".writing-{name}"), None),
                (format!(".writing-{name}.aBc123"), None),
                (format!("{name}.aside"), None),
            ];
            for (file, kind) in files {
                assert!(file.len() <= FILE_NAME_MAX, "{file}");
                for ending in [ASIDE, WRITE] {
                    let is_of_it = file == format!("{name}.{ending}");
                    assert_eq!(key_of(&file, ending), is_of_it.then(|| key.clone()));
                }
                assert_eq!(parse(&file), kind.map(|kind| (key.clone(), kind)), "{file}");
            }
        }
    }

    #[test]
    fn keys_that_earlier_releases_could_store_keep_their_names() {
        assert_eq!(file_name(&key("Me@2ba/x-1_")), "%4de%402ba%2fx-1_");
        let longest = key("/".repeat(79));
        assert_eq!(file_name(&longest), "%2f".repeat(79));
        assert!(file_name(&key("/".repeat(80))).starts_with('='));
    }

    #[test]
    fn a_programs_own_files_have_a_name_that_no_persons_can_have() {
        let key = SessionKey::of_program("shop", "read:stock read:products");
        let name = "program%09shop%09read%3aproducts%20read%3astock";
        assert_eq!(file_name(&key), name);
        assert!(SessionKey::parse("program\tshop\t").is_err());
    }

    #[test]
    fn files_of_others_are_none_of_ours() {
        for file in [
            "",
            ".",
            "grant",
            ".grant",
            "a",
            "A.grant",
            "a.grant.bak",
            "%61.grant",
            "%4.grant",
            "%zz.grant",
            "%ff.grant",
            "=00.grant",
            "=!.grant",
            "a.replaced-1",
            "notes.txt",
            "%0a.grant",
            // No key of a person, and none of a program either.
            "program%09.grant",
        ] {
            assert_eq!(parse(file), None, "{file}");
        }
    }
}
