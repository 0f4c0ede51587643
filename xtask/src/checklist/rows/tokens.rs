//! Rows about the token endpoint: what is sent, what is made of the answer, and how it is kept.

use super::Level::{Both, Derived, Must, Should};
use super::{Row, row};

pub(super) const REQUEST: &[Row] = &[
    row(
        "TK1",
        Must,
        "RFC 6749 3.2; OAuth 2.1 3.2",
        "requests are POSTs, no parameter stands twice, an empty one is left out",
    ),
    row(
        "TK2",
        Must,
        "RFC 6749 appendix B",
        "fields are UTF-8, form-encoded, with `+` for a space",
    ),
    row(
        "TK3",
        Must,
        "RFC 6749 2.3; OAuth 2.1 2.4",
        "a client proves itself in one way at a time",
    ),
    row(
        "TK4",
        Must,
        "RFC 6749 2.3.1",
        "HTTP Basic carries id and secret form-encoded",
    ),
    row(
        "TK5",
        Both,
        "RFC 6749 2.3.1; OAuth 2.1 2.4.1",
        "the secret goes into the header or the body, never into an address",
    ),
    row(
        "TK6",
        Must,
        "RFC 6749 3.2.1, 4.1.3, 6",
        "a client without a secret says its id, one with a secret proves itself at every grant",
    ),
    row(
        "TK7",
        Must,
        "RFC 6749 4.1.3; OAuth 2.1 10.2",
        "the redirect URI is the same, byte for byte, in both requests of a login",
    ),
    row("TK8", Must, "RFC 7636 4.5", "a code goes with its verifier"),
    row(
        "TK9",
        Should,
        "RFC 9700 2.5",
        "there is room for client authentication by key pair",
    ),
    row(
        "TK10",
        Must,
        "RFC 9700 2.4; OAuth 2.1 leaves it out",
        "the password grant is not used",
    ),
    row(
        "TK11",
        Must,
        "RFC 6749 4.3.1",
        "a password is dropped as soon as there is a token",
    ),
    row(
        "TK12",
        Must,
        "RFC 6749 6",
        "a refresh asks for no more scope than was granted",
    ),
    row(
        "TK13",
        Derived,
        "RFC 9700 4.12, and what HTTP libraries do",
        "a request with credentials follows no redirect",
    ),
];

pub(super) const RESPONSE: &[Row] = &[
    row(
        "TR1",
        Both,
        "RFC 6749 5.1; OAuth 2.1 3.2.3",
        "unknown members are passed over, and tokens have any size",
    ),
    row(
        "TR2",
        Derived,
        "RFC 6749 5.1",
        "a success has an access token and a token type, both of them text",
    ),
    row(
        "TR3",
        Must,
        "RFC 6749 7.1",
        "a token of an unknown type is not used; the type's case means nothing",
    ),
    row(
        "TR4",
        Derived,
        "RFC 6749 5.1",
        "each way to write `expires_in`, and none, has a stated meaning",
    ),
    row(
        "TR5",
        Must,
        "RFC 6749 3.3, 5.1",
        "a scope other than the one asked for is told; none means the same",
    ),
    row(
        "TR6",
        Must,
        "RFC 6749 6; OAuth 2.1 4.3.3",
        "a new refresh token takes the place of the old one, which else stays",
    ),
    row(
        "TR7",
        Must,
        "RFC 6749 5.2",
        "a refusal is read from its body, and from its status where that is all",
    ),
    row(
        "TR8",
        Derived,
        "RFC 6749 5.2, and what servers and proxies do",
        "an error with status 200 is an error, and a page is no answer",
    ),
    row(
        "TR9",
        Must,
        "OAuth 2.1 1.4",
        "nothing is read out of an access token",
    ),
    row(
        "TR10",
        Should,
        "OAuth 2.1 appendix C.3",
        "`null` in place of a member has one stated meaning",
    ),
    row(
        "TR11",
        Derived,
        "RFC 8259",
        "length, depth, repetition, byte order mark, encoding and trailing bytes are bounded",
    ),
];

pub(super) const REFRESH: &[Row] = &[
    row(
        "RF1",
        Must,
        "RFC 6749 10.3, 10.4; OAuth 2.1 4.3",
        "tokens are for their owner's eyes, and a refresh token for its server and client",
    ),
    row(
        "RF2",
        Must,
        "RFC 9700 2.2.2, 4.14.2; OAuth 2.1 4.3.1",
        "rotation is kept up with, and the end of a grant is told with its cause",
    ),
    row(
        "RF3",
        Derived,
        "RFC 9700 4.14.2",
        "a refresh token that was spent is not presented",
    ),
    row(
        "RF4",
        Derived,
        "RFC 6749 10.8",
        "a stored refresh token goes to no other server than the one it came from",
    ),
];
