//! Lets the program of `tests/servers` work: it knows what others wrote, and everything that is done with it.

use std::env::consts::EXE_SUFFIX;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::process::cargo_locked;
use crate::say::say;
use crate::{generated, machine, metadata};

/// The variables that tell tests where programs of others are.
pub(crate) const VARIABLES: [&str; 11] = [
    "TWOBA_DJANGO_PYTHON",
    "TWOBA_CLIENTS_PYTHON",
    "TWOBA_CLIENTS_NODE",
    "TWOBA_BUSYBOX",
    "TWOBA_CHROMIUM",
    "TWOBA_CHROMEDRIVER",
    "TWOBA_KEYRING",
    "TWOBA_BUS",
    "TWOBA_POSTGRES",
    "TWOBA_PGBOUNCER",
    "TWOBA_FAKETIME",
];

/// What was prepared, by the variables that tell where it is, and what was not, each with the reason.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Prepared {
    pub(crate) ready: Vec<(String, String)>,
    pub(crate) missing: Vec<String>,
}

/// Installs what these purposes need.
pub(crate) fn prepare(root: &Path, purposes: &[&str]) -> Result<Prepared> {
    let mut command = program(root, "prepare");
    let output = command.args(purposes).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        bail!("twoba-servers prepare: {}", output.status);
    }
    Ok(told(
        &String::from_utf8(output.stdout).context("a path that is no text")?,
    ))
}

fn told(lines: &str) -> Prepared {
    let mut prepared = Prepared::default();
    for line in lines.lines() {
        match line.split_once('=') {
            Some((variable, place)) if variable.starts_with("TWOBA_") => {
                prepared.ready.push((variable.to_owned(), place.to_owned()));
            }
            Some(_) | None => prepared.missing.push(line.to_owned()),
        }
    }
    prepared
}

/// Records the named servers, or all; one that cannot run here is skipped, and said so.
pub(crate) fn record(root: &Path, names: &[&str]) -> Result<bool> {
    Ok(program(root, "record").args(names).status()?.success())
}

/// Whether the emulator answers as its kept answers say.
pub(crate) fn compare(root: &Path) -> Result<bool> {
    Ok(program(root, "compare").status()?.success())
}

/// Measures the emulator beside oidc-provider and writes the tables.
pub(crate) fn bench(root: &Path) -> Result<bool> {
    let mut build = cargo_locked(root, &["build", "--quiet", "--release"]);
    build.args(["--package", "twoba-cli", "--package", "twoba-load"]);
    if !build.status()?.success() {
        bail!("the emulator or its load does not build");
    }
    let built = metadata::target(root)?.join("release");
    let mut command = program(root, "bench");
    command.env("TWOBA_MACHINE", machine::told(root)?);
    for (variable, name) in [("TWOBA_PROGRAM", "twoba"), ("TWOBA_LOAD", "twoba-load")] {
        command.env(variable, built.join(format!("{name}{EXE_SUFFIX}")));
    }
    let output = command.stderr(Stdio::inherit()).output()?;
    let tables = String::from_utf8(output.stdout)?;
    say(&tables);
    if !tables.is_empty() {
        generated::write(root, "docs/benchmarks.md", "emulator", &tables)?;
    }
    Ok(output.status.success())
}

/// Measures the adapters beside other clients and writes the tables and the picture.
pub(crate) fn bench_clients(root: &Path) -> Result<bool> {
    let folder = metadata::target(root)?;
    let mut build = cargo_locked(root, &["build", "--quiet", "--release", "--target-dir"]);
    build.arg(&folder);
    build.args(["--manifest-path", "tests/bench/clients/Cargo.toml"]);
    if !build.status()?.success() {
        bail!("what measures the clients does not build");
    }
    let mut build = cargo_locked(root, &["build", "--quiet", "--release", "--target-dir"]);
    build.arg(&folder).args(["--package", "twoba-cli"]);
    if !build.status()?.success() {
        bail!("the program twoba does not build");
    }
    let built = format!("release/twoba-bench-clients{EXE_SUFFIX}");
    let mut command = program(root, "clients");
    command.env("TWOBA_CLIENTS", folder.join(built));
    command.env(
        "TWOBA_PROGRAM",
        folder.join(format!("release/twoba{EXE_SUFFIX}")),
    );
    command.env("TWOBA_MACHINE", machine::told(root)?);
    let output = command.stderr(Stdio::inherit()).output()?;
    let tables = String::from_utf8(output.stdout)?;
    say(&tables);
    if output.status.success() {
        generated::write(root, "docs/benchmarks.md", "clients", &tables)?;
    }
    Ok(output.status.success())
}

/// Measures the stores beside what they are made of and writes the tables.
pub(crate) fn bench_stores(root: &Path, minutes: &[&str]) -> Result<bool> {
    let mut build = cargo_locked(root, &["build", "--quiet", "--release"]);
    build.args(["--package", "twoba-bench-stores"]);
    if !build.status()?.success() {
        bail!("what measures the stores does not build");
    }
    let built = metadata::target(root)?.join("release");
    let mut command = program(root, "stores");
    command.args(minutes);
    command.env("TWOBA_MACHINE", machine::told(root)?);
    command.env(
        "TWOBA_STORES",
        built.join(format!("twoba-bench-stores{EXE_SUFFIX}")),
    );
    let output = command.stderr(Stdio::inherit()).output()?;
    let tables = String::from_utf8(output.stdout)?;
    say(&tables);
    if output.status.success() {
        generated::write(root, "docs/benchmarks.md", "stores", &tables)?;
    }
    Ok(output.status.success())
}

fn program(root: &Path, what: &str) -> Command {
    let mut command = cargo_locked(root, &["run", "--quiet", "--package", "twoba-servers"]);
    command.args(["--", what]);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_told_from_what_is_there() {
        let prepared = told("TWOBA_DJANGO_PYTHON=/a=b\nclients-in-node: no node (x=y)\n");
        let ready = ("TWOBA_DJANGO_PYTHON".to_owned(), "/a=b".to_owned());
        assert_eq!(prepared.ready, [ready]);
        assert_eq!(prepared.missing, ["clients-in-node: no node (x=y)"]);
    }
}
