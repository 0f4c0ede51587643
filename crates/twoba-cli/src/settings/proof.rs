//! The client and its secret or key. They are fetched only when a request needs them.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use twoba_blocking::{Client, ClientSecret, PrivateKey, Provider};
use twoba_core::ClientError;

use super::chosen::{Chosen, Secret};
use super::found::Found;
use super::name::{CLIENT_ID, CLIENT_KEY, KEY_ID};
use super::secret::{SecretSource, fetched};
use crate::failure::Failure;

/// A client's secret or key that was not fetched yet.
pub(crate) enum Proof {
    Secret(Found<Secret>),
    Key {
        file: Found<PathBuf>,
        id: Option<String>,
    },
}

/// The client of a profile, without its secret or key.
pub(super) fn unproven(profile: &Chosen, provider: Provider) -> Result<Client, Failure> {
    let id = profile.text(CLIENT_ID).ok_or_else(|| {
        let lacking = match profile.is_unwritten() {
            true => "no client id is set".to_owned(),
            false => format!("the profile {} has no client id", profile.name),
        };
        Failure::configuration(lacking).advise(
            "set client-id in the configuration file or TWOBA_CLIENT_ID to what 2BA has given you, \
             or try `twoba demo`",
        )
    })?;
    let client = Client::public(provider, id.value.clone());
    let client = client.map_err(|error| {
        id.refused(error)
            .advise("set it to the client id that 2BA has given you")
    })?;
    let Some(scopes) = profile.scopes() else {
        return Ok(client);
    };
    let client = client.with_scopes(&scopes.value);
    client.map_err(|error| {
        scopes
            .refused(error)
            .advise("name each scope as the server has it, without blanks and quotes")
    })
}

impl Proof {
    /// The place of a client's secret or key, if it has one.
    pub(super) fn of(profile: &Chosen) -> Result<Option<Self>, Failure> {
        match (profile.secret(), profile.path(CLIENT_KEY)) {
            (Some(secret), Some(key)) => Err(Failure::configuration(format!(
                "a client secret and a private key are both set: {} and {}",
                secret.told(),
                key.told()
            ))
            .advise("leave one of the two out")),
            (Some(secret), None) => Ok(Some(Self::Secret(secret))),
            (None, Some(file)) => {
                let id = profile.text(KEY_ID).map(|id| id.value);
                Ok(Some(Self::Key { file, id }))
            }
            (None, None) => Ok(None),
        }
    }

    /// Checks that the secret or key is there, and returns its place. It runs no command.
    pub(crate) fn looked_at(&self) -> Result<String, Failure> {
        match self {
            Self::Secret(found) => {
                if let Secret::Elsewhere(SecretSource::Command(words)) = &found.value {
                    let program = words.first().map(String::as_str).unwrap_or_default();
                    return Ok(format!("from the command {program}, which was not run"));
                }
                secret(found)?;
                Ok(format!("{}: there", found.told()))
            }
            Self::Key { file, .. } => {
                key(file)?;
                Ok(format!("{}: the key can be read", file.told()))
            }
        }
    }

    /// The same client with its secret or key, which is fetched now.
    pub(super) fn proven(self, client: &Client) -> Result<Client, Failure> {
        let (id, provider) = (client.id(), client.provider().clone());
        match self {
            Self::Secret(found) => {
                let made = Client::confidential(provider, id, secret(&found)?);
                scoped(made, client).map_err(|error| unusable(&found, error))
            }
            Self::Key { file, id: key_id } => {
                let key = key(&file)?;
                let key = match key_id {
                    Some(key_id) => key.with_key_id(key_id),
                    None => key,
                };
                let made = Client::signing(provider, id, Arc::new(key));
                scoped(made, client).map_err(|error| unusable(&file, error))
            }
        }
    }
}

fn secret(found: &Found<Secret>) -> Result<ClientSecret, Failure> {
    let text = match &found.value {
        Secret::Given(text) => text.clone(),
        Secret::Elsewhere(source) => fetched(&found.clone().map(|_| source.clone()))?,
    };
    ClientSecret::parse(text).map_err(|error| {
        found
            .refused(error)
            .advise("it has to be the secret that 2BA has given you, alone")
    })
}

fn key(file: &Found<PathBuf>) -> Result<PrivateKey, Failure> {
    let told = |error: &dyn std::fmt::Display| {
        file.refused(format!("{}: {error}", file.value.display()))
            .advise("it has to be the client's private key in PEM (BEGIN PRIVATE KEY)")
    };
    let text = fs::read_to_string(&file.value).map_err(|error| told(&error))?;
    PrivateKey::from_pem(&text).map_err(|error| told(&error))
}

/// The client with the scopes of another one.
fn scoped(made: Result<Client, ClientError>, other: &Client) -> Result<Client, ClientError> {
    let scopes = other.scope().split(' ').filter(|scope| !scope.is_empty());
    made?.with_scopes(scopes)
}

fn unusable<T>(found: &Found<T>, error: ClientError) -> Failure {
    found
        .refused(error)
        .advise("client-authentication (TWOBA_CLIENT_AUTH) says how a client proves itself")
}
