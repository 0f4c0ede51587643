//! The stored form of a session: one JSON object in an envelope, bound to its owner.
//!
//! The object has `binding`, `state`, and further members. A reader keeps the members that it does
//! not know, and writes them back with every change of the same login. A login and a logout begin
//! without them. A later release may therefore add a member beside `binding` and `state`, and
//! writes it only where it is set. Records without such a member stay readable for older releases,
//! which refuse unknown content. A member that a reader must understand raises the version of the
//! envelope. So does any addition inside `binding` or `state`.

mod extra;

use alloc::borrow::Cow;
use alloc::boxed::Box;
use core::num::NonZeroU64;

use serde::{Deserialize, Serialize};

pub(super) use extra::Extra;

use super::candidate::Candidate;
use super::intent::Intent;
use super::transition::{Beside, State, StateRef};
use crate::answer::ErrorCode;
use crate::envelope::{Envelope, EnvelopeError};
use crate::limits::RECORD_MAX;
use crate::secret::{AccessToken, RefreshToken};
use crate::stored::{StoredGrant, is_of_program};
use crate::time::Timestamp;

/// The envelope of a person's session.
const ENVELOPE: Envelope = Envelope {
    kind: "twoba-session",
    version: 1,
};

/// The envelope of a program's own session, which has no user. The record has the same members,
/// without refresh token, intent or verdict. Its first generation is 0 until it gets a token.
const PROGRAM: Envelope = Envelope {
    kind: "twoba-program",
    version: 1,
};

/// The envelope of the records under this key.
fn envelope(key: &str) -> Envelope {
    if is_of_program(key) {
        PROGRAM
    } else {
        ENVELOPE
    }
}

/// Why stored bytes are not this session's record. Such bytes never count as empty. Only an
/// explicit login or logout replaces them, and keeps them aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The bytes are damaged: cut, changed, or not written by this software.
    #[error("the stored session is damaged")]
    Torn,
    /// A newer release of this software wrote them.
    #[error("the stored session was written by a newer release (record version {version})")]
    Newer {
        /// The version in the bytes.
        version: u32,
    },
    /// The bytes belong to another authority, client or key, or are of another kind, such as a
    /// person's session in the place of a program's.
    #[error("the stored session belongs to another {0}")]
    Foreign(&'static str),
}

/// The owner of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Binding<'a> {
    #[serde(borrow)]
    pub(super) authority: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) client_id: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) key: Cow<'a, str>,
}

/// The content of stored bytes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Record {
    pub(super) state: State,
    /// A refresh token that is being exchanged, in any state.
    pub(super) candidate: Option<Box<Candidate>>,
    /// The claim of a program to log in by itself, if one is stored.
    pub(super) claim: Option<NonZeroU64>,
    /// The members that this release does not know.
    pub(super) extra: Extra,
}

/// The members of a record beside its state.
#[derive(Debug, Clone, Copy)]
pub(super) struct Aside<'a> {
    pub(super) candidate: Option<&'a Candidate>,
    pub(super) claim: Option<NonZeroU64>,
    pub(super) extra: &'a Extra,
}

#[derive(Serialize)]
struct RecordOut<'a> {
    binding: &'a Binding<'a>,
    state: StateRef<'a>,
    #[serde(flatten)]
    beside: Option<Members<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    candidate: Option<&'a Candidate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sign_in_claim: Option<NonZeroU64>,
    #[serde(flatten)]
    extra: &'a Extra,
}

#[derive(Deserialize)]
struct RecordIn<'a> {
    #[serde(borrow)]
    binding: Binding<'a>,
    state: State,
    #[serde(default)]
    keep_by: Option<Timestamp>,
    #[serde(default)]
    refreshes_late: Option<u64>,
    #[serde(default)]
    rejected: Option<u64>,
    #[serde(default)]
    clock_doubted: bool,
    #[serde(default)]
    rescued: Option<Intent>,
    #[serde(default)]
    candidate: Option<Box<Candidate>>,
    #[serde(default)]
    sign_in_claim: Option<NonZeroU64>,
    #[serde(flatten)]
    extra: Extra,
}

/// The members of a grant that stand beside the state.
#[derive(Serialize)]
struct Members<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    keep_by: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refreshes_late: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejected: Option<u64>,
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    clock_doubted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    rescued: Option<&'a Intent>,
}

impl<'a> Members<'a> {
    fn of(state: StateRef<'a>) -> Option<Self> {
        let StateRef::Held(held) = state else {
            return None;
        };
        let beside = held.beside();
        Some(Self {
            keep_by: beside.keep_by,
            refreshes_late: beside.refreshes_late,
            // Another generation's says nothing any more.
            rejected: beside.rejected.filter(|_| held.is_rejected()),
            clock_doubted: beside.clock_doubted,
            rescued: beside.rescued.as_ref(),
        })
    }
}

