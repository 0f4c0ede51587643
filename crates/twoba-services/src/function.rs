//! What everything that can be asked of a service has in common.

use http::{Request, Response};
use twoba_core::Provider;

use crate::error::{CallError, ServiceError};

/// One question to a service: the request that asks it, and what an answer to it says.
///
/// Whoever can send requests needs no more than this to call any service, whatever protocol it
/// speaks.
pub trait Function {
    /// What the service answers with.
    type Answer;

    /// The request, still without a token.
    ///
    /// # Errors
    ///
    /// - the provider lacks the address, or the question makes no request: [`CallError`]
    fn request(&self, provider: &Provider) -> Result<Request<Vec<u8>>, CallError>;

    /// What an answer says, whatever its status.
    ///
    /// # Errors
    ///
    /// - the service refuses or fails, or says what cannot be read: [`ServiceError`]
    fn judge(&self, response: &Response<Vec<u8>>) -> Result<Self::Answer, ServiceError>;

    /// Whether asking twice does no more than asking once, so that a call whose answer was lost may be
    /// repeated. Most functions of 2BA only read.
    fn is_repeatable(&self) -> bool {
        false
    }
}

impl<F: Function + ?Sized> Function for &F {
    type Answer = F::Answer;

    fn request(&self, provider: &Provider) -> Result<Request<Vec<u8>>, CallError> {
        (**self).request(provider)
    }

    fn judge(&self, response: &Response<Vec<u8>>) -> Result<Self::Answer, ServiceError> {
        (**self).judge(response)
    }

    fn is_repeatable(&self) -> bool {
        (**self).is_repeatable()
    }
}
