//! Where the settings of a call come from: flags over environment over file.

mod environment;
mod file;
mod provider;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use etcetera::{AppStrategy, AppStrategyArgs, choose_app_strategy};
use twoba_blocking::{Authorities, Client, ClientSecret, Password, PrivateKey};
use twoba_core::{ClientAuthentication, ClientError};

use crate::arguments::Global;
use crate::failure::Failure;
use crate::output;
pub(crate) use environment::{set_beside_a_profile, variable, without_secrets};
pub(crate) use file::BYTE_ORDER_MARK;
use file::Profile;

/// Everything that a command needs to know before it acts.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The profile's name; the session is stored under it.
    pub(crate) profile: String,
    /// The provider's word: `2ba`, `2ba-connect`, `2ba-beta` or `custom`.
    pub(crate) provider: String,
    pub(crate) client: Client,
    pub(crate) grant: Grant,
    pub(crate) store: PathBuf,
    /// Whose certificates are good, if not those that the platform trusts.
    pub(crate) authorities: Option<Authorities>,
}

/// How the tokens of a profile are got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grant {
    /// A person logs in.
    Login,
    /// The program asks for itself.
    ClientCredentials,
}

impl Settings {
    /// The settings of this call. Where nothing is sent, the client's secret is not fetched: a vault
    /// may ask the person for it.
    pub(crate) fn read(global: &Global, sends: bool) -> Result<Self, Failure> {
        let (name, profile) = profile(global)?;
        let (word, provider) = provider::provider(&profile)?;
        let client = if sends {
            client(&profile, provider)?
        } else {
            let unproven = provider.with_authentication(ClientAuthentication::None);
            let client = Client::public(unproven, client_id(&profile)?);
            with_scopes(&profile, client.map_err(|error| unusable(&error))?)?
        };
        Ok(Self {
            profile: name,
            provider: word,
            client,
            grant: grant(&profile)?,
            store: folder(global, &profile)?,
            authorities: if sends { authorities(&profile)? } else { None },
        })
    }
}

/// Where the sessions of this call are kept, whoever the client is.
pub(crate) fn store(global: &Global) -> Result<PathBuf, Failure> {
    let (_, profile) = profile(global)?;
    folder(global, &profile)
}

/// The profile of this call, and its name.
fn profile(global: &Global) -> Result<(String, Profile), Failure> {
    environment::check()?;
    let config = file::read(&config_path()?)?;
    if let Some(name) = &global.profile {
        if config.has(name) {
            tell_of_passed_over(global, name, &environment::pass_over());
        }
        return config.profile(Some(name.clone()));
    }
    let named = variable("TWOBA_PROFILE");
    let is_named = named.is_some();
    let (name, profile) = config.profile(named)?;
    if is_named {
        agrees(&name, &profile)?;
    }
    Ok((name, profile))
}

/// What the person hears of whose settings count.
fn tell_of_passed_over(global: &Global, name: &str, passed_over: &[&str]) {
    if !passed_over.is_empty() && !global.quiet {
        output::to_stderr(&format!(
            "the profile {name} of the configuration file counts; of the environment this is passed \
             over: {}",
            passed_over.join(", ")
        ));
    }
}

/// Whether the environment says of the profile that it names what the profile says of itself.
fn agrees(name: &str, profile: &Profile) -> Result<(), Failure> {
    let told = [
        ("TWOBA_PROVIDER", &profile.provider),
        ("TWOBA_TOKEN_URL", &profile.token_endpoint),
        ("TWOBA_AUTHORIZE_URL", &profile.authorization_endpoint),
        ("TWOBA_REVOKE_URL", &profile.revocation_endpoint),
        ("TWOBA_SERVICE_URL", &profile.service_base),
        ("TWOBA_ISSUER", &profile.issuer),
        ("TWOBA_CLIENT_ID", &profile.client_id),
        ("TWOBA_CLIENT_AUTH", &profile.client_authentication),
        ("TWOBA_GRANT", &profile.grant),
        ("TWOBA_REPLAY", &profile.replay),
    ];
    for (variable, in_file) in told {
        let set = environment::variable(variable);
        if set.is_some_and(|set| in_file.as_ref().is_some_and(|in_file| *in_file != set)) {
            return Err(Failure::configuration(format!(
                "{variable} contradicts the profile {name}, which TWOBA_PROFILE names"
            ))
            .advise(format!(
                "unset one of the two, or name the profile with --profile {name}"
            )));
        }
    }
    Ok(())
}

fn folder(global: &Global, profile: &Profile) -> Result<PathBuf, Failure> {
    let store = match global
        .store
        .clone()
        .or_else(|| environment::path("TWOBA_STORE").or_else(|| profile.store.clone()))
    {
        Some(store) => file::with_home(&store),
        None => strategy()?.data_dir().join("sessions"),
    };
    if store.to_string_lossy().contains("://") {
        return Err(
            Failure::configuration("the store is an address, and has to be a folder")
                .advise("name a folder with --store or TWOBA_STORE"),
        );
    }
    Ok(store)
}

