//! What the steps of a test run do. The cheap ones come first, so that one sees their faults at once.
//!
//! All of them build into one target folder, and tests, doctests and snapshots share one build.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::chromium::{self, Chromium};
use crate::interop::{self, Environment, Purpose};
use crate::metadata;
use crate::problem::report;
use crate::process::{cargo, in_ci, works};
use crate::say::say;
use crate::{checklist, diagram, fuzz, graph, record, simulate, snapshots, tidy};

/// What the tests with programs of others need, and the variables that tell them where it is.
const ENVIRONMENTS: [(&str, Purpose); 3] = [
    ("TWOBA_DJANGO_PYTHON", interop::DJANGO),
    ("TWOBA_CLIENTS_PYTHON", interop::CLIENTS_IN_PYTHON),
    ("TWOBA_CLIENTS_NODE", interop::CLIENTS_IN_NODE),
];

/// Part of a test run.
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    pub(super) run: fn(&mut Run) -> Result<Outcome>,
}

/// How a step went, with a remark for the table.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Passed(String),
    Failed(String),
    Skipped(String),
}

impl Outcome {
    fn of(passed: bool, why: &str) -> Self {
        if passed {
            Self::Passed(String::new())
        } else {
            Self::Failed(why.to_owned())
        }
    }
}

pub(super) const STEPS: [Step; 15] = [
    Step {
        name: "fmt",
        what: "the source is as rustfmt writes it",
        run: fmt,
    },
    Step {
        name: "tidy",
        what: "house rules that no lint knows",
        run: |run| {
            Ok(Outcome::of(
                report("tidy", &tidy::check(&run.root)?),
                "see above",
            ))
        },
    },
    Step {
        name: "graph",
        what: "no crate knows more than it may, no files go round",
        run: |run| {
            Ok(Outcome::of(
                report("graph", &graph::check(&run.root)?),
                "see above",
            ))
        },
    },
    Step {
        name: "checklist",
        what: "each row of the checklist has its test",
        run: |run| {
            Ok(Outcome::of(
                report("checklist", &checklist::check(&run.root)?),
                "see above",
            ))
        },
    },
    Step {
        name: "diagram",
        what: "the picture of the states is what the source says",
        run: |run| {
            Ok(Outcome::of(
                report("diagram", &diagram::check(&run.root)?),
                "see above",
            ))
        },
    },
    Step {
        name: "clippy",
        what: "no warnings, package by package",
        run: clippy,
    },
    Step {
        name: "interop",
        what: "a server and clients that others wrote",
        run: programs_of_others,
    },
    Step {
        name: "browser",
        what: "a headless Chromium to log in with",
        run: browser,
    },
    Step {
        name: "tests",
        what: "every test of the workspace, snapshots not updated",
        run: tests,
    },
    Step {
        name: "record",
        what: "the emulator answers as its kept answers say",
        run: |run| {
            let problems = record::compare_emulator(&run.root)?;
            Ok(Outcome::of(report("record", &problems), "see above"))
        },
    },
    Step {
        name: "doctests",
        what: "the examples in the documentation",
        run: doctests,
    },
    Step {
        name: "docs",
        what: "the documentation builds without warnings",
        run: docs,
    },
    Step {
        name: "fuzz",
        what: "each fuzz target for twenty seconds",
        run: |run| {
            Ok(match fuzz::run(&run.root, &[])? {
                fuzz::Outcome::Clean(text) => Outcome::Passed(text),
                fuzz::Outcome::Findings(text) => Outcome::Failed(text),
                fuzz::Outcome::Skipped(why) => Outcome::Skipped(why),
            })
        },
    },
    Step {
        name: "simulation",
        what: "ten thousand worlds in which no promise is broken",
        run: |run| Ok(Outcome::of(simulate::run_in_tests(&run.root)?, "see above")),
    },
    Step {
        name: "snapshots",
        what: "no snapshot waits for review, none is left over",
        run: snapshots_in_order,
    },
];

/// What the steps of one run tell each other.
pub(super) struct Run {
    root: PathBuf,
    chosen: Vec<&'static str>,
    /// Which of [`ENVIRONMENTS`] are there.
    environments: Vec<(&'static str, PathBuf)>,
    chromium: Option<Chromium>,
    /// Every snapshot that the tests looked at, once all of them have passed.
    references: Option<PathBuf>,
}

impl Run {
    pub(super) fn new(root: &Path, chosen: Vec<&'static str>) -> Self {
        Self {
            root: root.to_path_buf(),
            chosen,
            environments: Vec::new(),
            chromium: None,
            references: None,
        }
    }

    /// A cargo command that leaves Cargo.lock alone in CI.
    fn cargo(&self, words: &[&str]) -> Command {
        let mut command = cargo(&self.root);
        command.args(words);
        if in_ci() {
            command.arg("--locked");
        }
        command
    }

    fn has(&self, subcommand: &str) -> bool {
        works(cargo(&self.root).args([subcommand, "--version"]))
    }

