//! Measures the jobs that are named, or all of them, and prints what came of it as JSON.
//!
//! The job `batch` runs the program that `TWOBA_PROGRAM` names.
//! `--go PATH` says where the Go program was built; without, its rows are missing.

use serde_json::Value;
use twoba_bench_clients::Fault;

mod batch;
mod expiry;
mod fresh;
mod refresh;
mod sessions;

type Job = fn(Option<&str>) -> Result<Value, Fault>;

const JOBS: [(&str, Job); 5] = [
    ("batch", batch::run),
    ("fresh", fresh::run),
    ("sessions", sessions::run),
    ("refresh", refresh::run),
    ("expiry", expiry::run),
];

fn main() -> Result<(), Fault> {
    let mut words = std::env::args().skip(1);
    let (mut go, mut named) = (None, Vec::new());
    while let Some(word) = words.next() {
        match word.as_str() {
            "--go" => go = words.next(),
            _ => named.push(word),
        }
    }
    let mut jobs = Vec::new();
    for (name, job) in JOBS {
        if named.is_empty() || named.iter().any(|word| word == name) {
            eprintln!("{name}");
            jobs.push(job(go.as_deref())?);
        }
    }
    println!("{:#}", Value::from(jobs));
    Ok(())
}
