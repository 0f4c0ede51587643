//! `cargo xtask bench`: runs the benchmarks of `tests/bench` and keeps what they said as
//! `docs/benchmarks.md` with a plot. Nothing here fails because something is slow.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::metadata;
use crate::process::{cargo, in_ci, program};
use crate::say::say;

pub(crate) mod emulator;
mod page;
mod plot;

const MANIFEST: &str = "tests/bench/Cargo.toml";
const PAGE: &str = "docs/benchmarks.md";
const PLOT: &str = "docs/benchmarks.svg";

/// Something that is done by twoba-core and by a rival.
#[derive(Debug)]
struct Comparison {
    /// The group of criterion.
    group: &'static str,
    what: &'static str,
    rival: &'static str,
    /// What the project wants of the time: the rival's by ours, at least.
    wanted: f64,
    /// The same for the count of allocations.
    wanted_allocations: Option<f64>,
}

const COMPARISONS: [Comparison; 5] = [
    Comparison {
        group: "password",
        what: "password grant, build and judge",
        rival: "oauth2",
        wanted: 3.0,
        wanted_allocations: Some(3.0),
    },
    Comparison {
        group: "refresh",
        what: "refresh grant, build and judge",
        rival: "oauth2",
        wanted: 3.0,
        wanted_allocations: Some(3.0),
    },
    Comparison {
        group: "build",
        what: "password grant, build alone",
        rival: "oauth2",
        wanted: 4.0,
        wanted_allocations: None,
    },
    Comparison {
        group: "authorize",
        what: "login URL with state and PKCE",
        rival: "oauth2",
        wanted: 2.0,
        wanted_allocations: None,
    },
    Comparison {
        group: "judge",
        what: "judge alone",
        rival: "serde_json",
        wanted: 0.8,
        wanted_allocations: None,
    },
];

/// What was measured of one comparison: nanoseconds and allocations, ours first.
#[derive(Debug)]
struct Measured {
    comparison: &'static Comparison,
    nanoseconds: [f64; 2],
    allocations: [u64; 2],
}

impl Measured {
    /// How many times the rival takes as long.
    fn faster(&self) -> f64 {
        let [ours, theirs] = self.nanoseconds;
        theirs / ours
    }
}

/// What was measured of one large body.
#[derive(Debug)]
struct Large {
    name: String,
    /// Milliseconds for the whole, and the time per byte by that of a quarter of it.
    milliseconds: f64,
    growth: f64,
    /// The most memory at once besides the body, by the body's size.
    memory: f64,
}

/// All that a run has said.
#[derive(Debug)]
struct Run {
    measured: Vec<Measured>,
    large: Vec<Large>,
    /// Who was measured: names and versions.
    who: String,
}

/// Runs the benchmarks and writes the page and its plot.
pub(crate) fn run(root: &Path) -> Result<bool> {
    let folder = metadata::target(root)?.join("bench");
    let counts = folder.join("allocations.json");
    let times = folder.join("criterion");
    fs::create_dir_all(&folder)?;
    let mut command = cargo(root);
    command.args(["bench", "--manifest-path", MANIFEST, "--target-dir"]);
    command.arg(&folder);
    if in_ci() {
        command.arg("--locked");
    }
    command.env("CRITERION_HOME", &times);
    command.env("TWOBA_BENCH_ALLOCATIONS", &counts);
    if !command.status()?.success() {
        return Ok(false);
    }
    let counts = json(&counts)?;
    let run = Run {
        measured: COMPARISONS
            .iter()
            .map(|comparison| measured(comparison, &times, &counts))
            .collect::<Result<_>>()?,
        large: large(&times, &counts)?,
        who: who(root)?,
    };
    let page = page::written(&run);
    page::keep_first(root, &page)?;
    fs::write(root.join(PLOT), plot::drawn(&run)).with_context(|| format!("write {PLOT}"))?;
    for line in page.lines().filter(|line| line.starts_with('|')) {
        say(line);
    }
    say(&format!("written to {PAGE} and {PLOT}"));
    Ok(true)
}

fn json(path: &Path) -> Result<Value> {
    let bytes = fs::read(path).with_context(|| format!("read {}", path.display()))?;
    serde_json::from_slice(&bytes).with_context(|| format!("understand {}", path.display()))
}

