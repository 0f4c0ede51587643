//! Reads what a store holds, by its JSON and with a reader of its own: the judge does not ask
//! the session what it meant to write.

use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// What stands in a store.
#[derive(Debug, Clone, Default)]
pub(crate) enum Record {
    /// Nothing was ever stored.
    #[default]
    Nothing,
    /// Nobody ever logged in; whether a program has claimed to do so.
    Nobody(bool),
    Held(Box<Held>),
    Gone,
    /// The checksum or the JSON is not ours.
    Unreadable,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Held {
    pub(crate) login: String,
    pub(crate) generation: u64,
    pub(crate) grant: Grant,
    pub(crate) intent: Option<Intent>,
    pub(crate) trouble: Option<Trouble>,
    pub(crate) verdict: Option<Verdict>,
    pub(crate) born_of_rejection: bool,
    #[serde(default)]
    pub(crate) sign_in_at: Option<i64>,
    /// Whether the record says beside its state that the server refreshes late.
    #[serde(skip)]
    pub(crate) refreshes_late: bool,
    /// Whether it says there that a service has rejected the token.
    #[serde(skip)]
    pub(crate) rejected: bool,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Grant {
    /// There is none where only a refresh token was imported.
    pub(crate) access_token: Option<String>,
    pub(crate) refresh_token: Option<String>,
    pub(crate) issued_at: i64,
    pub(crate) lifetime: Value,
}

impl Grant {
    /// A second behind the end of the access token by the server's word, by the clock that it came
    /// by; `None` where the server has not said.
    pub(crate) fn late_at(&self) -> Option<i64> {
        Some(self.ends_at()?.saturating_add(1_000))
    }

    /// The end of the access token by the server's word.
    pub(crate) fn ends_at(&self) -> Option<i64> {
        Some(self.issued_at.saturating_add(self.millis()?))
    }

    /// How long the access token is good by the server's word.
    pub(crate) fn millis(&self) -> Option<i64> {
        self.lifetime.get("millis")?.as_i64()
    }
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Intent {
    pub(crate) attempt: u32,
    pub(crate) first_at: i64,
    pub(crate) at: i64,
    pub(crate) over: bool,
    pub(crate) rejection: bool,
    /// Which attempt it is.
    #[serde(rename = "token_digest")]
    pub(crate) name: u64,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Trouble {
    pub(crate) since: i64,
    pub(crate) until: i64,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Verdict {
    pub(crate) cause: String,
    pub(crate) at: Option<i64>,
}

/// A refresh token that is being exchanged, beside the state.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Candidate {
    pub(crate) token: String,
    pub(crate) intent: Intent,
}

impl Candidate {
    /// The one in these bytes.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice::<Whole>(json_of(bytes)?)
            .ok()?
            .candidate
    }
}

#[derive(Deserialize)]
struct Whole {
    state: State,
    #[serde(default)]
    candidate: Option<Candidate>,
    #[serde(default)]
    refreshes_late: Option<u64>,
    #[serde(default)]
    rejected: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Held(Box<Held>),
    Gone {},
    /// Nobody ever logged in, but a program has tried to.
    Nobody {
        sign_in_at: Option<i64>,
    },
}

impl Record {
    pub(crate) fn read(bytes: Option<&[u8]>) -> Self {
        let Some(bytes) = bytes else {
            return Self::Nothing;
        };
        match json_of(bytes).and_then(|json| serde_json::from_slice::<Whole>(json).ok()) {
            Some(Whole {
                state: State::Held(mut held),
                refreshes_late,
                rejected,
                ..
            }) => {
                held.refreshes_late = refreshes_late.is_some();
                held.rejected = rejected == Some(held.generation);
                Self::Held(held)
            }
            Some(Whole {
                state: State::Gone {},
                ..
            }) => Self::Gone,
            Some(Whole {
                state: State::Nobody { sign_in_at },
                ..
            }) => Self::Nobody(sign_in_at.is_some()),
            None => Self::Unreadable,
        }
    }

    pub(crate) fn held(&self) -> Option<&Held> {
        match self {
            Self::Held(held) => Some(held),
            Self::Nothing | Self::Nobody(_) | Self::Gone | Self::Unreadable => None,
        }
    }

    /// Whether a program has claimed to log in by itself.
    pub(crate) fn is_claimed(&self) -> bool {
        match self {
            Self::Held(held) => held.sign_in_at.is_some(),
            Self::Nobody(claimed) => *claimed,
            Self::Nothing | Self::Gone | Self::Unreadable => false,
        }
    }

    /// In a few words, for the script.
    pub(crate) fn words(&self) -> String {
        let held = match self {
            Self::Nothing => return "nothing".to_owned(),
            Self::Nobody(claimed) => return format!("nobody (sign-in claimed: {claimed})"),
            Self::Gone => return "a tombstone".to_owned(),
            Self::Unreadable => return "bytes that nobody can read".to_owned(),
            Self::Held(held) => held,
        };
        let mut words = format!("{} generation {}", held.name(), held.generation);
        if let Some(intent) = &held.intent {
            let over = if intent.over { ", over" } else { "" };
            let why = if intent.rejection { ", for a 401" } else { "" };
            words += &format!(" + intent (attempt {}{over}{why})", intent.attempt);
        }
        if let Some(trouble) = &held.trouble {
            words += &format!(" + wait of {} ms", trouble.until - trouble.since);
        }
        if held.sign_in_at.is_some() {
            words += " + claim to sign in";
        }
        if let Some(verdict) = &held.verdict {
            words += &format!(" + verdict {}", verdict.cause);
        }
        words
    }
}

impl Held {
    /// Whether nothing is under way or has failed.
    pub(crate) fn is_quiet(&self) -> bool {
        let waits = self.intent.is_some() || self.trouble.is_some();
        !waits && self.verdict.is_none() && self.sign_in_at.is_none()
    }

    /// The login's first digits.
    pub(crate) fn name(&self) -> &str {
        self.login.get(..4).unwrap_or_default()
    }
}

/// The JSON behind the line, if its checksum is right.
fn json_of(bytes: &[u8]) -> Option<&[u8]> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (line, json) = (bytes.get(..end)?, bytes.get(end + 1..)?);
    let line = std::str::from_utf8(line).ok()?;
    (line == first_line(kind_of(bytes), json)).then_some(json)
}

fn first_line(kind: &str, json: &[u8]) -> String {
    format!("twoba-{kind} 1 {:016x}", digest(json))
}

/// Whose record this is: a person's, or that of a program itself.
fn kind_of(bytes: &[u8]) -> &'static str {
    if bytes.starts_with(b"twoba-program ") {
        "program"
    } else {
        "session"
    }
}

/// 64 bits of the SHA-256 of a value and its length, as records keep of refresh tokens.
fn digest(value: &[u8]) -> u64 {
    let length = u64::try_from(value.len()).unwrap_or(u64::MAX);
    let hash = Sha256::new()
        .chain_update(length.to_be_bytes())
        .chain_update(value)
        .finalize();
    hash.iter()
        .take(8)
        .fold(0, |all, byte| (all << 8) | u64::from(*byte))
}

/// The same record with something in it changed, under a sound line: what a store that
/// forgets would hand out.
pub(crate) fn changed(bytes: &[u8], change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let value = json_of(bytes).and_then(|json| serde_json::from_slice::<Value>(json).ok());
    let Some(mut value) = value else {
        return bytes.to_vec();
    };
    change(&mut value);
    let json = value.to_string().into_bytes();
    let mut sealed = first_line(kind_of(bytes), &json).into_bytes();
    sealed.push(b'\n');
    sealed.extend_from_slice(&json);
    sealed
}
