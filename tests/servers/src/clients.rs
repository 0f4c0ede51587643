//! twoba's adapters beside other clients on the same jobs, in one run: the tables, and the picture of them.

use std::env;
use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use twoba_testkit::fixture;

use crate::jobs;
use crate::prepare::{Prepared, prepare};

mod crates;
mod plot;

/// The picture beside the page.
const PICTURE: &str = "docs/clients.svg";

/// The jobs of the measuring program, and what they are called in the tables.
const TITLES: [(&str, &str); 5] = [
    (
        "batch",
        "10,000 rows of `twoba batch`, 16 at once, by the time of a bare client",
    ),
    ("fresh", "a token that is usable and not due, by the floor"),
    ("sessions", "many sessions"),
    ("refresh", "one refresh, by the bare POST"),
    (
        "expiry",
        "callers when the token expires, the server answering after 50 ms, by x/oauth2",
    ),
];

/// Measures everything, draws the picture, and brings the tables for `docs/benchmarks.md`.
///
/// # Errors
///
/// - a program is not there, or fails
pub fn run() -> Result<String> {
    let program = env::var_os("TWOBA_CLIENTS");
    let program = program.context("TWOBA_CLIENTS is not set: run `cargo xtask bench clients`")?;
    let (places, without) = match prepare("go")? {
        Prepared::Ready(places) => (places, String::new()),
        Prepared::Missing(why) => (Vec::new(), format!("Without x/oauth2: {why}.\n\n")),
    };
    // Each in a process of its own: a million sessions or thousands of threads leave traces in one.
    let mut said = Vec::new();
    for (job, _) in TITLES {
        let mut measuring = Command::new(&program);
        for (_, place) in &places {
            measuring.arg("--go").arg(place);
        }
        let measured = measuring.arg(job).stderr(Stdio::inherit()).output()?;
        if !measured.status.success() {
            bail!("twoba-bench-clients {job}: {}", measured.status);
        }
        said.extend(serde_json::from_slice::<Vec<Value>>(&measured.stdout)?);
    }
    let jobs = jobs::read(&Value::from(said), &TITLES)?;
    fs::write(fixture::workspace().join(PICTURE), plot::drawn(&jobs))?;
    let machine = env::var("TWOBA_MACHINE").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    Ok(format!(
        "![The same as bars](clients.svg)\n\n{}{without}{}\nMeasured: {machine}, {cores} cores.\n",
        jobs::written(&jobs),
        crates::counted()?,
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_measured_becomes_a_table_and_bars() {
        let row = |who: &str, bar: f64, limit: Option<f64>| {
            json!({"who": who, "figure": format!("{bar} ms"), "bar": bar, "ratio": bar / 4.0,
                "limit": limit, "more": "1 POST"})
        };
        let rows = [
            row("x/oauth2", 4.0, None),
            row("twoba-async", 6.0, Some(1.02)),
        ];
        let said = json!([{"job": "expiry", "rows": rows}]);
        let jobs = jobs::read(&said, &TITLES).unwrap();
        let table = jobs::written(&jobs);
        assert!(
            table.contains("| x/oauth2 | 4 ms | 1.00 | - | 1 POST |\n"),
            "{table}"
        );
        assert!(
            table.contains("| twoba-async | 6 ms | 1.50 | 1.02: not reached | 1 POST |\n"),
            "{table}"
        );
        let picture = plot::drawn(&jobs);
        assert_eq!(picture.matches("class=\"bar").count(), 2, "{picture}");
        assert!(jobs::read(&json!([{"job": "nonsense", "rows": []}]), &TITLES).is_err());
    }
}
