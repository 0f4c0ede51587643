//! Calls of the JSON services: `Service/Function` with query parameters, answered by JSON or JSONP.

mod answer;
mod asked;

use std::marker::PhantomData;

use http::{HeaderValue, Method, Request, Response, Uri, header};
use serde::de::DeserializeOwned;
use twoba_core::jsonp::{self, CallbackName};
use twoba_core::{Endpoint, Provider, is_json};

use crate::error::{CallError, ServiceError, ServiceErrorKind};
use crate::function::Function;
use crate::question;

pub use answer::JsonAnswer;
pub(crate) use answer::{ReadBy, judge, judge_by};
use answer::{typed, untyped, without_mark};

/// A call of one function of a JSON service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonCall {
    function: String,
    parameters: Vec<(String, String)>,
    callback: Option<CallbackName>,
}

impl JsonCall {
    /// Makes a call of `function` with these parameters; see [`new`](Self::new).
    ///
    /// # Errors
    ///
    /// - as for [`new`](Self::new)
    pub fn with_parameters(function: &str, parameters: &[(&str, &str)]) -> Result<Self, CallError> {
        let call = Self::new(function)?;
        let with = |call: Self, &(name, value): &(&str, &str)| call.with_parameter(name, value);
        Ok(parameters.iter().fold(call, with))
    }

    /// Makes a call of `function`, such as `Product/Search`. It may have further segments.
    ///
    /// # Errors
    ///
    /// - fewer than two segments, or one with anything but letters, digits, `-` and `_`:
    ///   [`CallError::Function`], with the known function that was perhaps meant
    pub fn new(function: &str) -> Result<Self, CallError> {
        let segment = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        if !function.contains('/') || !function.split('/').all(segment) {
            let nearest = question::nearest(function).map(|known| known.name);
            return Err(CallError::Function { nearest });
        }
        Ok(Self {
            function: function.to_string(),
            parameters: Vec::new(),
            callback: None,
        })
    }

    /// Adds a parameter.
    #[must_use]
    pub fn with_parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// Sets the JSONP callback name. The call then asks for JSONP.
    #[must_use]
    pub fn with_callback(mut self, callback: CallbackName) -> Self {
        self.callback = Some(callback);
        self
    }

    /// Builds the request, still without a token.
    ///
    /// # Errors
    ///
    /// - a provider without services: [`CallError::NoServiceBase`]
    /// - more parameters than an address can hold (64 KiB): [`CallError::TooLong`]
    pub fn request(&self, provider: &Provider) -> Result<Request<Vec<u8>>, CallError> {
        let base = provider.service_base().ok_or(CallError::NoServiceBase)?;
        let mut uri = below(base, &self.function);
        let callback = self.callback.iter().map(|name| ("callback", name.as_str()));
        let pairs: Vec<_> = self
            .parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .chain(callback)
            .collect();
        let query = serde_urlencoded::to_string(&pairs).map_err(|_| CallError::TooLong)?;
        if !query.is_empty() {
            uri.push('?');
            uri.push_str(&query);
        }
        request_for_json(Method::GET, &uri, Vec::new())
    }

    /// Judges an answer to this call.
    ///
    /// # Errors
    ///
    /// - the answer is an error object, has no success status, or is no JSON: [`ServiceError`]
    pub fn judge<B: AsRef<[u8]>>(
        &self,
        response: &Response<B>,
    ) -> Result<JsonAnswer, ServiceError> {
        // What can be read as it stands is read, whatever coding it claims.
        let found = self.unwrapped(response);
        let found = found.and_then(|(json, status)| untyped(json, status));
        found.map_err(|error| self.told(error, response))
    }

    /// The error of an answer with these headers, and with the function that was perhaps meant.
    fn told<B>(&self, error: ServiceError, response: &Response<B>) -> ServiceError {
        let mut error = error.of_answer(response.headers());
        if error.kind == ServiceErrorKind::Refused && question::known(&self.name()).is_none() {
            let details = error.details.get_or_insert_default();
            details.nearest = question::nearest(&self.name());
        }
        error
    }

    /// Service and function, without what the path asks of it.
    fn name(&self) -> String {
        let segments: Vec<_> = self.function.split('/').take(2).collect();
        segments.join("/")
    }

