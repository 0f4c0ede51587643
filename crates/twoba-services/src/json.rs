//! Calls of the JSON services: `Service/Function` with query parameters, answered by JSON or JSONP.

use http::{HeaderValue, Method, Request, Response, Uri, header};
use serde::de::IgnoredAny;
use serde_json::Value;
use twoba_core::jsonp::{self, CallbackName};
use twoba_core::{Provider, content_coding, is_json};

use crate::error::{CallError, ServiceError, ServiceErrorKind};

/// Longest part of a service's message that is kept, in characters.
const MESSAGE_MAX: usize = 500;

/// A call of one function of a JSON service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonCall {
    function: String,
    parameters: Vec<(String, String)>,
    callback: Option<CallbackName>,
}

/// The answer of a JSON service.
#[derive(Debug, Clone, PartialEq)]
pub struct JsonAnswer {
    json: Vec<u8>,
    value: Value,
}

impl JsonAnswer {
    /// The JSON as the service wrote it, without the call that JSONP puts around it.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.json
    }

    /// The JSON as a value. Numbers lose the digits that a 64-bit float cannot hold. An answer with
    /// a number out of its range is [`Value::Null`] as a whole. [`as_bytes`](Self::as_bytes)
    /// returns it unchanged.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }
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
    /// - there are fewer than two segments, or one has anything but letters, digits, `-` and `_`:
    ///   [`CallError::Function`]
    pub fn new(function: &str) -> Result<Self, CallError> {
        let segment = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        if !function.contains('/') || !function.split('/').all(segment) {
            return Err(CallError::Function);
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
    /// - the provider has no services: [`CallError::NoServiceBase`]
    /// - the parameters exceed the length of an address (64 KiB): [`CallError::TooLong`]
    pub fn request(&self, provider: &Provider) -> Result<Request<Vec<u8>>, CallError> {
        let base = provider.service_base().ok_or(CallError::NoServiceBase)?;
        let base = base.to_string();
        let joint = if base.ends_with('/') { "" } else { "/" };
        let mut uri = format!("{base}{joint}{}", self.function);
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
        let mut request = Request::new(Vec::new());
        *request.method_mut() = Method::GET;
        *request.uri_mut() = uri.parse::<Uri>().map_err(|_| CallError::TooLong)?;
        request
            .headers_mut()
            .insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        Ok(request)
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
        self.read(response)
            .map_err(|error| match content_coding(response.headers()) {
                Some(coding) => error.of_encoded(coding),
                None => error,
            })
    }

    fn read<B: AsRef<[u8]>>(&self, response: &Response<B>) -> Result<JsonAnswer, ServiceError> {
        let body = response.body().as_ref();
        let mut status = response.status().as_u16();
        let json = match &self.callback {
            // A proxy's page is no JSONP; its status says more than its first byte. A service that
            // ignores the callback answers with plain JSON, which is as good.
            Some(callback) if response.status().is_success() && !is_json(response.headers()) => {
                let found = jsonp::parse(body, callback)
                    .map_err(|error| bare(ServiceErrorKind::NotJsonp(error), status))?;
                status = found.status.unwrap_or(status);
                found.json
            }
            Some(_) | None => body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body),
        };
        let value = read(json);
        let failed = value
            .as_ref()
            .is_some_and(|value| value.get("IsError") == Some(&Value::Bool(true)));
        match value {
            Some(value) if (200..300).contains(&status) && !failed => Ok(JsonAnswer {
                json: json.to_vec(),
                value,
            }),
            value => Err(error(status, value.as_ref())),
        }
    }
}

/// Reads JSON, if the bytes are JSON. A number that no float can hold is still JSON.
fn read(json: &[u8]) -> Option<Value> {
    match serde_json::from_slice(json) {
        Ok(value) => Some(value),
        Err(_) => serde_json::from_slice::<IgnoredAny>(json)
            .is_ok()
            .then_some(Value::Null),
    }
}

fn bare(kind: ServiceErrorKind, status: u16) -> ServiceError {
    ServiceError {
        kind,
        status,
        status_text: None,
        message: None,
        content_coding: None,
    }
}

/// The documented error object: `IsError`, `ErrorMessage`, `Status`.
fn error(status: u16, value: Option<&Value>) -> ServiceError {
    let text = |name| {
        let text = value?.get(name)?.as_str()?;
        let kept = text.chars().filter(|c| !c.is_control());
        Some(kept.take(MESSAGE_MAX).collect::<String>())
    };
    let status_text = text("Status");
    let kind = match status {
        401 | 403 => ServiceErrorKind::Unauthorized,
        408 | 425 | 429 | 502..=504 | 300..=399 => ServiceErrorKind::Unavailable,
        500..=599 => ServiceErrorKind::Fault,
        // JSONP without a second argument: the word is all that there is.
        200..=299 => match status_text.as_deref() {
            Some("Unauthorized") => ServiceErrorKind::Unauthorized,
            Some("InternalServerError") => ServiceErrorKind::Fault,
            _ if value.is_some() => ServiceErrorKind::Refused,
            _ => ServiceErrorKind::NotJson,
        },
        _ => ServiceErrorKind::Refused,
    };
    ServiceError {
        status_text,
        message: text("ErrorMessage"),
        ..bare(kind, status)
    }
}

#[cfg(test)]
mod tests;
