//! Answers recorded from servers, judged by the core: one word each for what comes of it.
//!
//! `cargo xtask record` makes the recordings; the words are what a caller acts on.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use core::time::Duration;

use http::Response;
use twoba_core::{
    BearerError, ClientAuthentication, Introspection, Lifetime, Metadata, Provider, Timestamp,
    TokenError, judge, judge_introspection, judge_revocation, rejects_token,
};
use twoba_testkit::fixture;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_798_804_800);

/// Folder below `fixtures/`, and the issuer that the recording claims.
const DJANGO: (&str, &str) = ("django-oauth-toolkit", "http://127.0.0.1:54321/o");
const OIDC: (&str, &str) = ("oidc-provider", "http://127.0.0.1:54321");
const EMULATOR: (&str, &str) = ("emulator", "http://127.0.0.1:54321");
const SERVERS: [(&str, &str); 3] = [DJANGO, OIDC, EMULATOR];

/// Each answer and what comes of it at the three servers; a dash where there is no such answer.
const OUTCOMES: [(&str, [&str; 3]); 19] = [
    ("metadata", ["usable", "usable", "usable"]),
    ("password-success", ["granted", "granted", "granted"]),
    (
        "password-wrong",
        ["invalid_grant", "invalid_grant", "invalid_grant"],
    ),
    (
        "client-secret-wrong-in-body",
        ["invalid_client", "invalid_client", "invalid_client"],
    ),
    (
        "client-secret-wrong-by-basic",
        ["invalid_client", "invalid_client", "invalid_client"],
    ),
    (
        "grant-type-missing",
        [
            "unsupported_grant_type",
            "invalid_request",
            "invalid_request",
        ],
    ),
    (
        "grant-type-unsupported",
        [
            "unsupported_grant_type",
            "unsupported_grant_type",
            "unsupported_grant_type",
        ],
    ),
    ("refresh-success", ["granted", "granted", "granted"]),
    ("refresh-reused", ["invalid_grant", "invalid_grant", "bare"]),
    (
        "refresh-unknown",
        ["invalid_grant", "invalid_grant", "bare"],
    ),
    ("code-success", ["granted", "granted", "granted"]),
    (
        "code-reused",
        ["invalid_grant", "invalid_grant", "invalid_grant"],
    ),
    (
        "code-of-another-login",
        ["invalid_grant", "invalid_grant", "invalid_grant"],
    ),
    ("introspection-active", ["active", "active", "active"]),
    (
        "introspection-inactive",
        ["inactive", "inactive", "inactive"],
    ),
    ("revocation-success", ["revoked", "revoked", "revoked"]),
    ("revocation-unknown", ["revoked", "revoked", "revoked"]),
    (
        "service-without-token",
        ["rejected", "rejected", "rejected"],
    ),
    (
        "service-with-unknown-token",
        ["rejected", "rejected", "rejected"],
    ),
];

fn answer((folder, _): (&str, &str), name: &str) -> Response<Vec<u8>> {
    fixture::answer(&format!("{folder}/{name}")).unwrap()
}

fn metadata(server: (&str, &str)) -> Metadata {
    Metadata::judge(server.1, &answer(server, "metadata")).unwrap()
}

/// The server as a provider, by what it says of itself.
fn provider(server: (&str, &str)) -> Provider {
    metadata(server).provider()
}

fn refusal(error: &TokenError) -> String {
    let TokenError::Refused(facts) = error else {
        return error.to_string();
    };
    match &facts.code {
        Some(code) => code.to_string(),
        None if facts.is_bare_bad_request() => "bare".to_owned(),
        None => format!("status {}", facts.status),
    }
}

/// What comes of an answer, in a word.
fn outcome(server: (&str, &str), name: &str) -> String {
    let response = answer(server, name);
    let judged = match name.split('-').next() {
        Some("metadata") => match Metadata::judge(server.1, &response) {
            Ok(_) => return "usable".to_owned(),
            Err(error) => return error.to_string(),
        },
        Some("service") if rejects_token(&response) => return "rejected".to_owned(),
        Some("service") => return format!("status {}", response.status()),
        Some("revocation") => judge_revocation(NOW, &response).map(|()| "revoked"),
        Some("introspection") => match judge_introspection(NOW, &response) {
            Ok(Introspection::Inactive) => Ok("inactive"),
            Ok(_) => Ok("active"),
            Err(error) => Err(error),
        },
        _ => judge(&provider(server), NOW, &response).map(|_| "granted"),
    };
    judged.map_or_else(|error| refusal(&error), str::to_owned)
}

