//! What chores draw from: a fixed seed in every test run, so that a commit gets one verdict, and a drawn one
//! where somebody searches.

use std::hash::{BuildHasher, RandomState};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// What the tests of properties draw from. `.cargo/config.toml` has the fixed seed.
pub(crate) const OF_PROPERTIES: &str = "PROPTEST_RNG_SEED";

/// What the emulators and the sessions of tests draw from.
pub(crate) const OF_WORLDS: &str = "TWOBA_SEED";

/// How often each kill is played; says nothing of what is drawn for it.
pub(crate) const KILL_RUNS: &str = "TWOBA_KILL_RUNS";

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
