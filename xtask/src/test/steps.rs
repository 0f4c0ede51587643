//! What the steps of a test run do. The cheap ones come first, so that one sees their faults at once.
//!
//! All of them build into one target folder, and tests, doctests and snapshots share one build.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::metadata;
use crate::problem::{Problem, report};
use crate::process::{cargo, cargo_locked, program, works};
use crate::say::say;
use crate::{
    chance, checklist, diagram, fuzz, graph, product_data, servers, simulate, snapshots, tidy,
};

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

pub(super) const STEPS: [Step; 22] = [
    step("fmt", "the source is as rustfmt writes it", fmt),
    step("tidy", "house rules that no lint knows", |run| {
        reported("tidy", &tidy::check(&run.root)?)
    }),
    step(
        "graph",
        "no crate knows more than it may, no files import in circles",
        |run| reported("graph", &graph::check(&run.root)?),
    ),
    step(
        "checklist",
        "each row of the checklist has its test",
        |run| reported("checklist", &checklist::check(&run.root)?),
    ),
    step(
        "diagram",
        "the picture of the states is what the source says",
        |run| reported("diagram", &diagram::check(&run.root)?),
    ),
    step(
        "schemas",
        "the types of Product Data are what their table says",
        |run| Ok(Outcome::of(product_data::check(&run.root)?, "see above")),
    ),
    step("clippy", "no warnings, package by package", clippy),
    step("interop", "a server and clients that others wrote", interop),
    step("databases", "PostgreSQL, and a pooler before it", databases),
    step(
        "terminal",
        "a shell that leaves a terminal as it finds it",
        |run| others(run, &["busybox"], &["twoba-tests", "--test", "signals"]),
    ),
    step("browser", "a headless Chromium to log in with", |run| {
        others(run, &["chromium"], &["twoba-tests", "--test", "browser"])
    }),
    step(
        "keychain",
        "a keyring of a desktop to keep keys in",
        |run| others(run, &["keyring"], &["twoba-tests", "--test", "keychain"]),
    ),
    step(
        "targets",
        "the keychains of other systems compile, where a target for them is installed",
        targets,
    ),
    step(
        "tests",
        "every test of the workspace, snapshots not updated",
        tests,
    ),
    step(
        "record",
        "the emulator answers as its kept answers say",
        |run| Ok(Outcome::of(servers::compare(&run.root)?, "see above")),
    ),
    step(
        "container",
        "the emulator's container builds, where there is a builder",
        container,
    ),
    step("doctests", "the examples in the documentation", doctests),
    step("docs", "the documentation builds without warnings", docs),
    step(
        "fuzz",
        "what holds of any input holds of the stored ones, and of ones drawn from a fixed seed",
        fuzzed,
    ),
    step(
        "loom",
        "each way in which threads can meet in a flight",
        loom,
    ),
    step(
        "simulation",
        "sixty thousand worlds in which no promise is broken",
        |run| Ok(Outcome::of(simulate::run_in_tests(&run.root)?, "see above")),
    ),
    step(
        "snapshots",
        "no snapshot waits for review, none is left over",
        snapshots_in_order,
    ),
];

const fn step(
    name: &'static str,
    what: &'static str,
    run: fn(&mut Run) -> Result<Outcome>,
) -> Step {
    Step { name, what, run }
}

/// Says what a check has found.
fn reported(check: &str, problems: &[Problem]) -> Result<Outcome> {
    Ok(Outcome::of(report(check, problems), "see above"))
}

/// What the steps of one run tell each other.
pub(super) struct Run {
    root: PathBuf,
    chosen: Vec<&'static str>,
    /// Where programs of others are, by the variables that tell the tests.
    others: Vec<(String, String)>,
    /// Every snapshot that the tests looked at, once all of them have passed.
    references: Option<PathBuf>,
}

impl Run {
    pub(super) fn new(root: &Path, chosen: Vec<&'static str>) -> Self {
        Self {
            root: root.to_path_buf(),
            chosen,
            others: Vec::new(),
            references: None,
        }
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
        let words = ["clippy", "--package", &member, "--all-targets"];
        let mut clippy = cargo_locked(&run.root, &words);
        let status = clippy.args(["--", "--deny", "warnings"]).status()?;
        if !status.success() {
            faulty.push(member);
        }
    }
    Ok(Outcome::of(faulty.is_empty(), &faulty.join(", ")))
}

fn interop(run: &mut Run) -> Result<Outcome> {
    let purposes = ["django", "clients-in-python", "clients-in-node"];
    let tests = ["twoba-tests", "--test", "django", "--test", "clients"];
    others(run, &purposes, &tests)
}

fn databases(run: &mut Run) -> Result<Outcome> {
    let purposes = ["postgres", "clock"];
    others(run, &purposes, &["twoba-tests", "--test", "fleet"])
}

/// Systems whose keychains have stores of their own.
const SYSTEMS: [&str; 2] = ["-pc-windows-", "-apple-darwin"];

