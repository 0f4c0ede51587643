//! How a client authenticates: the headers and the form fields of each request.

use alloc::vec::Vec;

use base64ct::{Base64, Encoding};
use http::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use zeroize::Zeroizing;

use crate::form;
use crate::secret::ClientSecret;

const FORM_MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
const JSON_MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/json");

/// The headers of every request of a client.
pub(super) fn headers(basic: Option<HeaderValue>) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(4);
    headers.insert(CONTENT_TYPE, FORM_MEDIA_TYPE);
    headers.insert(ACCEPT, JSON_MEDIA_TYPE);
    // RFC 9110 section 12.5.3: without it a server may choose any coding.
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    if let Some(basic) = basic {
        headers.insert(AUTHORIZATION, basic);
    }
    headers
}

/// The form fields that name a client. With a secret, they also authenticate it.
pub(super) fn credentials(id: &str, secret: Option<&ClientSecret>) -> Zeroizing<Vec<u8>> {
    let secret = secret.map_or("", ClientSecret::expose);
    encoded(&[("client_id", id), ("client_secret", secret)])
}

/// Encodes the fields of a form, without leaving a copy that is not wiped.
pub(super) fn encoded(fields: &[(&str, &str)]) -> Zeroizing<Vec<u8>> {
    let mut body = Zeroizing::new(Vec::with_capacity(form::encoded_fields_len(fields)));
    form::push_fields(&mut body, fields);
    body
}

/// The `Authorization` header of HTTP Basic; `encode` writes each half.
pub(super) fn basic(id: &str, secret: &str, encode: fn(&mut Vec<u8>, &str)) -> Option<HeaderValue> {
    let room = 3 * (id.len() + secret.len()) + 1;
    let mut pair = Zeroizing::new(Vec::with_capacity(room));
    encode(&mut pair, id);
    pair.push(b':');
    encode(&mut pair, secret);
    let encoded = Zeroizing::new(Base64::encode_string(&pair));
    // Base64 is printable ASCII, so the value always exists.
    let mut value = HeaderValue::try_from(alloc::format!("Basic {}", encoded.as_str())).ok()?;
    value.set_sensitive(true);
    Some(value)
}
