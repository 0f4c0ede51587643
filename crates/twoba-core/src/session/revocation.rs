//! Builds the request that ends a grant at the server, if the server takes such requests.

use http::Request;

use super::grant::Grant;
use crate::client::Client;
use crate::form::Form;
use crate::seed::Seed;
use crate::time::Timestamp;

/// `None` also if the client's key does not sign. Tokens that are not revoked expire on their own.
pub(super) fn request(
    client: &Client,
    grant: &Grant,
    now: Timestamp,
    seed: &mut Seed,
) -> Option<Request<Form>> {
    let client = client.signed(now, seed).ok()?;
    match (&grant.refresh_token, &grant.access_token) {
        // RFC 7009 section 2.1: revoking it ends the access tokens of the grant too.
        (Some(token), _) => client.refresh_token_revocation_request(token),
        (None, Some(token)) => client.access_token_revocation_request(token),
        (None, None) => None,
    }
}