/// A machine that cannot compile for Windows or macOS is no fault, in CI neither: few can.
fn targets(run: &mut Run) -> Result<Outcome> {
    let mut list = program(&run.root, "rustup");
    let listed = list.args(["target", "list", "--installed"]).output();
    let listed = listed.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let listed = listed.unwrap_or_default();
    let of_others = |target: &&str| SYSTEMS.iter().any(|system| target.contains(system));
    let (mut checked, mut faulty) = (Vec::new(), Vec::new());
    for target in listed.lines().filter(of_others) {
        say(&format!("-- {target}"));
        let words = ["check", "--package", "twoba-keychain", "--target", target];
        let checks = cargo_locked(&run.root, &words).status()?.success();
        if checks { &mut checked } else { &mut faulty }.push(target);
    }
    Ok(match (checked.as_slice(), faulty.as_slice()) {
        ([], []) => Outcome::Passed("not checked, as no such target is installed".to_owned()),
        (_, []) => Outcome::Passed(checked.join(", ")),
        (_, _) => Outcome::Failed(faulty.join(", ")),
    })
}

/// Gets programs of others ready; their tests run with all the others, or here where those were not asked for.
fn others(run: &mut Run, purposes: &[&str], tests: &[&str]) -> Result<Outcome> {
    let prepared = servers::prepare(&run.root, purposes)?;
    run.others.extend(prepared.ready);
    for what in &prepared.missing {
        say(&format!("skipped {what}"));
    }
    let mut remark = "ready for `tests`";
    if !run.chosen.contains(&"tests") && prepared.missing.len() < purposes.len() {
        let (mut command, runner) = test_command(run);
        remark = runner;
        command.args(["--no-fail-fast", "--package"]);
        if !command.args(tests).status()?.success() {
            return Ok(Outcome::Failed(runner.to_owned()));
        }
    }
    Ok(if prepared.missing.is_empty() {
        Outcome::Passed(remark.to_owned())
    } else {
        Outcome::Skipped(prepared.missing.join("; "))
    })
}

fn tests(run: &mut Run) -> Result<Outcome> {
    let references = run.workshop("xtask")?.join("snapshot-references");
    if references.exists() {
        fs::remove_file(&references)?;
    }
    // Tests that call the program would each ask cargo for it, and wait for each other.
    let mut program = cargo_locked(&run.root, &["build", "--quiet", "--package", "twoba-cli"]);
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
pub(super) fn test_command(run: &Run) -> (Command, &'static str) {
    let (mut command, runner) = if run.has("nextest") {
        (cargo_locked(&run.root, &["nextest", "run"]), "by nextest")
    } else {
        let mut command = cargo_locked(&run.root, &["test", "--quiet"]);
        if run.chosen.contains(&"tests") {
            command.args(["--lib", "--bins", "--tests", "--examples"]);
        }
        (command, "by cargo test, as cargo-nextest is not installed")
    };
    command.env("INSTA_UPDATE", "no");
    chance::as_always(&mut command);
    for variable in servers::VARIABLES {
        command.env_remove(variable);
    }
    let others = run.others.iter();
    command.envs(others.map(|(variable, place)| (variable, place)));
    (command, runner)
}

/// The stored inputs by the fuzzer's own programs. The drawn ones are tests, which run with all the
/// others, or here where those were not asked for.
fn fuzzed(run: &mut Run) -> Result<Outcome> {
    if !run.chosen.contains(&"tests") {
        let (mut command, runner) = test_command(run);
        command.args(["--package", "twoba-fuzz-bodies", "--no-fail-fast"]);
        if !command.status()?.success() {
            return Ok(Outcome::Failed(runner.to_owned()));
        }
    }
    Ok(match fuzz::check(&run.root)? {
        fuzz::Outcome::Clean(text) => Outcome::Passed(text),
        fuzz::Outcome::Findings(text) => Outcome::Failed(text),
        fuzz::Outcome::Skipped(why) => Outcome::Skipped(why),
    })
}

/// Three threads at most, each interrupted five times at most: more takes minutes and has found nothing.
fn loom(run: &mut Run) -> Result<Outcome> {
    let words = [
        "test",
        "--quiet",
        "--release",
        "--package",
        "twoba-keeper",
        "--lib",
        "explored",
    ];
    let mut command = cargo_locked(&run.root, &words);
    command.env(
        "CARGO_TARGET_DIR",
        metadata::target(&run.root)?.join("loom"),
    );
    command.env("RUSTFLAGS", "--cfg loom");
    command.env("LOOM_MAX_PREEMPTIONS", "5");
    Ok(Outcome::of(command.status()?.success(), "see above"))
}

/// A machine without a builder is no fault, in CI neither: what is in the container is tested
/// without one.
fn container(run: &mut Run) -> Result<Outcome> {
    let docker = || program(&run.root, "docker");
    if !works(docker().arg("info")) {
        return Ok(Outcome::Passed(
            "not built, as no docker answers".to_owned(),
        ));
    }
    let mut build = docker();
    build.args(["build", "--file", "docs/container/Dockerfile", "."]);
    if !build.status()?.success() {
        return Ok(Outcome::Failed("the container does not build".to_owned()));
    }
    let mut compose = docker();
    compose.env("TWOBA_EMULATOR_SECRET", "only to be read");
    compose.args([
        "compose",
        "--file",
        "docs/container/compose.yaml",
        "config",
        "--quiet",
    ]);
    Ok(Outcome::of(
        compose.status()?.success(),
        "compose.yaml is not understood",
    ))
}

fn doctests(run: &mut Run) -> Result<Outcome> {
    let words = ["test", "--doc", "--workspace", "--no-fail-fast", "--quiet"];
    let status = cargo_locked(&run.root, &words).status()?;
    Ok(Outcome::of(status.success(), "see above"))
}

fn docs(run: &mut Run) -> Result<Outcome> {
    let mut command = cargo_locked(&run.root, &["doc", "--workspace", "--no-deps"]);
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
