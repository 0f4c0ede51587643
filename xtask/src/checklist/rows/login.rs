//! Rows about the login page: what is asked of it, what comes back, and where.

use super::Level::{Derived, Must, Should};
use super::{Row, row};

pub(super) const REQUEST: &[Row] = &[
    row(
        "AZ1",
        Must,
        "RFC 9700 2.1.1; OAuth 2.1 4.1.1; RFC 8252 8.1",
        "each request for a code carries a PKCE challenge, a public client's above all",
    ),
    row(
        "AZ2",
        Must,
        "RFC 7636 4.2; OAuth 2.1 4.1.1",
        "the challenge method is S256",
    ),
    row(
        "AZ3",
        Must,
        "RFC 7636 4.1, 7.1",
        "a verifier has 43 to 128 unreserved characters with 256 bits of chance, and serves one login",
    ),
    row(
        "AZ4",
        Must,
        "RFC 7636 7.2",
        "a server that refuses S256 is not asked again with plain",
    ),
    row(
        "AZ5",
        Must,
        "RFC 9700 2.1.1",
        "a challenge belongs to one login in one browser",
    ),
    row(
        "AZ6",
        Should,
        "RFC 9700 2.1.1, 4.8.2; OAuth 2.1 7.10",
        "metadata tells whether the server knows PKCE; where it does not, something else wards off forged answers",
    ),
    row(
        "AZ7",
        Must,
        "RFC 6749 10.10, 10.12; RFC 9700 2.1, 4.7.1; OAuth 2.1 2.3.3",
        "an answer is tied to the browser that asked, by a value that nobody guesses",
    ),
    row(
        "AZ8",
        Must,
        "OAuth 2.1 4.1.1",
        "state and scope reveal nothing that is not for the public",
    ),
    row(
        "AZ9",
        Must,
        "RFC 6749 3.1",
        "a query of the endpoint stays, no parameter stands twice, an empty one is left out",
    ),
    row(
        "AZ10",
        Must,
        "RFC 6749 3.1.2",
        "a redirect URI is absolute and has no fragment",
    ),
    row(
        "AZ11",
        Must,
        "RFC 9700 2.1.2; OAuth 2.1 leaves it out",
        "no token is asked for in a redirect",
    ),
    row(
        "AZ12",
        Should,
        "RFC 9700 2.3; OAuth 2.1 7.3.2",
        "no more scope is asked for than was wanted",
    ),
    row(
        "AZ13",
        Must,
        "RFC 6749 10.9; OAuth 2.1 1.5",
        "the server is spoken to by TLS, and its certificate is checked",
    ),
    row(
        "AZ14",
        Must,
        "RFC 9700 2.6; OAuth 2.1 1.5",
        "a code comes back by plain http on this machine only",
    ),
];

pub(super) const RESPONSE: &[Row] = &[
    row(
        "AR1",
        Must,
        "RFC 6749 4.1.2, 4.1.2.1; OAuth 2.1 4.1.2",
        "unknown parameters are passed over",
    ),
    row(
        "AR2",
        Derived,
        "RFC 6749 3.1",
        "an answer with `code`, `state`, `iss` or `error` twice is malformed",
    ),
    row(
        "AR3",
        Must,
        "RFC 9207 2.4",
        "`iss` is decoded and compared letter by letter with the issuer that was asked",
    ),
    row(
        "AR4",
        Must,
        "RFC 9207 2.4",
        "an answer without `iss` is refused where the server announced to send it",
    ),
    row(
        "AR5",
        Should,
        "RFC 9207 2.4",
        "an `iss` that nobody announced is treated by a stated rule",
    ),
    row(
        "AR6",
        Must,
        "RFC 9207 2",
        "`iss` of an error is checked before the error is believed",
    ),
    row(
        "AR7",
        Must,
        "RFC 9700 2.1, 4.4.2.1, 4.4.2.2; RFC 8252 8.10; OAuth 2.1 7.15",
        "each login remembers its server, and the answer of another server is refused",
    ),
    row(
        "AR8",
        Must,
        "RFC 6749 4.1.2",
        "a code is sent at most once, whatever became of the answer",
    ),
    row(
        "AR9",
        Should,
        "RFC 6749 3.1.2.5; RFC 9700 4.2.4, 4.3.1",
        "the landing page loads nothing from others, and passes the code on to nobody",
    ),
    row(
        "AR10",
        Must,
        "RFC 6749 10.15; RFC 9700 4.11.1; OAuth 2.1 7.13.1",
        "the client sends no browser where a parameter says",
    ),
    row(
        "AR11",
        Derived,
        "RFC 6749 4.1.2.1, 5.2",
        "unknown codes and unreadable descriptions are borne, and shown harmless and short",
    ),
    row(
        "AR12",
        Must,
        "RFC 9700 4.5.3",
        "a code slipped in from another login buys nothing, and its refusal is told",
    ),
];

pub(super) const NATIVE: &[Row] = &[
    row(
        "NA1",
        Must,
        "RFC 8252 6, 8.12; OAuth 2.1 8.2",
        "people log in in their own browser, never in a window of ours",
    ),
    row(
        "NA2",
        Should,
        "RFC 8252 7.3, 8.3; OAuth 2.1 8.4.2",
        "the browser comes back to a loopback address and a free port, by IPv4 or IPv6",
    ),
    row(
        "NA3",
        Should,
        "RFC 8252 8.3; OAuth 2.1 8.5.4",
        "the port is open on loopback only, and only while a login waits",
    ),
    row(
        "NA4",
        Must,
        "RFC 8252 8.5",
        "a secret that everybody has is not taken for one: an application may do without",
    ),
    row(
        "NA5",
        Derived,
        "RFC 8252 7.3, and what browsers do",
        "no stray request ends the wait for the browser",
    ),
];
