//! The state of a session for a person, without its tokens.

use alloc::string::String;
use core::time::Duration;

use super::data::Session;
use super::trouble::Trouble;
use super::verdict::{Cause, Verdict};
use crate::answer::Lifetime;
use crate::time::Timestamp;

/// The state of a session without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// What can be done with it.
    pub state: SessionState,
    /// The user who logged in, if the login named one.
    pub user: Option<String>,
    /// The number of the current token within its login, from 1. `None` without a grant. For a
    /// program itself it is the number of tokens so far.
    pub generation: Option<u64>,
    /// The time when the access token ends, as the server stated it.
    pub expires_at: Option<Timestamp>,
    /// The whole lifetime of the access token, as the server stated it.
    pub lifetime: Option<Duration>,
    /// The time when the token is to be refreshed.
    pub refresh_due_at: Option<Timestamp>,
    /// The granted scope, if it is known.
    pub scope: Option<String>,
    /// The last failure that says nothing about the grant.
    pub trouble: Option<Trouble>,
}

/// What a session can do at the moment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionState {
    /// Its token is usable.
    Valid,
    /// Its token has to be refreshed first.
    Stale,
    /// The person has to log in again.
    LoginRequired(Verdict),
    /// Nobody is logged in, or a program itself has had no token yet.
    None,
}

impl Session {
    /// The state of the session at `now`, without its secrets.
    #[must_use]
    pub fn status(&self, now: Timestamp) -> Status {
        let without_grant = |state| Status {
            state,
            user: None,
            generation: None,
            expires_at: None,
            lifetime: None,
            refresh_due_at: None,
            scope: None,
            trouble: None,
        };
        let Some(held) = self.known.held() else {
            return without_grant(SessionState::None);
        };
        let grant = held.grant();
        let state = match held.verdict() {
            Some(verdict) => SessionState::LoginRequired(verdict.clone()),
            None if grant.usable(now).is_some() => SessionState::Valid,
            None if grant.refresh_token.is_none() && !self.is_of_program() => {
                SessionState::LoginRequired(Verdict::new(Cause::NoRefreshToken, grant.expires_at()))
            }
            None => SessionState::Stale,
        };
        Status {
            state,
            user: held.user().map(String::from),
            generation: Some(held.id().generation).filter(|number| *number > 0),
            expires_at: grant.expires_at(),
            lifetime: match grant.lifetime {
                Lifetime::Known(lifetime) => Some(lifetime),
                Lifetime::Unknown | Lifetime::Expired => None,
            },
            refresh_due_at: self.refresh_due(now),
            scope: grant.scope.clone(),
            trouble: held.trouble().cloned(),
        }
    }
}
