//! twoba's adapters beside other clients on the same jobs, in one run: the tables, and the picture of them.

use std::env;
use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use twoba_testkit::fixture;

use crate::prepare::{Prepared, prepare};
use figures::{Job, Row};

mod crates;
mod figures;
mod plot;
mod table;

/// The picture beside the page.
const PICTURE: &str = "docs/clients.svg";

/// Measures everything, draws the picture, and brings the tables for `docs/benchmarks.md`.
///
/// # Errors
///
/// - a program is not there, or fails
pub fn run() -> Result<String> {
    let program = env::var_os("TWOBA_CLIENTS");
    let program = program.context("TWOBA_CLIENTS is not set: run `cargo xtask bench clients`")?;
    let mut measuring = Command::new(program);
    let mut without = String::new();
    match prepare("go")? {
        Prepared::Ready(places) => {
            for (_, place) in places {
                measuring.arg("--go").arg(place);
            }
        }
        Prepared::Missing(why) => without = format!("Without x/oauth2: {why}.\n\n"),
    }
    let said = measuring.stderr(Stdio::inherit()).output()?;
    if !said.status.success() {
        bail!("twoba-bench-clients: {}", said.status);
    }
    let jobs = read(&serde_json::from_slice(&said.stdout)?)?;
    fs::write(fixture::workspace().join(PICTURE), plot::drawn(&jobs))?;
    let machine = env::var("TWOBA_MACHINE").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    Ok(format!(
        "![The same as bars](clients.svg)\n\n{}{without}{}\nMeasured: {machine}, {cores} cores.\n",
        table::written(&jobs),
        crates::counted()?,
    ))
}

/// What the measuring program has said.
fn read(said: &Value) -> Result<Vec<Job>> {
    let jobs = said.as_array().context("no jobs")?;
    jobs.iter().map(job).collect()
}

fn job(said: &Value) -> Result<Job> {
    let title = match text(said, "job") {
        "batch" => "10,000 rows of `twoba batch`, 16 at once, by the time of a bare client",
        "fresh" => "a token that is usable and not due, by the floor",
        "expiry" => "callers when the token expires, the server answering after 50 ms, by x/oauth2",
        "sessions" => "many sessions",
        "refresh" => "one refresh, by the bare POST",
        other => bail!("no such job: {other}"),
    };
    let rows = said.get("rows").and_then(Value::as_array);
    let rows = rows.context("a job without rows")?.iter().map(row);
    Ok(Job {
        title,
        rows: rows.collect(),
    })
}

fn row(said: &Value) -> Row {
    let number = |name| said.get(name).and_then(Value::as_f64);
    Row {
        who: text(said, "who").to_owned(),
        figure: text(said, "figure").to_owned(),
        bar: number("bar"),
        ratio: number("ratio"),
        limit: number("limit"),
        more: text(said, "more").to_owned(),
    }
}

fn text<'v>(said: &'v Value, name: &str) -> &'v str {
    said.get(name).and_then(Value::as_str).unwrap_or_default()
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
        let jobs = read(&json!([{"job": "expiry", "rows": rows}])).unwrap();
        let table = table::written(&jobs);
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
        assert!(read(&json!([{"job": "nonsense", "rows": []}])).is_err());
    }
}
