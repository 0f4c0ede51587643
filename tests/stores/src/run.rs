//! Decides which jobs are run, and in which order.

use std::io::{self, Write};

use serde_json::Value;
use twoba_measure::Fault;

use crate::say::say;
use crate::scene::Scene;
use crate::{due, memory, refreshes, save, steady};

/// How long the load of the job `steady` lasts if nothing else is asked for, in minutes.
const MINUTES: f64 = 10.0;

type Job = fn(&Scene, f64) -> Result<Value, Fault>;

/// The jobs. Those behind the first use the grants that the scene has by then.
const JOBS: [(&str, Job); 5] = [
    ("save", |scene, _| save::run(scene)),
    ("due", |scene, _| due::run(scene)),
    ("refreshes", |scene, _| refreshes::run(scene)),
    ("steady", steady::run),
    ("memory", |scene, _| memory::run(scene)),
];

/// Runs the named jobs, or all.
pub(crate) fn run(words: &[&str]) -> Result<(), Fault> {
    let (mut minutes, mut named) = (MINUTES, Vec::new());
    for word in words {
        match word.parse() {
            Ok(number) => minutes = number,
            Err(_) => named.push(*word),
        }
    }
    let scene = Scene::start()?;
    let mut jobs = Vec::new();
    for (name, job) in JOBS {
        if named.is_empty() || named.contains(&name) {
            say(name);
            let measured = job(&scene, minutes)?;
            say(&measured.to_string());
            jobs.push(measured);
        }
    }
    writeln!(io::stdout(), "{:#}", Value::from(jobs))?;
    Ok(())
}
