//! The settings of a call: flags over environment over file.

mod chosen;
mod default;
mod environment;
mod file;
mod found;
mod name;
mod place;
mod proof;
mod provider;
mod secret;
mod shown;
mod stored;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use etcetera::{AppStrategy, AppStrategyArgs, choose_app_strategy};
use twoba_blocking::{Authorities, Client, Password};

use crate::arguments::Global;
use crate::failure::Failure;
use crate::output;
use chosen::Chosen;
pub(crate) use environment::{
    advice_beside_a_profile, set_beside_a_profile, variable, without_secrets,
};
use file::Config;
use found::{Found, Origin};
pub(crate) use place::Place;
pub(crate) use proof::Proof;
pub(crate) use secret::BYTE_ORDER_MARK;
pub(crate) use shown::Shown;
pub(crate) use stored::{StoreKey, Stored, key_file, not_moved};

/// The settings that a command needs.
pub(crate) struct Settings {
    /// The profile's name. The session is stored under it.
    pub(crate) profile: String,
    /// The provider's name: `2ba`, `2ba-connect`, `2ba-beta` or `custom`.
    pub(crate) provider: String,
    /// The client. It can authenticate only after its secret was fetched.
    pub(crate) client: Client,
    pub(crate) grant: Grant,
    pub(crate) store: Stored,
    /// The trusted authorities, if they are not the platform's.
    pub(crate) authorities: Option<Authorities>,
    /// The client's secret or key, if it was not fetched yet.
    pub(crate) proof: Option<Proof>,
}

/// How a profile gets its tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grant {
    /// A person logs in, by default in the browser.
    Code,
    /// A person logs in by password.
    Password,
    /// The program asks for itself.
    ClientCredentials,
}

impl Settings {
    /// Reads the settings of this call. It does not fetch the client's secret: a vault may ask the
    /// person for it, and most calls do not need it.
    pub(crate) fn read(global: &Global) -> Result<Self, Failure> {
        let profile = profile(global)?;
        let (provider, proof) = (provider::provider(&profile)?, Proof::of(&profile)?);
        let client = proof::unproven(&profile, provider.value.clone())?;
        Ok(Self {
            provider: provider.word,
            client,
            grant: grant(&profile)?,
            store: stored(global, &profile)?,
            authorities: authorities(&profile)?,
            proof,
            profile: profile.name,
        })
    }

    /// Fetches the client's secret or key, unless that was done.
    pub(crate) fn prove(&mut self) -> Result<(), Failure> {
        if let Some(proof) = self.proof.take() {
            self.client = proof.proven(&self.client)?;
        }
        Ok(())
    }
}

/// The store of this call, whoever the client is.
pub(crate) fn store(global: &Global) -> Result<Stored, Failure> {
    stored(global, &profile(global)?)
}

/// The place of the keys that are set for this call.
pub(crate) fn store_key(global: &Global) -> Result<Option<StoreKey>, Failure> {
    Ok(profile(global)?.store_key())
}

/// The place of a store that is an argument.
pub(crate) fn place(name: &'static str, argument: &Path) -> Result<Place, Failure> {
    Place::parse(&Found {
        name,
        value: place::at_home(argument),
        origin: Origin::Flag(name),
    })
}

/// The configuration file of this call.
pub(crate) fn config() -> Result<Config, Failure> {
    environment::check()?;
    file::read(&config_path()?)
}

/// The name of the current profile, with each of its settings. A given name counts as one on the
/// command line.
pub(crate) fn shown(
    global: &Global,
    name: Option<&String>,
) -> Result<(String, Vec<Shown>), Failure> {
    let profile = chosen(global, name.or(global.profile.as_ref()))?;
    let store = place_of(global, &profile)?;
    let mut shown = shown::shown(&profile);
    shown.push(Shown {
        name: store.name,
        value: store.value.to_string(),
        origin: store.origin,
    });
    Ok((profile.name, shown))
}

/// Makes a profile the default.
pub(crate) fn make_default(name: &str) -> Result<(), Failure> {
    let config = config()?;
    if config.get(name).is_none() {
        let text = format!("there is no profile named {name}");
        return Err(Failure::configuration(text).advise(config.choices()));
    }
    let path = &*config.file;
    let failed = |error: io::Error| {
        Failure::configuration(format!("cannot change {}: {error}", path.display())).advise(
            format!("nothing has changed; write default-profile = {name:?} there yourself"),
        )
    };
    let text = fs::read_to_string(path).map_err(failed)?;
    let changed = default::with_default(&text, name)
        .ok_or_else(|| failed(io::Error::other("it is written in an unusual way")))?;
    replace(path, &changed).map_err(failed)
}

/// Replaces a file as a whole, even behind a link. Its permissions stay.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = path.canonicalize()?;
    let folder = path.parent().unwrap_or(Path::new("/"));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file()
        .set_permissions(fs::metadata(&path)?.permissions())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// The profile of this call.
