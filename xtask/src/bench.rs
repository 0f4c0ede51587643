//! `cargo xtask bench`: runs the benchmarks of `tests/bench` and keeps what they said in `docs/benchmarks.md`.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Result, bail};

use crate::process::cargo_locked;
use crate::say::say;
use crate::{generated, machine, metadata};

const MANIFEST: &str = "tests/bench/Cargo.toml";
const PAGE: &str = "docs/benchmarks.md";

/// The tables that they make.
const PARTS: [&str; 3] = ["operations", "bodies", "product-data"];

/// Runs the benchmarks and writes their tables.
pub(crate) fn run(root: &Path) -> Result<bool> {
    let folder = metadata::target(root)?.join("bench");
    fs::create_dir_all(&folder)?;
    let machine = machine::told(root)?;
    let bench = |targets: &[&str]| {
        let mut command = cargo_locked(root, &["bench", "--manifest-path", MANIFEST]);
        command.arg("--target-dir").arg(&folder).args(targets);
        command.env("CRITERION_HOME", folder.join("criterion"));
        command.env("TWOBA_BENCH_ALLOCATIONS", folder.join("allocations.json"));
        command.env("TWOBA_MACHINE", &machine);
        command
    };
    if !bench(&["--bench", "time", "--bench", "allocations"])
        .status()?
        .success()
    {
        return Ok(false);
    }
    for part in PARTS {
        let mut report = bench(&["--bench", "report", "--", part]);
        let output = report.stderr(Stdio::inherit()).output()?;
        if !output.status.success() {
            bail!("the table of {part}: {}", output.status);
        }
        let table = String::from_utf8(output.stdout)?;
        say(&table);
        generated::write(root, PAGE, part, &table)?;
    }
    say(&format!("written to {PAGE}"));
    Ok(true)
}
