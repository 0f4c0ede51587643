//! Checks whether an authorization code may be exchanged. The login page issues the codes.

use std::collections::BTreeMap;
use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::identifier::FamilyId;
use crate::refusal::Refusal;
use crate::timestamp::Timestamp;

/// How long a code can be exchanged. RFC 6749 section 4.1.2 recommends ten minutes at most. A
/// program exchanges it at once.
const CODE_LIFETIME: Duration = Duration::from_secs(60);

/// How many codes are remembered, spent or not. A second use of those is noticed.
const MAX_CODES: usize = 10_000;

/// The facts that a code is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CodeRequest {
    pub(crate) user: String,
    pub(crate) client: String,
    pub(crate) redirect_uri: String,
    /// The S256 challenge of RFC 7636, if the client sent one.
    pub(crate) challenge: Option<String>,
    /// What its tokens are for, if that was asked for.
    pub(crate) scope: Option<String>,
}

/// The values that a client presents in exchange for tokens.
pub(crate) struct Redemption<'a> {
    pub(crate) code: &'a str,
    pub(crate) redirect_uri: &'a str,
    pub(crate) verifier: Option<&'a str>,
}

/// Why this attempt did not spend a code.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum SpendError {
    Refused(Refusal),
    /// The code was spent before, and may have started a family.
    Spent {
        family: Option<FamilyId>,
    },
}

impl From<Refusal> for SpendError {
    fn from(reason: Refusal) -> Self {
        Self::Refused(reason)
    }
}

struct Record {
    request: CodeRequest,
    expires: Timestamp,
    state: State,
}

#[derive(Clone, Copy)]
enum State {
    Unspent,
    Spent { family: Option<FamilyId> },
}

/// All remembered codes, by number.
#[derive(Default)]
pub(super) struct Codes {
    records: BTreeMap<u64, Record>,
    last: u64,
}

impl Codes {
    /// Remembers a new code and returns its number.
    pub(super) fn issue(&mut self, now: Timestamp, request: CodeRequest) -> u64 {
        self.last += 1;
        if self.records.len() == MAX_CODES {
            self.records.pop_first();
        }
        let record = Record {
            request,
            expires: now.plus(CODE_LIFETIME),
            state: State::Unspent,
        };
        self.records.insert(self.last, record);
        self.last
    }

    /// Spends a code and returns what it is bound to. The attempt of another client does not
    /// spend it.
    pub(super) fn spend(
        &mut self,
        now: Timestamp,
        number: u64,
        client: &str,
        redemption: &Redemption<'_>,
    ) -> Result<CodeRequest, SpendError> {
        let record = self.records.get_mut(&number).ok_or(Refusal::UnknownCode)?;
        if record.request.client != client {
            return Err(Refusal::ForeignCode.into());
        }
        if let State::Spent { family } = record.state {
            return Err(SpendError::Spent { family });
        }
        record.state = State::Spent { family: None };
        if now >= record.expires {
            return Err(Refusal::ExpiredCode.into());
        }
        // RFC 6749 section 4.1.3: identical to the one of the authorization request.
        if record.request.redirect_uri != redemption.redirect_uri {
            return Err(Refusal::WrongRedirectUri.into());
        }
        if !verifies(record.request.challenge.as_deref(), redemption.verifier) {
            return Err(Refusal::WrongCodeVerifier.into());
        }
        Ok(record.request.clone())
    }

    /// Remembers the family that a spent code started.
    pub(super) fn led_to(&mut self, number: u64, family: FamilyId) {
        if let Some(record) = self.records.get_mut(&number) {
            record.state = State::Spent {
                family: Some(family),
            };
        }
    }
}

/// Whether a verifier matches a challenge.
///
/// A verifier without a challenge is refused too: somebody removed the challenge from the
/// authorization request (RFC 9700 section 4.8.2).
fn verifies(challenge: Option<&str>, verifier: Option<&str>) -> bool {
    match (challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) => {
            is_verifier(verifier)
                && bool::from(
                    challenge
                        .as_bytes()
                        .ct_eq(challenge_of(verifier).as_bytes()),
                )
        }
        (None, Some(_)) | (Some(_), None) => false,
    }
}

/// The S256 challenge of a verifier.
fn challenge_of(verifier: &str) -> String {
    Base64UrlUnpadded::encode_string(&Sha256::digest(verifier.as_bytes()))
}

