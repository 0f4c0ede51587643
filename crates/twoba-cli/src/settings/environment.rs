//! The environment as the settings read it.

use std::collections::BTreeSet;
use std::env::{self, VarError};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::name::{ALL, AUTHORITIES, CLIENT_KEY, STORE, STORE_KEY};
use crate::failure::Failure;

/// An environment variable that is set, not empty, and not ignored.
pub(crate) fn variable(name: &str) -> Option<String> {
    if is_passed_over(name) {
        return None;
    }
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// The other variables that belong to a named profile, because they say whose session it is.
const OF_A_LOGIN: [&str; 3] = ["TWOBA_REDIRECT_URI", "TWOBA_USERNAME", "TWOBA_PASSWORD"];

/// The variables that describe a profile: the client, the server, and the owner of the session.
fn of_a_profile() -> impl Iterator<Item = &'static str> {
    ALL.into_iter().map(|name| name.variable).chain(OF_A_LOGIN)
}

/// Whether the command line names a profile of the file.
static PROFILE_NAMED: AtomicBool = AtomicBool::new(false);

fn is_passed_over(name: &str) -> bool {
    PROFILE_NAMED.load(Ordering::Relaxed) && of_a_profile().any(|of_it| of_it == name)
}

/// How to say something that a variable would say, were it not passed over.
pub(crate) fn advice_beside_a_profile(variable: &str, flag: &str) -> String {
    match is_passed_over(variable) {
        true => format!(
            "--profile passes {variable} over: use {flag}, or name the profile with TWOBA_PROFILE in \
             the place of --profile"
        ),
        false => format!("use {flag} or {variable}"),
    }
}

/// Ignores the variables that describe another profile than the named one. Returns their names.
pub(super) fn pass_over() -> Vec<&'static str> {
    PROFILE_NAMED.store(true, Ordering::Relaxed);
    set_beside_a_profile()
}

/// The set variables that describe a profile.
pub(crate) fn set_beside_a_profile() -> Vec<&'static str> {
    let is_set = |name: &&str| env::var_os(name).is_some_and(|value| !value.is_empty());
    of_a_profile().filter(is_set).collect()
}

/// The path in a variable, as the system has it.
pub(crate) fn path(name: &str) -> Option<PathBuf> {
    let value = env::var_os(name).filter(|value| !value.is_empty());
    value.filter(|_| !is_passed_over(name)).map(PathBuf::from)
}

/// The variables with a path, which need not be text.
const PATHS: [&str; 5] = [
    "TWOBA_CONFIG",
    STORE.variable,
    STORE_KEY.variable,
    CLIENT_KEY.variable,
    AUTHORITIES.variable,
];

/// Refuses a setting that is no text. If it counted as unset, a login would go to another server,
/// or a password would go without its client's secret.
pub(crate) fn check() -> Result<(), Failure> {
    for (name, value) in env::vars_os() {
        let is_read = |name: &&str| name.starts_with("TWOBA_") || is_of_a_proxy(name);
        let Some(name) = name.to_str().filter(is_read) else {
            continue;
        };
        if !PATHS.contains(&name) && value.to_str().is_none() {
            return Err(not_text(name));
        }
    }
    Ok(())
}

/// Whether a variable says which requests go through a proxy. It has either case.
fn is_of_a_proxy(name: &str) -> bool {
    ["HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"]
        .iter()
        .any(|known| name == *known || name == known.to_ascii_lowercase())
}

fn not_text(name: &str) -> Failure {
    Failure::configuration(format!("{name} is not UTF-8 text")).advise("set it anew, in UTF-8")
}

/// The variables that are known to hold secrets.
static SECRETS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Notes that a variable holds a secret. No program that is started from here gets it.
pub(super) fn holds_a_secret(name: &str) {
    SECRETS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(name.to_owned());
}

/// Reads an environment variable with a secret.
pub(super) fn secret_variable(name: &str) -> Result<Option<String>, Failure> {
    match env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(not_text(name)),
    }
}

/// The variables that hold secrets whatever the settings say. `twoba token --format env` prints the
/// last one, for a shell that exports it.
const ALWAYS_SECRET: [&str; 5] = [
    "TWOBA_CLIENT_SECRET",
    "TWOBA_PASSWORD",
    "TWOBA_EMULATOR_SECRET",
    "PGPASSWORD",
    "TWOBA_ACCESS_TOKEN",
];

/// Removes the secrets from the environment of a command.
pub(crate) fn without_secrets(command: &mut Command) {
    for name in ALWAYS_SECRET {
        command.env_remove(name);
    }
    for name in &*SECRETS.lock().unwrap_or_else(PoisonError::into_inner) {
        command.env_remove(name);
    }
}
