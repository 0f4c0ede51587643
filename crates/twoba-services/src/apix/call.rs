//! Any function of ApiX, by its path.

use std::marker::PhantomData;

use http::{HeaderValue, Method, Request, Response, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use twoba_core::Provider;

use crate::error::{CallError, ServiceError};
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
    /// A call by GET of a path below the base, as `Product/95064565`.
    ///
    /// # Errors
    ///
    /// - no segments of letters, digits, `-`, `_` and `.` with slashes between: [`CallError::Function`]
    pub fn get(path: &str) -> Result<Self, CallError> {
        let segment = |part: &str| {
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            !part.is_empty() && !part.starts_with('.') && part.bytes().all(allowed)
        };
        let path = path.trim_start_matches('/');
        if !path.split('/').all(segment) {
            return Err(CallError::Function { nearest: None });
        }
        Ok(Self {
            path: path.to_owned(),
            parameters: Vec::new(),
            body: None,
            is_repeatable: true,
        })
    }

    /// A call by POST of a path below the base, with this as JSON.
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

    /// A call by POST of a path below the base, with JSON that is sent as it was written.
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

    /// The same call, whose answer is read as `T`.
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
        judge(response)
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
        judge_by(response, |reader| T::deserialize(reader))
    }

    fn is_repeatable(&self) -> bool {
        self.call.is_repeatable
    }
}

#[cfg(test)]
mod tests;