fn profile(global: &Global) -> Result<Chosen, Failure> {
    chosen(global, global.profile.as_ref())
}

/// The profile of this name, or else the current one.
pub(crate) fn chosen(global: &Global, name: Option<&String>) -> Result<Chosen, Failure> {
    let config = config()?;
    if let Some(name) = name {
        if config.get(name).is_some() {
            tell_of_passed_over(global, name, &environment::pass_over());
        }
        return Chosen::from(
            &config,
            Some(asked(name.clone(), Origin::Flag("--profile"))),
        );
    }
    let named =
        variable("TWOBA_PROFILE").map(|name| asked(name, Origin::Variable("TWOBA_PROFILE")));
    let is_named = named.is_some();
    let chosen = Chosen::from(&config, named)?;
    if is_named || chosen.is_the_only_one {
        agrees(&chosen, is_named)?;
    }
    Ok(chosen)
}

fn asked(value: String, origin: Origin) -> Found<String> {
    Found {
        name: "profile",
        value,
        origin,
    }
}

/// Tells the person which settings are ignored.
fn tell_of_passed_over(global: &Global, name: &str, passed_over: &[&str]) {
    if !passed_over.is_empty() && !global.quiet {
        output::to_stderr(&format!(
            "the profile {name} of the configuration file counts; of the environment this is passed \
             over: {}",
            passed_over.join(", ")
        ));
    }
}

/// Checks that the environment does not contradict a named profile.
fn agrees(profile: &Chosen, is_named: bool) -> Result<(), Failure> {
    let why = match is_named {
        true => "which TWOBA_PROFILE names",
        false => "which is the only one of the configuration file",
    };
    for setting in name::ALL {
        let set = variable(setting.variable);
        let (Some(set), Some(in_file)) = (set, profile.in_file(setting)) else {
            continue;
        };
        if in_file.value != set {
            return Err(Failure::configuration(format!(
                "{} contradicts the profile {}, {why}: {}",
                setting.variable, profile.name, in_file.origin
            ))
            .advise(format!(
                "unset one of the two, or name the profile with --profile {}",
                profile.name
            )));
        }
    }
    Ok(())
}

fn stored(global: &Global, profile: &Chosen) -> Result<Stored, Failure> {
    let place = place_of(global, profile)?.value;
    Ok(Stored::new(place, profile.store_key().as_ref()))
}

fn place_of(global: &Global, profile: &Chosen) -> Result<Found<Place>, Failure> {
    let from_flag = global.store.as_ref().map(|path| Found {
        name: name::STORE.in_file,
        value: place::at_home(path),
        origin: Origin::Flag("--store"),
    });
    let store = match from_flag.or_else(|| profile.store()) {
        Some(store) => store,
        None => Found {
            name: name::STORE.in_file,
            value: strategy()?.data_dir().join("sessions"),
            origin: Origin::Default,
        },
    };
    let place = Place::parse(&store)?;
    Ok(store.map(|_| place))
}

/// The password of `TWOBA_PASSWORD`, if it is set.
pub(crate) fn password() -> Result<Option<Password>, Failure> {
    variable("TWOBA_PASSWORD")
        .map(|text| {
            Password::parse(text).map_err(|error| {
                Failure::configuration(format!("TWOBA_PASSWORD: {error}"))
                    .advise("set it to the password alone, or use --password-stdin")
            })
        })
        .transpose()
}

fn grant(profile: &Chosen) -> Result<Grant, Failure> {
    let Some(set) = profile.text(name::GRANT) else {
        return Ok(Grant::Code);
    };
    match set.value.as_str() {
        "code" => Ok(Grant::Code),
        "password" => Ok(Grant::Password),
        "client-credentials" => Ok(Grant::ClientCredentials),
        other => Err(set
            .refused(format!("there is no grant {other}"))
            .advise("it is code, password or client-credentials")),
    }
}

/// The trusted authorities, if they are set.
fn authorities(profile: &Chosen) -> Result<Option<Authorities>, Failure> {
    let Some(file) = profile.path(name::AUTHORITIES) else {
        return Ok(None);
    };
    let told = |error: &dyn std::fmt::Display| {
        file.refused(format!("{}: {error}", file.value.display()))
            .advise("it has to be the authorities' certificates in PEM (BEGIN CERTIFICATE)")
    };
    let text = fs::read_to_string(&file.value).map_err(|error| told(&error))?;
    let read = Authorities::from_pem(&text).map_err(|error| told(&error))?;
    Ok(Some(read))
}

fn config_path() -> Result<PathBuf, Failure> {
    let Some(path) = environment::path("TWOBA_CONFIG") else {
        return Ok(strategy()?.config_dir().join("config.toml"));
    };
    let path = place::with_home(&path);
    if path.exists() {
        return Ok(path);
    }
    Err(Failure::configuration(format!(
        "TWOBA_CONFIG names {}, which is not there",
        path.display()
    ))
    .advise("write that file, or unset TWOBA_CONFIG"))
}

/// The program's folders on this platform.
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