/// RFC 7636 section 4.1: 43 to 128 unreserved characters.
fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1000);
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    fn issue(challenge: Option<&str>) -> (Codes, u64) {
        let mut codes = Codes::default();
        let number = codes.issue(
            NOW,
            CodeRequest {
                user: "u".to_owned(),
                client: "c".to_owned(),
                redirect_uri: "http://localhost/".to_owned(),
                challenge: challenge.map(str::to_owned),
                scope: None,
            },
        );
        (codes, number)
    }

    fn redemption(verifier: Option<&str>) -> Redemption<'_> {
        Redemption {
            code: "",
            redirect_uri: "http://localhost/",
            verifier,
        }
    }

    #[test]
    fn the_challenge_is_that_of_the_example_in_rfc_7636() {
        assert_eq!(
            challenge_of(VERIFIER),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn a_code_is_good_for_a_minute() {
        let (mut codes, number) = issue(None);
        let late = NOW.plus(CODE_LIFETIME);
        assert_eq!(
            codes.spend(late, number, "c", &redemption(None)),
            Err(Refusal::ExpiredCode.into())
        );
        let (mut codes, number) = issue(None);
        let just = Timestamp::from_millis(late.as_millis() - 1);
        let spent = codes.spend(just, number, "c", &redemption(None));
        assert_eq!(spent.unwrap().user, "u");
    }

    #[test]
    fn a_code_works_once() {
        let (mut codes, number) = issue(None);
        assert!(codes.spend(NOW, number, "c", &redemption(None)).is_ok());
        codes.led_to(number, FamilyId(5));
        assert_eq!(
            codes.spend(NOW, number, "c", &redemption(None)),
            Err(SpendError::Spent {
                family: Some(FamilyId(5))
            })
        );
    }

    #[test]
    fn another_client_does_not_burn_a_code() {
        let (mut codes, number) = issue(None);
        assert_eq!(
            codes.spend(NOW, number, "thief", &redemption(None)),
            Err(Refusal::ForeignCode.into())
        );
        assert!(codes.spend(NOW, number, "c", &redemption(None)).is_ok());
    }

    #[test]
    fn a_failed_attempt_of_its_own_client_burns_a_code() {
        let (mut codes, number) = issue(Some(&challenge_of(VERIFIER)));
        let wrong = "x".repeat(43);
        assert_eq!(
            codes.spend(NOW, number, "c", &redemption(Some(&wrong))),
            Err(Refusal::WrongCodeVerifier.into())
        );
        assert_eq!(
            codes.spend(NOW, number, "c", &redemption(Some(VERIFIER))),
            Err(SpendError::Spent { family: None })
        );
    }

    #[test]
    fn the_redirect_uri_has_to_be_the_same() {
        let (mut codes, number) = issue(None);
        let other = Redemption {
            redirect_uri: "http://localhost",
            ..redemption(None)
        };
        assert_eq!(
            codes.spend(NOW, number, "c", &other),
            Err(Refusal::WrongRedirectUri.into())
        );
    }

    #[test]
    fn verifier_and_challenge_come_together_or_not_at_all() {
        let challenge = challenge_of(VERIFIER);
        assert!(verifies(Some(&challenge), Some(VERIFIER)));
        assert!(verifies(None, None));
        assert!(!verifies(Some(&challenge), None));
        assert!(!verifies(None, Some(VERIFIER)));
        let short = "x".repeat(42);
        assert!(!verifies(Some(&challenge_of(&short)), Some(&short)));
        let long = "x".repeat(129);
        assert!(!verifies(Some(&challenge_of(&long)), Some(&long)));
        let spaced = " ".repeat(43);
        assert!(!verifies(Some(&challenge_of(&spaced)), Some(&spaced)));
    }

    #[test]
    fn old_codes_are_forgotten() {
        let (mut codes, first) = issue(None);
        for _ in 0..MAX_CODES {
            codes.issue(
                NOW,
                CodeRequest {
                    user: String::new(),
                    client: "c".to_owned(),
                    redirect_uri: String::new(),
                    challenge: None,
                    scope: None,
                },
            );
        }
        assert_eq!(
            codes.spend(NOW, first, "c", &redemption(None)),
            Err(Refusal::UnknownCode.into())
        );
    }
}