    /// A folder below cargo's target folder for what the chores make.
    fn workshop(&self, name: &str) -> Result<PathBuf> {
        let target = metadata::target(&self.root)?;
        let folder = target.join(name);
        fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
        Ok(folder)
    }
}

fn fmt(run: &mut Run) -> Result<Outcome> {
    if !run.has("fmt") {
        return Ok(Outcome::Skipped("rustfmt is not installed".to_owned()));
    }
    let status = cargo(&run.root)
        .args(["fmt", "--all", "--check"])
        .status()?;
    Ok(Outcome::of(status.success(), "run `cargo fmt --all`"))
}

/// Each package alone: in a build of all of them, one's features hide what another forgot to ask for.
fn clippy(run: &mut Run) -> Result<Outcome> {
    if !run.has("clippy") {
        return Ok(Outcome::Skipped("clippy is not installed".to_owned()));
    }
    let mut faulty = Vec::new();
    for member in metadata::members(&run.root)? {
        say(&format!("-- {member}"));
        let mut clippy = run.cargo(&["clippy", "--package", &member, "--all-targets"]);
        let status = clippy.args(["--", "--deny", "warnings"]).status()?;
        if !status.success() {
            faulty.push(member);
        }
    }
    Ok(Outcome::of(faulty.is_empty(), &faulty.join(", ")))
}

/// Gets them ready; their tests run with all the others, or here where those were not asked for.
fn programs_of_others(run: &mut Run) -> Result<Outcome> {
    let workshop = run.workshop("interop")?;
    let mut missing = Vec::new();
    for (variable, purpose) in &ENVIRONMENTS {
        match purpose.prepare(&run.root, &workshop)? {
            Environment::Ready(path) => run.environments.push((variable, path)),
            Environment::Unavailable(why) => {
                let what = format!("{}: {why}", purpose.name);
                say(&format!("skipped {what}"));
                missing.push(what);
            }
        }
    }
    let (mut command, runner) = test_command(run);
    let mut remark = "ready for `tests`";
    if !run.chosen.contains(&"tests") {
        remark = runner;
        command.args(["--package", "twoba-tests", "--no-fail-fast"]);
        command.args(["--test", "django", "--test", "clients"]);
        if !command.status()?.success() {
            return Ok(Outcome::Failed(runner.to_owned()));
        }
    }
    Ok(if missing.is_empty() {
        Outcome::Passed(remark.to_owned())
    } else {
        Outcome::Skipped(missing.join("; "))
    })
}

/// Gets the browser ready; its tests run with all the others, or here where those were not asked for.
fn browser(run: &mut Run) -> Result<Outcome> {
    match Chromium::prepare(&run.root) {
        Ok(chromium) => run.chromium = Some(chromium),
        Err(why) => return Ok(Outcome::Skipped(why)),
    }
    if run.chosen.contains(&"tests") {
        return Ok(Outcome::Passed("browser ready for `tests`".to_owned()));
    }
    let (mut command, runner) = test_command(run);
    command.args(["--package", "twoba-tests", "--test", "browser"]);
    Ok(Outcome::of(command.status()?.success(), runner))
}

fn tests(run: &mut Run) -> Result<Outcome> {
    let references = run.workshop("xtask")?.join("snapshot-references");
    if references.exists() {
        fs::remove_file(&references)?;
    }
    // Tests that call the program would each ask cargo for it, and wait for each other.
    let mut program = run.cargo(&["build", "--quiet", "--package", "twoba-cli"]);
    if !program.status()?.success() {
        return Ok(Outcome::Failed("twoba-cli does not build".to_owned()));
    }
    let (mut command, runner) = test_command(run);
    command.env("INSTA_SNAPSHOT_REFERENCES_FILE", &references);
    let target = run.workshop("debug")?;
    command.env(
        "TWOBA_PROGRAM",
        target.join(format!("twoba{}", env::consts::EXE_SUFFIX)),
    );
    command.args(["--workspace", "--no-fail-fast"]);
    if !command.status()?.success() {
        return Ok(Outcome::Failed(runner.to_owned()));
    }
    run.references = Some(references);
    Ok(Outcome::Passed(runner.to_owned()))
}

/// The command that runs tests, and the name of who runs them.
fn test_command(run: &Run) -> (Command, &'static str) {
    let (mut command, runner) = if run.has("nextest") {
        (run.cargo(&["nextest", "run"]), "by nextest")
    } else {
        let mut command = run.cargo(&["test", "--quiet"]);
        if run.chosen.contains(&"tests") {
            command.args(["--lib", "--bins", "--tests", "--examples"]);
        }
        (command, "by cargo test, as cargo-nextest is not installed")
    };
    command.env("INSTA_UPDATE", "no");
    for (variable, _) in &ENVIRONMENTS {
        command.env_remove(variable);
    }
    command.envs(
        run.environments
            .iter()
            .map(|(variable, path)| (variable, path)),
    );
    chromium::tell(&mut command, run.chromium.as_ref());
    (command, runner)
}

fn doctests(run: &mut Run) -> Result<Outcome> {
    let mut command = run.cargo(&["test", "--doc", "--workspace", "--no-fail-fast", "--quiet"]);
    Ok(Outcome::of(command.status()?.success(), "see above"))
}

fn docs(run: &mut Run) -> Result<Outcome> {
    let mut command = run.cargo(&["doc", "--workspace", "--no-deps"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    Ok(Outcome::of(command.status()?.success(), "see above"))
}

fn snapshots_in_order(run: &mut Run) -> Result<Outcome> {
    let used = run.references.as_ref().map(|path| {
        // Without snapshots nothing writes the file.
        fs::read_to_string(path).unwrap_or_default()
    });
    let problems = snapshots::check(&run.root, used.as_deref())?;
    let outcome = Outcome::of(report("snapshots", &problems), "see above");
    if used.is_none() && matches!(outcome, Outcome::Passed(_)) {
        let remark = "left-over ones not looked for, as not all tests ran and passed";
        return Ok(Outcome::Passed(remark.to_owned()));
    }
    Ok(outcome)
}
