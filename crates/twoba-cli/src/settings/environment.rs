//! The environment, as the settings look at it.

use std::collections::BTreeSet;
use std::env::{self, VarError};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::name::{ALL, AUTHORITIES, CLIENT_KEY, STORE};
use crate::failure::Failure;

/// An environment variable that is set to something, and is not passed over.
pub(crate) fn variable(name: &str) -> Option<String> {
    if is_passed_over(name) {
        return None;
    }
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// What else a profile that is named stands for: whose session it is.
const OF_A_LOGIN: [&str; 3] = ["TWOBA_REDIRECT_URI", "TWOBA_USERNAME", "TWOBA_PASSWORD"];

/// The variables that say what a profile is about: who the client is, where the server, whose the
/// session.
fn of_a_profile() -> impl Iterator<Item = &'static str> {
    ALL.into_iter().map(|name| name.variable).chain(OF_A_LOGIN)
}

/// Whether a profile of the file was named on the command line.
static PROFILE_NAMED: AtomicBool = AtomicBool::new(false);

fn is_passed_over(name: &str) -> bool {
    PROFILE_NAMED.load(Ordering::Relaxed) && of_a_profile().any(|of_it| of_it == name)
}

/// Passes over what the environment says of another profile than the one that was named. Which
/// variables that are.
pub(super) fn pass_over() -> Vec<&'static str> {
    PROFILE_NAMED.store(true, Ordering::Relaxed);
    set_beside_a_profile()
}

/// Which variables are set that say what a profile says.
pub(crate) fn set_beside_a_profile() -> Vec<&'static str> {
    let is_set = |name: &&str| env::var_os(name).is_some_and(|value| !value.is_empty());
    of_a_profile().filter(is_set).collect()
}

/// The path that a variable holds, as the system has it.
pub(crate) fn path(name: &str) -> Option<PathBuf> {
    let value = env::var_os(name).filter(|value| !value.is_empty());
    value.filter(|_| !is_passed_over(name)).map(PathBuf::from)
}

/// The variables that hold a path, which need not be text.
const PATHS: [&str; 4] = [
    "TWOBA_CONFIG",
    STORE.variable,
    CLIENT_KEY.variable,
    AUTHORITIES.variable,
];

/// Refuses a setting that is no text: as if it were not set, a login would go to another server, or
/// a password without its client's secret.
pub(crate) fn check() -> Result<(), Failure> {
    for (name, value) in env::vars_os() {
        let Some(name) = name.to_str().filter(|name| name.starts_with("TWOBA_")) else {
            continue;
        };
        if !PATHS.contains(&name) && value.to_str().is_none() {
            return Err(not_text(name));
        }
    }
    Ok(())
}

fn not_text(name: &str) -> Failure {
    Failure::configuration(format!("{name} is not UTF-8 text")).advise("set it anew, in UTF-8")
}

/// The variables that are known to hold secrets.
static SECRETS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// An environment variable that holds a secret: no program that is started from here gets it.
pub(super) fn secret_variable(name: &str) -> Result<Option<String>, Failure> {
    SECRETS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(name.to_owned());
    match env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(not_text(name)),
    }
}

/// Takes the secrets out of what a program is started with.
pub(crate) fn without_secrets(command: &mut Command) {
    for name in ["TWOBA_CLIENT_SECRET", "TWOBA_PASSWORD"] {
        command.env_remove(name);
    }
    for name in &*SECRETS.lock().unwrap_or_else(PoisonError::into_inner) {
        command.env_remove(name);
    }
}
