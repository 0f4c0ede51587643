//! How the program of commit 8d3c7b9 reads and writes a record: its structs, taken from
//! `session/record.rs`, `session/error.rs` and `session/intent.rs` as they stood there, with
//! plain texts and numbers for the types of the crate. Nothing here follows what changes.

use std::boxed::Box;
use std::format;
use std::string::String;
use std::vec::Vec;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Why that program reads nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unreadable {
    Torn,
    Newer(u32),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    pub(crate) binding: Binding,
    pub(crate) state: State,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Binding {
    pub(crate) authority: String,
    pub(crate) client_id: String,
    pub(crate) key: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum State {
    Nobody { sign_in_at: Option<i64> },
    Held(Box<Held>),
    Gone { login: Option<String>, at: i64 },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Held {
    pub(crate) login: String,
    pub(crate) generation: u64,
    pub(crate) user: Option<String>,
    pub(crate) grant: Grant,
    pub(crate) intent: Option<Intent>,
    pub(crate) trouble: Option<Trouble>,
    pub(crate) verdict: Option<Verdict>,
    pub(crate) sign_in_at: Option<i64>,
    pub(crate) rejected_at: Option<i64>,
    pub(crate) born_of_rejection: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Grant {
    pub(crate) access_token: Option<String>,
    pub(crate) refresh_token: Option<String>,
    pub(crate) scope: Option<String>,
    pub(crate) issued_at: i64,
    pub(crate) lifetime: Lifetime,
    pub(crate) refresh_due_at: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Lifetime {
    Millis(u64),
    Unknown,
    Expired,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Intent {
    pub(crate) attempt: u32,
    pub(crate) first_at: i64,
    pub(crate) at: i64,
    pub(crate) over: bool,
    pub(crate) rejection: bool,
    pub(crate) token_digest: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trouble {
    pub(crate) reason: Reason,
    pub(crate) status: Option<u16>,
    pub(crate) code: Option<String>,
    #[serde(default)]
    pub(crate) description: Option<String>,
    pub(crate) since: i64,
    pub(crate) until: i64,
    pub(crate) failures: u32,
    pub(crate) configuration: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reason {
    NotSent,
    AnswerLost,
    ServerFault,
    Configuration,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Verdict {
    pub(crate) cause: Cause,
    pub(crate) status: Option<u16>,
    pub(crate) code: Option<String>,
    pub(crate) at: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Cause {
    NoLogin,
    LoggedOut,
    Refused,
    AnswerLost,
    NoRefreshToken,
}

/// What that program makes of stored bytes. That they are its own is what it asks next.
pub(crate) fn read(bytes: &[u8]) -> Result<Record, Unreadable> {
    const RECORD_MAX: usize = 512 * 1024;
    const LINE_MAX: usize = 64;
    let torn = Unreadable::Torn;
    if bytes.len() > RECORD_MAX {
        return Err(torn);
    }
    let end = bytes.iter().take(LINE_MAX).position(|byte| *byte == b'\n');
    let (line, json) = end
        .and_then(|end| Some((bytes.get(..end)?, bytes.get(end + 1..)?)))
        .ok_or(torn)?;
    let line = std::str::from_utf8(line).map_err(|_| torn)?;
    let mut words = line.split(' ');
    if words.next() != Some("twoba-session") {
        return Err(torn);
    }
    let version = words.next().and_then(|word| word.parse::<u32>().ok());
    match version.ok_or(torn)? {
        1 if line == first_line(json) => {}
        newer @ 2.. => return Err(Unreadable::Newer(newer)),
        _ => return Err(torn),
    }
    let record: Record = serde_json::from_slice(json).map_err(|_| torn)?;
    is_sound(&record).then_some(record).ok_or(torn)
}

/// What that program stores.
pub(crate) fn write(record: &Record) -> Vec<u8> {
    let json = serde_json::to_vec(record).unwrap();
    let mut bytes = first_line(&json).into_bytes();
    bytes.push(b'\n');
    bytes.extend_from_slice(&json);
    bytes
}

fn first_line(json: &[u8]) -> String {
    let length = u64::try_from(json.len()).unwrap();
    let hash = Sha256::new()
        .chain_update(length.to_be_bytes())
        .chain_update(json)
        .finalize();
    let (start, _) = hash.split_first_chunk().unwrap();
    format!("twoba-session 1 {:016x}", u64::from_be_bytes(*start))
}

/// What its types ask of their texts.
fn is_sound(record: &Record) -> bool {
    const TOKEN_MAX: usize = 64 * 1024;
    let token = |text: &Option<String>, allowed: fn(&u8) -> bool| {
        text.as_ref().is_none_or(|text| {
            !text.is_empty() && text.len() <= TOKEN_MAX && text.as_bytes().iter().all(allowed)
        })
    };
    let login = |text: &str| text.len() == 32 && u128::from_str_radix(text, 16).is_ok();
    match &record.state {
        State::Nobody { .. } => true,
        State::Gone { login: known, .. } => known.as_deref().is_none_or(login),
        State::Held(held) => {
            held.generation > 0
                && login(&held.login)
                && token(&held.grant.access_token, u8::is_ascii_graphic)
                && token(&held.grant.refresh_token, |byte| {
                    matches!(byte, b' '..=b'~')
                })
        }
    }
}
