//! `cargo xtask simulate`: builds the simulation with optimizations and runs worlds of many seeds.

use std::env::consts::EXE_SUFFIX;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::chance::draw;
use crate::metadata;
use crate::process::cargo_locked;

/// How many seeds `cargo xtask test` runs.
const SEEDS: &str = "60000";

/// The first seed of a test run.
const FIRST: &str = "0";

/// Runs the simulation with these options; whether no promise was broken. The first seed is drawn
/// where none is given.
pub(crate) fn run(root: &Path, options: &[&str]) -> Result<bool> {
    let mut options = options.to_vec();
    let drawn = draw().to_string();
    if !options.contains(&"--from") {
        options.extend(["--from", &drawn]);
    }
    // A folder of its own: the rest of the workspace is not built anew for it.
    let target = metadata::target(root)?.join("simulation");
    let mut build = cargo_locked(root, &["build", "--quiet", "--release"]);
    build.args(["--package", "twoba-simulation"]);
    build.arg("--target-dir").arg(&target);
    // Quick, and with every assertion of the product in force.
    build.env("CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS", "true");
    build.env("CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS", "true");
    if !build.status()?.success() {
        bail!("the simulation does not build");
    }
    let program = format!("twoba-simulation{EXE_SUFFIX}");
    Ok(Command::new(target.join("release").join(program))
        .args(options)
        .stdin(Stdio::null())
        .status()?
        .success())
}

/// What CI runs.
pub(crate) fn run_in_tests(root: &Path) -> Result<bool> {
    run(root, &["--seeds", SEEDS, "--from", FIRST])
}
