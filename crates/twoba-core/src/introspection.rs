//! Reads a server's statement about a token.

use alloc::string::String;

use http::Response;
use serde::Deserialize;

use crate::answer::{
    AnswerFacts, Malformed, TokenError, Unavailable, failure_beside, malformed, page,
};
use crate::limits::RESPONSE_BODY_MAX;
use crate::media_type::{self, MediaKind};
use crate::time::Timestamp;

/// A server's statement about a token (RFC 7662 section 2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Introspection {
    /// The token is invalid, or another server issued it. Nothing else is known.
    Inactive,
    /// The token is valid now. Ask again before you act on it much later. Never rely on this
    /// statement past `expires_at`.
    Active {
        /// The token's scope.
        scope: Option<String>,
        /// The id of the client that holds the token.
        client_id: Option<String>,
        /// The person's user name.
        username: Option<String>,
        /// The time when the token ends.
        expires_at: Option<Timestamp>,
    },
}

#[derive(Deserialize)]
struct Document {
    active: bool,
    scope: Option<String>,
    client_id: Option<String>,
    username: Option<String>,
    /// RFC 7519 section 2: a NumericDate may have a fraction.
    exp: Option<f64>,
}

/// Judges the answer to an introspection request.
///
/// # Errors
///
/// - the server refused: [`TokenError::Refused`]
/// - the answer says nothing about the token: [`TokenError::Unavailable`]
/// - the answer is no JSON object with a boolean `active`: [`TokenError::Malformed`]
pub fn judge_introspection<B: AsRef<[u8]>>(
    now: Timestamp,
    response: &Response<B>,
) -> Result<Introspection, TokenError> {
    let status = response.status().as_u16();
    let facts = || AnswerFacts::of(response, status, now);
    let body = response.body().as_ref();
    let json = media_type::kind(response.headers()) == MediaKind::Json;
    if body.len() > RESPONSE_BODY_MAX {
        return Err(TokenError::Unavailable(Unavailable::TooLarge, facts()));
    }
    if !response.status().is_success() {
        return Err(failure_beside(status, json.then_some(body), facts()));
    }
    if !json {
        return Err(page(facts()));
    }
    let document: Document = serde_json::from_slice(body)
        .map_err(|_| malformed(Malformed::Member("active"), facts()))?;
    // RFC 7662 section 2.2: of an inactive token nothing else is to be believed.
    if !document.active {
        return Ok(Introspection::Inactive);
    }
    Ok(Introspection::Active {
        scope: document.scope,
        client_id: document.client_id,
        username: document.username,
        expires_at: document.exp.map(seconds),
    })
}

/// The time in whole seconds, kept inside the type's range.
#[expect(
    clippy::cast_possible_truncation,
    reason = "rounded down, and what is out of bounds saturates"
)]
fn seconds(exp: f64) -> Timestamp {
    Timestamp::from_unix_seconds(exp.floor() as i64)
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use http::header::CONTENT_TYPE;

    use super::*;
    use crate::advice::Advice;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1);

    fn answer(status: u16, body: &str) -> Response<String> {
        Response::builder()
            .status(status)
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_string())
            .unwrap()
    }

    // shows: IN1
    #[test]
    fn a_token_is_active_only_by_a_boolean() {
        let active = judge_introspection(NOW, &answer(200, r#"{"active":true,"exp":7.5,"x":[]}"#));
        assert_eq!(
            active,
            Ok(Introspection::Active {
                scope: None,
                client_id: None,
                username: None,
                expires_at: Some(Timestamp::from_unix_seconds(7)),
            })
        );
        let inactive = answer(200, r#"{"active":false,"username":"somebody"}"#);
        assert_eq!(
            judge_introspection(NOW, &inactive),
            Ok(Introspection::Inactive)
        );
        for body in [
            r#"{"active":"true"}"#,
            "{}",
            "[]",
            "",
            r#"{"active":1}"#,
            r#"{"active":null}"#,
        ] {
            let outcome = judge_introspection(NOW, &answer(200, body));
            assert!(matches!(outcome, Err(TokenError::Malformed(..))), "{body}");
        }
    }

    #[test]
    fn a_failure_is_judged_as_everywhere() {
        let refused = judge_introspection(NOW, &answer(401, r#"{"error":"invalid_client"}"#));
        let Err(refused @ TokenError::Refused(_)) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(refused.advice(), Advice::FixConfiguration);
        let unknown = answer(400, r#"{"error":"invalid_grant"}"#);
        let unknown = judge_introspection(NOW, &unknown).unwrap_err();
        assert_eq!(unknown.advice(), Advice::RetryNotBefore(NOW));
        let unread = answer(401, r#"{"error":"invalid_client"}"#);
        let unread = crate::answer::judge_revocation(NOW, &unread).unwrap_err();
        assert_eq!(unread.advice(), Advice::FixConfiguration);
        let down = judge_introspection(NOW, &answer(503, ""));
        assert!(matches!(down, Err(TokenError::Unavailable(..))));
    }
}
