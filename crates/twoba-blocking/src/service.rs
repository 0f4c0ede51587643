//! Calling a service with the session's token.

use http::{Request, Response};
use twoba_services::{JsonAnswer, JsonCall};
use twoba_store::{Error, block_on};

use crate::session::Session;

impl Session {
    /// Calls a function of the provider's JSON services and reads its answer.
    ///
    /// # Errors
    ///
    /// - the call cannot be made: [`GetError::Call`]
    /// - there is no token, or no answer: [`GetError::Session`]
    /// - the service refuses or fails: [`GetError::Service`]
    pub fn get(&self, function: &str, parameters: &[(&str, &str)]) -> Result<JsonAnswer, GetError> {
        self.call_json(&JsonCall::with_parameters(function, parameters)?)
    }

    /// Makes a call of the provider's JSON services and reads its answer.
    ///
    /// # Errors
    ///
    /// - as for [`get`](Self::get)
    pub fn call_json(&self, call: &JsonCall) -> Result<JsonAnswer, GetError> {
        let request = call.request(self.client().provider())?;
        let response = self.call(&request).map_err(GetError::Session)?;
        call.judge(&response).map_err(GetError::Service)
    }

    /// Sends a request to a service with the session's token; the answer is returned
    /// whatever its status. After a 401 about the token it is sent once more, with a new token, if
    /// there is one to be had; else the 401 is the answer. It asks for no content coding, unless it
    /// has an `Accept-Encoding` of its own; gzip and deflate are undone in any case.
    ///
    /// # Errors
    ///
    /// - an address that the provider does not name: [`ErrorKind::ForeignOrigin`](twoba_store::ErrorKind::ForeignOrigin)
    /// - no token: as for [`token`](Self::token)
    /// - no answer: [`ErrorKind::Service`](twoba_store::ErrorKind::Service)
    /// - one over 64 MiB: [`ErrorKind::ServiceAnswerTooLarge`](twoba_store::ErrorKind::ServiceAnswerTooLarge)
    pub fn call(&self, request: &Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Error> {
        block_on(self.home.keeper.call(&self.entry, request))
    }
}

/// Why a JSON service brought no data.
pub type GetError = twoba_services::GetError<Error>;
