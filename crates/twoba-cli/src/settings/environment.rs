//! The environment, as the settings look at it.

use std::collections::BTreeSet;
use std::env::{self, VarError};
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use crate::failure::Failure;

/// An environment variable that is set to something.
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// The path that a variable holds, as the system has it.
pub(crate) fn path(name: &str) -> Option<PathBuf> {
    let value = env::var_os(name).filter(|value| !value.is_empty());
    value.map(PathBuf::from)
}

/// The variables that hold a path, which need not be text.
const PATHS: [&str; 3] = ["TWOBA_CONFIG", "TWOBA_STORE", "TWOBA_PRIVATE_KEY_FILE"];

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
