//! `cargo xtask draw`: runs whatever draws with another seed than a test run, which always takes the same
//! one, so that a commit that passes once passes again. The seed is said first.

use std::path::Path;

use anyhow::{Result, bail};

use crate::chance::{KILL_RUNS, OF_PROPERTIES, OF_WORLDS, draw, number, options, seed};
use crate::say::say;
use crate::{simulate, test};

/// The packages with tests that draw.
const PACKAGES: [&str; 3] = ["twoba-core", "twoba-fuzz-bodies", "twoba-tests"];

/// Runs it all; whether everything held.
pub(crate) fn run(root: &Path, arguments: &[&str]) -> Result<bool> {
    let mut seed = None;
    let mut cases = None;
    for (name, value) in options(arguments)? {
        match name {
            "--seed" => seed = Some(self::seed(value)?),
            "--cases" => cases = Some(number(name, value)?),
            other => bail!("draw does not know {other}; it takes --seed S, --cases N"),
        }
    }
    let seed = seed.unwrap_or_else(draw).to_string();
    say(&format!("seed {seed}; `--seed {seed}` draws the same"));
    let mut tests = test::command(root);
    tests.args(PACKAGES.iter().flat_map(|name| ["--package", name]));
    tests.arg("--no-fail-fast");
    tests.env(OF_PROPERTIES, &seed).env(OF_WORLDS, &seed);
    if let Some(cases) = cases {
        tests.env("PROPTEST_CASES", cases.to_string());
    }
    if let Some(runs) = std::env::var_os(KILL_RUNS) {
        tests.env(KILL_RUNS, runs);
    }
    let tests_hold = tests.status()?.success();
    Ok(simulate::run(root, &["--from", &seed])? && tests_hold)
}
