//! Reads the part of `cargo metadata` that the chores need, and judges nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::process::cargo;

/// How one package needs another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Compiled in, or run by a build script: users of the package get it.
    Shipped,
    /// For tests, examples and benches only.
    Dev,
}

/// A dependency as written in a manifest.
#[derive(Debug, Clone)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

/// A package of any origin.
#[derive(Debug, Clone)]
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) manifest: String,
    pub(crate) dependencies: Vec<Dependency>,
}

/// The packages and how they were resolved.
#[derive(Debug)]
pub(crate) struct Metadata {
    pub(crate) target: PathBuf,
    packages: BTreeMap<String, Package>,
    members: Vec<String>,
    edges: BTreeMap<String, Vec<(String, Vec<Kind>)>>,
}

impl Metadata {
    /// Asks cargo; `complete` includes what the dependencies resolve to.
    pub(crate) fn read(root: &Path, complete: bool, locked: bool) -> Result<Self> {
        let mut command = cargo(root);
        command.args(["metadata", "--format-version", "1"]);
        if !complete {
            command.arg("--no-deps");
        }
        if locked {
            command.arg("--locked");
        }
        let output = command.stderr(Stdio::inherit()).output()?;
        if !output.status.success() {
            bail!("cargo metadata: {}", output.status);
        }
        let value = serde_json::from_slice(&output.stdout).context("read cargo metadata")?;
        Self::parse(&value)
    }

    pub(crate) fn parse(value: &Value) -> Result<Self> {
        let mut packages = BTreeMap::new();
        for package in list(value, "packages") {
            let package = parse_package(package)?;
            packages.insert(package.id.clone(), package);
        }
        let members = list(value, "workspace_members");
        let mut edges = BTreeMap::new();
        for node in value.get("resolve").map_or(&[][..], |r| list(r, "nodes")) {
            let mut out = Vec::new();
            for edge in list(node, "deps") {
                let kinds = list(edge, "dep_kinds").iter().map(kind).collect();
                out.push((text(edge, "pkg")?, kinds));
            }
            edges.insert(text(node, "id")?, out);
        }
        Ok(Self {
            target: text(value, "target_directory")?.into(),
            packages,
            members: members
                .iter()
                .filter_map(|id| id.as_str().map(str::to_owned))
                .collect(),
            edges,
        })
    }

    /// The packages of the workspace, by name.
    pub(crate) fn members(&self) -> Vec<&Package> {
        let mut members: Vec<&Package> = self
            .members
            .iter()
            .filter_map(|id| self.packages.get(id))
            .collect();
        members.sort_by(|a, b| a.name.cmp(&b.name));
        members
    }

    /// Every package that `from` reaches, each with the way there, itself left out.
    ///
    /// `dev` follows the dev-dependencies of `from` too; those of others are never built for it.
    /// Resolved for the whole workspace and all platforms, so it may name a package too many, never one too few.
    pub(crate) fn reaches(&self, from: &Package, dev: bool) -> BTreeMap<String, Vec<String>> {
        let mut ways = BTreeMap::new();
        let mut open = vec![(from.id.as_str(), vec![from.name.clone()])];
        while let Some((id, way)) = open.pop() {
            for (next, kinds) in self.edges.get(id).into_iter().flatten() {
                let counts = kinds.contains(&Kind::Shipped) || (dev && id == from.id);
                let Some(package) = self.packages.get(next).filter(|_| counts) else {
                    continue;
                };
                if next == &from.id || ways.contains_key(next) {
                    continue;
                }
                let mut longer = way.clone();
                longer.push(package.name.clone());
                ways.insert(next.clone(), longer.clone());
                open.push((next, longer));
            }
        }
        ways
    }
}

fn parse_package(value: &Value) -> Result<Package> {
    let mut dependencies = Vec::new();
    for dependency in list(value, "dependencies") {
        dependencies.push(Dependency {
            name: text(dependency, "name")?,
            kind: kind(dependency),
        });
    }
    Ok(Package {
        id: text(value, "id")?,
        name: text(value, "name")?,
        manifest: text(value, "manifest_path")?,
        dependencies,
    })
}

fn kind(value: &Value) -> Kind {
    match value.get("kind").and_then(Value::as_str) {
        Some("dev") => Kind::Dev,
        _ => Kind::Shipped,
    }
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn text(value: &Value, key: &str) -> Result<String> {
    let text = value.get(key).and_then(Value::as_str);
    let text = text.with_context(|| format!("cargo metadata has no `{key}` where one is due"))?;
    Ok(text.to_owned())
}
