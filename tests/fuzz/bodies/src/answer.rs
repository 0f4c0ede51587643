//! The answer of a token endpoint: what may be believed of it, whoever wrote it.

use std::sync::LazyLock;
use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use serde_json::Value;
use twoba_core::jsonp::{self, CallbackName};
use twoba_core::limits::{LIFETIME_MAX, TOKEN_MAX};
use twoba_core::{
    Advice, Lifetime, Provider, Rules, Timestamp, TokenError, TokenResponse, judge,
    judge_introspection, judge_revocation,
};

use crate::choice::pick;
use crate::shown::{assert_fit_to_print, assert_stripped};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

/// The callback that the last provider asks for.
static CALLBACK: LazyLock<Option<CallbackName>> = LazyLock::new(|| CallbackName::parse("cb").ok());

static PROVIDERS: LazyLock<[Provider; 4]> = LazyLock::new(|| {
    let calling = CALLBACK
        .clone()
        .map(|callback| Provider::two_ba().with_callback(callback));
    [
        Provider::two_ba(),
        Provider::two_ba().with_rules(Rules::standard()),
        Provider::two_ba().strict(),
        calling.unwrap_or_else(Provider::two_ba),
    ]
});

/// The same providers, forgiving nothing.
static STRICT: LazyLock<[Provider; 4]> = LazyLock::new(|| PROVIDERS.clone().map(Provider::strict));

const MEDIA_TYPES: [Option<&str>; 8] = [
    Some("application/json"),
    Some("application/json;charset=utf-8"),
    None,
    Some("text/html"),
    Some("text/javascript"),
    Some("application/problem+json"),
    Some("application/x-javascript; charset=utf-8"),
    Some("text/plain"),
];

const STATUSES: [u16; 16] = [
    200, 400, 401, 500, 503, 429, 302, 201, 204, 403, 404, 408, 425, 502, 299, 599,
];

/// Judges an answer: three choices (provider, media type, status), then the body.
///
/// # Panics
///
/// - judging is not deterministic, or a token comes out that breaks a header, that a plain
///   JSON parser does not see, or that no rule allows
/// - an error is unbounded, has control characters, or contradicts the status
pub fn answer(data: &[u8]) {
    let Some((&[provider, media_type, status], body)) = data.split_first_chunk() else {
        return;
    };
    let (Some(provider), Some(strict), Some(media_type), Some(status)) = (
        pick(PROVIDERS.as_slice(), provider),
        pick(STRICT.as_slice(), provider),
        pick(&MEDIA_TYPES, media_type),
        pick(&STATUSES, status),
    ) else {
        return;
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(*status).unwrap_or_default();
    if let Some(media_type) = media_type {
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    }

    let outcome = judge(provider, NOW, &response);
    assert_eq!(outcome, judge(provider, NOW, &response));
    let json = read_another_way(provider, &response);
    match &outcome {
        Ok(granted) => assert_granted(provider, granted, json.as_ref()),
        Err(error) => assert_error(error, &response, provider.callback().is_none()),
    }
    // Forgiving more never changes what was fine without.
    if let Ok(strictly) = judge(strict, NOW, &response) {
        assert_eq!(strictly.forgiven, Rules::strict());
        assert_eq!(outcome, Ok(strictly));
    }
    other_judges(&response);
}

/// The JSON of a success, by a parser that knows nothing of tokens; with the real status.
fn read_another_way(provider: &Provider, response: &Response<&[u8]>) -> Option<(u16, Value)> {
    let status = response.status().as_u16();
    let body = *response.body();
    let called = provider
        .callback()
        .and_then(|callback| jsonp::parse(body, callback).ok());
    let (status, json) = match called {
        Some(called) => (called.status.unwrap_or(status), called.json),
        None => (status, body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)),
    };
    Some((status, serde_json::from_slice(json).ok()?))
}

fn assert_granted(provider: &Provider, granted: &TokenResponse, json: Option<&(u16, Value)>) {
    let token = granted.access_token.expose();
    assert!((1..=TOKEN_MAX).contains(&token.len()));
    assert!(token.bytes().all(|b| b.is_ascii_graphic()), "{token:?}");
    assert!(HeaderValue::from_str(&format!("Bearer {token}")).is_ok());
    if let Some(token) = &granted.refresh_token {
        let token = token.expose();
        assert!((1..=TOKEN_MAX).contains(&token.len()));
        assert!(token.bytes().all(|b| matches!(b, b' '..=b'~')), "{token:?}");
    }
    if let Lifetime::Known(lifetime) = granted.lifetime {
        assert!((Duration::from_secs(1)..=LIFETIME_MAX).contains(&lifetime));
        assert_eq!(lifetime.subsec_nanos(), 0);
    }
    let allowed = provider.rules();
    assert!(granted.forgiven.iter().all(|rule| allowed.has(rule)));

    let Some((status, json)) = json else {
        panic!("a token came out of what another parser cannot read");
    };
    assert!(
        *status == 200 || ((201..300).contains(status) && granted.forgiven != Rules::strict()),
        "a token out of status {status}"
    );
    let text = |name: &str| json.get(name).and_then(Value::as_str);
    assert_eq!(text("access_token"), Some(token));
    assert_eq!(
        text("error").unwrap_or_default(),
        "",
        "an error beside a token"
    );
    let refresh = text("refresh_token").filter(|token| !token.is_empty());
    assert_eq!(
        refresh,
        granted.refresh_token.as_ref().map(|token| token.expose())
    );
    assert_eq!(text("scope"), granted.scope.as_deref());
    if let Some(seconds) = json.get("expires_in").and_then(Value::as_u64) {
        let told = Duration::from_secs(seconds).min(LIFETIME_MAX);
        let expected = match seconds {
            0 => Lifetime::Expired,
            _ => Lifetime::Known(told),
        };
        assert_eq!(granted.lifetime, expected);
    }
}

fn assert_error(error: &TokenError, response: &Response<&[u8]>, plain: bool) {
    assert_fit_to_print(error);
    let facts = error.facts();
    assert_eq!(facts.body_len, response.body().len());
    assert_eq!(facts.received_at, NOW);
    for text in [
        facts.description.as_deref(),
        facts.code.as_ref().map(|code| code.as_str()),
    ] {
        assert_stripped(text.unwrap_or_default());
    }
    let refused = matches!(error, TokenError::Refused(_));
    // Who says nothing of the request has nothing to say about it.
    assert!(refused || (facts.code.is_none() && facts.description.is_none()));
    match error {
        TokenError::Unavailable(..) | TokenError::Malformed(..) => {
            assert_eq!(error.advice(), Advice::RetryNotBefore(NOW));
        }
        TokenError::Refused(_) | _ => assert_ne!(error.advice(), Advice::Report),
    }
    if plain {
        assert_eq!(facts.status, response.status().as_u16());
    }
    match facts.status {
        // A success is refused only by an `error` in it.
        200..=299 => {}
        408 | 425 | 429 | 300..=399 | 500.. => assert!(!refused, "{error:?}"),
        _ => assert!(refused, "{error:?}"),
    }
}

/// Revocation and introspection see the same answers.
fn other_judges(response: &Response<&[u8]>) {
    let success = response.status().is_success();
    let revoked = judge_revocation(NOW, response);
    assert_eq!(revoked.is_ok(), success);
    let known = judge_introspection(NOW, response);
    assert_eq!(known, judge_introspection(NOW, response));
    assert!(known.is_err() || success);
    for error in [revoked.err(), known.err()].into_iter().flatten() {
        assert_fit_to_print(&error);
    }
}
