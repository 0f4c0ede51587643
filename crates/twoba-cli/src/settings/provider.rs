//! Makes the provider of the settings.

use twoba_blocking::{Endpoint, Provider};
use twoba_core::{ClientAuthentication, Replay, Rules};

use super::chosen::Chosen;
use super::found::{Found, Origin};
use super::name::{
    APIX, AUTHENTICATION, AUTHORIZE, ISSUER, Name, PROVIDER, REPLAY, REVOKE, SERVICE, SOAP, TOKEN,
    UNIFEED,
};
use crate::failure::Failure;

/// The provider and its name.
pub(super) struct Described {
    pub(super) word: String,
    pub(super) value: Provider,
}

pub(super) fn provider(profile: &Chosen) -> Result<Described, Failure> {
    let (word, mut provider) = base(profile)?;
    if let Some(endpoint) = endpoint(profile, AUTHORIZE)? {
        provider = provider.with_authorization_endpoint(endpoint);
    }
    if let Some(endpoint) = endpoint(profile, REVOKE)? {
        provider = provider.with_revocation_endpoint(endpoint);
    }
    if let Some(base) = endpoint(profile, SERVICE)? {
        provider = provider.with_service_base(base);
    }
    if let Some(base) = endpoint(profile, SOAP)? {
        provider = provider.with_soap_base(base);
    }
    if let Some(base) = endpoint(profile, APIX)? {
        provider = provider.with_apix_base(base);
    }
    if let Some(base) = endpoint(profile, UNIFEED)? {
        provider = provider.with_unifeed_base(base);
    }
    if let Some(issuer) = profile.text(ISSUER) {
        provider = provider.with_issuer(issuer.value);
    }
    if let Some(text) = profile.text(AUTHENTICATION) {
        provider = provider.with_authentication(authentication(&text)?);
    }
    if let Some(text) = profile.text(REPLAY) {
        provider = provider.with_replay(replay(&text)?);
    }
    Ok(Described {
        word,
        value: provider,
    })
}

/// The provider whose rules hold, with its token endpoint.
fn base(profile: &Chosen) -> Result<(String, Provider), Failure> {
    let token = endpoint(profile, TOKEN)?;
    let is_elsewhere = profile
        .text(TOKEN)
        .is_some_and(|token| matches!(token.origin, Origin::Variable(_)));
    // An address of the environment is no longer the server that the file has named.
    let named = profile
        .text(PROVIDER)
        .filter(|named| !is_elsewhere || matches!(named.origin, Origin::Variable(_)));
    let Some(named) = named else {
        // An address alone makes a custom provider, whose rules are the specification's.
        return Ok(match token {
            Some(token) => ("custom".to_owned(), Provider::custom(token)),
            None => ("2ba".to_owned(), Provider::two_ba()),
        });
    };
    let provider = match (named.value.as_str(), token) {
        ("2ba", None) => Provider::two_ba(),
        ("2ba-connect", None) => Provider::two_ba_connect(),
        ("2ba-beta", None) => Provider::two_ba_beta(),
        // Another server that keeps to 2BA's rules: nothing of the real one's addresses.
        ("2ba" | "2ba-connect" | "2ba-beta", Some(token)) => {
            Provider::custom(token).with_rules(Rules::two_ba())
        }
        ("custom", Some(token)) => Provider::custom(token),
        ("custom", None) => {
            return Err(named
                .refused("a custom provider needs a token address")
                .advise("set token-endpoint or TWOBA_TOKEN_URL"));
        }
        (other, _) => {
            return Err(named
                .refused(format!("there is no provider {other}"))
                .advise("it is 2ba, 2ba-connect, 2ba-beta or custom"));
        }
    };
    Ok((named.value, provider))
}

fn endpoint(profile: &Chosen, name: Name) -> Result<Option<Endpoint>, Failure> {
    let Some(found) = profile.text(name) else {
        return Ok(None);
    };
    // The text is not told: it may hold credentials.
    Endpoint::parse(&found.value).map(Some).map_err(|error| {
        found
            .refused(error)
            .advise("an address is written as https://host/path")
    })
}

/// The client authentication of the settings.
fn authentication(text: &Found<String>) -> Result<ClientAuthentication, Failure> {
    match text.value.as_str() {
        "form" => Ok(ClientAuthentication::Form),
        "basic" => Ok(ClientAuthentication::Basic),
        "basic-raw" => Ok(ClientAuthentication::BasicRaw),
        "none" => Ok(ClientAuthentication::None),
        other => Err(text
            .refused(format!("there is no client authentication {other}"))
            .advise("it is form, basic, basic-raw or none")),
    }
}

fn replay(text: &Found<String>) -> Result<Replay, Failure> {
    parsed(&text.value).ok_or_else(|| {
        text.refused(format!("there is no replay rule {}", text.value))
            .advise("it is never, once or within:SPAN, as within:30s")
    })
}

fn parsed(text: &str) -> Option<Replay> {
    match text.split_once(':') {
        None if text == "never" => Some(Replay::Never),
        None if text == "once" => Some(Replay::Once),
        Some(("within", span)) => {
            let span: jiff::SignedDuration = span.parse().ok()?;
            Some(Replay::Within(span.try_into().ok()?))
        }
        Some(_) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn replay_rules_are_read() {
        assert_eq!(parsed("never").unwrap(), Replay::Never);
        assert_eq!(
            parsed("within:30s").unwrap(),
            Replay::Within(Duration::from_secs(30))
        );
        assert!(parsed("within").is_none() && parsed("within:x").is_none() && parsed("").is_none());
    }
}
