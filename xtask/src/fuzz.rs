//! `cargo xtask fuzz`: builds the fuzz targets with coverage on a nightly toolchain and lets each search
//! for a while from a seed. A test run only has them go through the stored corpus: a search that is led
//! by coverage depends on the compiler, on addresses and on time, and is no verdict on a commit. What
//! holds is decided by the bodies; here it is only counted.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result, bail};

use crate::chance::{draw, number, options, seed};
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

/// How long each target searches if nothing is said.
const SECONDS: u64 = 20;

/// Targets that run at once.
const JOBS: usize = 2;

/// How long an input may take. Only what hangs takes as long, on the busiest machine too.
const TIMEOUT: &str = "-timeout=60";

/// How a fuzz run went.
#[derive(Debug)]
pub(crate) enum Outcome {
    Clean(String),
    Findings(String),
    Skipped(String),
}

/// What each target does.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Work {
    /// Goes through the stored corpus.
    Corpus,
    /// Goes on from there, by inputs that follow from a seed, until libFuzzer's option says so.
    Search { seed: u32, limit: String },
}

/// What was asked for on the command line.
#[derive(Debug, PartialEq, Eq)]
struct Order {
    limit: String,
    seed: Option<u32>,
    target: Option<String>,
}

fn order(arguments: &[&str]) -> Result<Order> {
    let mut order = Order {
        limit: format!("-max_total_time={SECONDS}"),
        seed: None,
        target: None,
    };
    for (name, value) in options(arguments)? {
        match name {
            "--seconds" => order.limit = format!("-max_total_time={}", number(name, value)?),
            "--runs" => order.limit = format!("-runs={}", number(name, value)?),
            "--seed" => order.seed = Some(seed(value)?),
            "--target" => order.target = Some(value.to_owned()),
            other => {
                let takes = "--seconds N, --runs N, --seed S, --target T";
                bail!("fuzz does not know {other}; it takes {takes}")
            }
        }
    }
    Ok(order)
}

/// Lets the targets search, and says how to repeat it.
pub(crate) fn search(root: &Path, arguments: &[&str]) -> Result<Outcome> {
    let order = order(arguments)?;
    let seed = order.seed.unwrap_or_else(draw);
    say(&format!(
        "seed {seed}; `--seed {seed}` searches the same way"
    ));
    let limit = order.limit;
    let work = Work::Search { seed, limit };
    each_target(root, order.target.as_deref(), &work)
}

/// Has every target go through its stored corpus.
pub(crate) fn check(root: &Path) -> Result<Outcome> {
    each_target(root, None, &Work::Corpus)
}

/// Builds the targets and sets them to work.
fn each_target(root: &Path, only: Option<&str>, work: &Work) -> Result<Outcome> {
    if !works(Command::new("rustup").args(["run", "nightly", "rustc", "--version"])) {
        let why = "no nightly toolchain is installed: `rustup toolchain install nightly`";
        return Ok(Outcome::Skipped(why.to_owned()));
    }
    let folder = metadata::target(root)?.join("fuzz");
    let programs = build(root, &folder)?;
    let corpus = root.join("tests/fuzz/corpus");
    let mut targets = names_in(&corpus)?;
    targets.retain(|name| only.is_none_or(|only| only == name));
    if targets.is_empty() {
        bail!("there is no such target; they are the folders of tests/fuzz/corpus");
    }
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..JOBS {
            scope.spawn(|| {
                while let Some(target) = targets.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let program = programs.join(target);
                    let result = run(&program, &corpus.join(target), &folder, target, work);
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

/// The names of what lies in a folder, in an order that every file system agrees on.
fn names_in(folder: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(folder).with_context(|| format!("read {}", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
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

/// Runs one target; how many inputs it has tried, or what it has found.
fn run(
    program: &Path,
    corpus: &Path,
    folder: &Path,
    target: &str,
    work: &Work,
) -> Result<Result<u64, String>> {
    let findings = folder.join("findings").join(target);
    fs::create_dir_all(&findings)?;
    let mut command = with_fixed_addresses(program);
    command
        .args(["-print_final_stats=1", "-rss_limit_mb=1024", TIMEOUT])
        .arg(format!("-artifact_prefix={}/", findings.display()));
    match work {
        Work::Corpus => command.arg("-runs=0").arg(corpus),
        Work::Search { seed, limit } => {
            // In a folder libFuzzer finds the inputs in the order of the file system.
            let list = folder.join(format!("{target}.inputs"));
            let inputs = names_in(corpus)?.into_iter();
            let inputs = inputs.map(|name| corpus.join(name).display().to_string());
            fs::write(&list, inputs.collect::<Vec<_>>().join(","))?;
            command.arg(limit).arg(format!("-seed={seed}"));
            command.arg(format!("-seed_inputs=@{}", list.display()))
        }
    };
    let output = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .output()
        .with_context(|| format!("run {target}"))?;
    let told = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        let lines: Vec<_> = told.lines().rev().take(40).collect();
        let end: Vec<_> = lines.into_iter().rev().collect();
        return Ok(Err(format!(
            "{}\nthe input lies in {}; mend what it shows, and keep it in tests/fuzz/corpus/{target}",
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

/// The program, with its code and data at the same addresses each time where the system allows
/// that: libFuzzer mixes what is compared into its inputs, and pointers are compared too.
fn with_fixed_addresses(program: &Path) -> Command {
    if works(Command::new("setarch").args(["--addr-no-randomize", "true"])) {
        let mut command = Command::new("setarch");
        command.arg("--addr-no-randomize").arg(program);
        return command;
    }
    Command::new(program)
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
        let read = order(&["--runs", "7", "--target", "jsonp", "--seed", "5"]).unwrap();
        assert_eq!(read.limit, "-runs=7");
        assert_eq!(read.target.as_deref(), Some("jsonp"));
        assert_eq!(read.seed, Some(5));
        assert_eq!(order(&[]).unwrap().limit, "-max_total_time=20");
        for bad in [&["--runs"][..], &["--seconds", "x"], &["--nonsense", "1"]] {
            assert!(order(bad).is_err(), "{bad:?}");
        }
    }
}
