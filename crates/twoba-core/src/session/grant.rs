//! The server's grant, and how long it can be used.

use alloc::string::String;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::timing;
use crate::answer::{Lifetime, TokenResponse};
use crate::limits::REFRESH_AFTER_END;
use crate::secret::{AccessToken, RefreshToken};
use crate::seed::Seed;
use crate::time::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Grant {
    /// The access token. It is absent while there is only an imported refresh token.
    pub(super) access_token: Option<AccessToken>,
    pub(super) refresh_token: Option<RefreshToken>,
    pub(super) scope: Option<String>,
    /// The time when the request of this grant left. Lifetimes count from here.
    pub(super) issued_at: Timestamp,
    pub(super) lifetime: Lifetime,
    pub(super) refresh_due_at: Option<Timestamp>,
}

impl Grant {
    /// The grant in an answer. If the answer has no refresh token or scope, the former one stays.
    pub(super) fn new(
        granted: TokenResponse,
        former: Option<&Self>,
        issued_at: Timestamp,
        window: Option<Duration>,
        seed: &mut Seed,
    ) -> Self {
        let due = timing::due(granted.lifetime, window, seed);
        let refresh_due_at = due.map(|after| issued_at.saturating_add(after));
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

    /// The tokens, or empty texts. No error may repeat them.
    pub(super) fn tokens(&self) -> [&str; 2] {
        let access = self.access_token.as_ref();
        let refresh = self.refresh_token.as_ref();
        [
            access.map_or("", AccessToken::expose),
            refresh.map_or("", RefreshToken::expose),
        ]
    }

    /// An empty grant.
    pub(super) fn none(now: Timestamp) -> Self {
        Self {
            access_token: None,
            refresh_token: None,
            scope: None,
            issued_at: now,
            lifetime: Lifetime::Expired,
            refresh_due_at: None,
        }
    }

    /// The grant of an imported refresh token. The first caller refreshes it.
    pub(super) fn imported(refresh_token: RefreshToken, now: Timestamp) -> Self {
        Self {
            refresh_token: Some(refresh_token),
            ..Self::none(now)
        }
    }

    /// The same grant, refreshed at its end and no earlier.
    pub(super) fn late(self) -> Self {
        Self {
            refresh_due_at: self.late_at().or(self.refresh_due_at),
            ..self
        }
    }

    /// The time when a server that refreshes late may be asked. The server's own end of the token
    /// counts, without the local margin.
    pub(super) fn late_at(&self) -> Option<Timestamp> {
        match self.lifetime {
            Lifetime::Known(_) => Some(self.expires_at()?.saturating_add(REFRESH_AFTER_END)),
            Lifetime::Unknown | Lifetime::Expired => None,
        }
    }

    /// The access token, if it can be handed out.
    pub(super) fn usable(&self, now: Timestamp) -> Option<&AccessToken> {
        let usable = self.usable_until().is_none_or(|end| now < end);
        self.access_token.as_ref().filter(|_| usable)
    }

    /// The time when the access token can no longer be handed out. `None` if it is unknown. If no
    /// refresh is due before the margin begins, the token serves until the refresh is due, at most
    /// to its end.
    pub(super) fn usable_until(&self) -> Option<Timestamp> {
        match self.lifetime {
            Lifetime::Known(lifetime) => {
                let margin = lifetime.saturating_sub(timing::margin(lifetime));
                let margin = self.issued_at.saturating_add(margin);
                let end = self.issued_at.saturating_add(lifetime);
                Some(
                    self.refresh_due_at
                        .map_or(margin, |due| due.clamp(margin, end)),
                )
            }
            Lifetime::Unknown => None,
            Lifetime::Expired => Some(Timestamp::from_unix_millis(i64::MIN)),
        }
    }

    /// The time when the access token ends, as the server stated it.
    pub(super) fn expires_at(&self) -> Option<Timestamp> {
        self.access_token.as_ref()?;
        match self.lifetime {
            Lifetime::Known(lifetime) => Some(self.issued_at.saturating_add(lifetime)),
            Lifetime::Unknown => None,
            Lifetime::Expired => Some(self.issued_at),
        }
    }
}
