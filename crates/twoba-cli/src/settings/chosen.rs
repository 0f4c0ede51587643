//! The current profile, merged from the file and the environment.

use std::path::PathBuf;

use super::environment::{self, variable};
use super::file::{Config, Profile, Value};
use super::found::{Found, Origin};
use super::name::{CLIENT_ID, CLIENT_SECRET, Name, SCOPES, STORE, STORE_KEY};
use super::place::{at_home, with_home};
use super::secret::SecretSource;
use crate::failure::Failure;

/// The profile of a call. The environment overrides the file.
#[derive(Debug, Clone)]
pub(crate) struct Chosen {
    pub(crate) name: String,
    /// Whether it is current only because the file has no other.
    pub(super) is_the_only_one: bool,
    profile: Profile,
}

/// The place of a client's secret.
#[derive(Clone)]
pub(crate) enum Secret {
    /// In its own environment variable.
    Given(String),
    /// In the place that the file names.
    Elsewhere(SecretSource),
}

/// The name of a session without a profile.
const UNNAMED: &str = "default";

impl Chosen {
    /// The profile that was named, or the file's default; else the only one of the file; else one
    /// that exists in the environment alone.
    pub(super) fn from(config: &Config, asked: Option<Found<String>>) -> Result<Self, Failure> {
        let Some(named) = asked.or_else(|| config.default_profile.clone()) else {
            return Self::unnamed(config);
        };
        if named.value.is_empty() {
            return Err(named
                .refused("the name of the profile is empty")
                .advise(format!(
                    "leave it out, or name a profile; {}",
                    config.choices()
                )));
        }
        let is_known = config.get(&named.value).is_some();
        // Without a profile in the file it names a session of the environment's client.
        let is_alone = config.names().next().is_none() && variable(CLIENT_ID.variable).is_some();
        if !is_known && !is_alone {
            return Err(named
                .refused(format!("there is no profile named {}", named.value))
                .advise(config.choices()));
        }
        Ok(Self::of(config, &named.value))
    }

    fn unnamed(config: &Config) -> Result<Self, Failure> {
        let mut names = config.names();
        let first = names.next();
        // Who has set a client in the environment means that one.
        let is_set = variable(CLIENT_ID.variable).is_some();
        match (first, names.next()) {
            _ if is_set || config.get(UNNAMED).is_some() => Ok(Self::of(config, UNNAMED)),
            (Some(only), None) => Ok(Self {
                is_the_only_one: true,
                ..Self::of(config, only)
            }),
            (Some(_), Some(_)) => Err(Failure::configuration("no profile is named").advise(
                format!(
                    "name one with --profile or TWOBA_PROFILE, or make it the default with `twoba \
                 profile use NAME`; {}",
                    config.choices()
                ),
            )),
            (None, _) => Ok(Self::of(config, UNNAMED)),
        }
    }

    fn of(config: &Config, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            is_the_only_one: false,
            profile: config.get(name).cloned().unwrap_or_default(),
        }
    }

    /// Whether the file does not have it.
    pub(super) fn is_unwritten(&self) -> bool {
        self.profile.is_empty()
    }

    /// A setting in the file, whatever the environment has.
    pub(super) fn in_file(&self, name: Name) -> Option<Found<String>> {
        let found = self.profile.get(name)?;
        let Value::Text(text) = &found.value else {
            return None;
        };
        Some(found.clone().map(|_| text.clone()))
    }

    /// A setting that is a text.
    pub(crate) fn text(&self, name: Name) -> Option<Found<String>> {
        in_environment(name).or_else(|| self.in_file(name))
    }

    /// A setting that is a path.
    pub(crate) fn path(&self, name: Name) -> Option<Found<PathBuf>> {
        if let Some(path) = environment::path(name.variable) {
            return Some(from_environment(name, with_home(&path)));
        }
        let found = self.profile.get(name)?;
        let Value::Path(path) = &found.value else {
            return None;
        };
        Some(found.clone().map(|_| path.clone()))
    }

    /// The place of the sessions, if it is set.
    pub(super) fn store(&self) -> Option<Found<PathBuf>> {
        Some(self.path(STORE)?.map(|path| at_home(&path)))
    }

    /// The place of the store's keys, if it is set.
    pub(super) fn store_key(&self) -> Option<Found<SecretSource>> {
        if let Some(path) = environment::path(STORE_KEY.variable) {
            let path = with_home(&path);
            return Some(from_environment(STORE_KEY, SecretSource::File(path)));
        }
        let found = self.profile.get(STORE_KEY)?;
        let Value::Secret(source) = &found.value else {
            return None;
        };
        Some(found.clone().map(|_| source.clone()))
    }

    /// The scopes, if they are set.
    pub(crate) fn scopes(&self) -> Option<Found<Vec<String>>> {
        if let Some(set) = in_environment(SCOPES) {
            let words = |text: String| {
                let words = text.split([' ', ',']).filter(|word| !word.is_empty());
                words.map(str::to_owned).collect()
            };
            return Some(set.map(words));
        }
        let found = self.profile.get(SCOPES)?;
        let Value::List(list) = &found.value else {
            return None;
        };
        Some(found.clone().map(|_| list.clone()))
    }

    /// The place of the client's secret, if it has one.
    pub(crate) fn secret(&self) -> Option<Found<Secret>> {
        if let Some(set) = in_environment(CLIENT_SECRET) {
            return Some(set.map(Secret::Given));
        }
        let found = self.profile.get(CLIENT_SECRET)?;
        let Value::Secret(source) = &found.value else {
            return None;
        };
        Some(found.clone().map(|_| Secret::Elsewhere(source.clone())))
    }
}

fn in_environment(name: Name) -> Option<Found<String>> {
    Some(from_environment(name, variable(name.variable)?))
}

fn from_environment<T>(name: Name, value: T) -> Found<T> {
    Found {
        name: name.in_file,
        value,
        origin: Origin::Variable(name.variable),
    }
}
