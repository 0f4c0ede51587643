//! Lets the program of `tests/schemas` work, which makes the types of Product Data of a table.

use std::path::Path;

use anyhow::Result;

use crate::process::cargo_locked;

/// Writes what is made of the table anew; whether that went well.
pub(crate) fn write(root: &Path) -> Result<bool> {
    run(root, "write")
}

/// Whether the files are what the table says.
pub(crate) fn check(root: &Path) -> Result<bool> {
    run(root, "check")
}

fn run(root: &Path, what: &str) -> Result<bool> {
    let mut command = cargo_locked(root, &["run", "--quiet", "--package", "twoba-schemas"]);
    Ok(command.args(["--", what]).status()?.success())
}
