//! The meaning of a failure of the HTTP client: whether anything has left.

use twoba_core::SendFailure;
use twoba_store::TransportError;

pub(crate) fn unanswered(error: reqwest::Error) -> TransportError {
    // Connecting includes resolving and TLS; nothing of the request has left by then.
    let failure = if error.is_connect() || error.is_builder() {
        SendFailure::NotSent
    } else {
        SendFailure::MaybeSent
    };
    TransportError {
        failure,
        // The address may hold parameters that are nobody's business.
        cause: Box::new(error.without_url()),
    }
}
