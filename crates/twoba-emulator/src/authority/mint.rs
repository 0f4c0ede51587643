//! Makes tokens and codes, and recognizes its own. It does not know whether a genuine one is still
//! valid.

use base64ct::{Base64UrlUnpadded, Encoding};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::identifier::{FamilyId, Fingerprint};
use crate::timestamp::Timestamp;

/// The bytes after the exclamation mark in 2BA's sample refresh token: the length of the signature.
const REFRESH_PREFIX: [u8; 4] = [32, 0, 0, 0];

/// The start of access tokens. It is that of 2BA's sample, followed by the two characters of
/// base64url that other alphabets lack, so that every client has to handle them.
const ACCESS_PREFIX: &str = "gAAA-_";

/// A token or code on its way to the client. It is never shown.
pub(crate) struct Token(String);

impl Token {
    /// The text for the client.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// The fingerprint, which the journal may hold.
    pub(crate) fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.0)
    }
}

/// The meaning of a text that was made here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Genuine {
    Access {
        family: FamilyId,
        generation: u64,
        expires: Timestamp,
    },
    Refresh {
        family: FamilyId,
        generation: u64,
        issued: Timestamp,
    },
    Code {
        number: u64,
    },
}

/// Makes tokens and recognizes its own.
///
/// A token carries its meaning and a signature over it. The millions of tokens that a load test
/// spends therefore need no memory.
pub(super) struct Mint {
    key: [u8; 32],
    made_up_key: [u8; 32],
    made_up: u64,
    /// The part of refresh tokens before the exclamation mark.
    handle: String,
}

/// Kind and three numbers, in front of the signature over them.
const PAYLOAD: usize = 25;

/// The longest text that is decoded. Nothing longer was made here.
const MAX_ENCODED: usize = 128;

impl Mint {
    pub(super) fn new(seed: [u8; 32]) -> Self {
        let derive = |purpose: &str| -> [u8; 32] {
            Sha256::new()
                .chain_update(seed)
                .chain_update(purpose)
                .finalize()
                .into()
        };
        let handle = derive("handle");
        let handle = Base64UrlUnpadded::encode_string(handle.first_chunk::<3>().unwrap_or(&[0; 3]));
        Self {
            key: derive("tokens"),
            made_up_key: derive("made-up tokens"),
            made_up: 0,
            handle: handle.replace(['-', '_'], "x"),
        }
    }

    pub(super) fn access(&self, family: FamilyId, generation: u64, expires: Timestamp) -> Token {
        self.write(&Genuine::Access {
            family,
            generation,
            expires,
        })
    }

    pub(super) fn refresh(&self, family: FamilyId, generation: u64, issued: Timestamp) -> Token {
        self.write(&Genuine::Refresh {
            family,
            generation,
            issued,
        })
    }

    pub(super) fn code(&self, number: u64) -> Token {
        self.write(&Genuine::Code { number })
    }

    /// An access and a refresh token that look right and are signed with the wrong key.
    pub(super) fn made_up(&mut self) -> (Token, Token) {
        self.made_up += 1;
        let family = FamilyId(self.made_up);
        let key = &self.made_up_key;
        let access = Genuine::Access {
            family,
            generation: 0,
            expires: Timestamp::from_millis(0),
        };
        let refresh = Genuine::Refresh {
            family,
            generation: 0,
            issued: Timestamp::from_millis(0),
        };
        (
            write(key, &self.handle, &access),
            write(key, &self.handle, &refresh),
        )
    }

    /// The meaning of a text, if it was made here.
    pub(super) fn read(&self, text: &str) -> Option<Genuine> {
        let claimed = claim(text)?;
        // Comparing whole texts also refuses other spellings of the same bytes.
        let genuine = self.write(&claimed);
        bool::from(genuine.0.as_bytes().ct_eq(text.as_bytes())).then_some(claimed)
    }

    fn write(&self, genuine: &Genuine) -> Token {
        write(&self.key, &self.handle, genuine)
    }
}

fn write(key: &[u8; 32], handle: &str, genuine: &Genuine) -> Token {
    let (kind, numbers) = match *genuine {
        Genuine::Access {
            family,
            generation,
            expires,
        } => (b'a', [family.0, generation, expires.as_millis()]),
        Genuine::Refresh {
            family,
            generation,
            issued,
        } => (b'r', [family.0, generation, issued.as_millis()]),
        Genuine::Code { number } => (b'c', [number, 0, 0]),
    };
    let (kind, numbers) = ([kind], numbers.map(u64::to_be_bytes));
    let numbers = numbers.as_flattened();
    // A secret prefix is a sound signature here: all payloads have one length, so none extends
    // another.
    let signature = Sha256::new()
        .chain_update(key)
        .chain_update(kind)
        .chain_update(numbers)
        .finalize();
    let head: &[u8] = if kind == *b"r" { &REFRESH_PREFIX } else { &[] };
    let signed = [head, &signature, &kind, numbers].concat();
    let mut room = [0; MAX_ENCODED];
    // There is room for all that is signed here.
    let text = Base64UrlUnpadded::encode(&signed, &mut room).unwrap_or_default();
    Token(match *genuine {
        Genuine::Access { .. } => [ACCESS_PREFIX, text].concat(),
        Genuine::Refresh { .. } => [handle, "!", text].concat(),
        Genuine::Code { .. } => text.to_owned(),
    })
}

