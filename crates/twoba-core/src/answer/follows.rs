//! What an answer without a token means for the grant that was presented. Sessions and
//! `TokenError::advice` use the same function.

use super::code::ErrorCode;
use super::error::TokenError;
use super::facts::Follows;
use crate::provider::{Provider, Replay, Rule, Rules};

/// What follows from an answer of this provider.
pub(super) fn follows(error: &TokenError, provider: &Provider) -> Follows {
    match error {
        TokenError::Refused(facts) => {
            let bare = facts.is_bare_bad_request();
            from_refusal(facts.code.as_ref(), bare, provider.rules())
        }
        TokenError::Unavailable(..) => Follows::Nothing,
        // The server meant a success, so it may have rotated: as if no answer had come.
        TokenError::Malformed(..) if provider.replay() == Replay::Never => Follows::Login,
        TokenError::Malformed(..) => Follows::Nothing,
    }
}

/// A structured `invalid_grant` is a verdict on the grant. The provider's rules name further ones.
fn from_refusal(code: Option<&ErrorCode>, bare: bool, rules: Rules) -> Follows {
    let ends = match code {
        Some(ErrorCode::InvalidGrant) => true,
        Some(ErrorCode::InvalidRequest) => rules.has(Rule::InvalidRequestEndsGrant),
        Some(ErrorCode::UnauthorizedClient) => rules.has(Rule::UnauthorizedClientEndsGrant),
        Some(ErrorCode::AccessDenied) => rules.has(Rule::AccessDeniedIsTooEarly),
        Some(_) => false,
        None => bare && rules.has(Rule::BareBadRequestEndsGrant),
    };
    if ends {
        return Follows::Login;
    }
    from_code(code)
}

/// What a refusal that ends no grant means.
pub(super) fn from_code(code: Option<&ErrorCode>) -> Follows {
    match code {
        Some(ErrorCode::InvalidRequest) => Follows::Configuration,
        Some(code) if code.is_configuration() => Follows::Configuration,
        Some(_) | None => Follows::Nothing,
    }
}
