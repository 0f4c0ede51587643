//! The environment, as the settings look at it.

use std::collections::BTreeSet;
use std::env;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// An environment variable that is set to something.
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// The variables that are known to hold secrets.
static SECRETS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// An environment variable that holds a secret: no program that is started from here gets it.
pub(crate) fn secret_variable(name: &str) -> Option<String> {
    SECRETS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(name.to_owned());
    variable(name)
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
