//! What a run of the benchmarks comes to: the tables of `docs/benchmarks.md`. Nothing here fails because something
//! is slow.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// From this on, time per byte grows: it would be four times as long for four times the body
/// where time goes with the square. Caches and a busy machine make some of it up.
const LINEAR: f64 = 1.5;

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
    against(
        "oauth2",
        "password",
        "password grant, build and judge",
        3.0,
        Some(3.0),
    ),
    against(
        "oauth2",
        "refresh",
        "refresh grant, build and judge",
        3.0,
        Some(3.0),
    ),
    against("oauth2", "build", "password grant, build alone", 4.0, None),
    against(
        "oauth2",
        "authorize",
        "login URL with state and PKCE",
        2.0,
        None,
    ),
    against("serde_json", "judge", "judge alone", 0.8, None),
];

const fn against(
    rival: &'static str,
    group: &'static str,
    what: &'static str,
    wanted: f64,
    wanted_allocations: Option<f64>,
) -> Comparison {
    Comparison {
        group,
        what,
        rival,
        wanted,
        wanted_allocations,
    }
}

/// Where the benchmarks have left what they measured.
#[derive(Debug)]
pub struct Report {
    /// Criterion's folder.
    times: PathBuf,
    counts: Value,
}

impl Report {
    /// What criterion has left in a folder, and the allocations in a file.
    ///
    /// # Errors
    ///
    /// - the file cannot be read, or is no JSON
    pub fn read(times: PathBuf, counts: &Path) -> Result<Self> {
        let counts = json(counts)?;
        Ok(Self { times, counts })
    }

    /// The table of the operations, with what they were measured with.
    ///
    /// # Errors
    ///
    /// - something was not measured
    pub fn operations(&self, machine: &str) -> Result<String> {
        let mut table = "| operation | twoba-core | rival | times as fast | wanted | allocations | rival's | wanted |\n\
             | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
            .to_owned();
        for comparison in &COMPARISONS {
            let Comparison { group, rival, .. } = comparison;
            let time = |who: &str| self.fastest(&format!("{group}/{who}"));
            let calls = |who: &str| number(&self.counts, &format!("/{group}/{who}/calls"));
            let nanoseconds = [time("twoba")?, time(rival)?];
            table.push_str(&row(
                comparison,
                nanoseconds,
                [calls("twoba")?, calls(rival)?],
            ));
        }
        let lock = include_str!("../Cargo.lock");
        let mut who = Vec::new();
        for name in ["twoba-core", "oauth2", "serde_json", "criterion"] {
            let version = version(lock, name).ok_or_else(|| format!("no version of {name}"))?;
            who.push(format!("{name} {version}"));
        }
        Ok(format!(
            "{table}\nMeasured: {}, {machine}.\n",
            who.join(", ")
        ))
    }

    /// The table of the large bodies.
    ///
    /// # Errors
    ///
    /// - something was not measured
    pub fn bodies(&self) -> Result<String> {
        let shapes = self.counts.get("large").and_then(Value::as_array);
        let shapes = shapes.ok_or("the counts have no large bodies")?;
        let largest = number(&self.counts, "/largest")?;
        let mut table =
            "| shape | time | growth | memory |\n| --- | ---: | ---: | ---: |\n".to_owned();
        for (place, shape) in shapes.iter().enumerate() {
            let time = |size: f64| self.fastest(&format!("large/{place:02}/{size}"));
            let (whole, part) = (time(largest)?, time(largest / 4.0)?);
            let name = shape
                .get("name")
                .and_then(Value::as_str)
                .unwrap_or("unnamed");
            let growth = whole / (4.0 * part);
            let curved = if growth > LINEAR { ": not linear" } else { "" };
            table.push_str(&format!(
                "| {name} | {:.2} ms | {growth:.2}{curved} | {:.2} |\n",
                whole / 1e6,
                number(shape, "/peak")? / number(shape, "/body")?
            ));
        }
        Ok(table)
    }

