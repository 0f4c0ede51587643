//! `cargo xtask fuzz`: builds the fuzz targets with coverage on a nightly toolchain and lets each run for a
//! while. What holds is decided by the bodies; here it is only counted.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result, bail};

use crate::metadata;
use crate::process::works;
use crate::say::say;

/// What tells libFuzzer which branches an input has taken; the core has no unsafe code, so no
/// sanitizer watches its memory.
const COVERAGE: &str = "--cfg fuzzing -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";

/// How long each target runs if nothing is said.
const SECONDS: u64 = 20;

/// Targets that run at once.
const JOBS: usize = 2;

/// How a fuzz run went.
#[derive(Debug)]
pub(crate) enum Outcome {
    Clean(String),
    Findings(String),
    Skipped(String),
}

/// What was asked for on the command line.
#[derive(Debug, PartialEq, Eq)]
struct Order {
    limit: String,
    target: Option<String>,
}

fn order(arguments: &[&str]) -> Result<Order> {
    let mut order = Order {
        limit: format!("-max_total_time={SECONDS}"),
        target: None,
    };
    let mut rest = arguments.iter();
    while let Some(name) = rest.next() {
        let value = rest
            .next()
            .with_context(|| format!("{name} wants a value"))?;
        let number = || {
            value
                .parse::<u64>()
                .with_context(|| format!("{name} wants a number"))
        };
        match *name {
            "--seconds" => order.limit = format!("-max_total_time={}", number()?),
            "--runs" => order.limit = format!("-runs={}", number()?),
            "--target" => order.target = Some((*value).to_owned()),
            other => {
                bail!("fuzz does not know {other}; it takes --seconds N, --runs N, --target T")
            }
        }
    }
    Ok(order)
}

/// Builds and runs the targets.
pub(crate) fn run(root: &Path, arguments: &[&str]) -> Result<Outcome> {
    let order = order(arguments)?;
    if !works(Command::new("rustup").args(["run", "nightly", "rustc", "--version"])) {
        let why = "no nightly toolchain is installed: `rustup toolchain install nightly`";
        return Ok(Outcome::Skipped(why.to_owned()));
    }
    let work = metadata::target(root)?.join("fuzz");
    let programs = build(root, &work)?;
    let corpus = root.join("tests/fuzz/corpus");
    let mut targets = Vec::new();
    for entry in fs::read_dir(&corpus)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if order.target.as_ref().is_none_or(|only| *only == name) {
            targets.push(name);
        }
    }
    targets.sort();
    if targets.is_empty() {
        bail!("there is no such target; they are the folders of tests/fuzz/corpus");
    }
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..JOBS {
            scope.spawn(|| {
                while let Some(target) = targets.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = fuzz(&programs, &corpus, &work, target, &order.limit);
                    if let Ok(mut results) = results.lock() {
                        results.push((target.clone(), result));
                    }
                }
            });
        }
    });
    let results = results.into_inner().unwrap_or_default();
    summary(results)
}

/// The folder of the programs, built.
fn build(root: &Path, work: &Path) -> Result<PathBuf> {
    let version = Command::new("rustup")
        .args(["run", "nightly", "rustc", "-vV"])
        .output()?;
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .context("rustc does not name its host")?;
    // With a target named, build scripts and macros are built without coverage.
    let mut command = Command::new("rustup");
    command
        .args([
            "run",
            "nightly",
            "cargo",
            "build",
            "--release",
            "--quiet",
            "--locked",
        ])
        .args(["--target", host, "--manifest-path"])
        .arg(root.join("tests/fuzz/programs/Cargo.toml"))
        .arg("--target-dir")
        .arg(work)
        .env("RUSTFLAGS", COVERAGE)
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("CARGO")
        .stdin(Stdio::null());
    if !command.status()?.success() {
        bail!("the fuzz targets do not build");
    }
    Ok(work.join(host).join("release"))
}

/// Runs one target on a copy of its corpus; how many inputs it has tried, or what it has found.
fn fuzz(
    programs: &Path,
    corpus: &Path,
    work: &Path,
    target: &str,
    limit: &str,
) -> Result<Result<u64, String>> {
    let grown = work.join("corpus").join(target);
    let findings = work.join("findings").join(target);
    fs::create_dir_all(&grown)?;
    fs::create_dir_all(&findings)?;
    let output = Command::new(programs.join(target))
        .args([
            limit,
            "-print_final_stats=1",
            "-timeout=10",
            "-rss_limit_mb=1024",
        ])
        .arg(format!("-artifact_prefix={}/", findings.display()))
        .arg(&grown)
        .arg(corpus.join(target))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .output()
        .with_context(|| format!("run {target}"))?;
    let told = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        let lines: Vec<_> = told.lines().rev().take(40).collect();
        let end: Vec<_> = lines.into_iter().rev().collect();
        return Ok(Err(format!(
            "{}\nthe input lies in {}",
            end.join("\n"),
            findings.display()
        )));
    }
    let tried = told
        .lines()
        .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"))
        .and_then(|number| number.trim().parse().ok())
        .context("the fuzzer does not say how much it has tried")?;
    Ok(Ok(tried))
}

fn summary(mut results: Vec<(String, Result<Result<u64, String>>)>) -> Result<Outcome> {
    results.sort_by(|one, other| one.0.cmp(&other.0));
    let mut found = 0;
    let mut all = 0;
    for (target, result) in results {
        match result? {
            Ok(tried) => {
                all += tried;
                say(&format!("{target:<18} {tried:>12} inputs, nothing found"));
            }
            Err(finding) => {
                found += 1;
                say(&format!("{target:<18} a finding:\n{finding}"));
            }
        }
    }
    let text = format!("{all} inputs");
    Ok(if found == 0 {
        Outcome::Clean(text)
    } else {
        Outcome::Findings(format!("{found} targets with findings in {text}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_read() {
        let read = order(&["--runs", "7", "--target", "jsonp"]).unwrap();
        assert_eq!(read.limit, "-runs=7");
        assert_eq!(read.target.as_deref(), Some("jsonp"));
        assert_eq!(order(&[]).unwrap().limit, "-max_total_time=20");
        for bad in [&["--runs"][..], &["--seconds", "x"], &["--nonsense", "1"]] {
            assert!(order(bad).is_err(), "{bad:?}");
        }
    }
}
