//! What the provider and the client say about refreshing.

use super::id::LoginId;
use crate::client::Client;
use crate::envelope::digest;
use crate::provider::{Replay, Rules};
use crate::secret::ClientSecret;

/// What the provider and the client say about refreshing one login.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms<'a> {
    client: &'a Client,
    login: LoginId,
}

impl<'a> Terms<'a> {
    pub(super) fn of(client: &'a Client, login: LoginId) -> Self {
        Self { client, login }
    }

    pub(super) fn rules(&self) -> Rules {
        self.client.provider().rules()
    }

    pub(super) fn replay(&self) -> Replay {
        self.client.provider().replay()
    }

    /// Digest of the configuration, to tell whether it has changed since a refusal.
    pub(super) fn configuration(&self) -> u64 {
        let (client, provider) = (self.client, self.client.provider());
        digest(&[
            self.login.as_bytes(),
            provider.token_endpoint().as_str().as_bytes(),
            alloc::format!("{:?}", provider.authentication()).as_bytes(),
            client.id().as_bytes(),
            client.secret().map_or("", ClientSecret::expose).as_bytes(),
        ])
    }
}
