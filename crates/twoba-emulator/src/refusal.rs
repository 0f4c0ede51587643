//! The names of refusals in the journal and on the wire.

use serde::Serialize;

/// Why a request to the token, revocation or introspection endpoint was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Refusal {
    /// The body is larger than 1 MiB.
    BodyTooLarge,
    /// The body broke off.
    BodyCutOff,
    /// The body did not arrive within 30 seconds.
    BodyTooSlow,
    /// The content type is not `application/x-www-form-urlencoded`.
    WrongContentType,
    /// The body or query is not form encoded. It has a broken percent escape or is no UTF-8.
    MalformedForm,
    /// A parameter occurs twice.
    RepeatedParameter,
    /// A required parameter is absent or empty.
    MissingParameter,
    /// A secret or grant was put into the URL.
    ParameterInUrl,
    /// The JSONP callback is not a dotted identifier.
    BadCallback,
    /// The server does not know the grant type.
    UnsupportedGrantType,
    /// The `Authorization` header is not a readable Basic one.
    MalformedClientAuthentication,
    /// The client authenticated in the header and in the body.
    TwoClientAuthentications,
    /// No client id was given.
    NoClient,
    /// No client has this id.
    UnknownClient,
    /// The client's secret is wrong or missing, or the client should have none.
    WrongClientSecret,
    /// The client's assertion cannot be read, or is of another type.
    MalformedAssertion,
    /// The assertion does not belong to the named client.
    WrongAssertionClient,
    /// No key of the client has signed the assertion.
    WrongAssertionSignature,
    /// The assertion is for another server.
    WrongAssertionAudience,
    /// The assertion has expired, or is not valid yet.
    ExpiredAssertion,
    /// The assertion was used before.
    RepeatedAssertion,
    /// The client may not ask for a scope, or there is no scope of that name.
    UnknownScope,
    /// The client may not use this grant.
    GrantNotAllowed,
    /// User name or password is wrong.
    WrongPassword,
    /// The refresh token was never issued here.
    UnknownRefreshToken,
    /// The refresh token belongs to another client.
    ForeignRefreshToken,
    /// The refresh token was used before.
    SpentRefreshToken,
    /// The refresh token was used before, and the policy answers 401 `unauthorized_client`.
    SpentAsUnauthorized,
    /// The refresh token was unused for too long.
    ExpiredRefreshToken,
    /// The family of the refresh token got no tokens for too long.
    IdleRefreshToken,
    /// The access token still lives too long. The refresh token stays valid.
    TooEarly,
    /// The family of the token has ended.
    FamilyEnded,
    /// The code was never issued here, or was forgotten since.
    UnknownCode,
    /// The code belongs to another client.
    ForeignCode,
    /// The code was used before.
    SpentCode,
    /// The code is too old.
    ExpiredCode,
    /// The redirect URI is not the one of the authorization request.
    WrongRedirectUri,
    /// The PKCE verifier is absent or wrong, or there should be none.
    WrongCodeVerifier,
    /// The token to revoke belongs to another client.
    ForeignToken,
    /// A client without a secret asked about a token.
    PublicClient,
}