/// The fastest of criterion's samples, in nanoseconds an iteration: what else a machine does
/// makes samples slower and none faster.
fn fastest(times: &Path, place: &str) -> Result<f64> {
    let samples = json(&times.join(place).join("new/sample.json"))?;
    let list = |name: &str| samples.get(name).and_then(Value::as_array);
    let samples = list("times").into_iter().flatten();
    let samples = samples.zip(list("iters").into_iter().flatten());
    samples
        .filter_map(|(time, count)| Some(time.as_f64()? / count.as_f64()?))
        .min_by(f64::total_cmp)
        .with_context(|| format!("criterion has no samples of {place}"))
}

fn number(value: &Value, pointer: &str) -> Result<u64> {
    let number = value.pointer(pointer).and_then(Value::as_u64);
    number.with_context(|| format!("the counts have no {pointer}"))
}

fn measured(comparison: &'static Comparison, times: &Path, counts: &Value) -> Result<Measured> {
    let Comparison { group, rival, .. } = comparison;
    let calls = |who: &str| number(counts, &format!("/{group}/{who}/calls"));
    Ok(Measured {
        comparison,
        nanoseconds: [
            fastest(times, &format!("{group}/twoba"))?,
            fastest(times, &format!("{group}/{rival}"))?,
        ],
        allocations: [calls("twoba")?, calls(rival)?],
    })
}

fn large(times: &Path, counts: &Value) -> Result<Vec<Large>> {
    let shapes = counts.get("large").and_then(Value::as_array);
    let shapes = shapes.context("the counts have no large bodies")?;
    let largest = number(counts, "/largest")?;
    let quarter = largest / 4;
    let mut all = Vec::new();
    for (place, shape) in shapes.iter().enumerate() {
        let whole = fastest(times, &format!("large/{place:02}/{largest}"))?;
        let part = fastest(times, &format!("large/{place:02}/{quarter}"))?;
        let name = shape.get("name").and_then(Value::as_str);
        all.push(Large {
            name: name.unwrap_or("unnamed").to_owned(),
            milliseconds: whole / 1e6,
            growth: whole / (4.0 * part),
            memory: float(number(shape, "/peak")?) / float(number(shape, "/body")?),
        });
    }
    Ok(all)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of this size are exact as floating-point numbers"
)]
fn float(number: u64) -> f64 {
    number as f64
}

/// Names and versions of what was measured, and of what it was measured with.
fn who(root: &Path) -> Result<String> {
    let lock = Path::new(MANIFEST).with_file_name("Cargo.lock");
    let lock = fs::read_to_string(root.join(&lock)).context("read the lock of tests/bench")?;
    let mut parts = Vec::new();
    for name in ["twoba-core", "oauth2", "serde_json", "criterion"] {
        let version = version(&lock, name).with_context(|| format!("no version of {name}"))?;
        parts.push(format!("{name} {version}"));
    }
    parts.extend(machine(root)?);
    Ok(parts.join(", "))
}

/// The compiler and the processor.
fn machine(root: &Path) -> Result<Vec<String>> {
    let rustc = program(root, "rustc").arg("--version").output()?;
    let mut parts = vec![String::from_utf8_lossy(&rustc.stdout).trim().to_owned()];
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processor
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    if let Some((_, model)) = model {
        parts.push(model.trim().to_owned());
    }
    Ok(parts)
}

/// The version that a lock file names behind a package.
fn version<'l>(lock: &'l str, name: &str) -> Option<&'l str> {
    let (_, behind) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
    behind.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_the_lock() {
        let lock = "[[package]]\nname = \"a\"\nversion = \"1.2.3\"\n\n[[package]]\nname = \"ab\"\nversion = \"4.0.0\"\n";
        assert_eq!(version(lock, "a"), Some("1.2.3"));
        assert_eq!(version(lock, "ab"), Some("4.0.0"));
        assert_eq!(version(lock, "b"), None);
    }

    /// A run with the same figures everywhere.
    pub(super) fn sample(nanoseconds: [f64; 2]) -> Run {
        let measured = COMPARISONS.iter().map(|comparison| Measured {
            comparison,
            nanoseconds,
            allocations: [6, 31],
        });
        Run {
            measured: measured.collect(),
            large: vec![Large {
                name: "one <long> member".to_owned(),
                milliseconds: 0.25,
                growth: 1.01,
                memory: 0.5,
            }],
            who: "twoba-core 0.1.0".to_owned(),
        }
    }
}
