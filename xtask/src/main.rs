//! Dispatches the project's chores. What each of them does is decided in its own file.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::problem::report;
use crate::say::say;

mod bench;
mod chance;
mod checklist;
mod diagram;
mod draw;
mod fuzz;
mod generated;
mod graph;
mod machine;
mod metadata;
mod problem;
mod process;
mod product_data;
mod say;
mod servers;
mod simulate;
mod snapshots;
mod test;
mod tidy;
mod tree;

const USAGE: &str = "\
The project's chores.

Usage: cargo xtask <COMMAND>

Commands:
  test [STEP ..]   run everything that CI runs, or only the named steps
  test --list      name the steps
  tidy             house rules that no lint knows: file heads, lengths, notes, links
  graph            which crate may know which, and no circles between files
  checklist        write into docs/checklist.md which test shows what the specifications ask
  diagram          draw docs/session-states.md from the file that decides the transitions
  product-data     make the types of Product Data of their table, product_data/schemas.txt
  checklist --check, diagram --check
                   find a document out of date, and rows without a test
  draw [--seed S] [--cases N]
                   run whatever draws (properties, sessions, kills, worlds) from a seed of its own
  fuzz [--seconds N | --runs N] [--seed S] [--target T]
                   search with the fuzz targets from a seed of its own; needs a nightly toolchain
  simulate [--seeds N] [--from S] [--sabotage NAME]
                   run worlds of many seeds, and show the script of one that breaks a promise
  bench            measure the core, and write its tables in docs/benchmarks.md
  bench clients    the same for the adapters, beside other clients
  bench emulator   the same for the emulator under load, beside oidc-provider
  bench stores [MINUTES]
                   the same for the stores, beside what they are made of; the steady load lasts so long, or ten minutes
  record [SERVER]  record the answers below fixtures/ anew: django, oidc, emulator
  help             this text

A test run draws the same each time. The other commands that draw say the seed, which repeats them.
With CI=true a step that had to be skipped counts as failed, and Cargo.lock must be up to date.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("xtask: {error:#}"));
            ExitCode::from(2)
        }
    }
}

/// Whether the chore found everything in order.
fn dispatch(arguments: &[String]) -> Result<bool> {
    let root = root()?;
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["test", steps @ ..] => test::run(&root, steps),
        ["tidy"] => Ok(report("tidy", &tidy::check(&root)?)),
        ["graph"] => Ok(report("graph", &graph::check(&root)?)),
        ["checklist"] => Ok(report("checklist", &checklist::write(&root)?)),
        ["checklist", "--check"] => Ok(report("checklist", &checklist::check(&root)?)),
        ["diagram"] => diagram::write(&root).map(|()| true),
        ["diagram", "--check"] => Ok(report("diagram", &diagram::check(&root)?)),
        ["product-data"] => product_data::write(&root),
        ["draw", options @ ..] => draw::run(&root, options),
        ["fuzz", options @ ..] => Ok(match fuzz::search(&root, options)? {
            fuzz::Outcome::Clean(text) => {
                say(&format!("fuzz: {text}, nothing found"));
                true
            }
            fuzz::Outcome::Findings(text) => {
                say(&format!("fuzz: {text}"));
                false
            }
            fuzz::Outcome::Skipped(why) => {
                say(&format!("fuzz: skipped, as {why}"));
                true
            }
        }),
        ["simulate", options @ ..] => simulate::run(&root, options),
        ["bench"] => bench::run(&root),
        ["bench", "clients"] => servers::bench_clients(&root),
        ["bench", "emulator"] => servers::bench(&root),
        ["bench", "stores", minutes @ ..] => servers::bench_stores(&root, minutes),
        ["record", names @ ..] => servers::record(&root, names),
        [] | ["help" | "--help" | "-h"] => {
            say(USAGE.trim_end());
            Ok(true)
        }
        [other, ..] => bail!("`{other}` is not a chore, or takes no arguments\n\n{USAGE}"),
    }
}

/// The folder of the workspace, found from where this package was compiled.
fn root() -> Result<PathBuf> {
    let parent = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    let root = parent.context("xtask has to lie inside the workspace")?;
    Ok(root.to_path_buf())
}
