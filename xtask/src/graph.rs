//! Holds the walls between the crates: who may know whom, and how much the core may weigh.
//!
//! The walls themselves are data in `graph/walls.rs`.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::graph::walls::{CORE_LIMIT, CORE_NEVER, WALLS, Wall};
use crate::metadata::{Dependency, Kind, Metadata, Package};
use crate::problem::Problem;
use crate::process::in_ci;

mod walls;

const CORE: &str = "twoba-core";
const EMULATOR: &str = "twoba-emulator";
const TESTKIT: &str = "twoba-testkit";
const XTASK: &str = "xtask";

/// Every edge that goes through a wall.
pub(crate) fn check(root: &Path) -> Result<Vec<Problem>> {
    let metadata = Metadata::read(root, true, in_ci())?;
    Ok(judge(&metadata)
        .iter()
        .map(|fault| located(root, fault))
        .collect())
}

/// An edge that should not be: in which manifest, the word to look for there, and what to do.
#[derive(Debug, PartialEq, Eq)]
struct Fault {
    manifest: String,
    word: String,
    what: String,
}

impl Fault {
    fn new(package: &Package, word: &str, what: String) -> Self {
        Self {
            manifest: package.manifest.clone(),
            word: word.to_owned(),
            what,
        }
    }
}

fn judge(metadata: &Metadata) -> Vec<Fault> {
    let members = metadata.members();
    let ours: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
    let mut faults = Vec::new();
    for member in &members {
        let Some(wall) = WALLS.iter().find(|wall| wall.name == member.name) else {
            let what = format!(
                "`{}` has no row among the walls; add one in xtask/src/graph/walls.rs",
                member.name
            );
            faults.push(Fault::new(member, "name", what));
            continue;
        };
        for dependency in &member.dependencies {
            let is_ours = ours.contains(&dependency.name.as_str());
            let what = match (dependency.kind, is_ours) {
                (Kind::Shipped, true) => our_edge(wall, dependency),
                (Kind::Shipped, false) => foreign_edge(wall, dependency),
                (Kind::Dev, true) => dev_edge(wall, dependency),
                (Kind::Dev, false) => None,
            };
            faults.extend(what.map(|what| Fault::new(member, &dependency.name, what)));
        }
        match member.name.as_str() {
            CORE => faults.extend(weigh_core(metadata, member)),
            EMULATOR => faults.extend(emulator_reaches_core(metadata, member)),
            _ => {}
        }
    }
    faults
}

fn our_edge(wall: &Wall, dependency: &Dependency) -> Option<String> {
    if wall.ours.contains(&dependency.name.as_str()) {
        return None;
    }
    let why = if dependency.name == TESTKIT {
        "test helpers must never be shipped; make it a dev-dependency"
    } else {
        wall.why
    };
    Some(format!("{} -> {}: {why}", wall.name, dependency.name))
}

fn foreign_edge(wall: &Wall, dependency: &Dependency) -> Option<String> {
    if wall.foreign.contains(&dependency.name.as_str()) {
        return None;
    }
    Some(format!(
        "{} -> {}: not among the crates it may use ({}); do without, or argue for it in the row of xtask/src/graph/walls.rs",
        wall.name,
        dependency.name,
        wall.foreign.join(", ")
    ))
}

/// Tests may use the helpers and the emulator besides what the crate itself may use.
fn dev_edge(wall: &Wall, dependency: &Dependency) -> Option<String> {
    let name = dependency.name.as_str();
    if wall.name == XTASK {
        return Some(format!("{XTASK} -> {name} (dev): {}", wall.why));
    }
    if name == TESTKIT || name == EMULATOR || wall.ours.contains(&name) {
        return None;
    }
    Some(format!(
        "{} -> {name} (dev): a test that needs more than the crate itself may know belongs in the package twoba-tests",
        wall.name
    ))
}

fn emulator_reaches_core(metadata: &Metadata, emulator: &Package) -> Option<Fault> {
    let ways = metadata.reaches(emulator, true);
    let way = ways
        .values()
        .find(|way| way.last().is_some_and(|name| name == CORE))?;
    let what = format!(
        "{}: an oracle must not share the parser that it tests; cut this way",
        way.join(" -> ")
    );
    let word = way.get(1).map_or(CORE, String::as_str);
    Some(Fault::new(emulator, word, what))
}

fn weigh_core(metadata: &Metadata, core: &Package) -> Vec<Fault> {
    let ways = metadata.reaches(core, false);
    let mut faults = Vec::new();
    for way in ways.values() {
        let Some(last) = way.last() else { continue };
        let barred = CORE_NEVER
            .iter()
            .find(|barred| match barred.name.strip_suffix('*') {
                Some(start) => last.starts_with(start),
                None => last == barred.name,
            });
        if let Some(barred) = barred {
            let word = way.get(1).map_or(last.as_str(), String::as_str);
            let what = format!("{}: {}", way.join(" -> "), barred.why);
            faults.push(Fault::new(core, word, what));
        }
    }
    let crates = ways.len() + 1;
    if crates > CORE_LIMIT {
        let what = format!(
            "{CORE} and what it needs are {crates} crates, at most {CORE_LIMIT}: who embeds the core audits every one of them; do without something"
        );
        faults.push(Fault::new(core, "[dependencies]", what));
    }
    faults
}

/// Finds the line of the manifest that makes the edge; line 1 where it cannot be found.
fn located(root: &Path, fault: &Fault) -> Problem {
    let manifest = Path::new(&fault.manifest);
    let text = fs::read_to_string(manifest).unwrap_or_default();
    let line = text
        .lines()
        .position(|line| line.trim_start().starts_with(&fault.word));
    let shown = manifest.strip_prefix(root).unwrap_or(manifest);
    let shown = shown.to_string_lossy().replace('\\', "/");
    Problem::new(&shown, line.map_or(1, |at| at + 1), &fault.what)
}

#[cfg(test)]
mod tests;
