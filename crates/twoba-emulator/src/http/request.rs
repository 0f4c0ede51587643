//! Reads requests, with bounds, and recognizes forms.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use hyper::HeaderMap;
use hyper::body::{Body, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderName};
use twoba_sample_services::form::Parameters;

use crate::journal;
use crate::refusal::Refusal;

/// How long a client may take for a head or a body, or be silent between two requests. A client
/// that never ends must not hold a connection for ever.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// The largest body that is read.
const MAX_BODY: usize = 1024 * 1024;

/// The largest body that is read to its end and dropped. A client that is still writing then gets
/// its 413 instead of a broken connection.
const MAX_DISCARDED: usize = 16 * MAX_BODY;

/// Reads a body of at most 1 MiB that arrives in time.
pub(super) async fn body(incoming: Incoming) -> Result<Vec<u8>, Refusal> {
    let arrived = tokio::time::timeout(PATIENCE, whole(incoming)).await;
    arrived.unwrap_or(Err(Refusal::BodyTooSlow))
}

async fn whole(mut incoming: Incoming) -> Result<Vec<u8>, Refusal> {
    let mut read = Vec::new();
    let mut size = 0_usize;
    while let Some(frame) = poll_fn(|context| Pin::new(&mut incoming).poll_frame(context)).await {
        let Ok(data) = frame.map_err(|_| Refusal::BodyCutOff)?.into_data() else {
            continue;
        };
        size = size.saturating_add(data.len());
        if size > MAX_DISCARDED {
            break;
        }
        if size <= MAX_BODY {
            read.extend_from_slice(&data);
        }
    }
    if size > MAX_BODY {
        return Err(Refusal::BodyTooLarge);
    }
    journal::heard(&read);
    Ok(read)
}

/// Reads a form body.
pub(super) async fn form(headers: &HeaderMap, incoming: Incoming) -> Result<Parameters, Refusal> {
    let body = body(incoming).await?;
    if !is_form(headers) {
        return Err(Refusal::WrongContentType);
    }
    Parameters::parse(&body).map_err(|_| Refusal::MalformedForm)
}

/// Whether the body is declared as a form, in UTF-8 or without saying so.
fn is_form(headers: &HeaderMap) -> bool {
    let Some(declared) = only(headers, &CONTENT_TYPE) else {
        return false;
    };
    let mut parts = declared.split(';').map(str::trim);
    let form = parts
        .next()
        .is_some_and(|media| media.eq_ignore_ascii_case("application/x-www-form-urlencoded"));
    form && parts.all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
            value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        Some(_) | None => true,
    })
}

/// The value of a header that occurs exactly once and is visible ASCII.
pub(super) fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        (None | Some(_), _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    #[test]
    fn a_form_is_known_with_and_without_its_charset() {
        for (declared, expected) in [
            ("application/x-www-form-urlencoded", true),
            ("application/x-www-form-urlencoded;charset=UTF-8", true),
            ("Application/X-WWW-Form-Urlencoded; charset=\"utf-8\"", true),
            (
                "application/x-www-form-urlencoded;charset=iso-8859-1",
                false,
            ),
            ("application/json", false),
            ("text/plain", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(declared));
            assert_eq!(is_form(&headers), expected, "{declared}");
        }
        assert!(!is_form(&HeaderMap::new()));
    }
}
