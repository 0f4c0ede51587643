//! Finds a keyring of the desktop and a bus for it, and gets them where they are missing and may be
//! installed.

use std::path::PathBuf;

use super::command::{found, program, works};
use super::debian;

/// Tell the tests of the keychain what to start: a keyring and whoever gives it a bus of its own.
const KEYRING: &str = "TWOBA_KEYRING";
const BUS: &str = "TWOBA_BUS";

/// Those of this machine, installed from the distribution where that is our right; else why not.
pub(super) fn prepare() -> Result<[(&'static str, PathBuf); 2], String> {
    find()
        .or_else(|| {
            debian::packages(&["dbus", "gnome-keyring"]);
            find()
        })
        .ok_or_else(|| {
            "no gnome-keyring-daemon with dbus-run-session (Debian: apt-get install dbus \
             gnome-keyring)"
                .to_owned()
        })
}

fn find() -> Option<[(&'static str, PathBuf); 2]> {
    let works = |file: &PathBuf| works(program(None, file).arg("--version"));
    let keyring = found("gnome-keyring-daemon").filter(works)?;
    Some([
        (KEYRING, keyring),
        (BUS, found("dbus-run-session").filter(works)?),
    ])
}
