//! Reads the media type of a body by the grammar of `Content-Type`.

use http::HeaderMap;
use http::header::CONTENT_TYPE;

/// The kinds of media type that a judge distinguishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MediaKind {
    /// `application/json`, `text/json` or anything with the suffix `+json`.
    Json,
    /// One of the names of JavaScript, which JSONP answers have.
    JavaScript,
    /// No `Content-Type` at all.
    Missing,
    /// Everything else: pages, plain text, and unreadable values.
    Other,
}

/// Whether the headers claim that the body is JSON: `application/json`, `text/json`, or anything
/// with the suffix `+json`.
#[must_use]
pub fn is_json(headers: &HeaderMap) -> bool {
    kind(headers) == MediaKind::Json
}

/// The kind that the headers claim.
pub(crate) fn kind(headers: &HeaderMap) -> MediaKind {
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return MediaKind::Missing;
    };
    // What nearly every server writes, with or without parameters; the grammar below says
    // the same of it.
    let usual = b"application/json";
    if let Some((start, rest)) = value.as_bytes().split_at_checked(usual.len())
        && start == usual
        && matches!(rest.first(), None | Some(b';'))
        && rest.is_ascii()
    {
        return MediaKind::Json;
    }
    let Some((main, sub)) = value.to_str().ok().and_then(essence) else {
        return MediaKind::Other;
    };
    let is = |name: &str| sub.eq_ignore_ascii_case(name);
    let json_suffix = sub
        .len()
        .checked_sub("+json".len())
        .and_then(|at| sub.get(at..))
        .is_some_and(|end| end.eq_ignore_ascii_case("+json"));
    if main.eq_ignore_ascii_case("application") {
        if is("json") || json_suffix {
            return MediaKind::Json;
        }
        if is("javascript") || is("x-javascript") || is("ecmascript") {
            return MediaKind::JavaScript;
        }
    } else if main.eq_ignore_ascii_case("text") {
        if is("json") {
            return MediaKind::Json;
        }
        if is("javascript") || is("x-javascript") {
            return MediaKind::JavaScript;
        }
    }
    MediaKind::Other
}

/// Type and subtype without parameters. RFC 9110 section 8.3.1 defines both as tokens.
pub(crate) fn essence(value: &str) -> Option<(&str, &str)> {
    let (essence, _) = value.split_once(';').unwrap_or((value, ""));
    let (main, sub) = essence.trim_matches([' ', '\t']).split_once('/')?;
    (is_token(main) && is_token(sub)).then_some((main, sub))
}

fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn kind_of(value: &str) -> MediaKind {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_str(value).unwrap());
        kind(&headers)
    }

    #[test]
    fn json_is_told_by_its_real_grammar() {
        for json in [
            "application/json",
            "application/json;charset=utf-8",
            "Application/JSON ; charset=UTF-8",
            "text/json",
            "application/vnd.example+json",
        ] {
            assert_eq!(kind_of(json), MediaKind::Json, "{json}");
        }
        for script in [
            "text/javascript",
            "application/javascript",
            "application/x-javascript; charset=utf-8",
        ] {
            assert_eq!(kind_of(script), MediaKind::JavaScript, "{script}");
        }
        for other in [
            "application/jsonx",
            "text/html",
            "json",
            "application/",
            "application/json charset",
            "+json",
            "application/\u{e9}+json",
        ] {
            assert_eq!(kind_of(other), MediaKind::Other, "{other}");
        }
        assert_eq!(kind(&HeaderMap::new()), MediaKind::Missing);
    }
}