// shows: TR7 RV2 IN1
#[test]
fn each_recorded_answer_comes_to_what_the_table_says() {
    for (name, expected) in OUTCOMES {
        for (server, expected) in SERVERS.into_iter().zip(expected) {
            if expected != "-" {
                assert_eq!(outcome(server, name), expected, "{name} of {}", server.0);
            }
        }
    }
}

#[test]
fn the_table_has_each_recorded_answer() {
    for (at, (folder, _)) in SERVERS.into_iter().enumerate() {
        let mut listed: Vec<_> = OUTCOMES
            .iter()
            .filter(|(_, expected)| expected[at] != "-")
            .map(|(name, _)| format!("{folder}/{name}"))
            .collect();
        listed.sort();
        // What the emulator has besides is no concern of the core.
        let mut recorded = fixture::answers_in(folder).unwrap();
        recorded.retain(|name| !name.starts_with("emulator/sample-"));
        assert_eq!(recorded, listed);
    }
}

#[test]
fn recorded_grants_are_read_to_the_letter() {
    for (server, access, refresh, scope) in [
        (
            DJANGO,
            "InventedAccessToken2xxxxxxxxxx",
            "InventedRefreshToken2xxxxxxxxx",
            Some("read"),
        ),
        (
            OIDC,
            "Invented-AccessToken_2-xxxxxxxxxxxxxxxxxxxx",
            "Invented-RefreshToken_2-xxxxxxxxxxxxxxxxxxx",
            Some("read"),
        ),
        (
            EMULATOR,
            "Invented-AccessToken_2-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "Inve!nted-RefreshToken_2-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            None,
        ),
    ] {
        let response = answer(server, "refresh-success");
        let granted = judge(&provider(server), NOW, &response).unwrap();
        assert_eq!(granted.access_token.expose(), access);
        assert_eq!(granted.refresh_token.unwrap().expose(), refresh);
        assert_eq!(granted.scope.as_deref(), scope);
        assert_eq!(granted.lifetime, Lifetime::Known(Duration::from_secs(120)));
        assert_eq!(granted.forgiven.iter().count(), 0, "nothing to forgive");
    }
}

// shows: MD4 AZ6
#[test]
fn recorded_metadata_names_all_that_a_provider_needs() {
    for (server, token) in [
        (DJANGO, "http://127.0.0.1:54321/o/token/"),
        (OIDC, "http://127.0.0.1:54321/token"),
        (EMULATOR, "http://127.0.0.1:54321/connect/token"),
    ] {
        let metadata = metadata(server);
        assert!(metadata.iss_in_response);
        let methods = metadata.code_challenge_methods.clone().unwrap();
        assert!(methods.iter().any(|method| method == "S256"));
        let provider = metadata.provider();
        assert_eq!(provider.authority(), server.1);
        assert_eq!(provider.token_endpoint().as_str(), token);
        assert_eq!(provider.authentication(), ClientAuthentication::Form);
        assert!(provider.authorization_endpoint().is_some());
        assert!(provider.revocation_endpoint().is_some());
        assert!(provider.introspection_endpoint().is_some());
    }
}

// shows: US6
#[test]
fn recorded_challenges_are_read_beside_others() {
    for server in SERVERS {
        let without = answer(server, "service-without-token");
        assert_eq!(BearerError::of(without.headers()), None);
        let unknown = answer(server, "service-with-unknown-token");
        let error = BearerError::of(unknown.headers());
        assert_eq!(error, Some(BearerError::InvalidToken), "{}", server.0);
    }
    // At the token endpoint one says Bearer, two say Basic, and in the body they are silent.
    let by_basic = answer(DJANGO, "client-secret-wrong-by-basic");
    let error = BearerError::of(by_basic.headers());
    assert_eq!(error, Some(BearerError::Other("invalid_client".to_owned())));
}
