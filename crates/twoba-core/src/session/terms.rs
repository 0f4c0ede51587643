//! What the provider and the client say about refreshing.

use super::id::LoginId;
use crate::client::Client;
use crate::envelope::digest;
use crate::provider::Replay;
use crate::secret::ClientSecret;

/// What the provider and the client say about refreshing one login.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    pub(super) replay: Replay,
    /// Digest of the configuration, to tell whether it has changed since a refusal.
    pub(super) configuration: u64,
}

impl Terms {
    pub(super) fn of(client: &Client, login: LoginId) -> Self {
        let provider = client.provider();
        let configuration = digest(&[
            login.as_bytes(),
            provider.token_endpoint().as_str().as_bytes(),
            alloc::format!("{:?}", provider.authentication()).as_bytes(),
            client.id().as_bytes(),
            client.secret().map_or("", ClientSecret::expose).as_bytes(),
        ]);
        Self {
            replay: provider.replay(),
            configuration,
        }
    }
}
