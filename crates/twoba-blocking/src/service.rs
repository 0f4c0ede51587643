//! Calling a service with the session's token.

use http::header::{AUTHORIZATION, HeaderValue};
use http::{Request, Response};
use twoba_core::{AccessToken, RefreshError, rejects_token};
use twoba_services::{JsonAnswer, JsonCall};
use twoba_store::{Error, ErrorKind};

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
        let call = parameters
            .iter()
            .fold(JsonCall::new(function)?, |call, &(name, value)| {
                call.with_parameter(name, value)
            });
        self.call_json(&call)
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
    /// whatever its status. After a 401 about the token it is sent once more, with a new token, if there is
    /// one to be had; else the 401 is the answer.
    ///
    /// # Errors
    ///
    /// - an address that the provider does not name: [`ErrorKind::ForeignOrigin`](twoba_store::ErrorKind::ForeignOrigin)
    /// - no token: as for [`token`](Self::token)
    /// - no answer: [`ErrorKind::Service`](twoba_store::ErrorKind::Service)
    pub fn call(&self, request: &Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Error> {
        if !self.client().provider().serves(request.uri()) {
            return Err(Error::new(ErrorKind::ForeignOrigin));
        }
        let (token, id) = self.token_with_id()?;
        let response = self.call_once(request, &token)?;
        let Some(id) = id.filter(|_| rejects_token(&response)) else {
            return Ok(response);
        };
        match self.rejected(id) {
            Ok(token) => self.call_once(request, &token),
            Err(error) if is_believed(&error) => Ok(response),
            Err(error) => Err(error),
        }
    }

    fn call_once(
        &self,
        request: &Request<Vec<u8>>,
        token: &AccessToken,
    ) -> Result<Response<Vec<u8>>, Error> {
        let mut authorized = Request::new(request.body().as_slice());
        *authorized.method_mut() = request.method().clone();
        *authorized.uri_mut() = request.uri().clone();
        *authorized.headers_mut() = request.headers().clone();
        if let Ok(mut value) = HeaderValue::try_from(format!("Bearer {}", token.expose())) {
            value.set_sensitive(true);
            authorized.headers_mut().insert(AUTHORIZATION, value);
        }
        self.transport()
            .call(authorized)
            .map_err(|error| Error::new(ErrorKind::Service(error.failure)).caused_by(error.cause))
    }
}

/// Whether the session takes the service's 401 for an answer about the user's rights.
fn is_believed(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Refresh(RefreshError::RejectedByService)
    )
}

/// Why a JSON service brought no data.
pub type GetError = twoba_services::GetError<Error>;
