//! One request and its answer: asked for without a content coding, and that undone all the same.

use http::header::{ACCEPT_ENCODING, HeaderValue};
use http::{Request, Response};
use twoba_core::Form;
use twoba_store::{Error, ErrorKind};

use crate::body::Body;
use crate::coding::undone;
use crate::keeper::Keeper;
use crate::runtime::{Answer, Runtime};

impl<R: Runtime> Keeper<R> {
    /// Sends a token request or a revocation, which say themselves that they want no coding.
    pub(crate) async fn send(&self, request: Request<Form>) -> Answer {
        self.runtime.send(request).await.map(undone)
    }

    /// Sends a service call. The whole answer is handed out, or none of it.
    pub(crate) async fn ask(
        &self,
        mut request: Request<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, Error> {
        let accepted = request.headers_mut().entry(ACCEPT_ENCODING);
        accepted.or_insert(HeaderValue::from_static("identity"));
        let answer = self.runtime.call(request).await;
        let answer = answer.map_err(|error| {
            Error::new(ErrorKind::Service(error.failure)).caused_by(error.cause)
        })?;
        let answer = undone(answer);
        if answer.body().is_over() {
            return Err(Error::new(ErrorKind::ServiceAnswerTooLarge));
        }
        Ok(answer.map(Body::into_vec))
    }
}
