//! Any function of ApiX, by its path.

use std::marker::PhantomData;

use http::{HeaderValue, Method, Request, Response, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use twoba_core::Provider;

use super::known;
use crate::error::{CallError, ServiceError, ServiceErrorKind};
use crate::function::Function;
use crate::json::{JsonAnswer, below, judge, judge_by, request_for_json};

/// A call of one function of ApiX.
///
/// ```
/// use twoba_core::Provider;
/// use twoba_services::{ApixCall, Function};
///
/// let call = ApixCall::get("Product/95064565")?.with_parameter("languagecode", "NL");
/// let request = call.request(&Provider::two_ba())?;
/// assert_eq!(
///     request.uri(),
///     "https://apix.2ba.nl/api/v1/Product/95064565?languagecode=NL"
/// );
/// # Ok::<(), twoba_services::CallError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApixCall {
    path: String,
    parameters: Vec<(String, String)>,
    /// JSON, with the digits that were given.
    body: Option<String>,
    is_repeatable: bool,
}

impl ApixCall {
    /// Makes a call by GET of a path below the base, such as `Product/95064565`.
    ///
    /// # Errors
    ///
    /// - a segment of the path is empty, or has anything but letters, digits, `-`, `_` and `.`:
    ///   [`CallError::Function`], with the known function that was perhaps meant
    pub fn get(path: &str) -> Result<Self, CallError> {
        let path = path.trim_start_matches('/');
        let segment = |part: &str| {
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            !part.is_empty() && !part.starts_with('.') && part.bytes().all(allowed)
        };
        if !path.split('/').all(segment) {
            let nearest = known::nearest(path).map(|known| known.name);
            return Err(CallError::Function { nearest });
        }
        Ok(Self {
            path: path.to_owned(),
            parameters: Vec::new(),
            body: None,
            is_repeatable: true,
        })
    }

    /// Makes a call by POST of a path below the base. The value is sent as JSON.
    ///
    /// # Errors
    ///
    /// - as for [`get`](Self::get)
    /// - the value makes no JSON: [`CallError::Value`]
    pub fn post(path: &str, body: &impl Serialize) -> Result<Self, CallError> {
        let body = serde_json::to_string(body).map_err(|_| CallError::Value)?;
        Ok(Self {
            body: Some(body),
            is_repeatable: false,
            ..Self::get(path)?
        })
    }

    /// Makes a call by POST of a path below the base. The JSON is sent as it was written.
    ///
    /// # Errors
    ///
    /// - as for [`get`](Self::get)
    /// - it is no JSON: [`CallError::Value`]
    pub fn post_json(path: &str, body: &[u8]) -> Result<Self, CallError> {
        let body: &RawValue = serde_json::from_slice(body).map_err(|_| CallError::Value)?;
        Self::post(path, &body)
    }

    /// Adds a parameter to the query.
    #[must_use]
    pub fn with_parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// Sets that the call may be repeated: it only reads, although it is a POST.
    #[must_use]
    pub fn repeatable(mut self) -> Self {
        self.is_repeatable = true;
        self
    }

    /// Checks that a function of 2BA's file has what it needs: JSON as its body where it is asked by
    /// POST, and its parameters. A call that fails the check can be sent all the same: the service
    /// decides.
    ///
    /// # Errors
    ///
    /// - the body is missing: [`CallError::MissingBody`]
    /// - a parameter is missing: [`CallError::MissingParameter`]
    pub fn check(&self) -> Result<(), CallError> {
        known::check(&self.path, &self.parameters, self.body.is_some())
    }

    /// The error with the function that was perhaps meant.
    fn told(&self, mut error: ServiceError) -> ServiceError {
        if error.kind == ServiceErrorKind::Refused {
            let nearest = known::nearest(&self.path);
            if nearest.is_some() {
                error.details.get_or_insert_default().nearest = nearest;
            }
        }
        error
    }

    /// Makes the same call with an answer of type `T`.
    #[must_use]
    pub fn reading<T>(self) -> ApixReading<T> {
        ApixReading {
            call: self,
            answer: PhantomData,
        }
    }
}

impl Function for ApixCall {
    type Answer = JsonAnswer;

    fn request(&self, provider: &Provider) -> Result<Request<Vec<u8>>, CallError> {
        let base = provider.apix_base().ok_or(CallError::NoApixBase)?;
        let mut uri = below(base, &self.path);
        let query =
            serde_urlencoded::to_string(&self.parameters).map_err(|_| CallError::TooLong)?;
        if !query.is_empty() {
            uri.push('?');
            uri.push_str(&query);
        }
        let Some(body) = &self.body else {
            return request_for_json(Method::GET, &uri, Vec::new());
        };
        let mut request = request_for_json(Method::POST, &uri, body.clone().into_bytes())?;
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(header::CONTENT_TYPE, json);
        Ok(request)
    }

    fn judge(&self, response: &Response<Vec<u8>>) -> Result<JsonAnswer, ServiceError> {
        judge(response).map_err(|error| self.told(error))
    }

    fn is_repeatable(&self) -> bool {
        self.is_repeatable
    }
}

/// A call of ApiX whose answer is read as `T`; see [`ApixCall::reading`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApixReading<T> {
    call: ApixCall,
    answer: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Function for ApixReading<T> {
    type Answer = T;

    fn request(&self, provider: &Provider) -> Result<Request<Vec<u8>>, CallError> {
        self.call.request(provider)
    }

    fn judge(&self, response: &Response<Vec<u8>>) -> Result<T, ServiceError> {
        let answer = judge_by(response, |reader| T::deserialize(reader));
        answer.map_err(|error| self.call.told(error))
    }

    fn is_repeatable(&self) -> bool {
        self.call.is_repeatable
    }
}

#[cfg(test)]
mod tests;
