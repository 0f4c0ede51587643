//! The stored form of a session: one JSON object in an envelope, bound to its owner.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::error::{Trouble, Verdict};
use super::intent::Intent;
use super::timing;
use crate::answer::{ErrorCode, Lifetime, TokenResponse};
use crate::envelope::{Envelope, EnvelopeError, write_hex};
use crate::limits::RECORD_MAX;
use crate::secret::{AccessToken, RefreshToken};
use crate::seed::Seed;
use crate::stored::StoredGrant;
use crate::time::Timestamp;

/// What stands round a record.
const ENVELOPE: Envelope = Envelope {
    kind: "twoba-session",
    version: 1,
};

/// Why stored bytes are not this session's record. They are never treated as empty, and
/// never overwritten but by an explicit login or logout, which keeps them aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The bytes are damaged: cut, changed, or none of ours.
    #[error("the stored session is damaged")]
    Torn,
    /// A newer release of this software wrote them.
    #[error("the stored session was written by a newer release (record version {version})")]
    Newer {
        /// The version they say.
        version: u32,
    },
    /// They belong to another authority, client or key.
    #[error("the stored session belongs to another {0}")]
    Foreign(&'static str),
}

/// Whom a record belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Binding {
    pub(super) authority: String,
    pub(super) client_id: String,
    pub(super) key: String,
}

/// 128 random bits that name one login.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LoginId([u8; 16]);

impl LoginId {
    pub(super) fn draw(seed: &mut Seed) -> Self {
        Self(seed.draw_id())
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for LoginId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

impl fmt::Debug for LoginId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LoginId({self})")
    }
}

impl Serialize for LoginId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LoginId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let number = (text.len() == 32)
            .then(|| u128::from_str_radix(&text, 16).ok())
            .flatten()
            .ok_or_else(|| de::Error::custom("32 hexadecimal digits"))?;
        Ok(Self(number.to_be_bytes()))
    }
}

/// Which token: the login it comes from and how often that has been refreshed, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct TokenId {
    /// The login.
    pub login: LoginId,
    /// The count of rotations, 1 for the login's own token.
    pub generation: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum State {
    /// Nobody has logged in yet, but a program began to by itself.
    Nobody {
        sign_in_at: Option<Timestamp>,
    },
    Held(Box<Held>),
    Gone {
        login: Option<LoginId>,
        at: Timestamp,
    },
}

/// A grant and what happened to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Held {
    pub(super) login: LoginId,
    pub(super) generation: u64,
    pub(super) user: Option<String>,
    pub(super) grant: Grant,
    /// A refresh that may be out, or whose answer never came.
    pub(super) intent: Option<Intent>,
    /// The last failure that said nothing of the grant.
    pub(super) trouble: Option<Trouble>,
    /// What ended the grant. Its tokens stay: nothing is erased.
    pub(super) verdict: Option<Verdict>,
    /// When a program began to log in by itself because this generation was at its end.
    pub(super) sign_in_at: Option<Timestamp>,
    /// When a rejected token last caused a refresh, over all generations.
    pub(super) rejected_at: Option<Timestamp>,
    /// Whether this generation was got because a service rejected the one before.
    pub(super) born_of_rejection: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Grant {
    /// There is none yet where only a refresh token was imported.
    pub(super) access_token: Option<AccessToken>,
    pub(super) refresh_token: Option<RefreshToken>,
    pub(super) scope: Option<String>,
    /// When the request left that brought it: lifetimes count from here.
    pub(super) issued_at: Timestamp,
    pub(super) lifetime: Lifetime,
    pub(super) refresh_due_at: Option<Timestamp>,
}

impl Grant {
    /// The grant of an answer; a missing refresh token or scope stays the former one.
    pub(super) fn new(
        granted: TokenResponse,
        former: Option<&Self>,
        issued_at: Timestamp,
        seed: &mut Seed,
    ) -> Self {
        let refresh_due_at =
            timing::due(granted.lifetime, seed).map(|after| issued_at.saturating_add(after));
        Self {
            access_token: Some(granted.access_token),
            // RFC 6749 section 6: without a new refresh token the old one stays in force.
            refresh_token: granted
                .refresh_token
                .or_else(|| former?.refresh_token.clone()),
            scope: granted.scope.or_else(|| former?.scope.clone()),
            issued_at,
            lifetime: granted.lifetime,
            refresh_due_at,
        }
    }

    /// The grant of a refresh token that was got elsewhere: the first caller refreshes.
    pub(super) fn imported(refresh_token: RefreshToken, now: Timestamp) -> Self {
        Self {
            access_token: None,
            refresh_token: Some(refresh_token),
            scope: None,
            issued_at: now,
            lifetime: Lifetime::Expired,
            refresh_due_at: None,
        }
    }

    /// The access token, if it can be handed out.
    pub(super) fn usable(&self, now: Timestamp) -> Option<&AccessToken> {
        let usable = self.usable_until().is_none_or(|end| now < end);
        self.access_token.as_ref().filter(|_| usable)
    }

    /// When the access token can no longer be handed out; `None` if nobody knows.
    pub(super) fn usable_until(&self) -> Option<Timestamp> {
        match self.lifetime {
            Lifetime::Known(lifetime) => {
                let end = lifetime.saturating_sub(timing::margin(lifetime));
                Some(self.issued_at.saturating_add(end))
            }
            Lifetime::Unknown => None,
            Lifetime::Expired => Some(Timestamp::from_unix_millis(i64::MIN)),
        }
    }

