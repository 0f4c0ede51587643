//! The owner of stored bytes, for a person who looks at them.

use alloc::string::{String, ToString};

use super::record;
use super::transition::State;
use crate::stored::StoredGrant;

/// The owner of stored bytes. It holds no token.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Owner {
    /// The authorization server that granted the session.
    pub authority: String,
    /// The id of the client that holds the session.
    pub client_id: String,
    /// The key under which the session is stored.
    pub key: String,
    /// The user who logged in, if that is known.
    pub user: Option<String>,
    /// Whether somebody is logged in, as far as the bytes tell.
    pub is_alive: bool,
}

impl StoredGrant {
    /// Reads the owner from the bytes. `None` if the bytes cannot be read.
    #[must_use]
    pub fn owner(&self) -> Option<Owner> {
        let (binding, record) = record::parse_with_binding(self).ok()?;
        let held = match &record.state {
            State::Held(held) => Some(held),
            State::Nobody { .. } | State::Gone { .. } => None,
        };
        Some(Owner {
            authority: binding.authority.to_string(),
            client_id: binding.client_id.to_string(),
            key: binding.key.to_string(),
            user: held.and_then(|held| held.user()).map(String::from),
            is_alive: held.is_some_and(|held| held.verdict().is_none()),
        })
    }
}
