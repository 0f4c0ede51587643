//! What a person may know of a session: everything but its tokens.

use alloc::string::String;
use core::time::Duration;

use super::data::Session;
use super::trouble::Trouble;
use super::verdict::{Cause, Verdict};
use crate::answer::Lifetime;
use crate::time::Timestamp;

/// A session without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// What can be done with it.
    pub state: SessionState,
    /// Who logged in, where the login told.
    pub user: Option<String>,
    /// How often the login's token was replaced, from 1; `None` without a grant. Of a program
    /// itself it is how many tokens it has had.
    pub generation: Option<u64>,
    /// When the access token ends by the server's word.
    pub expires_at: Option<Timestamp>,
    /// How long the access token is good from its beginning, by the server's word.
    pub lifetime: Option<Duration>,
    /// When it is to be refreshed.
    pub refresh_due_at: Option<Timestamp>,
    /// The scope that was granted, where it is known.
    pub scope: Option<String>,
    /// The last failure that says nothing of the grant.
    pub trouble: Option<Trouble>,
}

/// What can be done with a session.
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
    /// What is known of the session at `now`, without its secrets.
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
