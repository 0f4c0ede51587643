//! The request that ends a grant at the server, where that can be asked for.

use http::Request;

use super::grant::Grant;
use crate::client::Client;
use crate::form::Form;

pub(super) fn request(client: &Client, grant: &Grant) -> Option<Request<Form>> {
    match (&grant.refresh_token, &grant.access_token) {
        // RFC 7009 section 2.1: revoking it ends the access tokens of the grant too.
        (Some(token), _) => client.refresh_token_revocation_request(token),
        (None, Some(token)) => client.access_token_revocation_request(token),
        (None, None) => None,
    }
}
