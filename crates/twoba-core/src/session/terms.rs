//! The rules of the provider and the client for refreshes.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::id::LoginId;
use crate::assertion::Shown;
use crate::client::Client;
use crate::envelope::digest;
use crate::provider::{Replay, Rule};
use crate::secret::ClientSecret;

/// When the provider wants its grants refreshed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    pub(super) refresh_window: Option<Duration>,
    pub(super) keep_alive: Option<Duration>,
}

impl Plan {
    pub(super) fn of(client: &Client) -> Self {
        Self {
            refresh_window: client.provider().refresh_window(),
            keep_alive: client.provider().keep_alive(),
        }
    }
}

/// The rules of the provider and the client for refreshing one login.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms<'a> {
    client: &'a Client,
    login: LoginId,
}

impl<'a> Terms<'a> {
    pub(super) fn of(client: &'a Client, login: LoginId) -> Self {
        Self { client, login }
    }

    pub(super) fn replay(&self) -> Replay {
        self.client.provider().replay()
    }

    /// Whether a refusal can mean that the refresh came too early, so that it does not answer a
    /// repetition.
    pub(super) fn may_refuse_early(&self) -> bool {
        let rules = self.client.provider().rules();
        let unclear = [
            Rule::BareBadRequestEndsGrant,
            Rule::InvalidRequestEndsGrant,
            Rule::UnauthorizedClientEndsGrant,
            Rule::AccessDeniedIsTooEarly,
        ];
        unclear.into_iter().any(|rule| rules.has(rule))
    }

    pub(super) fn plan(&self) -> Plan {
        Plan::of(self.client)
    }

    /// A digest of the configuration, which tells whether it has changed since a refusal.
    pub(super) fn configuration(&self) -> u64 {
        let (client, provider) = (self.client, self.client.provider());
        let signer = client
            .signer()
            .map(|signer| alloc::format!("{:?}", Shown(signer)));
        let authentication = alloc::format!("{:?}", provider.authentication());
        let mut parts = Vec::from([
            self.login.as_bytes(),
            provider.token_endpoint().as_str().as_bytes(),
            authentication.as_bytes(),
            client.id().as_bytes(),
            client.secret().map_or("", ClientSecret::expose).as_bytes(),
        ]);
        // Only where there is one: what others have stored stays as it is.
        parts.extend(signer.as_ref().map(String::as_bytes));
        digest(&parts)
    }
}
