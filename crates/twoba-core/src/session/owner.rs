//! Whose session stored bytes hold, for a person who looks at them.

use alloc::string::{String, ToString};

use super::record;
use super::transition::State;
use crate::stored::StoredGrant;

/// Whose session stored bytes hold. There is no token in it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Owner {
    /// The authorization server that has granted it.
    pub authority: String,
    /// The client that it was granted to.
    pub client_id: String,
    /// The key that it was stored under.
    pub key: String,
    /// Who logged in, where that is known.
    pub user: Option<String>,
    /// Whether somebody is logged in, as far as is known here.
    pub is_alive: bool,
}

impl StoredGrant {
    /// What the bytes say of whose they are; `None` for bytes that cannot be read.
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
