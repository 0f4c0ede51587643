//! What a measuring program has said in JSON, and the tables of it.

use anyhow::{Context, Result, bail};
use serde_json::Value;

mod table;

pub(crate) use table::written;

/// A job, and what was measured of everybody at it.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) title: &'static str,
    pub(crate) rows: Vec<Row>,
}

/// What was measured of one subject.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) who: String,
    /// With its unit.
    pub(crate) figure: String,
    /// How long its bar is; none where there is nothing to compare.
    pub(crate) bar: Option<f64>,
    /// What is compared with the limit.
    pub(crate) ratio: Option<f64>,
    pub(crate) limit: Option<f64>,
    pub(crate) more: String,
}

impl Row {
    /// Whether it is one of twoba's adapters.
    pub(crate) fn is_ours(&self) -> bool {
        self.who.starts_with("twoba")
    }
}

/// What the measuring program has said. `titles` has the names of its jobs, and what they are called in the tables.
pub(crate) fn read(said: &Value, titles: &[(&str, &'static str)]) -> Result<Vec<Job>> {
    let jobs = said.as_array().context("no jobs")?;
    jobs.iter().map(|said| job(said, titles)).collect()
}

fn job(said: &Value, titles: &[(&str, &'static str)]) -> Result<Job> {
    let name = text(said, "job");
    let Some((_, title)) = titles.iter().find(|(known, _)| *known == name) else {
        bail!("no such job: {name}");
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
