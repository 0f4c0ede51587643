//! The stores beside what they are made of, in one run: the tables.

use std::env;
use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::jobs;
use crate::prepare::{Prepared, prepare};

/// The jobs of the measuring program, and what they are called in the tables.
const TITLES: [(&str, &str); 5] = [
    ("save", "one save, by the bare write"),
    ("due", "the next 50 that are due, in PostgreSQL"),
    (
        "refreshes",
        "refreshes from 4 processes, in PostgreSQL, by the time of the bare statements and requests",
    ),
    ("steady", "300 refreshes a second, in PostgreSQL"),
    ("memory", "50,000 sessions of one process, in PostgreSQL"),
];

/// Measures everything, and brings the tables for `docs/benchmarks.md`. `words` go to the measuring program.
///
/// # Errors
///
/// - a program is not there, or fails
pub fn run(words: &[&str]) -> Result<String> {
    let program = env::var_os("TWOBA_STORES");
    let program = program.context("TWOBA_STORES is not set: run `cargo xtask bench stores`")?;
    let mut measuring = Command::new(program);
    match prepare("postgres")? {
        Prepared::Ready(places) => {
            measuring.envs(places);
        }
        Prepared::Missing(why) => bail!("{why}"),
    }
    let busy = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let busy = busy.split(' ').next().unwrap_or_default();
    let said = measuring.args(words).stderr(Stdio::inherit()).output()?;
    if !said.status.success() {
        bail!("twoba-bench-stores: {}", said.status);
    }
    let jobs = jobs::read(&serde_json::from_slice(&said.stdout)?, &TITLES)?;
    let machine = env::var("TWOBA_MACHINE").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    Ok(format!(
        "{}Measured: {machine}, {cores} cores, load average before it {busy}.\n",
        jobs::written(&jobs),
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_figure_that_misses_its_limit_is_said_to() {
        let row = |ratio: f64| json!({"who": "a", "figure": "1 ms", "ratio": ratio, "limit": 1.25});
        let said = json!([{"job": "save", "rows": [row(1.25), row(1.26)]}]);
        let table = jobs::written(&jobs::read(&said, &TITLES).unwrap());
        assert!(table.contains("| a | 1 ms | 1.25 | 1.25 |  |\n"), "{table}");
        assert!(table.contains("| 1.26 | 1.25: not reached |"), "{table}");
    }
}