/// The bytes of a record.
pub(super) fn write(binding: &Binding<'_>, state: StateRef<'_>, aside: Aside<'_>) -> StoredGrant {
    let Aside {
        candidate,
        claim,
        extra,
    } = aside;
    #[cfg(test)]
    tests::count(|counted| counted.written += 1);
    // Room enough that the buffer never moves and leaves a copy of a token behind.
    let mut bytes = envelope(&binding.key)
        .start(room(binding, state) + candidate.map_or(0, room_beside) + extra.room());
    let room = bytes.capacity();
    let record = RecordOut {
        binding,
        state,
        beside: Members::of(state),
        candidate,
        sign_in_claim: claim,
        extra,
    };
    // Writing texts and numbers into memory cannot fail; an empty record would be refused
    // when read.
    if serde_json::to_writer(&mut bytes, &record).is_err() {
        bytes.clear();
    }
    debug_assert_eq!(bytes.capacity(), room, "a record has more than its room");
    Envelope::seal(&mut bytes);
    StoredGrant::from_bytes(bytes)
}

/// The greatest length of a candidate.
fn room_beside(candidate: &Candidate) -> usize {
    // Its names, numbers and punctuation.
    const FRAME: usize = 320;
    let user = candidate.user.as_deref().map_or(0, escaped);
    FRAME + escaped(candidate.token.expose()) + user
}

/// The greatest length of a record, without its unknown members.
fn room(binding: &Binding<'_>, state: StateRef<'_>) -> usize {
    // Its names, numbers and punctuation: there are no more with every member set.
    const FRAME: usize = 1352;
    let owner = [&binding.authority, &binding.client_id, &binding.key];
    let owner: usize = owner.map(|text| escaped(text)).iter().sum();
    let StateRef::Held(held) = state else {
        return FRAME + owner;
    };
    let grant = held.grant();
    let trouble = held.trouble();
    let code = |code: &ErrorCode| escaped(code.as_str());
    let texts = [
        grant.access_token.as_ref().map(AccessToken::expose),
        grant.refresh_token.as_ref().map(RefreshToken::expose),
        grant.scope.as_deref(),
        held.user(),
        trouble.and_then(|trouble| trouble.description.as_deref()),
    ];
    let texts: usize = texts.into_iter().flatten().map(escaped).sum();
    let troubled = trouble.and_then(|trouble| trouble.code.as_ref());
    let condemned = held.verdict().and_then(|verdict| verdict.code.as_ref());
    FRAME + owner + texts + troubled.map_or(0, code) + condemned.map_or(0, code)
}

/// The greatest length of a text in JSON. A control character takes six bytes, a quote two.
fn escaped(text: &str) -> usize {
    let length = |byte| match byte {
        0..b' ' => 6,
        b'"' | b'\\' => 2,
        _ => 1,
    };
    text.bytes().map(length).sum()
}

/// Reads stored bytes for this owner.
pub(super) fn parse(stored: &StoredGrant, owner: &Binding<'_>) -> Result<Record, RecordError> {
    let record = read(stored, envelope(&owner.key))?;
    // RFC 6749 section 10.4: a refresh token goes to its own server and client only.
    for (ours, theirs, what) in [
        (
            &owner.authority,
            &record.binding.authority,
            "authorization server",
        ),
        (&owner.client_id, &record.binding.client_id, "client"),
        (&owner.key, &record.binding.key, "session key"),
    ] {
        if ours != theirs {
            return Err(RecordError::Foreign(what));
        }
    }
    Ok(record.into())
}

/// Reads stored bytes, whoever owns them.
pub(super) fn parse_of_anybody(stored: &StoredGrant) -> Result<Record, RecordError> {
    parse_with_binding(stored).map(|(_, record)| record)
}

/// Reads stored bytes and their owner.
pub(super) fn parse_with_binding(
    stored: &StoredGrant,
) -> Result<(Binding<'_>, Record), RecordError> {
    let record = match read(stored, ENVELOPE) {
        Err(RecordError::Foreign(_)) => read(stored, PROGRAM),
        record => record,
    }?;
    Ok((record.binding.clone(), record.into()))
}

fn read(stored: &StoredGrant, envelope: Envelope) -> Result<RecordIn<'_>, RecordError> {
    #[cfg(test)]
    tests::count(|counted| counted.parsed += 1);
    let bytes = stored.expose();
    if bytes.len() > RECORD_MAX {
        return Err(RecordError::Torn);
    }
    let json = envelope.open(bytes).map_err(|error| match error {
        EnvelopeError::Torn => RecordError::Torn,
        EnvelopeError::OtherKind => RecordError::Foreign("kind of session"),
        EnvelopeError::Newer(version) => RecordError::Newer { version },
    })?;
    let record: RecordIn<'_> = serde_json::from_slice(json).map_err(|_| RecordError::Torn)?;
    match &record.state {
        State::Held(held) if held.id().generation == 0 && envelope.kind == ENVELOPE.kind => {
            Err(RecordError::Torn)
        }
        State::Held(_) | State::Nobody { .. } | State::Gone { .. } => Ok(record),
    }
}

impl From<RecordIn<'_>> for Record {
    fn from(record: RecordIn<'_>) -> Self {
        let state = match record.state {
            State::Held(held) => State::Held(held.with_beside(Beside {
                keep_by: record.keep_by,
                refreshes_late: record.refreshes_late,
                rejected: record.rejected,
                clock_doubted: record.clock_doubted,
                rescued: record.rescued,
            })),
            state @ (State::Nobody { .. } | State::Gone { .. }) => state,
        };
        Self {
            state,
            candidate: record.candidate,
            claim: record.sign_in_claim,
            extra: record.extra,
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