    /// Checks that a [known function](crate::known_functions) has every parameter that it needs. The
    /// first one may stand in the path. A call that fails the check can be sent all the same: the
    /// service decides.
    ///
    /// # Errors
    ///
    /// - a parameter is missing: [`CallError::MissingParameter`]
    pub fn check(&self) -> Result<(), CallError> {
        let Some(function) = question::known(&self.name()) else {
            return Ok(());
        };
        let in_path = self.function.split('/').count().saturating_sub(2);
        CallError::missing(function, function.missing(&self.parameters, in_path))
    }

    /// Makes the same call with an answer of type `T`. `T` keeps the members that it declares.
    ///
    /// ```
    /// use twoba_services::{Decimal, Function, JsonCall};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Stock {
    ///     #[serde(rename = "Quantity")]
    ///     quantity: Decimal,
    /// }
    ///
    /// let call = JsonCall::new("Stock/Level")?.reading::<Stock>();
    /// let answer = http::Response::new(br#"{"Quantity": 12.50}"#.to_vec());
    /// assert_eq!(call.judge(&answer)?.quantity.as_str(), "12.50");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn reading<T>(self) -> Reading<T> {
        Reading {
            call: self,
            answer: PhantomData,
        }
    }

    /// The answer read by `read` and not as anything else.
    fn read_by<'r, T>(
        &self,
        response: &'r Response<Vec<u8>>,
        read: ReadBy<'r, T>,
    ) -> Result<T, ServiceError> {
        let found = self.unwrapped(response);
        let found = found.and_then(|(json, status)| typed(json, status, read));
        found.map_err(|error| self.told(error, response))
    }

    /// The JSON of an answer, and the status that counts.
    fn unwrapped<'r, B: AsRef<[u8]>>(
        &self,
        response: &'r Response<B>,
    ) -> Result<(&'r [u8], u16), ServiceError> {
        let body = response.body().as_ref();
        let status = response.status().as_u16();
        match &self.callback {
            // A proxy's page is no JSONP; its status says more than its first byte. A service that
            // ignores the callback answers with plain JSON, which is as good.
            Some(callback) if response.status().is_success() && !is_json(response.headers()) => {
                let found = jsonp::parse(body, callback).map_err(|error| {
                    ServiceError::bare(ServiceErrorKind::NotJsonp(error), status)
                })?;
                Ok((found.json, found.real_status(status)))
            }
            Some(_) | None => Ok((without_mark(body), status)),
        }
    }
}

/// The address of what stands below a base.
pub(crate) fn below(base: &Endpoint, path: &str) -> String {
    let base = base.as_str();
    let joint = if base.ends_with('/') { "" } else { "/" };
    format!("{base}{joint}{path}")
}

/// A request of this method to an address, which wants JSON.
pub(crate) fn request_for_json(
    method: Method,
    uri: &str,
    body: Vec<u8>,
) -> Result<Request<Vec<u8>>, CallError> {
    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = uri.parse::<Uri>().map_err(|_| CallError::TooLong)?;
    request
        .headers_mut()
        .insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    Ok(request)
}

/// Every JSON function that is known only reads; what another one does is the caller's to know.
impl Function for JsonCall {
    type Answer = JsonAnswer;

    fn request(&self, provider: &Provider) -> Result<Request<Vec<u8>>, CallError> {
        Self::request(self, provider)
    }

    fn judge(&self, response: &Response<Vec<u8>>) -> Result<JsonAnswer, ServiceError> {
        Self::judge(self, response)
    }

    fn is_repeatable(&self) -> bool {
        true
    }
}

/// A call whose answer is read as `T`; see [`JsonCall::reading`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading<T> {
    call: JsonCall,
    answer: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Function for Reading<T> {
    type Answer = T;

    fn request(&self, provider: &Provider) -> Result<Request<Vec<u8>>, CallError> {
        self.call.request(provider)
    }

    fn judge(&self, response: &Response<Vec<u8>>) -> Result<T, ServiceError> {
        self.call.read_by(response, |reader| T::deserialize(reader))
    }

    fn is_repeatable(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests;
