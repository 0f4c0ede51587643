//! Finds a busybox, whose shell leaves a terminal as a program has left it, and gets it where it is
//! missing and may be installed.

use std::path::PathBuf;

use super::command::{found, program, works};
use super::debian;

/// Tells the tests of the terminal where it is.
const VARIABLE: &str = "TWOBA_BUSYBOX";

/// That of this machine, installed from the distribution where that is our right; else why not.
pub(super) fn prepare() -> Result<[(&'static str, PathBuf); 1], String> {
    find()
        .or_else(|| {
            debian::packages(&["busybox"]);
            find()
        })
        .ok_or_else(|| "no busybox with a shell (Debian: apt-get install busybox)".to_owned())
}

fn find() -> Option<[(&'static str, PathBuf); 1]> {
    let has_shell = |file: &PathBuf| works(program(None, file).args(["sh", "-c", "true"]));
    Some([(VARIABLE, found("busybox").filter(has_shell)?)])
}