/// The password of `TWOBA_PASSWORD`, if it is set.
pub(crate) fn password() -> Result<Option<Password>, Failure> {
    variable("TWOBA_PASSWORD")
        .map(|text| {
            Password::parse(text)
                .map_err(|error| Failure::configuration(format!("TWOBA_PASSWORD: {error}")))
        })
        .transpose()
}

fn grant(profile: &Profile) -> Result<Grant, Failure> {
    let asked = variable("TWOBA_GRANT").or_else(|| profile.grant.clone());
    match asked.as_deref() {
        None => Ok(Grant::Login),
        Some("client-credentials") => Ok(Grant::ClientCredentials),
        Some(other) => Err(Failure::configuration(format!("unknown grant {other}"))
            .advise("it is client-credentials; leave it out where a person logs in")),
    }
}

/// The authorities of `ca-file`, if it is set.
fn authorities(profile: &Profile) -> Result<Option<Authorities>, Failure> {
    let named = environment::path("TWOBA_CA_FILE").map(|path| file::with_home(&path));
    let Some(path) = named.or_else(|| profile.ca_file.clone()) else {
        return Ok(None);
    };
    let told = |error: &dyn std::fmt::Display| {
        Failure::configuration(format!("ca-file: {}: {error}", path.display()))
    };
    let text = fs::read_to_string(&path).map_err(|error| told(&error))?;
    let read = Authorities::from_pem(&text).map_err(|error| told(&error))?;
    Ok(Some(read))
}

/// The private key that the client signs with, if one is set.
fn private_key(profile: &Profile) -> Result<Option<PrivateKey>, Failure> {
    let named = environment::path("TWOBA_PRIVATE_KEY_FILE").map(|path| file::with_home(&path));
    let Some(path) = named.or_else(|| profile.private_key_file.clone()) else {
        return Ok(None);
    };
    let told = |error: &dyn std::fmt::Display| {
        Failure::configuration(format!("private-key-file: {}: {error}", path.display()))
    };
    let text = fs::read_to_string(&path).map_err(|error| told(&error))?;
    let key = PrivateKey::from_pem(&text).map_err(|error| told(&error))?;
    let key_id = variable("TWOBA_KEY_ID").or_else(|| profile.key_id.clone());
    Ok(Some(match key_id {
        Some(key_id) => key.with_key_id(key_id),
        None => key,
    }))
}

fn client(profile: &Profile, provider: twoba_blocking::Provider) -> Result<Client, Failure> {
    let id = client_id(profile)?;
    let secret = match (variable("TWOBA_CLIENT_SECRET"), &profile.client_secret) {
        (Some(secret), _) => Some(secret),
        (None, Some(source)) => Some(source.read()?),
        (None, None) => None,
    };
    let client = match (secret, private_key(profile)?) {
        (Some(_), Some(_)) => {
            return Err(
                Failure::configuration("a client secret and a private key are both set")
                    .advise("leave one of the two out"),
            );
        }
        (Some(text), None) => {
            let secret = ClientSecret::parse(text)
                .map_err(|error| Failure::configuration(format!("the client secret: {error}")))?;
            Client::confidential(provider, id, secret)
        }
        (None, Some(key)) => Client::signing(provider, id, Arc::new(key)),
        (None, None) => Client::public(provider, id),
    };
    with_scopes(profile, client.map_err(|error| unusable(&error))?)
}

fn unusable(error: &ClientError) -> Failure {
    Failure::configuration(error.to_string())
}

fn client_id(profile: &Profile) -> Result<String, Failure> {
    let id = variable("TWOBA_CLIENT_ID").or_else(|| profile.client_id.clone());
    id.ok_or_else(|| {
        Failure::configuration("no client id is set")
            .advise("set TWOBA_CLIENT_ID to what 2BA has given you, or try `twoba demo`")
    })
}

fn with_scopes(profile: &Profile, client: Client) -> Result<Client, Failure> {
    let scopes = variable("TWOBA_SCOPES").map_or_else(
        || profile.scopes.clone(),
        |text| text.split([' ', ',']).map(str::to_owned).collect(),
    );
    let client = client.with_scopes(scopes.iter().filter(|scope| !scope.is_empty()));
    client.map_err(|error| unusable(&error))
}

fn config_path() -> Result<PathBuf, Failure> {
    let Some(path) = environment::path("TWOBA_CONFIG") else {
        return Ok(strategy()?.config_dir().join("config.toml"));
    };
    let path = file::with_home(&path);
    if path.exists() {
        return Ok(path);
    }
    Err(Failure::configuration(format!(
        "TWOBA_CONFIG names {}, which is not there",
        path.display()
    ))
    .advise("write that file, or unset TWOBA_CONFIG"))
}

/// The folders that this platform gives a program.
fn strategy() -> Result<impl AppStrategy, Failure> {
    choose_app_strategy(AppStrategyArgs {
        top_level_domain: "nl".to_owned(),
        author: "twoba".to_owned(),
        app_name: "twoba".to_owned(),
    })
    .map_err(|_| {
        Failure::configuration("this user has no home folder")
            .advise("set HOME, or TWOBA_CONFIG and TWOBA_STORE")
    })
}
