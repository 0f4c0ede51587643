//! `cargo xtask draw`: runs whatever draws with another seed than a test run, which always takes the same
//! one, so that a commit that passes once passes again. The seed is said first.

use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::say::say;
use crate::{simulate, test};

/// The packages with tests that draw.
const PACKAGES: [&str; 3] = ["twoba-core", "twoba-fuzz-bodies", "twoba-tests"];

/// What the tests of properties draw from. `.cargo/config.toml` has the fixed seed.
const OF_PROPERTIES: &str = "PROPTEST_RNG_SEED";

/// What the emulators and the sessions of tests draw from.
const OF_WORLDS: &str = "TWOBA_SEED";

/// How often each kill is played; says nothing of what is drawn for it.
const KILL_RUNS: &str = "TWOBA_KILL_RUNS";

/// Makes a command draw what every test run draws, whatever a developer has exported.
pub(crate) fn as_always(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if steers_draws(&name.to_string_lossy()) {
            command.env_remove(name);
        }
    }
}

/// Whether a variable of this name says what is drawn, or how much.
fn steers_draws(name: &str) -> bool {
    name == OF_WORLDS || name == KILL_RUNS || name.starts_with("PROPTEST_")
}

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

/// A seed that nobody has chosen, short enough to be typed.
pub(crate) fn draw() -> u32 {
    // The one source of chance in the standard library.
    let drawn = RandomState::new().hash_one(std::process::id());
    u32::try_from(drawn % 999_999_999 + 1).unwrap_or(1)
}

/// The seed that was given.
pub(crate) fn seed(value: &str) -> Result<u32> {
    let read = value.parse().ok();
    // For libFuzzer 0 is none.
    read.filter(|seed| *seed != 0)
        .with_context(|| format!("a seed is a number from 1 to {}", u32::MAX))
}

pub(crate) fn number(name: &str, value: &str) -> Result<u64> {
    let read = value.parse();
    read.with_context(|| format!("{name} wants a number"))
}

/// Options of a command line, each with its value.
pub(crate) fn options<'a>(arguments: &[&'a str]) -> Result<Vec<(&'a str, &'a str)>> {
    let pairs = arguments.chunks(2).map(|pair| match *pair {
        [name, value] => Ok((name, value)),
        [name] => bail!("{name} wants a value"),
        _ => bail!("there is nothing to read"),
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_drawn_anew_each_time_and_can_be_given_back() {
        let drawn: std::collections::BTreeSet<u32> = (0..8).map(|_| draw()).collect();
        assert!(drawn.len() > 1, "{drawn:?}");
        for drawn in drawn {
            assert_eq!(seed(&drawn.to_string()).unwrap(), drawn);
        }
        for bad in ["0", "-1", "x", "4294967296"] {
            assert!(seed(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn options_come_with_their_values() {
        let read = options(&["--a", "1", "--b", "2"]).unwrap();
        assert_eq!(read, [("--a", "1"), ("--b", "2")]);
        assert!(options(&["--a", "1", "--b"]).is_err());
    }

    #[test]
    fn what_a_test_run_draws_is_not_for_the_environment_to_say() {
        for name in [
            OF_PROPERTIES,
            OF_WORLDS,
            "PROPTEST_CASES",
            "TWOBA_KILL_RUNS",
        ] {
            assert!(steers_draws(name), "{name}");
        }
        assert!(!steers_draws("TWOBA_DJANGO_PYTHON"));
    }
}
