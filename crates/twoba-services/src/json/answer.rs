//! What an answer of JSON says, of whichever service: a value, a value of a type, or an error.

use http::Response;
use serde::de::IgnoredAny;
use serde_json::de::SliceRead;
use serde_json::error::Category;
use serde_json::{Deserializer, Value};

use crate::error::{ServiceError, ServiceErrorKind};
use crate::refusal::{self, Said};

/// How many records a typed answer may have: a maker's whole assortment with its features.
const RECORDS_MAX: usize = 250_000;

/// What a JSON service answered.
#[derive(Debug, Clone, PartialEq)]
pub struct JsonAnswer {
    json: Vec<u8>,
    value: Value,
}

impl JsonAnswer {
    /// The JSON as the service wrote it, without the call around it that JSONP has.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.json
    }

    /// The JSON, read. Numbers lose digits that a float of 64 bits does not have, and an answer with a
    /// number beyond its range is [`Value::Null`] as a whole: [`as_bytes`](Self::as_bytes) has all of
    /// it.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }
}

/// What an answer of JSON says, of any service.
pub(crate) fn judge(response: &Response<Vec<u8>>) -> Result<JsonAnswer, ServiceError> {
    let json = without_mark(response.body());
    untyped(json, response.status().as_u16()).map_err(|error| error.of_answer(response.headers()))
}

/// What an answer of JSON says, of any service, read by `read` and not as anything else.
pub(crate) fn judge_by<'r, T>(
    response: &'r Response<Vec<u8>>,
    read: ReadBy<'r, T>,
) -> Result<T, ServiceError> {
    let json = without_mark(response.body());
    let found = typed(json, response.status().as_u16(), read);
    found.map_err(|error| error.of_answer(response.headers()))
}

/// How JSON is read as a type.
pub(crate) type ReadBy<'r, T> = fn(&mut Deserializer<SliceRead<'r>>) -> serde_json::Result<T>;

pub(super) fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

pub(super) fn untyped(json: &[u8], status: u16) -> Result<JsonAnswer, ServiceError> {
    let value = read(json);
    let is_error = refusal::is_error_object(json);
    match value {
        Some(_) if (200..300).contains(&status) && !is_error && !is_utf8(json) => {
            Err(ServiceError::bare(ServiceErrorKind::NotUtf8, status))
        }
        Some(value) if (200..300).contains(&status) && !is_error => Ok(JsonAnswer {
            json: json.to_vec(),
            value,
        }),
        value => Err(refused(status, value.as_ref())),
    }
}

pub(super) fn typed<'r, T>(
    json: &'r [u8],
    status: u16,
    read_answer: ReadBy<'r, T>,
) -> Result<T, ServiceError> {
    if !(200..300).contains(&status) || refusal::is_error_object(json) {
        return Err(refused(status, read(json).as_ref()));
    }
    // A value of a type takes far more room than the two bytes of an empty record.
    if memchr::memchr_iter(b'{', json).count() > RECORDS_MAX {
        return Err(ServiceError::bare(ServiceErrorKind::TooLarge, status));
    }
    let mut reader = Deserializer::from_slice(json);
    let found = read_answer(&mut reader);
    let found = found.and_then(|found| reader.end().map(|()| found));
    found.map_err(|error| {
        let kind = match error.classify() {
            Category::Data => departs(&error),
            Category::Syntax if !is_utf8(json) && read(json).is_some() => ServiceErrorKind::NotUtf8,
            Category::Io | Category::Syntax | Category::Eof => ServiceErrorKind::NotJson,
        };
        ServiceError::bare(kind, status)
    })
}

/// Where JSON of another form departs from the expected one. The library's own message repeats what
/// stands there.
pub(crate) fn departs(error: &serde_json::Error) -> ServiceErrorKind {
    let bounded = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    ServiceErrorKind::Unexpected {
        line: bounded(error.line()),
        column: bounded(error.column()),
    }
}

/// The JSON, if it is some. A number that no float can hold is JSON all the same.
fn read(json: &[u8]) -> Option<Value> {
    match serde_json::from_slice(json) {
        Ok(value) => Some(value),
        Err(_) => serde_json::from_slice::<IgnoredAny>(json)
            .is_ok()
            .then_some(Value::Null),
    }
}

fn is_utf8(json: &[u8]) -> bool {
    std::str::from_utf8(json).is_ok()
}

/// The error that an answer holds instead of data.
fn refused(status: u16, value: Option<&Value>) -> ServiceError {
    refusal::error(status, value.map(Said::by), ServiceErrorKind::NotJson)
}