    /// The table of the pages of Product Data.
    ///
    /// # Errors
    ///
    /// - something was not measured
    pub fn lists(&self) -> Result<String> {
        let lists = self.counts.get("lists").and_then(Value::as_array);
        let lists = lists.ok_or("the counts have no lists")?;
        let mut table = "| page of 1,000 | twoba-services | serde_json | times as long | wanted | allocations | rival's |\n\
             | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n"
            .to_owned();
        for (place, list) in lists.iter().enumerate() {
            let time = |who: &str| self.fastest(&format!("lists/{place}/{who}"));
            let calls = |who: &str| number(list, &format!("/{who}/calls"));
            let name = list.get("name").and_then(Value::as_str);
            table.push_str(&list_row(
                name.unwrap_or("unnamed"),
                [time("twoba")?, time("serde_json")?],
                [calls("twoba")?, calls("serde_json")?],
            ));
        }
        Ok(table)
    }

    /// The fastest of criterion's samples, in nanoseconds an iteration: what else a machine does
    /// makes samples slower and none faster.
    fn fastest(&self, place: &str) -> Result<f64> {
        let samples = json(&self.times.join(place).join("new/sample.json"))?;
        let list = |name: &str| samples.get(name).and_then(Value::as_array);
        let samples = list("times").into_iter().flatten();
        let samples = samples.zip(list("iters").into_iter().flatten());
        let fastest = samples
            .filter_map(|(time, count)| Some(time.as_f64()? / count.as_f64()?))
            .min_by(f64::total_cmp);
        Ok(fastest.ok_or_else(|| format!("criterion has no samples of {place}"))?)
    }
}

fn json(path: &Path) -> Result<Value> {
    let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let value = serde_json::from_slice(&bytes);
    Ok(value.map_err(|error| format!("{}: {error}", path.display()))?)
}

fn number(value: &Value, pointer: &str) -> Result<f64> {
    let number = value.pointer(pointer).and_then(Value::as_f64);
    Ok(number.ok_or_else(|| format!("the counts have no {pointer}"))?)
}

fn row(
    comparison: &Comparison,
    [ours, theirs]: [f64; 2],
    [our_calls, their_calls]: [f64; 2],
) -> String {
    let Comparison {
        what,
        rival,
        wanted,
        wanted_allocations,
        ..
    } = comparison;
    let missed = |reached: f64, wanted: f64| {
        if reached < wanted {
            ": not reached"
        } else {
            ""
        }
    };
    let calls = wanted_allocations.map_or_else(
        || "-".to_owned(),
        |least| {
            format!(
                "{least:.0} times fewer{}",
                missed(their_calls / our_calls.max(1.0), least)
            )
        },
    );
    let faster = theirs / ours;
    format!(
        "| {what} | {ours:.0} ns | {theirs:.0} ns ({rival}) | {faster:.2} | {wanted:.1}{} | {our_calls} | {their_calls} | {calls} |\n",
        missed(faster, *wanted)
    )
}

/// How many times as long as the bare parser a page may take.
const SLOWER: f64 = 1.3;

fn list_row(name: &str, [ours, theirs]: [f64; 2], [our_calls, their_calls]: [f64; 2]) -> String {
    let said = |reached: bool| if reached { "" } else { ": not reached" };
    let slower = ours / theirs;
    format!(
        "| {name} | {:.2} ms | {:.2} ms | {slower:.2} | at most {SLOWER:.1}{} | {our_calls}{} | {their_calls} |\n",
        ours / 1e6,
        theirs / 1e6,
        said(slower <= SLOWER),
        said(our_calls < their_calls)
    )
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

    #[test]
    fn what_was_not_reached_is_said() {
        let reached = row(&COMPARISONS[0], [100.0, 500.0], [6.0, 31.0]);
        let figures = "100 ns | 500 ns (oauth2) | 5.00 | 3.0 | 6 | 31 | 3 times fewer |\n";
        assert_eq!(
            reached,
            format!("| password grant, build and judge | {figures}")
        );
        let reached = list_row("a", [1.3e6, 1e6], [9.0, 10.0]);
        assert_eq!(
            reached,
            "| a | 1.30 ms | 1.00 ms | 1.30 | at most 1.3 | 9 | 10 |\n"
        );
        let missed = list_row("a", [1.4e6, 1e6], [10.0, 10.0]);
        assert!(
            missed.contains("at most 1.3: not reached | 10: not reached |"),
            "{missed}"
        );
        let missed = row(&COMPARISONS[0], [100.0, 110.0], [20.0, 31.0]);
        assert!(
            missed.contains("| 1.10 | 3.0: not reached | 20 | 31 | 3 times fewer: not reached |")
        );
    }
}