    /// When the access token ends by the server's word.
    pub(super) fn expires_at(&self) -> Option<Timestamp> {
        self.access_token.as_ref()?;
        match self.lifetime {
            Lifetime::Known(lifetime) => Some(self.issued_at.saturating_add(lifetime)),
            Lifetime::Unknown => None,
            Lifetime::Expired => Some(self.issued_at),
        }
    }
}

impl Held {
    /// The first generation of a login that has just begun.
    pub(super) fn login(grant: Grant, user: Option<String>, seed: &mut Seed) -> Self {
        Self {
            login: LoginId::draw(seed),
            generation: 1,
            user,
            grant,
            intent: None,
            trouble: None,
            verdict: None,
            sign_in_at: None,
            rejected_at: None,
            born_of_rejection: false,
        }
    }

    pub(super) fn id(&self) -> TokenId {
        TokenId {
            login: self.login,
            generation: self.generation,
        }
    }
}

#[derive(Serialize)]
struct RecordOut<'a> {
    binding: &'a Binding,
    state: &'a State,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordIn {
    binding: Binding,
    state: State,
}

/// The bytes of a record.
pub(super) fn write(binding: &Binding, state: &State) -> StoredGrant {
    // Room enough that the buffer never moves and leaves a copy of a token behind.
    let mut json = Vec::with_capacity(4096 + room(state));
    // Writing texts and numbers into memory cannot fail; an empty record would be refused
    // when read.
    if serde_json::to_writer(&mut json, &RecordOut { binding, state }).is_err() {
        json.clear();
    }
    StoredGrant::from_bytes(ENVELOPE.close(json))
}

fn room(state: &State) -> usize {
    match state {
        State::Held(held) => {
            let access = held.grant.access_token.as_ref().map(AccessToken::expose);
            let refresh = held.grant.refresh_token.as_ref().map(RefreshToken::expose);
            2 * (access.map_or(0, str::len) + refresh.map_or(0, str::len))
        }
        State::Nobody { .. } | State::Gone { .. } => 0,
    }
}

/// What stored bytes hold, whoever owns them.
fn read(stored: &StoredGrant) -> Result<RecordIn, RecordError> {
    let bytes = stored.expose();
    if bytes.len() > RECORD_MAX {
        return Err(RecordError::Torn);
    }
    let json = ENVELOPE.open(bytes).map_err(|error| match error {
        EnvelopeError::Torn => RecordError::Torn,
        EnvelopeError::Newer(version) => RecordError::Newer { version },
    })?;
    let record: RecordIn = serde_json::from_slice(json).map_err(|_| RecordError::Torn)?;
    match &record.state {
        State::Held(held) if held.generation == 0 => Err(RecordError::Torn),
        State::Held(_) | State::Nobody { .. } | State::Gone { .. } => Ok(record),
    }
}

/// The state that stored bytes hold for this owner.
pub(super) fn parse(stored: &StoredGrant, owner: &Binding) -> Result<State, RecordError> {
    let record = read(stored)?;
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
    Ok(record.state)
}

/// When a session has to be looked at, as its stored bytes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Schedule {
    /// As [`Change::due_at`](crate::Change::due_at).
    pub due_at: Option<Timestamp>,
    /// As [`Change::keep_by`](crate::Change::keep_by).
    pub keep_by: Option<Timestamp>,
}

impl State {
    /// When a background refresh should look at it.
    pub(super) fn due_at(&self) -> Option<Timestamp> {
        match self {
            Self::Held(held) if held.verdict.is_none() => held.grant.refresh_due_at,
            Self::Held(_) | Self::Nobody { .. } | Self::Gone { .. } => None,
        }
    }
}

impl StoredGrant {
    /// What the bytes say of their times, whoever owns them, for a store that has no index;
    /// `None` for bytes that cannot be read.
    #[must_use]
    pub fn schedule(&self) -> Option<Schedule> {
        let record = read(self).ok()?;
        Some(Schedule {
            due_at: record.state.due_at(),
            keep_by: None,
        })
    }
}

/// A lifetime as whole milliseconds, or a word.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredLifetime {
    Millis(u64),
    Unknown,
    Expired,
}

impl Serialize for Lifetime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(lifetime) => {
                let millis = u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX);
                StoredLifetime::Millis(millis)
            }
            Self::Unknown => StoredLifetime::Unknown,
            Self::Expired => StoredLifetime::Expired,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Lifetime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match StoredLifetime::deserialize(deserializer)? {
            StoredLifetime::Millis(millis) => {
                Self::Known(core::time::Duration::from_millis(millis))
            }
            StoredLifetime::Unknown => Self::Unknown,
            StoredLifetime::Expired => Self::Expired,
        })
    }
}

impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ErrorCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from_text(&String::deserialize(deserializer)?))
    }
}

impl Binding {
    pub(super) fn of_fresh(fresh: &crate::login::FreshGrant, key: &str) -> Self {
        Self {
            authority: fresh.authority.clone(),
            client_id: fresh.client_id.clone(),
            key: key.to_string(),
        }
    }
}

#[cfg(test)]
mod tests;
