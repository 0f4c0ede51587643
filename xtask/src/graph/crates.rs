//! Judges the edges between crates, and what the core and the emulator reach by any way.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{Dependency, DependencyKind, Metadata, Package, PackageId};

use super::walls::{Core, TABLE, Wall, Walls};

const CORE: &str = "twoba-core";
const EMULATOR: &str = "twoba-emulator";
const TESTKIT: &str = "twoba-testkit";
const XTASK: &str = "xtask";

/// An edge that should not be: in which manifest, the word to look for there, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) manifest: String,
    pub(super) word: String,
    pub(super) what: String,
}

impl Fault {
    fn new(package: &Package, word: &str, what: String) -> Self {
        Self {
            manifest: package.manifest_path.to_string(),
            word: word.to_owned(),
            what,
        }
    }
}

pub(super) fn judge(metadata: &Metadata, walls: &Walls) -> Vec<Fault> {
    let members = metadata.workspace_packages();
    let ours: BTreeSet<&str> = members.iter().map(|member| member.name.as_ref()).collect();
    let mut faults = Vec::new();
    for member in members {
        let name: &str = member.name.as_ref();
        let Some(wall) = walls.crates.get(name) else {
            let what = format!("`{name}` has no row among the walls; add one in {TABLE}");
            faults.push(Fault::new(member, "name", what));
            continue;
        };
        for dependency in &member.dependencies {
            let is_dev = dependency.kind == DependencyKind::Development;
            let what = match (is_dev, ours.contains(dependency.name.as_str())) {
                (false, true) => our_edge(wall, dependency),
                (false, false) => foreign_edge(wall, dependency),
                (true, true) => dev_edge(name, wall, dependency),
                (true, false) => None,
            };
            faults.extend(what.map(|what| {
                let what = format!("{name} -> {}{what}", dependency.name);
                Fault::new(member, &dependency.name, what)
            }));
        }
        match name {
            CORE => faults.extend(weigh_core(metadata, member, &walls.core)),
            EMULATOR => faults.extend(emulator_reaches_core(metadata, member)),
            _ => {}
        }
    }
    faults
}

fn our_edge(wall: &Wall, dependency: &Dependency) -> Option<String> {
    if wall.ours.contains(&dependency.name) {
        return None;
    }
    Some(match dependency.name.as_str() {
        TESTKIT => ": test helpers must never be shipped; make it a dev-dependency".to_owned(),
        _ => format!(": {}", wall.why),
    })
}

fn foreign_edge(wall: &Wall, dependency: &Dependency) -> Option<String> {
    let allowed = wall.foreign.contains(&dependency.name);
    (!allowed).then(|| {
        format!(
            ": not among the crates it may use ({}); do without, or argue for it in the row of {TABLE}",
            wall.foreign.join(", ")
        )
    })
}

/// Tests may use the helpers and the emulator besides what the crate itself may use.
fn dev_edge(name: &str, wall: &Wall, dependency: &Dependency) -> Option<String> {
    match dependency.name.as_str() {
        _ if name == XTASK => Some(format!(" (dev): {}", wall.why)),
        TESTKIT | EMULATOR => None,
        _ if wall.ours.contains(&dependency.name) => None,
        _ => Some(
            " (dev): a test that needs more than the crate itself may know belongs in the package twoba-tests"
                .to_owned(),
        ),
    }
}

fn emulator_reaches_core(metadata: &Metadata, emulator: &Package) -> Option<Fault> {
    let way = reaches(metadata, emulator, true)
        .into_values()
        .find(|way| way.last() == Some(&CORE))?;
    let what = format!(
        "{}: an oracle must not share the parser that it tests; cut this way",
        way.join(" -> ")
    );
    Some(Fault::new(emulator, way.get(1).unwrap_or(&CORE), what))
}

fn weigh_core(metadata: &Metadata, package: &Package, core: &Core) -> Vec<Fault> {
    let ways = reaches(metadata, package, false);
    let mut faults = Vec::new();
    for way in ways.values() {
        let Some(last) = way.last() else { continue };
        let is_last = |name: &String| match name.strip_suffix('*') {
            Some(start) => last.starts_with(start),
            None => last == name,
        };
        if let Some((_, why)) = core.never.iter().find(|(name, _)| is_last(name)) {
            let what = format!("{}: {why}", way.join(" -> "));
            faults.push(Fault::new(package, way.get(1).unwrap_or(last), what));
        }
    }
    let (crates, limit) = (ways.len() + 1, core.limit);
    if crates > limit {
        let what = format!(
            "{CORE} and what it needs are {crates} crates, at most {limit}: who embeds the core audits every one of them; do without something"
        );
        faults.push(Fault::new(package, "[dependencies]", what));
    }
    faults
}

/// Every package that `from` reaches, each with the way there, itself left out.
///
/// `dev` follows the dev-dependencies of `from` too; those of others are never built for it.
/// Resolved for the whole workspace and all platforms, so it may name a package too many, never one too few.
fn reaches<'m>(
    metadata: &'m Metadata,
    from: &'m Package,
    dev: bool,
) -> BTreeMap<&'m PackageId, Vec<&'m str>> {
    let nodes = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
    let nodes: BTreeMap<_, _> = nodes.map(|node| (&node.id, &node.deps)).collect();
    let mut ways = BTreeMap::new();
    let mut open = vec![(&from.id, vec![from.name.as_ref()])];
    while let Some((id, way)) = open.pop() {
        for next in nodes.get(id).copied().into_iter().flatten() {
            let ships = |kind| kind != DependencyKind::Development;
            let counts = next.dep_kinds.iter().any(|edge| ships(edge.kind));
            let is_known = next.pkg == from.id || ways.contains_key(&next.pkg);
            if is_known || !(counts || (dev && *id == from.id)) {
                continue;
            }
            let mut longer: Vec<&str> = way.clone();
            longer.push(metadata[&next.pkg].name.as_ref());
            ways.insert(&next.pkg, longer.clone());
            open.push((&next.pkg, longer));
        }
    }
    ways
}

#[cfg(test)]
mod tests;
