//! A service call with the session's token, and the consequences of a 401.

use std::sync::Arc;

use http::header::{AUTHORIZATION, HeaderValue};
use http::{Request, Response};
use twoba_core::{AccessToken, RefreshError, rejects_token};
use twoba_store::{Error, ErrorKind};

use crate::entry::Entry;
use crate::keeper::Keeper;
use crate::runtime::{Runtime, Streams};

impl<R: Runtime> Keeper<R> {
    /// Sends a request with the session's token. It returns the answer, whatever its status. If the
    /// service answers 401 because of the token, the session gets a new token and sends the request
    /// once more. If there is no new token to be had, the 401 is the answer.
    ///
    /// # Errors
    ///
    /// - the provider does not name the address: [`ErrorKind::ForeignOrigin`]
    /// - there is no token: as for [`token`](Self::token)
    /// - there is no answer: [`ErrorKind::Service`]
    /// - the answer has more than 64 MiB: [`ErrorKind::ServiceAnswerTooLarge`]
    pub async fn call(
        self: &Arc<Self>,
        entry: &Arc<Entry>,
        request: &Request<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, Error> {
        self.called(entry, request, |request| self.ask(request))
            .await
    }

    /// As [`call`](Self::call), but returns the answer as soon as its head has arrived. The caller
    /// reads the body, which has no limit here and keeps its content coding.
    ///
    /// # Errors
    ///
    /// - as for [`call`](Self::call), without the limit of the body
    pub async fn call_streaming(
        self: &Arc<Self>,
        entry: &Arc<Entry>,
        request: &Request<Vec<u8>>,
    ) -> Result<Response<R::Streamed>, Error>
    where
        R: Streams,
    {
        self.called(entry, request, |request| self.ask_streaming(request))
            .await
    }

    /// Sends a request with the session's token by `send`, and once more after a 401.
    async fn called<B, F>(
        self: &Arc<Self>,
        entry: &Arc<Entry>,
        request: &Request<Vec<u8>>,
        send: impl Fn(Request<Vec<u8>>) -> F,
    ) -> Result<Response<B>, Error>
    where
        F: Future<Output = Result<Response<B>, Error>>,
    {
        self.check(request)?;
        let named = self.token(entry).await?;
        let response = send(authorized(request, &named.token)).await?;
        let Some(id) = named.id.filter(|_| rejects_token(&response)) else {
            return Ok(response);
        };
        match self.rejected(entry, id).await {
            Ok(other) => send(authorized(request, &other.token)).await,
            Err(error) if is_believed(&error) => Ok(response),
            Err(error) => Err(error),
        }
    }

    /// Sends a request with this token only, once. A 401 is the answer.
    ///
    /// # Errors
    ///
    /// - as for [`call`](Self::call), without the errors of getting a token
    pub async fn call_with(
        &self,
        token: &AccessToken,
        request: &Request<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, Error> {
        self.check(request)?;
        self.ask(authorized(request, token)).await
    }

    /// Sends an empty request to the token endpoint, without the client's credentials.
    ///
    /// # Errors
    ///
    /// - there is no answer: [`ErrorKind::Service`]
    pub async fn reach(&self) -> Result<Response<Vec<u8>>, Error> {
        let mut request = Request::new(Vec::new());
        *request.uri_mut() = self.client.provider().token_endpoint().uri().clone();
        self.ask(request).await
    }

    /// RFC 6750 section 5.3: a token goes only to the services that it is for.
    fn check(&self, request: &Request<Vec<u8>>) -> Result<(), Error> {
        match self.client.provider().serves(request.uri()) {
            true => Ok(()),
            false => Err(Error::new(ErrorKind::ForeignOrigin)),
        }
    }
}

/// The request with the token and no other authorization.
fn authorized(request: &Request<Vec<u8>>, token: &AccessToken) -> Request<Vec<u8>> {
    let mut authorized = request.clone();
    if let Ok(mut value) = HeaderValue::try_from(format!("Bearer {}", token.expose())) {
        value.set_sensitive(true);
        authorized.headers_mut().insert(AUTHORIZATION, value);
    }
    authorized
}

/// Whether the session takes the service's 401 as a statement about the person's rights.
fn is_believed(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Refresh(RefreshError::RejectedByService)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    // HTTP clients print the headers of a request, and leave out the values that are marked.
    #[test]
    fn the_header_with_the_token_is_marked_as_sensitive() {
        let token = AccessToken::parse("canary").unwrap();
        let authorized = authorized(&Request::default(), &token);
        let value = &authorized.headers()[AUTHORIZATION];
        assert_eq!(value, "Bearer canary");
        assert!(value.is_sensitive());
        assert!(!format!("{authorized:?}").contains("canary"));
    }
}
