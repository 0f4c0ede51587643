//! The provider that the settings describe.

use twoba_blocking::{Endpoint, Provider};
use twoba_core::{ClientAuthentication, Replay, Rules};

use super::environment::variable;
use super::file::Profile;
use crate::failure::Failure;

/// A setting from the environment, or from the profile.
fn setting(name: &str, profile: Option<&String>) -> Option<String> {
    variable(name).or_else(|| profile.cloned())
}

/// The provider and its word.
pub(super) fn provider(profile: &Profile) -> Result<(String, Provider), Failure> {
    let token = endpoint("TWOBA_TOKEN_URL", profile.token_endpoint.as_ref())?;
    // An address alone makes a custom provider, whose rules are the specification's.
    let fallback = if token.is_some() { "custom" } else { "2ba" };
    let named = variable("TWOBA_PROVIDER").or_else(|| {
        let file = profile.provider.clone();
        file.filter(|_| variable("TWOBA_TOKEN_URL").is_none())
    });
    let word = named.unwrap_or_else(|| fallback.to_owned());
    let mut provider = match (word.as_str(), token) {
        ("2ba", None) => Provider::two_ba(),
        ("2ba-connect", None) => Provider::two_ba_connect(),
        ("2ba-beta", None) => Provider::two_ba_beta(),
        // Another server that keeps to 2BA's rules: nothing of the real one's addresses.
        ("2ba" | "2ba-connect" | "2ba-beta", Some(token)) => {
            Provider::custom(token).with_rules(Rules::two_ba())
        }
        ("custom", Some(token)) => Provider::custom(token),
        ("custom", None) => {
            return Err(
                Failure::configuration("a custom provider needs a token address")
                    .advise("set TWOBA_TOKEN_URL or token-endpoint"),
            );
        }
        (other, _) => {
            return Err(Failure::configuration(format!("unknown provider {other}"))
                .advise("it is 2ba, 2ba-connect, 2ba-beta or custom"));
        }
    };
    let authorize = profile.authorization_endpoint.as_ref();
    if let Some(endpoint) = endpoint("TWOBA_AUTHORIZE_URL", authorize)? {
        provider = provider.with_authorization_endpoint(endpoint);
    }
    let revoke = profile.revocation_endpoint.as_ref();
    if let Some(endpoint) = endpoint("TWOBA_REVOKE_URL", revoke)? {
        provider = provider.with_revocation_endpoint(endpoint);
    }
    if let Some(base) = endpoint("TWOBA_SERVICE_URL", profile.service_base.as_ref())? {
        provider = provider.with_service_base(base);
    }
    if let Some(issuer) = setting("TWOBA_ISSUER", profile.issuer.as_ref()) {
        provider = provider.with_issuer(issuer);
    }
    if let Some(authentication) = authentication(profile)? {
        provider = provider.with_authentication(authentication);
    }
    if let Some(text) = setting("TWOBA_REPLAY", profile.replay.as_ref()) {
        provider = provider.with_replay(replay(&text)?);
    }
    Ok((word, provider))
}

fn endpoint(name: &str, profile: Option<&String>) -> Result<Option<Endpoint>, Failure> {
    setting(name, profile)
        .map(|text| {
            Endpoint::parse(&text).map_err(|error| {
                // The text may hold credentials; its name says where it stands.
                Failure::configuration(format!("{name}: {error}"))
            })
        })
        .transpose()
}

/// How the settings say that a client authenticates, if they do.
fn authentication(profile: &Profile) -> Result<Option<ClientAuthentication>, Failure> {
    let Some(text) = setting("TWOBA_CLIENT_AUTH", profile.client_authentication.as_ref()) else {
        return Ok(None);
    };
    match text.as_str() {
        "form" => Ok(Some(ClientAuthentication::Form)),
        "basic" => Ok(Some(ClientAuthentication::Basic)),
        "basic-raw" => Ok(Some(ClientAuthentication::BasicRaw)),
        "none" => Ok(Some(ClientAuthentication::None)),
        other => Err(
            Failure::configuration(format!("unknown client authentication {other}"))
                .advise("it is form, basic, basic-raw or none"),
        ),
    }
}

fn replay(text: &str) -> Result<Replay, Failure> {
    let unknown = || {
        Failure::configuration(format!("unknown replay rule {text}"))
            .advise("it is never, once or within:SPAN, as within:30s")
    };
    match text.split_once(':') {
        None if text == "never" => Ok(Replay::Never),
        None if text == "once" => Ok(Replay::Once),
        Some(("within", span)) => {
            let span: jiff::SignedDuration = span.parse().map_err(|_| unknown())?;
            Ok(Replay::Within(span.try_into().map_err(|_| unknown())?))
        }
        Some(_) | None => Err(unknown()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn replay_rules_are_read() {
        assert_eq!(replay("never").unwrap(), Replay::Never);
        assert_eq!(
            replay("within:30s").unwrap(),
            Replay::Within(Duration::from_secs(30))
        );
        assert!(replay("within").is_err() && replay("within:x").is_err() && replay("").is_err());
    }
}