/// The meaning that a text claims. It is not verified yet.
fn claim(text: &str) -> Option<Genuine> {
    let encoded = match text.split_once('!') {
        Some((_, after_handle)) => after_handle,
        None => text.strip_prefix(ACCESS_PREFIX).unwrap_or(text),
    };
    if encoded.len() > MAX_ENCODED {
        return None;
    }
    let mut room = [0; MAX_ENCODED];
    let bytes = Base64UrlUnpadded::decode(encoded, &mut room).ok()?;
    let (_, payload) = bytes.split_last_chunk::<PAYLOAD>()?;
    let (kind, numbers) = payload.split_first()?;
    let mut numbers = numbers.chunks_exact(8).filter_map(|number| {
        let number: [u8; 8] = number.try_into().ok()?;
        Some(u64::from_be_bytes(number))
    });
    let (first, second, third) = (numbers.next()?, numbers.next()?, numbers.next()?);
    match kind {
        b'a' => Some(Genuine::Access {
            family: FamilyId(first),
            generation: second,
            expires: Timestamp::from_millis(third),
        }),
        b'r' => Some(Genuine::Refresh {
            family: FamilyId(first),
            generation: second,
            issued: Timestamp::from_millis(third),
        }),
        b'c' => Some(Genuine::Code { number: first }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPIRES: Timestamp = Timestamp::from_millis(1_798_761_599_001);
    const ISSUED: Timestamp = Timestamp::from_millis(1_798_761_479_001);

    fn mint() -> Mint {
        Mint::new([7; 32])
    }

    #[test]
    fn every_kind_of_token_is_known_again() {
        let mint = mint();
        let (family, generation) = (FamilyId(3), 9);
        let access = mint.access(family, generation, EXPIRES);
        assert_eq!(
            mint.read(access.expose()),
            Some(Genuine::Access {
                family,
                generation,
                expires: EXPIRES
            })
        );
        let refresh = mint.refresh(family, generation, ISSUED);
        assert_eq!(
            mint.read(refresh.expose()),
            Some(Genuine::Refresh {
                family,
                generation,
                issued: ISSUED
            })
        );
        let code = mint.code(4);
        assert_eq!(mint.read(code.expose()), Some(Genuine::Code { number: 4 }));
    }

    #[test]
    fn tokens_look_like_the_samples_of_2ba() {
        let mint = mint();
        let access = mint.access(FamilyId(1), 0, EXPIRES);
        assert!(access.expose().starts_with("gAAA"));
        assert!(access.expose().contains('-') && access.expose().contains('_'));
        let refresh = mint.refresh(FamilyId(1), 0, ISSUED);
        let (handle, rest) = refresh.expose().split_once('!').unwrap();
        assert_eq!(handle.len(), 4);
        assert!(rest.starts_with("IAAAA"));
    }

    #[test]
    fn no_changed_character_leaves_a_token_genuine() {
        let mint = mint();
        for token in [
            mint.access(FamilyId(1), 0, EXPIRES),
            mint.refresh(FamilyId(1), 0, ISSUED),
            mint.code(1),
        ] {
            let text = token.expose();
            for at in 0..text.len() {
                let mut changed = text.to_owned();
                let other = if text.as_bytes()[at] == b'A' {
                    "B"
                } else {
                    "A"
                };
                changed.replace_range(at..=at, other);
                assert_eq!(mint.read(&changed), None, "{at}");
            }
            assert_eq!(mint.read(&text[1..]), None);
            assert_eq!(mint.read(&text[..text.len() - 1]), None);
            assert_eq!(mint.read(&format!("{text}=")), None);
            assert_eq!(mint.read(&format!("{text} ")), None);
        }
    }

    #[test]
    fn any_other_text_is_unknown() {
        let mint = mint();
        for text in ["", "!", "gAAA-_", "tGzv3JOkF0XG5Qx2TIKWIA", "\u{e9}!\u{e9}"] {
            assert_eq!(mint.read(text), None, "{text}");
        }
        assert_eq!(mint.read(&"A".repeat(1_000_000)), None);
    }

    #[test]
    fn tokens_of_another_seed_are_unknown() {
        let other = Mint::new([8; 32]);
        assert_eq!(
            mint().read(other.refresh(FamilyId(1), 0, ISSUED).expose()),
            None
        );
    }

    #[test]
    fn made_up_tokens_look_right_are_unknown_and_differ() {
        let mut mint = mint();
        let (access, refresh) = mint.made_up();
        assert_eq!(
            access.expose().len(),
            mint.access(FamilyId(1), 0, EXPIRES).expose().len()
        );
        assert_eq!(mint.read(access.expose()), None);
        assert_eq!(mint.read(refresh.expose()), None);
        assert_ne!(mint.made_up().1.expose(), refresh.expose());
    }
}