impl Refusal {
    /// The `error` of RFC 6749 section 5.2.
    #[must_use]
    pub const fn oauth_code(self) -> &'static str {
        match self {
            Self::BodyTooLarge
            | Self::BodyCutOff
            | Self::BodyTooSlow
            | Self::WrongContentType
            | Self::MalformedForm
            | Self::RepeatedParameter
            | Self::MissingParameter
            | Self::ParameterInUrl
            | Self::BadCallback
            | Self::TwoClientAuthentications => "invalid_request",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::MalformedClientAuthentication
            | Self::NoClient
            | Self::UnknownClient
            | Self::MalformedAssertion
            | Self::WrongAssertionClient
            | Self::WrongAssertionSignature
            | Self::WrongAssertionAudience
            | Self::ExpiredAssertion
            | Self::RepeatedAssertion
            | Self::WrongClientSecret => "invalid_client",
            Self::UnknownScope => "invalid_scope",
            Self::GrantNotAllowed | Self::PublicClient | Self::SpentAsUnauthorized => {
                "unauthorized_client"
            }
            Self::TooEarly => "access_denied",
            Self::WrongPassword
            | Self::UnknownRefreshToken
            | Self::ForeignRefreshToken
            | Self::SpentRefreshToken
            | Self::ExpiredRefreshToken
            | Self::IdleRefreshToken
            | Self::FamilyEnded
            | Self::UnknownCode
            | Self::ForeignCode
            | Self::SpentCode
            | Self::ExpiredCode
            | Self::WrongRedirectUri
            | Self::WrongCodeVerifier
            | Self::ForeignToken => "invalid_grant",
        }
    }

    /// The status of the answer.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::BodyTooLarge => 413,
            Self::BodyTooSlow => 408,
            // RFC 6749 section 5.2: 401 is a must after a header and allowed after a form body.
            Self::MalformedClientAuthentication
            | Self::NoClient
            | Self::UnknownClient
            | Self::WrongClientSecret
            | Self::MalformedAssertion
            | Self::WrongAssertionClient
            | Self::WrongAssertionSignature
            | Self::WrongAssertionAudience
            | Self::ExpiredAssertion
            | Self::RepeatedAssertion
            | Self::SpentAsUnauthorized => 401,
            Self::BodyCutOff
            | Self::WrongContentType
            | Self::MalformedForm
            | Self::RepeatedParameter
            | Self::MissingParameter
            | Self::ParameterInUrl
            | Self::BadCallback
            | Self::TwoClientAuthentications
            | Self::UnsupportedGrantType
            | Self::GrantNotAllowed
            | Self::UnknownScope
            | Self::WrongPassword
            | Self::UnknownRefreshToken
            | Self::ForeignRefreshToken
            | Self::SpentRefreshToken
            | Self::ExpiredRefreshToken
            | Self::IdleRefreshToken
            | Self::TooEarly
            | Self::FamilyEnded
            | Self::UnknownCode
            | Self::ForeignCode
            | Self::SpentCode
            | Self::ExpiredCode
            | Self::WrongRedirectUri
            | Self::WrongCodeVerifier
            | Self::ForeignToken
            | Self::PublicClient => 400,
        }
    }

    /// Whether the refusal concerns a refresh token, which 2BA refuses with a bare 400.
    pub(crate) const fn is_about_a_refresh_token(self) -> bool {
        matches!(
            self,
            Self::UnknownRefreshToken
                | Self::ForeignRefreshToken
                | Self::SpentRefreshToken
                | Self::ExpiredRefreshToken
                | Self::IdleRefreshToken
                | Self::TooEarly
                | Self::FamilyEnded
        )
    }

    /// The `error_description`: plain ASCII without quotes, which fits JSON and URLs unescaped.
    pub(crate) const fn description(self) -> &'static str {
        match self {
            Self::BodyTooLarge => "the body is over 1 MiB",
            Self::BodyCutOff => "the body did not arrive whole",
            Self::BodyTooSlow => "the body did not arrive in time",
            Self::WrongContentType => "the content type is not application/x-www-form-urlencoded",
            Self::MalformedForm => "the form encoding is broken",
            Self::RepeatedParameter => "a parameter occurs twice",
            Self::MissingParameter => "a required parameter is missing",
            Self::ParameterInUrl => "a secret or grant must not be in the URL",
            Self::BadCallback => "the callback is not a dotted identifier",
            Self::UnsupportedGrantType => "the grant type is not supported",
            Self::MalformedClientAuthentication => "the Authorization header is not readable Basic",
            Self::TwoClientAuthentications => "the client authenticated in two ways",
            Self::NoClient => "no client was named",
            Self::UnknownClient | Self::WrongClientSecret => {
                "the client is unknown or its secret is wrong"
            }
            Self::MalformedAssertion => "the client assertion cannot be read",
            Self::WrongAssertionClient => "the client assertion is of another client",
            Self::WrongAssertionSignature => "the client assertion is not signed by its key",
            Self::WrongAssertionAudience => "the client assertion is for another server",
            Self::ExpiredAssertion => "the client assertion has ended or is not good yet",
            Self::RepeatedAssertion => "the client assertion was used before",
            Self::UnknownScope => "the scope is unknown or not for this client",
            Self::GrantNotAllowed => "the client may not use this grant",
            Self::WrongPassword => "user name or password is wrong",
            Self::UnknownRefreshToken => "the refresh token is unknown",
            Self::ForeignRefreshToken => "the refresh token belongs to another client",
            Self::SpentRefreshToken | Self::SpentAsUnauthorized => {
                "the refresh token was used before"
            }
            Self::ExpiredRefreshToken => "the refresh token has expired",
            Self::IdleRefreshToken => "the authorization was not used for too long",
            Self::TooEarly => "the access token is still good",
            Self::FamilyEnded => "the authorization has ended",
            Self::UnknownCode => "the code is unknown",
            Self::ForeignCode => "the code belongs to another client",
            Self::SpentCode => "the code was used before",
            Self::ExpiredCode => "the code has expired",
            Self::WrongRedirectUri => "the redirect URI is not that of the authorization request",
            Self::WrongCodeVerifier => "the code verifier does not fit the challenge",
            Self::ForeignToken => "the token belongs to another client",
            Self::PublicClient => "a client without a secret may not ask about tokens",
        }
    }
}

/// Why a service refused the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BearerRefusal {
    /// No Bearer token was sent.
    NoToken,
    /// The token was never issued here.
    UnknownToken,
    /// The token has expired.
    Expired,
    /// The token was revoked, alone or with its family.
    Revoked,
}
