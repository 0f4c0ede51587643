//! Serves the emulator's metadata (RFC 8414). It lists only what exists.

use serde_json::json;

use super::answer::Answer;

/// The metadata document, the same for both well-known paths.
pub(super) fn document(url: &str) -> Answer {
    Answer::json(
        200,
        &json!({
            "issuer": url,
            "authorization_endpoint": format!("{url}/connect/authorize"),
            "token_endpoint": format!("{url}/connect/token"),
            "revocation_endpoint": format!("{url}/connect/revocation"),
            "introspection_endpoint": format!("{url}/connect/introspect"),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": [
                "authorization_code", "password", "refresh_token", "client_credentials",
            ],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": [
                "client_secret_post", "client_secret_basic", "private_key_jwt", "none",
            ],
            "token_endpoint_auth_signing_alg_values_supported": ["ES256", "RS256", "EdDSA"],
            "revocation_endpoint_auth_methods_supported": [
                "client_secret_post", "client_secret_basic", "private_key_jwt", "none",
            ],
            "revocation_endpoint_auth_signing_alg_values_supported": ["ES256", "RS256", "EdDSA"],
            "introspection_endpoint_auth_methods_supported": [
                "client_secret_post", "client_secret_basic", "private_key_jwt",
            ],
            "introspection_endpoint_auth_signing_alg_values_supported": ["ES256", "RS256", "EdDSA"],
            "authorization_response_iss_parameter_supported": true,
            "ui_locales_supported": ["en", "nl"],
        }),
    )
}
