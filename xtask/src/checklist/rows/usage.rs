//! Rows about calling services, and about the endpoints beside the token endpoint.

use super::Level::{Derived, Must, Should};
use super::{Row, row};

pub(super) const CALLS: &[Row] = &[
    row(
        "US1",
        Must,
        "RFC 6750 2; OAuth 2.1 5.1",
        "a call carries its token in one place",
    ),
    row(
        "US2",
        Should,
        "RFC 6750 2.1; OAuth 2.1 5.1.1",
        "that place is the header, and no token can break it",
    ),
    row(
        "US3",
        Must,
        "RFC 6750 2.2; OAuth 2.1 5.1.2",
        "a token in a body is for forms of one part, and never for GET",
    ),
    row(
        "US4",
        Must,
        "RFC 6750 2.3; OAuth 2.1 5.1",
        "a token is never in a query",
    ),
    row(
        "US5",
        Must,
        "RFC 6750 5.2, 5.3; OAuth 2.1 7.1.3",
        "a token travels by TLS with the certificate checked, and follows no redirect elsewhere",
    ),
    row(
        "US6",
        Derived,
        "RFC 6750 3, 3.1; OAuth 2.1 5.3",
        "a challenge decides whether another token would help",
    ),
    row(
        "US7",
        Must,
        "RFC 9700 2.3, 4.9.3, 4.10",
        "a token goes to the services that it is for",
    ),
    row(
        "US8",
        Derived,
        "RFC 6750 3.1, and what many callers at once do",
        "a late 401 to an older token costs no refresh",
    ),
];

pub(super) const OTHERS: &[Row] = &[
    row(
        "MD1",
        Must,
        "RFC 8414 3, 3.1",
        "metadata is fetched by https from between host and path",
    ),
    row(
        "MD2",
        Must,
        "RFC 8414 3.3",
        "metadata of another issuer is not used",
    ),
    row(
        "MD3",
        Must,
        "RFC 8414 6.1, 6.2",
        "endpoints that metadata names are as safe as configured ones",
    ),
    row(
        "MD4",
        Should,
        "RFC 9700 2.6; RFC 8414 2",
        "metadata can take the place of settings, and absent members have their defaults",
    ),
    row(
        "RV1",
        Must,
        "RFC 7009 2, 2.1",
        "a revocation is a POST by https, with the token and the client's proof",
    ),
    row(
        "RV2",
        Must,
        "RFC 7009 2.2",
        "status 200 means revoked, whatever the body and whether the token was known",
    ),
    row(
        "RV3",
        Must,
        "RFC 7009 2.2.1",
        "503 means that the token lives, and `unsupported_token_type` is told",
    ),
    row(
        "RV4",
        Derived,
        "RFC 7009 2.3",
        "JSONP is taken apart and never run, and the callback's name is checked",
    ),
    row(
        "RV5",
        Derived,
        "what people expect of a logout",
        "a logout is done here in bounded time, whatever the server does",
    ),
    row(
        "IN1",
        Must,
        "RFC 7662 2.1, 2.2",
        "introspection is a POST with the client's proof; only a true `active` is believed",
    ),
    row(
        "IN2",
        Should,
        "RFC 7662 4",
        "an introspection answer is not kept past the token's end",
    ),
    row(
        "DV1",
        Must,
        "RFC 8628 3.2, 3.5",
        "a device polls no faster than it was told",
    ),
    row(
        "DV2",
        Must,
        "RFC 8628 3.5",
        "a device stops polling at a refusal or at the end",
    ),
];
