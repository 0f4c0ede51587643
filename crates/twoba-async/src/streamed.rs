//! The body of a service's answer while it arrives.

use std::fmt;

use bytes::Bytes;
use twoba_store::{Error, ErrorKind};

use crate::unanswered::unanswered;

/// The body of an answer of a service, read piece by piece. Dropping it ends the transfer.
///
/// The whole call takes at most an hour, and no piece more than 30 seconds. There is no limit to
/// the length.
pub struct Streamed(reqwest::Response);

impl Streamed {
    pub(crate) fn new(response: reqwest::Response) -> Self {
        Self(response)
    }

    /// Waits for the next piece. `None` is the end of the body.
    ///
    /// # Errors
    ///
    /// - the connection breaks, or a time limit ends: [`ErrorKind::Service`]
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        self.0.chunk().await.map_err(|error| {
            let error = unanswered(error);
            Error::new(ErrorKind::Service(error.failure)).caused_by(error.cause)
        })
    }
}

impl fmt::Debug for Streamed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Streamed")
    }
}
