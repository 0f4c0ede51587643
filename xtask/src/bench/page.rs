//! The page of the benchmarks: tables, and how to read them. The figures come from a run.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::{Large, Measured, PAGE, Run};

/// From this on, time per byte grows: it would be four times as long for four times the body
/// where time goes with the square. Caches and a busy machine make some of it up.
const LINEAR: f64 = 1.5;

const HEAD: &str = "\
# Benchmarks

Made by `cargo xtask bench`, which runs everything above *The emulator under load* in one go, on the same \
bodies and on one machine; `cargo xtask bench emulator` makes the rest. The figures are of those runs; only the \
ratios mean something elsewhere. Nothing in CI depends on them.

![Time by the side of the rival's](benchmarks.svg)
";

const HOW: &str = "\
Time is the fastest of criterion's samples, because what else a machine does makes samples slower and none \
faster. Allocations are counted by an allocator of the benchmark: every call that gets or \
grows memory, made by one operation whose inputs were there before. Both rivals are asked for the same request \
and given the same answer in memory; the answer is dropped in the measured time, what came out of it is not, but \
for *judge alone*, where both drop it. The crate oauth2 has its default features off and an HTTP client that \
hands out the answer; it gives a request out only by sending it, so *build alone* sends it to a client that has \
no answer. The bare parser reads the same JSON into a plain struct of owned strings and judges nothing. Both \
libraries draw a login's 256-bit values from the same generator.
";

const LARGE: &str = "\
## Bodies of 1 MiB

The largest answer that is judged, in shapes that could cost more than their length. *Growth* is the time per \
byte of the whole by that of a quarter of it: 1 is linear. *Memory* is the most that is allocated at once besides \
the body itself, by the body's length; a block that grows counts at its new size.
";

/// Where the part of the emulator begins.
const EMULATOR: &str = "\n## The emulator under load\n";

/// Writes the part before the emulator's, and leaves that.
pub(super) fn keep_first(root: &Path, first: &str) -> Result<()> {
    let page = fs::read_to_string(root.join(PAGE)).unwrap_or_default();
    keep(root, first, parts(&page).1)
}

/// Writes the emulator's part, and leaves the one before it.
pub(super) fn keep_second(root: &Path, second: &str) -> Result<()> {
    let page = fs::read_to_string(root.join(PAGE)).unwrap_or_default();
    keep(root, parts(&page).0, second)
}

/// The two parts of a page, without the heading between; the second is empty where there is none.
fn parts(page: &str) -> (&str, &str) {
    page.split_once(EMULATOR).unwrap_or((page, ""))
}

fn joined(first: &str, second: &str) -> String {
    let heading = if second.is_empty() { "" } else { EMULATOR };
    format!("{first}{heading}{second}")
}

fn keep(root: &Path, first: &str, second: &str) -> Result<()> {
    fs::write(root.join(PAGE), joined(first, second)).with_context(|| format!("write {PAGE}"))
}

/// The page of a run.
pub(super) fn written(run: &Run) -> String {
    let mut page = String::from(HEAD);
    page.push_str("\n| operation | twoba-core | rival | times as fast | wanted | allocations | rival's | wanted |\n");
    page.push_str("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
    for measured in &run.measured {
        page.push_str(&row(measured));
    }
    page.push('\n');
    page.push_str(HOW);
    page.push_str(&format!("\nMeasured: {}.\n\n{LARGE}\n", run.who));
    page.push_str("| shape | time | growth | memory |\n| --- | ---: | ---: | ---: |\n");
    for large in &run.large {
        page.push_str(&large_row(large));
    }
    page
}

fn row(measured: &Measured) -> String {
    let comparison = measured.comparison;
    let [ours, theirs] = measured.nanoseconds;
    let [our_calls, their_calls] = measured.allocations;
    let faster = measured.faster();
    let calls = match comparison.wanted_allocations {
        None => "-".to_owned(),
        Some(least) => {
            let times = super::float(their_calls) / super::float(our_calls.max(1));
            format!("{least:.0} times fewer{}", missed(times, least))
        }
    };
    format!(
        "| {} | {ours:.0} ns | {theirs:.0} ns ({}) | {faster:.2} | {:.1}{} | {our_calls} | {their_calls} | {calls} |\n",
        comparison.what,
        comparison.rival,
        comparison.wanted,
        missed(faster, comparison.wanted),
    )
}

/// A word where less was reached than was wanted.
fn missed(reached: f64, wanted: f64) -> &'static str {
    if reached < wanted {
        ": not reached"
    } else {
        ""
    }
}

fn large_row(large: &Large) -> String {
    let curved = if large.growth > LINEAR {
        ": not linear"
    } else {
        ""
    };
    format!(
        "| {} | {:.2} ms | {:.2}{curved} | {:.2} |\n",
        large.name, large.milliseconds, large.growth, large.memory
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::tests::sample;

    #[test]
    fn what_was_not_reached_is_said() {
        let reached = written(&sample([100.0, 500.0]));
        assert!(!reached.contains("not reached") && !reached.contains("not linear"));
        assert!(
            reached.contains("| 100 ns | 500 ns (oauth2) | 5.00 | 3.0 | 6 | 31 | 3 times fewer |")
        );
        let missed = written(&sample([100.0, 110.0]));
        assert!(missed.contains("| 1.10 | 3.0: not reached |"), "{missed}");
        assert_eq!(missed.matches("not reached").count(), 4);
    }

    #[test]
    fn either_part_is_written_without_the_other() {
        let first = written(&sample([1.0, 2.0]));
        assert_eq!(parts(&first), (first.as_str(), ""));
        assert_eq!(joined(&first, ""), first);
        let page = joined(&first, "\nsecond\n");
        assert_eq!(parts(&page), (first.as_str(), "\nsecond\n"));
    }

    #[test]
    fn a_page_is_tidy() {
        let page = written(&sample([1.0, 2.0]));
        assert!(page.lines().all(|line| line.trim_end() == line));
    }
}
