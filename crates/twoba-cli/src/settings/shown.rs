//! The settings of a profile for a person: each with its value and origin, and never a secret.

use twoba_blocking::{Endpoint, Provider};

use super::chosen::{Chosen, Secret};
use super::found::{Found, Origin};
use super::name::{self, Name};
use super::provider;
use super::secret::SecretSource;

/// One setting.
pub(crate) struct Shown {
    pub(crate) name: &'static str,
    pub(crate) value: String,
    pub(crate) origin: Origin,
}

/// All settings of a profile that have a value, without its store.
pub(super) fn shown(profile: &Chosen) -> Vec<Shown> {
    let described = provider::provider(profile).ok();
    let shown = name::ALL.into_iter().filter_map(|name| {
        let found = found(profile, name).or_else(|| {
            let described = described.as_ref()?;
            Some(Found {
                name: name.in_file,
                value: by_default(name, &described.word, &described.value)?,
                origin: Origin::Default,
            })
        })?;
        Some(Shown {
            name: name.in_file,
            value: found.value,
            origin: found.origin,
        })
    });
    shown.collect()
}

/// The value that was set.
fn found(profile: &Chosen, name: Name) -> Option<Found<String>> {
    match name {
        name::CLIENT_SECRET => Some(profile.secret()?.map(place)),
        name::STORE_KEY => Some(
            profile
                .store_key()?
                .map(|source| place(Secret::Elsewhere(source))),
        ),
        name::SCOPES => Some(profile.scopes()?.map(|scopes| scopes.join(" "))),
        name::CLIENT_KEY => {
            let path = profile.path(name)?;
            Some(path.map(|path| format!("in the file {}", path.display())))
        }
        // It has a flag, and is found elsewhere.
        name::STORE => None,
        name::AUTHORIZE | name::TOKEN | name::REVOKE | name::SERVICE => {
            Some(profile.text(name)?.map(address))
        }
        name::AUTHORITIES => Some(profile.path(name)?.map(|path| path.display().to_string())),
        _ => profile.text(name),
    }
}

/// The place of a secret.
fn place(secret: Secret) -> String {
    match secret {
        // The variable is its origin.
        Secret::Given(_) => "set".to_owned(),
        Secret::Elsewhere(SecretSource::Env(name)) => format!("in the variable {name}"),
        Secret::Elsewhere(SecretSource::File(path)) => format!("in the file {}", path.display()),
        Secret::Elsewhere(SecretSource::Keychain(account)) => {
            format!("in the keychain, as {account}")
        }
        Secret::Elsewhere(SecretSource::Command(words)) => {
            // Its arguments may be none of anybody's business.
            let program = words.first().map(String::as_str).unwrap_or_default();
            format!("from the command {program}")
        }
    }
}

/// An address. A text that is no address may hold a password.
fn address(text: String) -> String {
    match Endpoint::parse(&text) {
        Ok(_) => text,
        Err(error) => format!("cannot be used: {error}"),
    }
}

/// The default value.
fn by_default(name: Name, word: &str, provider: &Provider) -> Option<String> {
    let text = |endpoint: &Endpoint| endpoint.uri().to_string();
    match name {
        name::PROVIDER => Some(word.to_owned()),
        name::GRANT => Some("code".to_owned()),
        name::AUTHORIZE => provider.authorization_endpoint().map(text),
        name::TOKEN => Some(text(provider.token_endpoint())),
        name::REVOKE => provider.revocation_endpoint().map(text),
        name::SERVICE => provider.service_base().map(text),
        name::SOAP => provider.soap_base().map(text),
        name::APIX => provider.apix_base().map(text),
        name::UNIFEED => provider.unifeed_base().map(text),
        _ => None,
    }
}
